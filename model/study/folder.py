"""The folder of a study: its manifest, its runs, what failed, and who may write.

`study.json` (the manifest) · `design.toml` (as registered) · `runs/` (a folder a finished run,
named by its identity) · `failures/` (a file a run that came to no end, with cause and traceback).
Studies without a language mind may be worked on by several runners at once: whoever finishes a run
first gives it its name. Studies that pay for replies take one lock.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from agents.errors import InputError
from agents.fsync import is_temporary, remove_temporary, write_whole
from agents.owned import check_file, check_folder, make_folder
from model.analysis.row import Row, plain_row, read_row, row_from
from model.store.files import writing
from model.store.lock import Lock, check_lock
from model.store.places import remove_run
from model.store.sealed import sealed, unsealed
from model.study.job import UNFINISHED, folder_name, writer_of
from model.study.manifest import FILE, Manifest, check_same, read_manifest

RUNS: Final = "runs"
FAILURES: Final = "failures"
DESIGN: Final = "design.toml"
LOCK: Final = "lock"
BRIEF: Final = ".writing"
_LARGEST: Final = 10_000_000  # bytes of a design


class StudyFolder:
    """A study's folder.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs = path / RUNS
        self.failures = path / FAILURES

    def claim(self, manifest: Manifest) -> Manifest:
        """Register a study in a new folder, or find it registered there.

        Returns:
            The manifest as it lies there: runs that were appended included.

        Raises:
            InputError: the folder cannot be written, or holds something else.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._look(manifest)
            with self._writing():
                self._look(manifest)
                if (self.path / FILE).exists():
                    old = read_manifest(self.path)
                    check_same(self.path, old, manifest)
                    manifest = old
                else:
                    if not (self.path / DESIGN).exists():
                        write_whole(self.path / DESIGN, _bytes(manifest))
                    manifest.write(self.path)
                make_folder(self.runs)
                make_folder(self.failures)
                for folder in (self.path, self.failures):
                    remove_temporary(folder)
            if not os.access(self.runs, os.W_OK | os.X_OK):
                raise InputError(f"{self.runs}: cannot be written; choose another folder")
        except FileExistsError:
            raise InputError(f"{self.path}: is a file; name a folder for the study") from None
        except (OSError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                f"{self.path}: cannot be written ({reason}); choose a folder you may write to with "
                "--out"
            ) from None
        return manifest

    def _look(self, manifest: Manifest) -> None:
        """Refuse a folder, before anything is made in it, that holds something else, or links.

        Raises:
            InputError: naming it.
        """
        for name in (LOCK, BRIEF):
            check_lock(self.path / name)
        for folder in (self.runs, self.failures):
            check_folder(folder)
        if check_file(self.path / FILE):
            return
        ours = {LOCK, BRIEF, FILE + ".tmp", DESIGN + ".tmp"}  # the last two of earlier versions
        # A kill between the two files of a registration leaves the first: the very same text.
        if check_file(self.path / DESIGN) and _content(self.path / DESIGN) == _bytes(manifest):
            ours.add(DESIGN)
        names = sorted(entry.name for entry in self.path.iterdir())
        others = [name for name in names if name not in ours and not is_temporary(name)]
        # Another runner may have registered this very study a moment ago.
        if others and not (self.path / FILE).exists():
            raise InputError(
                f"{self.path}: holds something else ({others[0]!r}…); choose an empty or a new "
                "folder"
            )

    def extend(self, manifest: Manifest) -> None:
        """Add runs to the study: write its longer manifest."""
        with self._writing():
            manifest.write(self.path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer of the small files at a time, however many runners there are."""
        with Lock(self.path / BRIEF, busy=None):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others out while a study is run that pays for replies.

        Raises:
            InputError: somebody else is running it.
        """
        busy = (
            f"{self.path}: another process is running this study (it holds {LOCK}); wait for it or "
            "stop it"
        )
        with Lock(self.path / LOCK, busy):
            yield

    def finished(self) -> set[str]:
        """Names of the folders of all runs that are over."""
        with os.scandir(self.runs) as entries:
            return {entry.name for entry in entries if not entry.name.startswith(UNFINISHED)}

    def rows(self, manifest: Manifest) -> list[Row]:
        """The rows of all runs that are over, failed ones included, in the manifest's order."""
        names = self.finished()
        found = []
        for run in manifest.runs:
            name = folder_name(run.key)
            if name in names:
                row = read_row(self.runs / name)
            elif (self.failures / f"{name}.json").exists():
                row = read_failure(self.failures / f"{name}.json")
            else:
                continue
            if row.key != run.key:
                raise InputError(
                    f"{self.runs / name}: holds another run than its name says; remove that folder "
                    "and run the study again"
                )
            found.append(replace(row, cell=run.cell))
        return found

    def note(self, row: Row) -> None:
        """Keep what is known of a run that came to no end; forget it once the run is over."""
        path = self.failures / f"{folder_name(row.key)}.json"
        if row.status == "failed" and not row.path:
            with self._writing(), writing(path):
                write_whole(path, sealed(plain_row(row), indent=1))
        elif row.status == "done" and check_file(path) and read_failure(path).key == row.key:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed workers of this machine left behind.

        A folder that holds a journal of paid replies has no process in its name and stays.
        """
        with os.scandir(self.runs) as entries:
            left = [entry.name for entry in entries if entry.name.startswith(UNFINISHED)]
        for name in left:
            host, pid = writer_of(name)
            if host == socket.gethostname() and not _lives(pid):
                remove_run(self.runs / name)


def read_failure(path: Path) -> Row:
    """The row of a run that came to no end."""
    try:
        return row_from(unsealed(path.read_bytes()), "")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: damaged ({error}); remove it") from None


def _bytes(manifest: Manifest) -> bytes:
    """The design's file."""
    return manifest.text.encode("utf-8")


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST)


def is_study(path: Path) -> bool:
    """Whether a study lies in a folder."""
    return (path / FILE).is_file()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
