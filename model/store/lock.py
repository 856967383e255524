"""Lock files: held by one process at a time, released by the system when it dies; always empty.

Its rights are what the umask leaves, so that a group with umask 002 can share a folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from agents.errors import InputError
from agents.owned import Place, check_file, place_of

_HOW: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class Lock:
    """A lock, held from its construction until `close`.

    Args:
        path: the file, made if missing; its folder is there.
        busy: the message if another process holds it; None waits for it.

    Raises:
        InputError: it is held, is no lock, or cannot be opened.
    """

    def __init__(self, path: Path, busy: str | None) -> None:
        self.path = path
        how = fcntl.LOCK_EX if busy is None else fcntl.LOCK_EX | fcntl.LOCK_NB
        while True:
            self._made = not check_lock(path)
            self._descriptor = _open(path)
            try:
                fcntl.flock(self._descriptor, how)
            except OSError:
                os.close(self._descriptor)
                raise InputError(busy or f"{path}: cannot be locked") from None
            # Whoever made it may have taken it away between our opening and our locking it.
            if place_of(path) == self._place:
                return
            os.close(self._descriptor)

    def remove(self) -> None:
        """Take the file away if this process made it; it stays held until `close`."""
        if self._made and place_of(self.path) == self._place:
            with suppress(OSError):
                self.path.unlink()

    def close(self) -> None:
        """Let others have it."""
        os.close(self._descriptor)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _place(self) -> Place:
        found = os.fstat(self._descriptor)
        return found.st_dev, found.st_ino


def check_lock(path: Path) -> bool:
    """Refuse a file that holds something where a lock must lie; returns whether it is there.

    Raises:
        InputError: a link or a file of somebody else.
    """
    there = check_file(path)
    if there and path.stat().st_size:
        raise InputError(
            f"{path}: holds something, so it is no lock of civa's; move it away or choose another "
            "folder"
        )
    return there


def _open(path: Path) -> int:
    try:
        return os.open(path, _HOW, 0o666)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be opened to write ({error.strerror}); let its group write it (umask "
            "002), or choose a folder you may write to with --out"
        ) from None


@contextmanager
def folder_lock(path: Path) -> Iterator[bool]:
    """Wait until no other process changes what civa keeps in a folder; gives whether it is sure.

    It is not where a file system knows no locks on folders.

    Raises:
        OSError: the folder cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            sure = True
        except OSError:
            sure = False
        yield sure
    finally:
        os.close(descriptor)
