"""What civa writes into the folder of a run, by name, and what of it is really civa's.

A name alone makes no file ours. Before a run begins in a folder, every name that it will write is
looked at: it must be free, or be a plain file or folder whose content is such as civa writes.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from agents.errors import InputError
from agents.fsync import is_temporary, remove_temporary
from agents.owned import check_file, check_folder
from model.store.columns import TYPES
from model.store.lock import check_lock

LOCK: Final = "lock"
CARD: Final = "run.json"
INTERVENTIONS: Final = "interventions"
#: What a study writes beside the card.
ROW: Final = "row.json"
#: Beginning of the names of the journal of calls and of what SQLite puts beside it.
JOURNAL: Final = "calls.sqlite"
BESIDE_JOURNAL: Final = ("-wal", "-shm", "-journal", ".lock", ".lock-journal")
_PARQUET: Final = b"PAR1"
#: A part, finished or (of earlier versions) left unfinished.
_PART: Final = re.compile(r"part-\d{5,}(?:-\d{5,})?\.parquet(?:\.tmp)?")
#: What earlier versions left unfinished; it is let lie.
_FORMER: Final = (CARD + ".tmp", JOURNAL + ".new")


def check_run_folder(path: Path) -> None:
    """Refuse a folder in which something of somebody else stands where a run is to be written.

    Raises:
        InputError: naming it.
    """
    check_file(path / CARD)
    check_file(path / INTERVENTIONS, in_place=True)
    check_lock(path / LOCK)
    for name in (JOURNAL, *_beside_journal()):
        check_file(path / name, in_place=True)
    for name in TYPES:
        for part in parts_of(path / name):
            _check_part(part, name)


def strangers(path: Path) -> list[str]:
    """Names in a folder without a card that no run began with: it may hold a lock and a journal.

    A kill before the card has its name leaves these, or a card half written, alone.
    """
    ours = {LOCK, JOURNAL, *_beside_journal(), *_FORMER}
    names = (entry.name for entry in path.iterdir())
    return sorted(name for name in names if name not in ours and not is_temporary(name))


def parts_of(folder: Path) -> list[Path]:
    """The parts of a table, finished or left by a crash, the last first."""
    if not check_folder(folder):
        return []
    return sorted((p for p in folder.iterdir() if _PART.fullmatch(p.name)), reverse=True)


def remove_leftovers(path: Path) -> None:
    """Take away what a crash left unfinished in a run's folder; only who holds its lock."""
    remove_temporary(path)
    for name in TYPES:
        if check_folder(path / name):
            remove_temporary(path / name)


def remove_run(path: Path) -> None:
    """Take away a run's folder that this process, or a dead one, wrote; strangers' files stay.

    What cannot be taken away is left: the folder's name says that nobody reads it.
    """
    with suppress(OSError, InputError):
        check_folder(path)
        check_run_folder(path)
        remove_leftovers(path)
        for name in TYPES:
            for part in parts_of(path / name):
                part.unlink()
            with suppress(OSError):  # it is not there, or holds what is not ours
                (path / name).rmdir()
        for name in (CARD, ROW, INTERVENTIONS, LOCK, JOURNAL, *_beside_journal()):
            if check_file(path / name):
                (path / name).unlink()
        path.rmdir()


def _beside_journal() -> list[str]:
    return [JOURNAL + ending for ending in BESIDE_JOURNAL]


def _check_part(part: Path, table: str) -> None:
    # A run that is under way joins its parts: what was listed may be gone by now.
    if check_file(part) and not _is_part(part, table):
        raise InputError(
            f"{part}: is no table of a run, though it is called like one; move it away or choose "
            "another folder"
        )


def _is_part(part: Path, table: str) -> bool:
    try:
        with part.open("rb") as file:
            first = file.read(len(_PARQUET))
    except FileNotFoundError:
        return True
    # A crash, or a loss of power, may have left it empty, cut short or zeroed.
    if not first.strip(b"\0") or (len(first) < len(_PARQUET) and _PARQUET.startswith(first)):
        return True
    if first != _PARQUET:
        return False
    try:
        names = set(pq.read_schema(part).names)
    except (pa.ArrowException, OSError):
        return True  # cut short
    return 2 * len(names & TYPES[table].keys()) >= len(names)  # earlier versions had fewer columns
