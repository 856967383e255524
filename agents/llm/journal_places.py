"""The names of a journal in a folder: its file, what SQLite puts beside it, and its lock.

SQLite writes a log and an index under names of its own choice, empties them, and takes them away.
So each must be absent or such a file before SQLite is let near; a link, or a file of anybody else
with one of these names, is refused and left as it is.

POSIX locks belong to a process, and are lost when it closes any handle of the file: a journal that
this process has open is not opened a second time to look at it (`Connection` keeps count).
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any, Final

from agents.llm.errors import JournalError
from agents.owned import Place, check_file, place_of

_LOG: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # of a write-ahead log, by byte order
_INDEX: Final = ((3_007_000).to_bytes(4, sys.byteorder),)  # of an index, in the machine's order
_ROLLBACK: Final = (b"\xd9\xd5\x05\xf9",)  # of a rollback journal
#: Ending of a name beside the journal -> how such a file begins. It may be empty, or begin with
#: zeros where a loss of power took what was written.
BESIDE: Final = {"-wal": _LOG, "-shm": _INDEX, "-journal": _ROLLBACK}
LOCK: Final = ".lock"

#: Held from looking at a journal's files until it is open.
OPENING: Final = threading.RLock()
_OPEN: Counter[Place] = Counter()


class Connection(sqlite3.Connection):
    """A connection that says which journals this process has open."""

    _place: Place | None = None

    def keep(self, path: Path) -> None:
        """Count it from here on until it is closed."""
        self._place = place_of(path)
        if self._place is not None:
            with OPENING:
                _OPEN[self._place] += 1

    def close(self) -> None:
        """Close it. Safe to call twice."""
        super().close()
        place, self._place = self._place, None
        if place is not None:
            with OPENING:
                _OPEN[place] -= 1


def connect(name: Path | str, path: Path, **options: Any) -> Connection:
    """Open a journal, be it by its path or by an address that says how; in autocommit mode."""
    connection = sqlite3.connect(
        name, isolation_level=None, check_same_thread=False, factory=Connection, **options
    )
    connection.keep(path)
    return connection


def check_places(path: Path, *, writing: bool) -> None:
    """Refuse a journal among whose files is a link, or a file that SQLite did not write.

    Args:
        path: of the journal.
        writing: it is opened to write, so that it may have no second name either.

    Raises:
        InputError: naming it.
    """
    check_file(path, in_place=writing)
    _check_beside(path, is_open(path))


def is_open(path: Path) -> bool:
    """Whether this process has the journal open."""
    with OPENING:
        return _OPEN[place] > 0 if (place := place_of(path)) else False


def lock_file(path: Path) -> Path:
    """The lock of a journal, made if missing with the rights that the umask leaves; empty.

    Raises:
        InputError: a link or something that is no lock stands there, or it cannot be made.
    """
    name = path.with_name(path.name + LOCK)
    if not check_file(name):
        try:
            os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666))
        except OSError as error:
            raise JournalError(f"{name}: cannot be written ({error.strerror})") from None
    if name.stat().st_size:
        raise JournalError(f"{name} is no lock of ours: move it away and try again")
    _check_beside(name, opened=False)  # beside an empty file SQLite takes such files away
    return name


def _check_beside(path: Path, opened: bool) -> None:
    for ending, begins in BESIDE.items():
        beside = path.with_name(path.name + ending)
        if not check_file(beside, in_place=True) or opened:
            continue
        with beside.open("rb") as file:
            first = file.read(4)
        if first.strip(b"\0") and first not in begins:
            raise JournalError(
                f"{beside}: was not written by civa, and stands where SQLite writes beside the "
                "journal; move it away"
            )


class JournalNames:
    """Whether an open journal still has its names.

    A folder that is removed, moved or replaced leaves an open file behind that nobody will find:
    what is written there is lost without an error.

    Args:
        path: of the journal, just opened.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._log = path, path.with_name(path.name + "-wal")
        self._place, self._log_place = place_of(path), place_of(self._log)

    def lost(self) -> Path | None:
        """The file of the journal that is not under its name any more, or None."""
        if place_of(self._path) != self._place:
            return self._path
        log = place_of(self._log)
        if self._log_place is None:  # SQLite makes it with the first write
            self._log_place = log
        return self._log if log is None or log != self._log_place else None
