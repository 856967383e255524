"""Atomic file writes that survive a loss of power: write, fsync, rename, fsync the folder.

A file is written under a temporary name of its own, made new and never through a link, synced, and
renamed. A crash leaves at most that temporary file; its name carries a mark that only civa makes,
so that it can be told from anybody else's and taken away.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from agents.owned import check_file

#: Ending of what is being written; no reader looks into it.
UNFINISHED: Final = ".tmp"
_LONGEST: Final = 100  # bytes of a name that its temporary name repeats
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
#: The beginning, a random number, its mark, and what SQLite adds for files of its own.
_MARKED: Final = re.compile(
    r"\.(.*)\.([0-9a-f]{8})([0-9a-f]{8})\.tmp(?:-journal|-wal|-shm)?", re.DOTALL
)


def synchronise(path: Path) -> None:
    """Fsync a file, or a folder (its names); returns when they are on the medium."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # A name is on the medium only when its folder is: without this a file that was renamed
        # into place may be gone after a power cut, though its content was written.
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file atomically: a reader, or a crash, finds the old content or the new.

    Raises:
        InputError: a link, a folder or a device stands in its place.
        OSError: the disk does not take it; the old content stays.
    """
    with replacing(path) as temporary:
        write_new(temporary, content)
    synchronise(path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside a file; what stands under it at the end takes the file's place.

    If anything is raised, it is taken away instead. The caller syncs.

    Raises:
        InputError: a link, a folder or a device stands in the file's place.
    """
    temporary = path.with_name(temporary_name(path.name))
    try:
        yield temporary
        check_file(path)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_new(path: Path, content: bytes) -> None:
    """Make a file that is not there, and put its content on the medium.

    Raises:
        OSError: it is there, be it as a link to nothing, or the disk does not take it.
    """
    with new_file(path) as file:
        file.write(content)
        file.flush()
        # The content goes first: a name that reached the medium before it would be an empty file.
        os.fsync(file.fileno())


def new_file(path: Path) -> IO[bytes]:
    """Open a file that is not there yet to write; rights are what the umask leaves."""
    return os.fdopen(os.open(path, _NEW, 0o666), "wb")


def temporary_name(name: str) -> str:
    """A name that nothing has, for what is to be renamed to `name`."""
    begin = os.fsencode(name)[:_LONGEST].decode("utf-8", "ignore")
    number = secrets.token_hex(4)
    return f".{begin}.{number}{_mark(begin, number)}{UNFINISHED}"


def is_temporary(name: str) -> bool:
    """Whether a name is one that `temporary_name` made, or SQLite beside it."""
    found = _MARKED.fullmatch(name)
    return found is not None and found[3] == _mark(found[1], found[2])


def remove_temporary(folder: Path) -> None:
    """Take away the files that a crash left unfinished in a folder; only who alone writes there.

    Raises:
        OSError: the folder cannot be read or written.
    """
    for path in list(folder.iterdir()):
        if is_temporary(path.name) and path.is_file() and not path.is_symlink():
            path.unlink(missing_ok=True)


def _mark(begin: str, number: str) -> str:
    named = f"civa {begin} {number}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(named).hexdigest()[:8]
