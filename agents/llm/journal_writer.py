"""The one thread that writes a journal, in groups, and says when each row is durable."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from agents.llm.errors import JournalWriteFailed
from agents.llm.journal_places import JournalNames
from agents.llm.records import CallRecord, Key, Prompt, storable

WRITE_POINTS = ("group", "inserted", "committed")
"""A group is taken up; its rows are inserted, uncommitted; they are durable, nobody told yet."""

GROUP_SECONDS = 0.02
GROUP_SIZE = 64

Statement: TypeAlias = tuple[str, tuple[Any, ...]]

_CALL = "INSERT INTO calls VALUES (" + ", ".join(["?"] * 21) + ")"  # noqa: S608 — only marks
_PART = "INSERT OR IGNORE INTO parts VALUES (?, ?)"
_PROMPT = "INSERT OR IGNORE INTO prompts VALUES (?, ?)"


class JournalWriter:
    """Owns the writing connection from its construction to `close`.

    Args:
        path: the file, for messages.
        connection: open, in autocommit mode, usable from any thread.
        on_write: called with each write point passed, in the writing thread.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        on_write: Callable[[str], None] | None = None,
    ) -> None:
        self._path = path
        self._names = JournalNames(path)
        self._connection = connection
        self._on_write = on_write or (lambda point: None)
        self._wake = threading.Condition()
        self._statements: list[Statement] = []
        self._tellers: list[Callable[[JournalWriteFailed | None], None]] = []
        self._keys: list[Key] = []
        self._unwritten: dict[Key, CallRecord] = {}
        self._known_parts: set[str] = set()
        self._hurried = self._closing = False
        self._failure: str = ""
        self._thread = threading.Thread(target=self._run, name="civa-journal", daemon=True)
        self._thread.start()

    def unwritten(self, key: Key) -> CallRecord | None:
        """A record that is queued but not durable yet."""
        return self._unwritten.get(key)

    def put_call(self, record: CallRecord, prompt: Prompt) -> asyncio.Future[None]:
        """Queue an attempt, with whatever of its prompt the file does not hold."""
        statements: list[Statement] = []
        for place, (digest, text) in enumerate(zip(prompt.hashes, prompt.parts, strict=True)):
            shared = place < 2 or place == len(prompt.parts) - 1
            if shared and digest in self._known_parts:
                continue
            if shared:
                self._known_parts.add(digest)
            statements.append((_PART, (digest, storable(text))))
        statements.append((_PROMPT, (prompt.hash, json.dumps(prompt.hashes))))
        statements.append((_CALL, record.row()))
        return self.put(statements, record)

    def put(
        self, statements: list[Statement], record: CallRecord | None = None
    ) -> asyncio.Future[None]:
        """Queue statements; from the event loop that will await the future."""
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = loop.create_future()
        # Nobody need look at it: a failure also meets the next put.
        durable.add_done_callback(lambda done: done.cancelled() or done.exception())

        def settle(failure: JournalWriteFailed | None) -> None:
            if not durable.done():
                durable.set_exception(failure) if failure else durable.set_result(None)

        def tell(failure: JournalWriteFailed | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, failure)

        self._put(statements, tell, record)
        return durable

    def hurry(self) -> None:
        """Take up the present group at once."""
        with self._wake:
            self._hurried = True
            self._wake.notify()

    def close(self) -> None:
        """Write what waits and close the connection. Safe to call twice."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        # It fails if closed before, or if the disk is full: then the log is read with the file.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()

    def _put(
        self,
        statements: list[Statement],
        tell: Callable[[JournalWriteFailed | None], None],
        record: CallRecord | None,
    ) -> None:
        with self._wake:
            if self._failure:
                raise JournalWriteFailed(self._failure)
            if self._closing:
                raise JournalWriteFailed(f"{self._path} was closed; nothing more can be written")
            self._statements += statements
            self._tellers.append(tell)
            if record is not None:
                self._unwritten[record.key] = record
                self._keys.append(record.key)
            if len(self._tellers) == 1 or len(self._tellers) >= GROUP_SIZE:
                self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._tellers and not self._closing:
                    self._wake.wait()
                if not self._tellers:
                    return
                end = time.monotonic() + GROUP_SECONDS
                while not (self._hurried or self._closing or len(self._tellers) >= GROUP_SIZE):
                    if (left := end - time.monotonic()) <= 0:
                        break
                    self._wake.wait(left)
                statements, self._statements = self._statements, []
                tellers, self._tellers = self._tellers, []
                keys, self._keys = self._keys, []
                self._hurried = False
                failed_before = self._failure
            # After one failed group none is written: a verdict must never stand without its call.
            failure = JournalWriteFailed(failed_before) if failed_before else None
            failure = failure or self._commit(statements)
            with self._wake:
                if failure is not None:
                    self._failure = str(failure)
                else:
                    for key in keys:
                        self._unwritten.pop(key, None)
            for tell in tellers:
                tell(failure)

    def _commit(self, statements: list[Statement]) -> JournalWriteFailed | None:
        try:
            self._on_write("group")
            self._connection.execute("BEGIN IMMEDIATE")
            for sql, parameters in statements:
                self._connection.execute(sql, parameters)
            self._on_write("inserted")
            self._connection.execute("COMMIT")
            self._on_write("committed")
            if (lost := self._names.lost()) is not None:
                return JournalWriteFailed(
                    f"{lost}: is gone, or another file has its name: replies would be paid for and "
                    "lost. Nothing more is sent. Bring the run's folder back, then resume."
                )
        except Exception as error:
            if self._connection.in_transaction:
                self._connection.rollback()
            remedy = (
                "Free or remount the disk, then resume."
                if isinstance(error, (sqlite3.Error, OSError))
                else "It is no value that a journal can hold, and no fault of the disk."
            )
            return JournalWriteFailed(
                f"{self._path}: a reply could not be written ({error}). Nothing more is sent. "
                f"{remedy}"
            )
        return None
