"""From runs to the columns of a table: means of runs with intervals, and paired differences.

Arms share their seeds, so a difference is always that of runs of one seed, and its interval that of
the mean of these differences: a description. What is said of it rests on
`model.measures.arm_effect`, as in every report: paired δ and the exact sign test, collapsed
communities worst, corrected over the table's family, in the words of `model.measures.verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from model.analysis.arms import Arm
from model.analysis.measures import MEASURES
from model.analysis.row import Row
from model.measures.arm_effect import ArmEffect, ArmRuns, arm_effect
from model.measures.families import family
from model.measures.intervals import Interval, mean_interval, proportion_interval
from model.measures.pairing import contrast
from model.measures.permutation import difference_of

Outcome = Callable[[Row], float]
#: Outcomes here -> their measures, which say which way is better.
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nAUP": "naup",
        "final": "population",
        "deceptions": "deception",
        "growth": "births_per_resident_day",
    }
)


def rate(flow: str) -> Outcome:
    """A flow per 1,000 resident-days of one run."""

    def of(row: Row) -> float:
        return 1000.0 * row[flow]

    return of


OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {
        "nAUP": lambda row: row["naup"],
        "final": lambda row: row["population"],
        "alive": lambda row: float(row["population"] > 0),
        "social_capital": lambda row: row["social_capital"],
        "growth": lambda row: 1000.0 * row["births_per_resident_day"],
        "attacks": rate("attacks"),
        "gifts": rate("gifts"),
        "cooperation": rate("cooperation"),
        "betrayal": rate("betrayal"),
        "deceptions": rate("deceptions"),
        "power_seeking": rate("power_seeking"),
    }
)


def values(rows: Sequence[Row], outcome: str) -> list[float]:
    """One number a run."""
    return [OUTCOMES[outcome](row) for row in rows]


def estimate(rows: Sequence[Row], outcome: str) -> dict[str, float]:
    """Mean over runs with its interval, as columns; of `alive` the share, Clopper and Pearson's."""
    found = values(rows, outcome)
    if outcome == "alive":
        return _columns(outcome, proportion_interval(int(sum(found)), len(found)))
    return _columns(outcome, mean_interval(found, bimodal=outcome in ("nAUP", "final")))


def effect(rows: Sequence[Row], control: Sequence[Row], outcome: str) -> dict[str, float]:
    """Paired difference to the control, as columns `Δ…` with interval and p of the sign test."""
    data = contrast(_by_seed(rows, outcome), _by_seed(control, outcome), "common")
    difference = difference_of(data, bimodal=outcome in ("nAUP", "final", "alive"))
    name = f"Δ{outcome}"
    p = compared(rows, control, outcome).comparison.test.p
    return {**_columns(name, difference), f"{name}_p": p}


def compared(rows: Sequence[Row], control: Sequence[Row], outcome: str) -> ArmEffect:
    """An arm against its control on the seeds of both."""
    arm, other = (_runs(one, outcome) for one in (rows, control))
    known = MEASURES.get(NAMES.get(outcome, outcome))  # gifts alone are no measure
    return arm_effect(
        arm,
        other,
        "common",
        higher_is_better=known is None or known.better == "more",
        for_every_run=known is not None and known.for_every_run,
    )


def verdicts(name: str, effects: Mapping[str, ArmEffect]) -> dict[str, tuple[float, str]]:
    """Corrected p and verdict of each effect of one family, by Holm."""
    if not effects:
        return {}
    tests = {label: one.comparison.test for label, one in effects.items()}
    corrected = family(name, tests, exploratory=True)
    return {
        one.name: (one.adjusted, effects[one.name].verdict(one, corrected.alpha).words())
        for one in corrected.hypotheses
    }


def mean_effect(rows: Sequence[Row], control: Sequence[Row], outcome: str) -> float:
    """Mean paired difference to the control over the seeds on which both are defined."""
    ours, theirs = _by_seed(rows, outcome), _by_seed(control, outcome)
    found = np.array([ours[seed] - theirs[seed] for seed in sorted(ours)])
    found = found[~np.isnan(found)]
    return float(found.mean()) if found.size else float("nan")


def _runs(rows: Sequence[Row], outcome: str) -> ArmRuns:
    arm = Arm("arm", {}, "", tuple(row.summary for row in rows))
    return arm.with_values(_by_seed(rows, outcome))


def _by_seed(rows: Sequence[Row], outcome: str) -> dict[int, float]:
    return {row.seed: OUTCOMES[outcome](row) for row in rows}


def _columns(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
