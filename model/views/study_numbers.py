"""A study as a screen reads it: its cells, its runs, one number of each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model.analysis.measures import MEASURES
from model.analysis.row import Row
from model.study.folder import StudyFolder
from model.study.job import folder_name
from model.study.manifest import Manifest, read_manifest

OUTCOMES: Final[tuple[str, ...]] = tuple(one.name for one in MEASURES.values() if one.registered)
TREATMENT: Final = ("value", "mode", "prevalence")


@dataclass(frozen=True)
class ConditionNumbers:
    """One condition: its name, its levels, its runs so far and how many there will be."""

    label: str
    levels: Mapping[str, Any]
    against: str
    rows: tuple[Row, ...]
    planned: int

    def values(self, outcome: str) -> list[float]:
        """One number of every run that is a result."""
        found = [row[outcome] for row in self.rows if row.status == "done"]
        return [value for value in found if math.isfinite(value)]

    def mean(self, outcome: str) -> float:
        """Its mean over runs; NaN without any."""
        values = self.values(outcome)
        return sum(values) / len(values) if values else math.nan


@dataclass(frozen=True)
class StudyNumbers:
    """A study's folder as it lies now."""

    path: Path
    manifest: Manifest
    cells: tuple[ConditionNumbers, ...]

    @property
    def outcome(self) -> str:
        """The number that was registered to be tested."""
        return str(self.manifest.design["registration"]["outcome"])

    @property
    def done(self) -> int:
        """Runs that are results."""
        return sum(row.status == "done" for cell in self.cells for row in cell.rows)

    def folder(self, row: Row) -> Path | None:
        """Where a run lies, if its tables were kept."""
        path = self.path / "runs" / folder_name(row.key)
        return path if path.is_dir() else None


def read_study(path: Path) -> StudyNumbers:
    """Read a study: under way, finished, or left by a crash.

    Raises:
        InputError: no study lies there, or something in it is damaged.
    """
    manifest = read_manifest(path)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in StudyFolder(path).rows(manifest):
        rows[row.cell].append(row)
    planned: dict[str, int] = defaultdict(int)
    for run in manifest.runs:
        planned[run.cell] += 1
    return StudyNumbers(
        path,
        manifest,
        tuple(
            ConditionNumbers(
                card.label,
                card.levels,
                card.against,
                tuple(rows[card.label]),
                planned[card.label],
            )
            for card in manifest.cells
        ),
    )


@dataclass(frozen=True)
class Heat:
    """A heat map: names of its rows and columns, and the cell at each crossing, if any."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], ConditionNumbers]


def heat(cells: Sequence[ConditionNumbers]) -> Heat:
    """Cells over prevalence where treatments are varied, else one column.

    Rows are what the cells have in common apart from the prevalence; cells that share row and
    prevalence (several worlds) stand in rows of their own.
    """
    placed: dict[tuple[str, str], ConditionNumbers] = {}
    for cell in cells:
        levels = dict(cell.levels)
        column = levels.pop("prevalence", None)
        row = (
            " ".join(str(level) for level in levels.values()) if column is not None else cell.label
        )
        placed[row or "all", "control" if column is None else f"ρ {column:g}"] = cell
    columns = sorted({c for _, c in placed}, key=lambda c: (c != "control", c))
    return Heat(tuple(dict.fromkeys(r for r, _ in placed)), tuple(columns), placed)


def dose(
    cells: Sequence[ConditionNumbers], outcome: str
) -> dict[str, list[tuple[float, list[float]]]]:
    """Treatment → (prevalence, one number a run), by prevalence; the control is prevalence 0."""
    control = [c for c in cells if c.against == c.label and "prevalence" not in c.levels]
    lines: dict[str, list[tuple[float, list[float]]]] = defaultdict(list)
    for cell in cells:
        levels = dict(cell.levels)
        if "prevalence" in levels:
            share = float(levels.pop("prevalence"))
            name = " ".join(str(level) for level in levels.values()) or "treated"
            lines[name].append((share, cell.values(outcome)))
    for points in lines.values():
        points += [(0.0, cell.values(outcome)) for cell in control]
        points.sort(key=lambda point: point[0])
    return dict(lines)
