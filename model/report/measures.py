"""The measures that a report tells of a run: names, units, and which interval their mean gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from model.measures.arm_effect import LESS_IS_BETTER
from model.measures.intervals import Interval, mean_interval, proportion_interval
from model.measures.rates import dispersion, rate_interval, share_with_hit
from model.report.conditions import Condition, Floats, Material

_RESAMPLES: Final = 999


@dataclass(frozen=True)
class Measure:
    """One measure of a run.

    Attributes:
        name: key in a digest's numbers.
        title: as a reader knows it.
        unit: of the number as shown.
        scale: the number is multiplied by this before it is shown.
        digits: decimals shown.
        kind: how runs are put together: a mean over runs; a rate pooled over runs; a count of
            runs; a mean over the runs that did not collapse, which is described and never tested,
            because who survives is an outcome of the treatment.
        least, most: what is possible at all, unscaled: limits of intervals are cut there, which
            loses no coverage.
    """

    name: str
    title: str
    unit: str
    scale: float = 1.0
    digits: int = 3
    kind: Literal["mean", "rate", "alive", "survivors"] = "mean"
    least: float = 0.0
    most: float = np.inf

    @property
    def column(self) -> str:
        """Key in a digest's numbers of what it is made from."""
        return "naup" if self.kind == "survivors" else self.name

    @property
    def tested(self) -> bool:
        """Whether conditions are compared in it."""
        return self.kind in ("mean", "rate") and self.name != "faults"

    @property
    def better(self) -> bool:
        """Whether more of it is better for the community."""
        return self.name not in LESS_IS_BETTER


PER_1000: Final = "per 1,000 resident-days"

MEASURES: Final = (
    Measure("naup", "nAUP", "share of N₀·T"),
    Measure("naup_survived", "nAUP of runs not collapsed", "share of N₀·T", kind="survivors"),
    Measure("founder_rmst", "founders’ survival", "share of T", most=1.0),
    Measure("births", "births", PER_1000, 1000, 1),
    Measure("alive", "runs not collapsed", "share of runs", kind="alive"),
    Measure("social_capital", "social capital", "−1 … 1", least=-1.0, most=1.0),
    Measure("development", "economic development", "1 − Gini", most=1.0),
    Measure("communication", "information & communication", "0 … 1", most=1.0),
    Measure("competence", "community competence", "units per head and day", digits=2),
    Measure("gini", "Gini of stock", "0 … 1, unbiased", most=1.0),
    Measure("top_share", "share of the top tenth", "of all stock", most=1.0),
    Measure("cooperation", "cooperation", PER_1000, 1000, 1, kind="rate"),
    Measure("betrayal", "betrayal", PER_1000, 1000, 1, kind="rate"),
    Measure("attacks", "attacks", PER_1000, 1000, 1, kind="rate"),
    Measure("deception", "deception", PER_1000, 1000, 1, kind="rate"),
    Measure("faults", "faults", "share of replies", digits=4, kind="rate"),
)
BY_NAME: Final[Mapping[str, Measure]] = MappingProxyType({one.name: one for one in MEASURES})
_COUNTED: Final[Mapping[str, str]] = MappingProxyType({"attacks": "attack_count"})


def estimate(material: Material, condition: Condition, measure: Measure) -> Interval:
    """A measure over the runs of a condition, by the rules of `model.measures.intervals`.

    In the measure's own unit, unscaled. A rate needs the other conditions too: how many hits come
    at a time is judged by all of them (`model.measures.rates`).
    """
    if measure.kind == "alive":
        gone = condition.collapsed
        return proportion_interval(int((~gone).sum()), len(gone))
    values = condition.values(measure.column)
    if measure.kind == "survivors":
        return survivors(values[~condition.collapsed])
    if measure.kind == "rate":
        hits, trials = counts(condition, measure.name)
        found = rate_interval(hits, trials, between(material, measure))
        return replace(found, points=(tuple(values.tolist()),))
    some_fell = bool(condition.collapsed.any()) and not bool(condition.collapsed.all())
    bimodal = some_fell and measure.name in {"naup", "founder_rmst"}
    found = mean_interval(values, bimodal=bimodal, resamples=_RESAMPLES)
    return within(found, measure.least, measure.most)


def survivors(values: Floats) -> Interval:
    """Mean over the runs that did not collapse; no interval where all did."""
    if not values.size:
        return Interval(np.nan, np.nan, np.nan, (0,), "none", flags=("every run collapsed",))
    return within(mean_interval(values, resamples=_RESAMPLES), 0.0, np.inf)


def between(material: Material, measure: Measure) -> float:
    """How many hits of a rate come at a time, over all conditions."""
    arms = [counts(one, measure.name) for one in material.conditions]
    return dispersion(arms, [not one.treated for one in material.conditions])


def hit_share(condition: Condition, measure: Measure) -> Interval:
    """In how many runs of a condition something happened at all."""
    return share_with_hit(*counts(condition, measure.name))


def within(found: Interval, least: float, most: float) -> Interval:
    """An interval cut to what is possible: the true mean lies there, so no coverage is lost."""
    low, high = (float(np.clip(limit, least, most)) for limit in (found.low, found.high))
    return replace(found, low=low, high=high)


def counts(condition: Condition, name: str) -> tuple[list[int], list[int]]:
    """Hits and trials of a rate, one a run; a run in which a label is undefined has no trial."""
    if name == "faults":
        hits, trials = condition.values("fault_count"), condition.values("verdicts")
    elif name in _COUNTED:
        hits, trials = condition.values(_COUNTED[name]), condition.values("resident_days")
    else:
        rows = [run.rates.loc[name] for run in condition.runs]
        hits = np.array([row["hits"] for row in rows], dtype=float)
        trials = np.array([row["resident_days"] for row in rows], dtype=float)
    defined = np.isfinite(hits) & np.isfinite(trials)
    return (
        np.where(defined, hits, 0).astype(np.int64).tolist(),
        np.where(defined, trials, 0).astype(np.int64).tolist(),
    )
