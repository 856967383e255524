"""The folder of a run, held by one process: claimed before a run, given back after it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.owned import Place, place_of
from model.store.files import Anchor, writing
from model.store.interventions_file import InterventionsFile
from model.store.lock import Lock
from model.store.meta import FILE, LOG, RunMeta, Status, read_meta, versions
from model.store.parts import remove_tables, vouched
from model.store.places import (
    INTERVENTIONS,
    JOURNAL,
    LOCK,
    check_run_folder,
    remove_leftovers,
    strangers,
)

__all__ = ["JOURNAL", "RunFolder", "differences"]


class RunFolder:
    """A claimed folder: this process alone writes it, until `release`.

    Use it in a `with` statement. A folder that already holds this very run keeps its interventions
    (and a journal of calls); its tables are written anew.

    Args:
        path: the folder; made if missing.
        identity: what makes the run the same run (`model.run.identity`).

    Attributes:
        path: the folder.
        meta: the card as it lies on disk; None in a new folder.
        interventions: what a researcher did to the run so far.

    Raises:
        InputError: the folder cannot be written, is in use, or holds something else.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        self.path = path
        self._identity = identity
        self._begun = False
        self._made = _make(path)
        self._anchor = Anchor(path)
        _look(path)
        self._lock = Lock(
            path / LOCK,
            busy=f"{path}: another process is writing this run (it holds {LOCK}); wait for it, "
            "stop it, or choose another folder",
        )
        try:
            self.meta = _inspect(path, identity)
            known = self.meta.interventions if self.meta else 0
            self.interventions = InterventionsFile(path / INTERVENTIONS, known)
        except BaseException:
            self.release()
            raise

    @property
    def done(self) -> bool:
        """Whether the folder holds this very run, finished."""
        return self.meta is not None and self.meta.status == "done"

    @property
    def lived(self) -> int:
        """Days that an earlier session of this run has lived, as far as its card knows."""
        return int(self.meta.summary.get("days", 0)) if self.meta else 0

    def begin(self) -> None:
        """Discard old tables and write the card: the run is under way from here on.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        self._anchor.check()
        self._begun = True
        created = self.meta.created if self.meta else datetime.now(UTC).isoformat("T", "seconds")
        self.meta = RunMeta(
            self._identity,
            created,
            versions=versions(),
            interventions=len(self.interventions.rows),
            log=LOG,
        )
        self.meta.write(self.path)
        with writing(self.path):
            remove_tables(self.path)
            remove_leftovers(self.path)

    def end(
        self, status: Status, summary: Mapping[str, Any], hash_: str = "", cause: str = ""
    ) -> None:
        """Write how the run ended.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        if self.meta is None:
            raise ValueError("a run ends after it has begun")
        self._anchor.check()
        with writing(self.path):
            tables = vouched(self.path)
        self.meta = replace(
            self.meta,
            status=status,
            summary=summary,
            hash=hash_,
            cause=cause,
            tables=tables,
            interventions=len(self.interventions.rows),
        )
        self.meta.write(self.path)

    def release(self) -> None:
        """Give the folder back; one in which nothing was begun is left as it was found."""
        if not self._begun:
            self._lock.remove()
            for folder, place in self._made:
                try:
                    if place_of(folder) == place:
                        folder.rmdir()
                except OSError:
                    break  # somebody else has put something there
        self._lock.close()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _make(path: Path) -> list[tuple[Path, Place | None]]:
    """Make a folder and its parents; returns those that were missing, innermost first."""
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"{path}: is a file; name a folder for the run") from None
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    return [(folder, place_of(folder)) for folder in missing]


def _look(path: Path) -> None:
    """Refuse a folder before anything is made in it: it holds something else, or a link."""
    try:
        if not os.path.lexists(path / FILE) and (others := strangers(path)):
            raise InputError(
                f"{path}: holds something else ({others[0]!r}…); choose an empty or a new folder"
            )
        check_run_folder(path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _inspect(path: Path, identity: Mapping[str, Any]) -> RunMeta | None:
    """The card of the same run, or None in a folder where none has begun."""
    _look(path)
    if not (path / FILE).exists():
        return None
    meta = read_meta(path)
    odd = differences(meta.identity, identity)
    if odd:
        raise InputError(
            f"{path}: holds another run, which differs in {odd}; choose another folder, or run it "
            "as it was"
        )
    return meta


def differences(one: Any, other: Any, name: str = "") -> str:
    """The names in which two identities differ, innermost first told; empty if in none."""
    found: list[str] = []

    def walk(a: Any, b: Any, at: str) -> None:
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            for key in sorted({*a, *b}):
                walk(a.get(key), b.get(key), f"{at}.{key}" if at else key)
        elif a != b:
            found.append(at)

    walk(one, other, name)
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")


def _unwritable(path: Path, error: OSError | ValueError) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"{path}: cannot be written ({reason}); choose a folder you may write to with --out"
    )
