"""The journal of calls: a run's checkpoint and its proof of what the models said.

`calls.sqlite` holds, below parsing and repair, every attempt's raw reply with usage and cause,
every failed try, and every final verdict, keyed by (day, stage, subject, attempt) with the hash of
the prompt. A prompt is stored as a list of parts by content, so what residents share stands once.
To resume or replay is to run again with the journal answering.

Durability: WAL with `synchronous=FULL`, so a commit is on the medium when it returns. One thread
writes, in groups: 20 ms after the first waiting reply, at 64 replies, or at once when everybody
waits. *A journalled reply is never paid again; a kill loses at most the calls in flight and 20 ms
of unwritten replies.*
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.llm.errors import JournalError
from agents.llm.journal_file import DAMAGE, RESTORE, open_to_read, open_to_write, take_lock
from agents.llm.journal_writer import JournalWriter
from agents.llm.records import (
    CallRecord,
    ErrorRecord,
    Key,
    Prompt,
    VerdictRecord,
    restored,
    text_hash,
)
from agents.llm.usage import Usage


class Journal:
    """An open journal. Use `open_journal` (to run or resume) or `read_journal` (to look, replay).

    Attributes:
        path: the file.
        read_only: whether writing is forbidden, as in a replay.
        settling: held while an endpoint is probed, so that it is probed once.
    """

    def __init__(
        self,
        path: Path,
        reader: sqlite3.Connection,
        writer: JournalWriter | None,
        lock: sqlite3.Connection | None,
    ) -> None:
        self.path = path
        self.read_only = writer is None
        self._reader = reader
        self._reading = threading.Lock()
        self._writer = writer
        self._lock = lock
        self.settling = asyncio.Lock()

    def find(self, key: Key) -> CallRecord | None:
        """The attempt with this key, or None if it was never answered.

        Raises:
            JournalError: if the row is not what was written.
        """
        if self._writer is not None and (waiting := self._writer.unwritten(key)) is not None:
            return waiting
        rows = self.query(
            "SELECT * FROM calls WHERE day = ? AND stage = ? AND subject = ? AND attempt = ?", key
        )
        if not rows:
            return None
        record = CallRecord.from_row(rows[0])
        if record is None:
            raise JournalError(
                f"{self.path}: the reply for day {key[0]}, {key[1]}, resident {key[2]} was changed "
                "after it was written. Restore the file from a copy; it cannot be resumed from."
            )
        return record

    def verdict(self, day: int, stage: str, subject: int) -> VerdictRecord | None:
        """The final verdict on a question, or None."""
        rows = self.query(
            "SELECT * FROM verdicts WHERE day = ? AND stage = ? AND subject = ?",
            (day, stage, subject),
        )
        return VerdictRecord(*rows[0]) if rows else None

    def prompt(self, day: int, stage: str, subject: int, attempt: int = 0) -> tuple[str, ...]:
        """The parts of a prompt as they were sent, the schema last.

        Raises:
            JournalError: if no such call, or not all of its prompt, stands in the journal.
        """
        rows = self.query(
            "SELECT p.parts FROM calls c JOIN prompts p ON p.hash = c.prompt "
            "WHERE day = ? AND stage = ? AND subject = ? AND attempt = ?",
            (day, stage, subject, attempt),
        )
        hashes: list[str] = json.loads(rows[0][0]) if rows else []
        texts: list[str] = []
        for digest in hashes:
            found = self.query("SELECT text FROM parts WHERE hash = ?", (digest,))
            texts += [restored(text) for (text,) in found if text_hash(restored(text)) == digest]
        if not texts or len(texts) != len(hashes):
            raise JournalError(
                f"{self.path}: no whole prompt for day {day}, {stage}, resident {subject}, "
                f"attempt {attempt}"
            )
        return tuple(texts)

    def header(self, key: str) -> str | None:
        """A value of the header, or None."""
        rows = self.query("SELECT value FROM header WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def query(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows of a SELECT over the tables of `records.TABLES`.

        Raises:
            JournalError: if the file is damaged where it is read.
        """
        try:
            with self._reading:
                return self._reader.execute(sql, parameters).fetchall()
        except DAMAGE as error:
            raise JournalError(f"{self.path}: damaged ({error}). {RESTORE}") from error

    def spent(self) -> dict[str, tuple[int, Usage]]:
        """Calls and usage so far, by model as configured at each call."""
        return {str(model): used for (model,), used in self.usage_by("model").items()}

    def usage_by(self, *columns: str) -> dict[tuple[Any, ...], tuple[int, Usage]]:
        """Calls and usage, added up by `day`, `stage`, `subject`, `attempt`, `cause`, `model`.

        Args:
            columns: one or more of these names.
        """
        unknown = set(columns) - {"day", "stage", "subject", "attempt", "cause", "model"}
        if unknown or not columns:
            raise ValueError(f"usage cannot be added up by {sorted(unknown) or 'nothing'}")
        names = ", ".join(columns)
        rows = self.query(
            f"SELECT {names}, count(*), sum(input), sum(cached), sum(written), sum(output), "  # noqa: S608 — the names are checked
            "sum(reasoning), max(estimated), sum(estimated > 1) FROM calls "
            f"GROUP BY {names} ORDER BY {names}"
        )
        width = len(columns)
        return {row[:width]: (row[width], _usage(row[width + 1 :])) for row in rows}

    def set_header(self, key: str, value: str) -> asyncio.Future[None]:
        """Queue a value of the header; the future is done when it is durable."""
        return self._writing().put([("INSERT OR REPLACE INTO header VALUES (?, ?)", (key, value))])

    def add_call(self, record: CallRecord, prompt: Prompt) -> asyncio.Future[None]:
        """Queue an attempt with its prompt; the future is done when it is durable."""
        return self._writing().put_call(record, prompt)

    def add_error(self, record: ErrorRecord) -> asyncio.Future[None]:
        """Queue a failed try; the future is done when it is durable."""
        sql = "INSERT INTO errors VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        return self._writing().put([(sql, record.row())])

    def add_verdict(self, record: VerdictRecord) -> asyncio.Future[None]:
        """Queue a verdict; the future is done when it, and all queued before it, is durable."""
        sql = "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)"
        return self._writing().put([(sql, record.row())])

    def barrier(self) -> asyncio.Future[None]:
        """A future that is done when all that was queued before it is durable."""
        return self._writing().put([])

    def hurry(self) -> None:
        """Commit what waits without waiting for more: nobody has anything left to add."""
        if self._writer is not None:
            self._writer.hurry()

    def close(self) -> None:
        """Write what waits, close the file, give the lock back. Safe to call twice."""
        # The reader goes first: the last connection to close folds the WAL into the file.
        self._reader.close()
        if self._writer is not None:
            self._writer.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _writing(self) -> JournalWriter:
        if self._writer is None:
            raise JournalError(f"{self.path} was opened to be read; a replay writes nothing")
        return self._writer


def open_journal(
    path: Path, identity: str, on_write: Callable[[str], None] | None = None
) -> Journal:
    """Open a journal to run or resume, alone: a new file, or one of the same identity.

    Args:
        path: the file; its folder exists.
        identity: JSON of what makes the run the same run (scenario, seed, mind, …).
        on_write: called with each name of `journal_writer.WRITE_POINTS` as it is passed, in the
            writing thread; for tests that stop a process there.

    Raises:
        JournalError: if another process has it open, or it is damaged, of an unknown format, or
            of another run.
    """
    lock = take_lock(path)
    try:
        connection = open_to_write(path, identity)
    except BaseException:
        lock.close()
        raise
    try:
        reader = open_to_read(path)
    except BaseException:
        connection.close()
        lock.close()
        raise
    writer = JournalWriter(path, connection, on_write)
    return Journal(path, reader, writer, lock)


def read_journal(path: Path) -> Journal:
    """Open a journal to read, be it live, finished or left by a crash.

    Raises:
        JournalError: if it is missing, damaged, or of an unknown format.
    """
    if not path.exists():
        raise JournalError(f"{path} does not exist: this run asked no language model")
    return Journal(path, open_to_read(path), None, None)


def _usage(row: tuple[Any, ...]) -> Usage:
    *counts, estimated, unbelieved = row
    return replace(Usage(*counts), estimated=bool(estimated), unbelieved=unbelieved)
