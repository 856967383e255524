"""Files that a command leaves in a folder: listed there with their hashes, replaced by that list.

`civa.json` says which command wrote which files, and the SHA-256 of each. Only such a file, and
only if it is still what was written, is replaced or taken away. Whatever else lies in the folder
stays, and where it stands in the way, the command is refused before it computes anything.

While files are replaced, the list holds both hashes of each, so that a kill between any two writes
leaves files that the same command knows as its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from agents.errors import InputError
from agents.fsync import remove_temporary, write_whole
from agents.owned import check_file
from model.store.cards import read_card
from model.store.files import file_hash, writing
from model.store.lock import folder_lock
from model.store.sealed import sealed

LIST: Final = "civa.json"
FORMAT: Final = 1

#: File within the folder -> the hashes that it may have.
Listed: TypeAlias = Mapping[str, tuple[str, ...]]


class Outputs:
    """A folder in which a command leaves files beside others that are not its own.

    Args:
        folder: made if missing when files are written; it may be a link.
        command: its name, as the list keeps it.
        names: of all files that it may write, as far as they are known.
        former: whether a file that no list names was written by an earlier version.

    Raises:
        InputError: the folder cannot be written, or one of the files there is not the command's.
    """

    def __init__(
        self,
        folder: Path,
        command: str,
        names: Iterable[str],
        former: Callable[[Path], bool] = lambda path: False,
    ) -> None:
        self.folder, self._command, self._former = folder, command, former
        check_target(folder)
        self._check(names)

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Write files by name, each whole or not at all.

        Raises:
            InputError: meanwhile a file of somebody else took one of the names; nothing is written.
            StoppedEarly: the disk does not take it.
        """
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            with folder_lock(self.folder) as sure:
                listed = self._check(contents)
                after = {name: (content_hash(content),) for name, content in contents.items()}
                both = {name: (*listed.get(name, ()), *hashes) for name, hashes in after.items()}
                self._list({**listed, **both})
                for name, content in contents.items():
                    write_whole(self.folder / name, content)
                self._list({**listed, **after})
                if sure:
                    remove_temporary(self.folder)

    def _check(self, names: Iterable[str]) -> Listed:
        """The list as it lies there; refuses a file with one of these names that is not in it."""
        if not self.folder.is_dir():
            return {}
        listed = read_list(self.folder, self._command)
        for name in sorted(names):
            path = self.folder / name
            if not check_file(path):
                continue
            known = listed.get(name)
            if known is None and not self._former(path):
                raise InputError(
                    f"{path}: civa {self._command} would write here, and did not write this file; "
                    "move it away or choose another folder with --out"
                )
            if known is not None and file_hash(path) not in known:
                raise InputError(
                    f"{path}: was changed since civa {self._command} wrote it; move it away or "
                    "choose another folder with --out"
                )
        # What an earlier version wrote is listed as it is, so that a kill half way finds its own.
        found = {n: (file_hash(self.folder / n),) for n in names if (self.folder / n).is_file()}
        return {**found, **listed}

    def _list(self, files: Listed) -> None:
        write_whole(self.folder / LIST, list_bytes(self._command, files))


def list_bytes(command: str, files: Listed) -> bytes:
    """The content of a list."""
    plain = {name: list(hashes) for name, hashes in sorted(files.items())}
    return sealed({"format": FORMAT, "command": command, "files": plain}, indent=1)


def read_list(folder: Path, command: str) -> Listed:
    """What a folder's list says that this command wrote; nothing if there is no list.

    Raises:
        InputError: the list is somebody else's or another command's, or damaged.
    """
    path = folder / LIST
    if not check_file(path):
        return {}
    card = read_card(path, "list of files", FORMAT)
    files: Any = card.get("files")
    if not isinstance(files, dict) or not all(_hashes(one) for one in files.values()):
        raise InputError(f"{path}: damaged (no list of files); restore it from a copy")
    if card.get("command") != command:
        raise InputError(
            f"{folder}: holds what another command wrote, not civa {command}; choose another "
            "folder with --out"
        )
    return {name: tuple(hashes) for name, hashes in files.items()}


def content_hash(content: bytes) -> str:
    """SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check_target(folder: Path) -> None:
    """Refuse a folder that cannot be written; it need not be there.

    Raises:
        InputError: with the remedy.
    """
    try:
        if os.path.lexists(folder) and not folder.is_dir():
            raise InputError(f"{folder}: is a file; name a folder with --out")
        above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return
        reason = f"{above} is not writable" if above.is_dir() else f"{above} is a file"
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
    raise InputError(f"{folder}: cannot be written ({reason}); choose another folder with --out")


def _hashes(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)
