"""Files of a run: whole or not there (`agents.fsync`), and errors of the disk in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.errors import StoppedEarly
from agents.fsync import write_whole
from agents.owned import InTheWay, Place, place_of

__all__ = ["Anchor", "file_hash", "write_whole", "writing"]


class Anchor:
    """A folder that must stay the same one while it is written into.

    If it is removed, moved or replaced meanwhile, going on would make a second half of a run, or
    write into somebody else's folder.

    Args:
        path: the folder; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place: Place | None = place_of(path)

    def check(self) -> None:
        """Look again; a folder that was not there is made, and kept to from then on.

        Raises:
            StoppedEarly: it is gone, or another one has its name.
        """
        if self._place is None:
            with writing(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
            self._place = place_of(self.path)
        elif place_of(self.path) != self._place:
            raise StoppedEarly(
                f"{self.path}: the folder is gone, or another one has its name; bring it back and "
                "run the same command again"
            )


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the disk into a run that stops and can be resumed.

    Raises:
        StoppedEarly: the disk is full, read-only or gone, or something is in the way.
    """
    try:
        yield
    except InTheWay as error:
        raise StoppedEarly(f"cannot be written: {error}, and run the same command again") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoppedEarly(
            f"{path}: cannot be written ({reason}); mend that and run the same command again"
        ) from error
