"""The cells of a study with their results: what every comparison starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from model.analysis.row import Row
from model.measures.arm_effect import LESS_IS_BETTER
from model.measures.comparison import NotComparableError, worst_ranks
from model.measures.intervals import Interval, mean_interval


class CellLike(Protocol):
    """What is needed of a cell."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def levels(self) -> Mapping[str, Any]:
        """Factor -> level."""

    @property
    def against(self) -> str:
        """Label of its control; its own if it is one; empty for none."""


@dataclass(frozen=True)
class Arm:
    """The runs of a cell that are results.

    Attributes:
        label: of the cell.
        levels: factor -> level.
        against: label of its control; its own if it is one; empty for none.
        rows: the runs, by seed.
        failed: runs that are no results.
    """

    label: str
    levels: Mapping[str, Any]
    against: str
    rows: tuple[Row, ...]
    failed: int

    @property
    def control(self) -> bool:
        """Whether it is a control."""
        return self.against == self.label

    def values(self, outcome: str) -> dict[int, float]:
        """Seed -> outcome; an outcome may be a flow, then its rate per resident-day."""
        return {row.seed: value_of(row, outcome) for row in self.rows}

    def mean(self, outcome: str) -> Interval | None:
        """Mean with its interval; None without a defined run."""
        known = [value for value in self.values(outcome).values() if np.isfinite(value)]
        return mean_interval(known, bimodal=self.some_collapsed) if known else None

    @property
    def some_collapsed(self) -> bool:
        """Whether a run collapsed."""
        return bool(self.fell)

    @property
    def fell(self) -> dict[int, float]:
        """Seed -> day since which a collapsed run had been so; NaN where it is not known."""
        return {row.seed: row.collapse_day for row in self.rows if row.collapsed == 1}


def arms_of(cells: Sequence[CellLike], rows: Sequence[Row]) -> tuple[Arm, ...]:
    """The cells with their runs."""
    found: dict[str, list[Row]] = {cell.label: [] for cell in cells}
    for row in rows:
        found[row.cell].append(row)
    arms = []
    for cell in cells:
        mine = sorted(found[cell.label], key=lambda row: row.seed)
        done = tuple(row for row in mine if row.status == "done")
        arms.append(Arm(cell.label, cell.levels, cell.against, done, len(mine) - len(done)))
    return tuple(arms)


def value_of(row: Row, outcome: str) -> float:
    """A number of a run, by name: its own, or a flow as a rate per resident-day."""
    if outcome in row.flows:
        return row.per_resident_day(outcome)
    return float(getattr(row, outcome))


def series_name(arm: Arm) -> str:
    """A treatment without its prevalence."""
    words = [str(arm.levels[name]) for name in ("mode", "value") if name in arm.levels]
    words += [
        level if isinstance(level, str) else f"{name}={level:g}"
        for name, level in arm.levels.items()
        if name not in ("mode", "value", "prevalence")
    ]
    return " ".join(words) or "treated"


def ranks_of(arms: Sequence[Arm], outcome: str) -> list[dict[int, float]] | None:
    """Ranks of pooled runs by arm, collapsed runs worst; None if they cannot be had."""
    try:
        ranks = worst_ranks(
            {arm.label: list(arm.values(outcome).values()) for arm in arms},
            {arm.label: [row.collapsed == 1 for row in arm.rows] for arm in arms},
            higher_is_better=outcome not in LESS_IS_BETTER,
            days={arm.label: [row.collapse_day for row in arm.rows] for arm in arms},
        )
    except (NotComparableError, ValueError):
        return None
    return [dict(zip(arm.values(outcome), ranks[arm.label].tolist(), strict=True)) for arm in arms]
