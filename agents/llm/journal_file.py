"""The file of a journal: made whole, locked, and checked before anything in it is believed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from agents.fsync import new_file, replacing, synchronise
from agents.llm.errors import JournalError
from agents.llm.journal_places import (
    BESIDE,
    OPENING,
    check_places,
    connect,
    is_open,
    lock_file,
)
from agents.llm.records import APPLICATION_ID, FORMAT, TABLES

T = TypeVar("T")

RESTORE = "Restore it from a copy, or remove it to start the run anew (its replies are then lost)."

DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file raises; the second if SQLite's message quotes bytes that are no text."""


def open_to_write(path: Path, identity: str) -> sqlite3.Connection:
    """The writing connection of a journal of this identity, made new if there is none."""
    with OPENING:
        check_places(path, writing=True)
        if not path.exists():
            _guarded(path, lambda: _create(path, identity))
        _check_magic(path)
        connection = connect(path, path)
    connection.text_factory = _lenient
    try:
        _guarded(path, lambda: _prepare(path, connection))
        _check_identity(path, connection, identity)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """A reading connection to a journal, live or not, also on a medium that cannot be written."""
    uri = path.resolve().as_uri()
    for mode in ("mode=ro", "immutable=1"):
        # `immutable` reads a journal in a folder where not even the WAL's index may be written.
        with OPENING:
            check_places(path, writing=False)
            _check_magic(path)
            connection = connect(f"{uri}?{mode}", path, uri=True)
        connection.text_factory = _lenient
        try:
            _check_kind(path, connection)
            connection.execute("SELECT value FROM header LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if mode == "mode=ro" and "unable to open" in str(error):
                continue
            raise JournalError(f"{path} cannot be read ({error}). {RESTORE}") from error
        except DAMAGE as error:
            connection.close()
            raise JournalError(f"{path} is damaged ({error}). {RESTORE}") from error
        except JournalError:
            connection.close()
            raise
        return connection
    raise JournalError(f"{path} cannot be opened. {RESTORE}")


def take_lock(path: Path) -> sqlite3.Connection:
    """Hold `<path>.lock` for as long as this process lives; a kill gives it back by itself."""
    name = lock_file(path)
    try:
        lock = sqlite3.connect(name, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise JournalError(f"{name}: cannot be written ({error})") from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if "locked" in str(error):
            raise JournalError(
                f"{path} is in use by another run ({name.name} is held). Wait for it, or stop it "
                "first."
            ) from None
        raise JournalError(f"{name}: cannot be written ({error})") from error
    return lock


def _create(path: Path, identity: str) -> None:
    """Make an empty journal under another name and rename it: what has the name is complete."""
    # A log without its file would be folded into the next file of that name.
    for ending in BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    with replacing(path) as new:
        new_file(new).close()  # its rights are the umask's, and those of what SQLite adds are its
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            connection.executescript(
                "PRAGMA synchronous = FULL; BEGIN; "
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; "
                f"{TABLES}"
            )
            rows = (("format", str(FORMAT)), ("identity", identity))
            connection.executemany("INSERT INTO header VALUES (?, ?)", rows)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    synchronise(path.parent)  # or a loss of power could take the name, and the whole file with it


def _check_magic(path: Path) -> None:
    """Refuse what is no SQLite file before SQLite takes it for one or makes it into one."""
    if is_open(path):
        return
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise JournalError(f"{path} is damaged: it is no SQLite file. {RESTORE}")


def _check_kind(path: Path, connection: sqlite3.Connection) -> None:
    kind = connection.execute("PRAGMA application_id").fetchone()[0]
    number = connection.execute("PRAGMA user_version").fetchone()[0]
    if kind != APPLICATION_ID:
        raise JournalError(f"{path} is a SQLite file but no journal of calls")
    if number != FORMAT:
        raise JournalError(
            f"{path} has journal format {number}; this version of civa reads format {FORMAT}"
        )


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    _check_kind(path, connection)
    verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _check_identity(path: Path, connection: sqlite3.Connection, identity: str) -> None:
    row = _guarded(
        path,
        lambda: connection.execute("SELECT value FROM header WHERE key = 'identity'").fetchone(),
    )
    if row is None:
        raise JournalError(f"{path} is damaged: its header is missing. {RESTORE}")
    if row[0] == identity:
        return
    raise JournalError(
        f"{path} belongs to another run; it differs in {_difference(row[0], identity)}. "
        "Use the same scenario, seed and mind, or another folder."
    )


def _difference(old: str, new: str) -> str:
    """The names that differ between two identities, the innermost that can be told."""
    try:
        before, after = json.loads(old), json.loads(new)
    except json.JSONDecodeError:
        return "its identity"

    def walk(a: Any, b: Any, name: str) -> list[str]:
        if isinstance(a, dict) and isinstance(b, dict):
            names = sorted({*a, *b})
            return [
                found
                for key in names
                for found in walk(a.get(key), b.get(key), f"{name}.{key}" if name else key)
            ]
        return [] if a == b else [name]

    found = walk(before, after, "")
    return ", ".join(found[:6]) + (" and more" if len(found) > 6 else "") or "its identity"


def _lenient(text: bytes) -> str:
    """Damaged text is read as what it is, so that a checksum can refuse it by name."""
    return text.decode("utf-8", "surrogateescape")


def _guarded(path: Path, action: Callable[[], T]) -> T:
    try:
        return action()
    except sqlite3.OperationalError as error:
        raise JournalError(f"{path} cannot be opened ({error}). {RESTORE}") from error
    except DAMAGE as error:
        raise JournalError(f"{path} is damaged ({error}). {RESTORE}") from error
