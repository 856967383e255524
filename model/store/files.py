"""Files that are whole or not there, and errors of the disk in words."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.durable import synchronise
from agents.errors import StoppedEarly

#: Ending of files that are being written; a crash may leave them behind, and no reader looks.
UNFINISHED = ".tmp"


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a crash, finds the old content or the new, never less."""
    temporary = path.with_name(path.name + UNFINISHED)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    synchronise(path.parent)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the disk into a run that stops and can be resumed.

    Raises:
        StoppedEarly: the disk is full, read-only or gone.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoppedEarly(
            f"{path}: cannot be written ({reason}); mend that and run the same command again"
        ) from error
