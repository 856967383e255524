"""`study.json`: what was registered, and every run that the study consists of, with its seed.

It is written before the first run and compared at every later start: a design that was changed
since, or another study, is refused. Written whole or not at all; it holds nothing that changes from
one start to the next, except that replicate-until-precise appends runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agents.errors import InputError
from model.run.identity import ENGINE
from model.store.cards import read_card, write_card
from model.store.folder import differences
from model.store.meta import versions
from model.study.cells import Cell
from model.study.design import Design, design_from
from model.study.job import Job

FORMAT: Final = 1
FILE: Final = "study.json"


@dataclass(frozen=True)
class Planned:
    """A run that belongs to the study.

    Attributes:
        cell: label of its cell.
        seed: its seed.
        key: digest of its identity.
    """

    cell: str
    seed: int
    key: str


@dataclass(frozen=True)
class CellCard:
    """A cell as the manifest keeps it.

    Attributes:
        label: its name.
        levels: factor -> level.
        against: label of its control; its own if it is one; empty for none.
        scenario: the resolved scenario, as plain data.
    """

    label: str
    levels: Mapping[str, Any]
    against: str
    scenario: Mapping[str, Any]


@dataclass(frozen=True)
class Manifest:
    """What a study is.

    Attributes:
        registration: SHA-256 of the registered content of the design.
        design: the registered content.
        question: what the study asks, in words.
        text: the design's file as it was at registration.
        created: when it was registered, ISO 8601, UTC.
        cells: its cells.
        runs: all runs that belong to it.
        engine: of the runs.
        versions: packages that registered it.
        format: number of the layout.
    """

    registration: str
    design: Mapping[str, Any]
    question: str
    text: str
    created: str
    cells: Sequence[CellCard]
    runs: Sequence[Planned]
    engine: int = ENGINE
    versions: Mapping[str, str] = field(default_factory=versions)
    format: int = FORMAT

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.design["name"])

    def as_design(self) -> Design:
        """The design again, as registered."""
        return design_from({**self.design, "question": self.question})

    def write(self, folder: Path) -> None:
        """Put it into a study's folder.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        write_card(folder / FILE, asdict(self))


def manifest_of(
    design: Design, text: str, cells: Iterable[Cell], jobs: Iterable[Job], created: str = ""
) -> Manifest:
    """The manifest of a study about to begin."""
    return Manifest(
        registration=design.hash(),
        design=design.registered(),
        question=design.question,
        text=text,
        created=created or datetime.now(UTC).isoformat("T", "seconds"),
        cells=[
            CellCard(cell.label, cell.levels, cell.against, cell.scenario.model_dump(mode="json"))
            for cell in cells
        ],
        runs=[Planned(job.cell, job.seed, job.key) for job in jobs],
    )


def read_manifest(folder: Path) -> Manifest:
    """Read a study's manifest.

    Raises:
        InputError: there is none, it is damaged, or its format is unknown.
    """
    path = folder / FILE
    found = read_card(path, "study", FORMAT)
    if found.keys() != {f.name for f in fields(Manifest)}:
        raise InputError(f"{path}: damaged (names missing); restore it from a copy")
    try:
        cells = [CellCard(**cell) for cell in found.pop("cells")]
        runs = [Planned(**run) for run in found.pop("runs")]
        return Manifest(cells=cells, runs=runs, **found)
    except TypeError as error:
        raise InputError(f"{path}: damaged ({error}); restore it from a copy") from None


def check_same(folder: Path, old: Manifest, new: Manifest) -> None:
    """Refuse to go on in the folder of another study, or of this one before it was changed.

    Raises:
        InputError: naming what differs.
    """
    if old.name != new.name:
        raise InputError(
            f"{folder}: holds the study {old.name!r}, not {new.name!r}; choose another folder"
        )
    if old.registration != new.registration:
        odd = differences(old.design, new.design)
        raise InputError(
            f"{folder}: the design was changed after its first run (in {odd}); a changed design is "
            "another study: give it another folder, or bring back the registered one"
        )
    if old.engine != new.engine:
        raise InputError(
            f"{folder}: was begun with engine {old.engine}, this is engine {new.engine}; it can be "
            "read and reported, but only a version of that engine can go on with it"
        )
    registered = {(run.cell, run.seed): run.key for run in old.runs}
    moved = [run for run in new.runs if registered.get((run.cell, run.seed), run.key) != run.key]
    if moved:
        raise InputError(
            f"{folder}: {len(moved)} runs have another identity now than when the study began "
            f"(first in cell {moved[0].cell!r}): input files, prompts or this version of civa "
            "differ; bring them back, or choose another folder"
        )
