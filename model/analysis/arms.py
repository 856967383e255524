"""One arm of a comparison: the runs of a study's cell, or of a folder's condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from model.analysis.measures import Measure
from model.analysis.row import Row
from model.analysis.summary import Summary
from model.measures.arm_effect import ArmRuns
from model.measures.comparison import NotComparableError, worst_ranks

Counts = npt.NDArray[np.int64]


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
    """The runs of one condition that are results.

    Attributes:
        label: of the cell or condition.
        levels: factor -> level.
        against: label of its control; its own if it is one; empty for none.
        runs: one summary a run, by seed.
        failed: runs that are no results.
        group: its treatment without the prevalence: levels of one treatment are one family.
    """

    label: str
    levels: Mapping[str, Any]
    against: str
    runs: tuple[Summary, ...]
    failed: int = 0
    group: str = ""

    @property
    def control(self) -> bool:
        """Whether it is a control."""
        return self.against == self.label

    def values(self, name: str) -> dict[int, float]:
        """Seed -> a measure, or a flow of the days per judged resident-day."""
        return {run.seed: run[name] for run in self.runs}

    def counts(self, name: str) -> tuple[Counts, Counts]:
        """Hits and trials of a rate by run; a run in which a label is undefined has no trial."""
        both = np.array([run.counts[name] for run in self.runs], dtype=float).reshape(-1, 2)
        whole = np.where(np.isfinite(both).all(axis=1, keepdims=True), both, 0.0)
        hits, trials = whole.astype(np.int64).T
        return hits, trials

    def total(self, flow: str) -> float:
        """Sum of a flow over its runs."""
        return sum(run.flows[flow] for run in self.runs)

    @property
    def collapsed(self) -> npt.NDArray[np.bool_]:
        """Which of its runs collapsed."""
        return np.array([run.collapsed for run in self.runs], dtype=bool)

    @property
    def fell(self) -> dict[int, float]:
        """Seed -> day since which a collapsed run had been so; NaN where it is not known."""
        return {
            run.seed: run.numbers.get("collapse_day", np.nan) for run in self.runs if run.collapsed
        }

    def compared(self, measure: Measure) -> ArmRuns:
        """Its runs as one measure of them is compared."""
        return self.with_values(self.values(measure.name))

    def with_values(self, values: Mapping[int, float]) -> ArmRuns:
        """Its runs as they are compared in these values, by seed."""
        faults, verdicts = self.counts("faults")
        known = all("refusals" in run.counts for run in self.runs)
        return ArmRuns(
            label=self.label,
            values=values,
            fell=self.fell,
            faults=faults,
            refusals=self.counts("refusals")[0] if known else np.zeros_like(faults),
            verdicts=verdicts,
            failed=self.failed,
        )

    def beside(self, numbers: Mapping[str, Mapping[str, float]]) -> Arm:
        """The same arm with more numbers of its runs, by their keys."""
        return replace(
            self,
            runs=tuple(
                replace(run, numbers={**run.numbers, **numbers.get(run.key, {})})
                for run in self.runs
            ),
        )


def arms_of(
    cells: Sequence[CellLike], rows: Sequence[Row], refusals: Mapping[str, int] | None = None
) -> tuple[Arm, ...]:
    """The cells of a study with their runs.

    Args:
        cells: of the study.
        rows: of its runs.
        refusals: run's key -> faults that were refusals; those not named had none.
    """
    found: dict[str, list[Row]] = {cell.label: [] for cell in cells}
    for row in rows:
        found[row.cell].append(row)
    refused = refusals or {}
    arms = []
    for cell in cells:
        mine = sorted(found[cell.label], key=lambda row: row.seed)
        done = tuple(
            _with_refusals(row, refused.get(row.key, 0)) for row in mine if row.status == "done"
        )
        arms.append(
            Arm(
                cell.label, cell.levels, cell.against, done, len(mine) - len(done),
                treatment(cell.levels),
            )
        )  # fmt: skip
    return tuple(arms)


def _with_refusals(row: Row, count: int) -> Summary:
    """The summary of a study's run, in which faults that were refusals are counted besides."""
    counts = row.summary.counts
    both = {**counts, "refusals": (float(count), counts["faults"][1])}
    return replace(row.summary, counts=both)


def treatment(levels: Mapping[str, Any]) -> str:
    """A treatment without its prevalence, in words."""
    words = [str(levels[name]) for name in ("mode", "value") if name in levels]
    words += [
        level if isinstance(level, str) else f"{name}={level:g}"
        for name, level in levels.items()
        if name not in ("mode", "value", "prevalence")
    ]
    return " ".join(words) or "treated"


def ranks_of(arms: Sequence[Arm], measure: Measure) -> list[dict[int, float]] | None:
    """Ranks of pooled runs by arm, collapsed runs worst; None if they cannot be had."""
    values = [arm.values(measure.name) for arm in arms]
    try:
        ranks = worst_ranks(
            {arm.label: list(one.values()) for arm, one in zip(arms, values, strict=True)},
            {arm.label: arm.collapsed for arm in arms},
            higher_is_better=measure.better == "more",
            days={arm.label: [arm.fell.get(seed, np.nan) for seed in one]
                  for arm, one in zip(arms, values, strict=True)},
        )  # fmt: skip
    except (NotComparableError, ValueError):
        return None
    return [
        dict(zip(one, ranks[arm.label].tolist(), strict=True))
        for arm, one in zip(arms, values, strict=True)
    ]
