"""A measure over the runs of an arm: the estimate with the interval that its kind allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from model.analysis.arms import Arm
from model.analysis.measures import Measure
from model.measures.ceiling import AT_CEILING, at_ceiling
from model.measures.intervals import Interval, mean_interval, proportion_interval
from model.measures.rates import dispersion, rate_interval

_RESAMPLES: Final = 999


def estimate(arm: Arm, measure: Measure, among: Sequence[Arm]) -> Interval:
    """A measure over the runs of an arm, by the rules of `model.measures.intervals`.

    In the measure's own unit, unscaled.

    Args:
        arm: whose runs.
        measure: which.
        among: all arms beside each other, this one too: how many hits of a rate come at a time is
            judged by all of them (`model.measures.rates`).
    """
    values = list(arm.values(measure.name).values())
    if measure.kind == "share":
        return proportion_interval(int(np.sum(values)), len(values))
    if measure.kind == "rate":
        found = rate_interval(*arm.counts(measure.name), dispersion_of(among, measure))
        return replace(found, points=(tuple(values),))
    some_fell = 0 < len(arm.fell) < len(arm.runs)
    found = mean_interval(values, bimodal=some_fell and measure.bimodal, resamples=_RESAMPLES)
    return within(found, measure.least, measure.most)


def dispersion_of(arms: Sequence[Arm], measure: Measure) -> float:
    """How many hits of a rate come at a time, over all arms."""
    return dispersion([one.counts(measure.name) for one in arms], [one.control for one in arms])


def ceiling_words(arm: Arm, measure: Measure) -> str:
    """That every run of an arm stands at the measure's greatest value; empty if not."""
    if measure.kind != "mean":
        return ""
    values = np.array(list(arm.values(measure.name).values()), dtype=float)
    return AT_CEILING if at_ceiling(values, measure.most) else ""


def within(found: Interval, least: float, most: float) -> Interval:
    """An interval cut to what is possible: the true mean lies there, so no coverage is lost."""
    low, high = (float(np.clip(limit, least, most)) for limit in (found.low, found.high))
    return replace(found, low=low, high=high)
