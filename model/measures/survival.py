"""Survival in calendar time: Kaplan–Meier with late entry, its interval over runs.

The clock is the day of the run, the same for everybody, so that a bad week is seen as one.
Founders enter at 0; a newborn or newcomer enters late, on the day it was added, and is at risk
from the next day (left truncation, Kaplan & Meier 1958; Klein & Moeschberger 2003, §4.6). Who
lives when the run ends is censored there. S(t) = Π_{d≤t} (1 − removed_d / at_risk_d).

Residents of one run share its fate, so the interval resamples runs, never residents.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_RUNS = 20


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan–Meier curve on whole days 0 … D.

    Attributes:
        day: 0 … D.
        at_risk: Residents at risk on each day; entry 0 is 0, nobody is at risk on day 0.
        removed: Residents removed on each day.
        survival: S at the end of each day. NaN after the last day on which anybody was at risk,
            unless S has reached 0.
        lower: Lower limit, percentile bootstrap over runs; all NaN for one run.
        upper: Upper limit.
        level: Nominal level of the interval.
        runs: Number of runs resampled.
    """

    day: NDArray[np.int64]
    at_risk: NDArray[np.int64]
    removed: NDArray[np.int64]
    survival: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    runs: int

    @property
    def reliable(self) -> bool:
        """Whether there are runs enough (20) for a percentile interval to keep its level."""
        return self.runs >= LEAST_RUNS


def kaplan_meier(
    entered: ArrayLike,
    left: ArrayLike,
    removed: ArrayLike,
    run: ArrayLike,
    *,
    rng: np.random.Generator,
    resamples: int = 2000,
    level: float = 0.95,
) -> SurvivalCurve:
    """Kaplan–Meier estimate over all residents, with an interval by resampling runs.

    Args:
        entered: Per resident, the day it was added (0 for founders), whole days.
        left: Per resident, the day it was removed, or the last day of its run.
        removed: Per resident, whether it was removed (True) or censored by the run's end.
        run: Per resident, which run it belongs to.
        rng: Source of the resampling.
        resamples: Bootstrap resamples.
        level: Level of the interval, in (0, 1).

    Raises:
        ValueError: If there is no resident, lengths differ, days are not whole, somebody left
            before it entered, or was removed without a day at risk.
    """
    if not 0 < level < 1:
        raise ValueError(f"level = {level}: must lie between 0 and 1")
    names, group = np.unique(np.asarray(run), return_inverse=True)
    risk, gone = risk_table(entered, left, removed, group)
    survival = _product_limit(risk.sum(axis=0, keepdims=True), gone.sum(axis=0, keepdims=True))[0]
    lower = upper = np.full(len(survival), np.nan)
    if len(names) > 1:
        draws = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
        curves = _product_limit(draws @ risk, draws @ gone)
        lower, upper = _limits(curves, level)
        lower, upper = (np.where(np.isnan(survival), np.nan, side) for side in (lower, upper))
    return SurvivalCurve(
        day=np.arange(len(survival)),
        at_risk=risk.sum(axis=0),
        removed=gone.sum(axis=0),
        survival=survival,
        lower=lower,
        upper=upper,
        level=level,
        runs=len(names),
    )


def restricted_mean(curve: SurvivalCurve, days: int) -> float:
    """Area under the curve up to day T, Σ_{t<T} S(t), in days; NaN if S is undefined before T.

    Without late entry and with everybody followed to T it is the founders' restricted mean
    survival (`model.measures.population`).
    """
    if days < 1:
        raise ValueError(f"days = {days}: the horizon must be at least one day")
    known = curve.survival[:days]
    if len(known) < days and known[-1] != 0:
        return float("nan")
    return float(known.sum())


def median_survival(curve: SurvivalCurve) -> float:
    """First day with S ≤ ½; NaN if the curve does not come down that far."""
    reached = np.flatnonzero(curve.survival <= 0.5)
    return float(curve.day[reached[0]]) if len(reached) else float("nan")


def risk_table(
    entered: ArrayLike, left: ArrayLike, removed: ArrayLike, group: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Residents at risk and removed by run and day, int64[runs, days 0 … D] each.

    Args:
        entered: as in `kaplan_meier`.
        left: as there.
        removed: as there.
        group: per resident, the number of its run, from 0.

    Raises:
        ValueError: as `kaplan_meier`.
    """
    start, stop = np.asarray(entered, dtype=float), np.asarray(left, dtype=float)
    event = np.asarray(removed, dtype=bool)
    _check(start, stop, event, group)
    return _by_run_and_day(start.astype(int), stop.astype(int), event, group)


def _by_run_and_day(
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    event: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """At risk and removed, each (runs, days 0 … D); at risk on d means entered < d ≤ left."""
    shape = (int(group.max()) + 1, int(stop.max()) + 2)
    steps = np.zeros(shape, dtype=np.int64)
    # `add.at`, for many enter on one day; +1 and −1 at the ends become counts by the sum below.
    np.add.at(steps, (group, start + 1), 1)
    np.add.at(steps, (group, stop + 1), -1)
    gone = np.zeros(shape, dtype=np.int64)
    # Several may be removed on one day, of whom `+=` would count one.
    np.add.at(gone, (group[event], stop[event]), 1)
    return np.cumsum(steps, axis=1)[:, :-1], gone[:, :-1]


def _product_limit(risk: NDArray[np.int64], gone: NDArray[np.int64]) -> NDArray[np.float64]:
    """S by row; a day without anybody at risk changes nothing, and S ends with the last risk."""
    hazard = np.divide(gone, risk, out=np.zeros(risk.shape), where=risk > 0)
    survival = np.cumprod(1 - hazard, axis=1)
    somebody_later = np.cumsum(risk[:, ::-1], axis=1)[:, ::-1] > 0
    somebody_later[:, 0] = True
    return np.where(somebody_later | (survival == 0), survival, np.nan)


def _limits(
    curves: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pointwise percentiles over the resamples in which the curve is defined that day."""
    defined = ~np.isnan(curves).all(axis=0)
    lower = np.full(curves.shape[1], np.nan)
    upper = lower.copy()
    tails = [(1 - level) / 2, (1 + level) / 2]
    lower[defined], upper[defined] = np.nanquantile(curves[:, defined], tails, axis=0)
    return lower, upper


def _check(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    event: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> None:
    if not start.shape == stop.shape == event.shape == group.shape or start.ndim != 1:
        raise ValueError("entered, left, removed and run must be of one length, one per resident")
    if not start.size:
        raise ValueError("no resident given: a survival curve needs at least one")
    days = np.concatenate([start, stop])
    if not (np.isfinite(days) & (days >= 0) & (days == np.floor(days))).all():
        raise ValueError("entered and left must be whole days ≥ 0 (left = last day if censored)")
    if (stop < start).any():
        raise ValueError("a resident left before it entered: check entered and left")
    if (event & (stop == start)).any():
        raise ValueError("a resident was removed on the day it entered, without a day at risk")
