"""Whether civa may write in a place: nothing stands there, or a plain file or folder does.

A folder may come from somebody else, with links in it that lead out: what civa writes never goes
through one. The folder that a user names may itself be a link; what civa makes below it may not.
A file that is written in place, not replaced, may have no second name either.

This guards against what lies there when civa comes, not against a process of the same user that
changes names while civa writes.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypeAlias

from agents.errors import InputError

#: Device and number of a file or folder: what stays the same while it is the same.
Place: TypeAlias = tuple[int, int]


class InTheWay(InputError):
    """A link, or something that is not civa's, stands where civa would write."""


def check_file(path: Path, *, in_place: bool = False) -> bool:
    """Refuse to write a file where something else stands; returns whether one is there.

    Args:
        path: of the file.
        in_place: its content is changed, not replaced.

    Raises:
        InTheWay: a link, a folder, a device, or a file with a second name if `in_place`.
    """
    found = _look(path)
    if found is None:
        return False
    if not stat.S_ISREG(found.st_mode):
        raise InTheWay(f"{path}: is no ordinary file, where civa writes one; move it away")
    if in_place and found.st_nlink > 1:
        raise InTheWay(
            f"{path}: has a second name (a hard link), whose content would change too; put a copy "
            "in its place"
        )
    return True


def check_folder(path: Path) -> bool:
    """Refuse to write below a folder that is none; returns whether it is there.

    Raises:
        InTheWay: a link or a file stands there.
    """
    found = _look(path)
    if found is None:
        return False
    if not stat.S_ISDIR(found.st_mode):
        raise InTheWay(f"{path}: is a file, where civa writes a folder; move it away")
    return True


def make_folder(path: Path) -> None:
    """Make a folder of civa's own below one that is there.

    Raises:
        InTheWay: a link or a file stands there.
        OSError: it cannot be made.
    """
    if not check_folder(path):
        try:
            path.mkdir()
        except FileExistsError:  # somebody else was quicker
            check_folder(path)


def place_of(path: Path) -> Place | None:
    """Which file or folder has a name now; None if none has."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _look(path: Path) -> os.stat_result | None:
    """What stands at a path, if anything does; a link is refused, never followed."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InTheWay(f"{path}: cannot be used ({reason}); choose another place") from None
    if stat.S_ISLNK(found.st_mode):
        raise InTheWay(f"{path}: is a link, and civa writes through none; move it away")
    return found
