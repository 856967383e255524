"""The folder of a study: its manifest, its runs, what failed, and who may write.

`study.json` (the manifest) · `design.toml` (as registered) · `runs/` (a folder a finished run,
named by its identity) · `failures/` (a file a run that came to no end, with cause and traceback).
Studies without a language mind may be worked on by several runners at once: whoever finishes a run
first gives it its name. Studies that pay for replies take one lock.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from agents.errors import InputError
from model.store.files import UNFINISHED as UNFINISHED_FILE
from model.store.files import write_whole, writing
from model.store.sealed import sealed, unsealed
from model.study.job import UNFINISHED, folder_name, writer_of
from model.study.manifest import FILE, Manifest, check_same, read_manifest
from model.study.row import Row, plain_row, read_row, row_from

RUNS: Final = "runs"
FAILURES: Final = "failures"
DESIGN: Final = "design.toml"
LOCK: Final = "lock"
BRIEF: Final = ".writing"


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
            if not (self.path / FILE).exists():
                self._refuse_others()
            with self._writing():
                if (self.path / FILE).exists():
                    old = read_manifest(self.path)
                    check_same(self.path, old, manifest)
                    manifest = old
                else:
                    write_whole(self.path / DESIGN, manifest.text.encode("utf-8"))
                    manifest.write(self.path)
            self.runs.mkdir(exist_ok=True)
            self.failures.mkdir(exist_ok=True)
            if not os.access(self.runs, os.W_OK | os.X_OK):
                raise InputError(f"{self.runs}: cannot be written; choose another folder")
        except FileExistsError:
            raise InputError(f"{self.path}: is a file; name a folder for the study") from None
        except OSError as error:
            raise InputError(
                f"{self.path}: cannot be written ({error.strerror}); choose a folder you may write "
                "to with --out"
            ) from None
        return manifest

    def _refuse_others(self) -> None:
        ours = (LOCK, BRIEF, FILE, DESIGN, FILE + UNFINISHED_FILE, DESIGN + UNFINISHED_FILE)
        others = sorted(f.name for f in self.path.iterdir() if f.name not in ours)
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
        descriptor = os.open(self.path / BRIEF, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others out while a study is run that pays for replies.

        Raises:
            InputError: somebody else is running it.
        """
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError(
                    f"{self.path}: another process is running this study; wait for it or stop it"
                ) from None
            yield
        finally:
            os.close(descriptor)

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
        elif row.status == "done":
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
                shutil.rmtree(self.runs / name, ignore_errors=True)


def read_failure(path: Path) -> Row:
    """The row of a run that came to no end."""
    try:
        return row_from(unsealed(path.read_bytes()), "")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: damaged ({error}); remove it") from None


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
