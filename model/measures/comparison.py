"""How to compare arms whose communities do not live equally long.

A mean over the runs that survived compares the strong of one arm with all of the other: whatever
killed the rest has chosen the sample. So there are two ways and no third:

- `same_days`: one value per run over the days on which *every* run of every arm has one;
- `worst_ranks`: ranks of the runs' values, with collapsed runs worst (worst-rank scores, Lachin
  1999, Controlled Clinical Trials 20), which uses all days and needs every run only in order.

The result of each is one number per run, the unit of analysis, for the tests of effects.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata


class NotComparableError(ValueError):
    """The arms cannot be compared this way; the message says why and which way is open."""


@dataclass(frozen=True)
class SameDays:
    """One value per run, over the same days in every run.

    Attributes:
        days: The days used, as column numbers of the tables given.
        values: Arm → one mean per run.
    """

    days: tuple[int, ...]
    values: dict[str, NDArray[np.float64]]


def same_days(daily: Mapping[str, ArrayLike]) -> SameDays:
    """Means over the days that all runs of all arms share.

    Args:
        daily: Arm → table (runs, days) of a daily measure, NaN on days where a run is dead or the
            measure undefined. All arms have the same number of days.

    Raises:
        NotComparableError: If no day is shared.
        ValueError: If an arm has no run or the tables differ in days.
    """
    tables = {arm: np.asarray(values, dtype=float) for arm, values in daily.items()}
    _at_least_two_arms(tables)
    for arm, table in tables.items():
        if table.ndim != 2 or not table.size:
            raise ValueError(f"arm {arm!r} has shape {table.shape}: runs × days needed")
    if len({table.shape[1] for table in tables.values()}) > 1:
        lengths = {arm: table.shape[1] for arm, table in tables.items()}
        raise ValueError(f"the arms' tables differ in days: {lengths}; fill missing days with NaN")
    shared = np.logical_and.reduce([~np.isnan(table).any(axis=0) for table in tables.values()])
    if not shared.any():
        raise NotComparableError(
            "no day on which every run of every arm has a value: compare by worst_ranks instead"
        )
    return SameDays(
        days=tuple(np.flatnonzero(shared).tolist()),
        values={arm: table[:, shared].mean(axis=1) for arm, table in tables.items()},
    )


def worst_ranks(
    values: Mapping[str, ArrayLike],
    collapsed: Mapping[str, ArrayLike],
    *,
    higher_is_better: bool = True,
    days: Mapping[str, ArrayLike] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Ranks of all runs pooled over the arms, in the values' own direction, collapsed runs worst.

    Rank 1 is the lowest value. Collapsed runs lie below every other run where higher is better,
    above where it is not, whatever their value was; of two, the one that collapsed sooner is the
    worse. Ties get their mean rank. The ranks go where values would go: Cliff's δ and permutation
    tests on them compare the arms without dropping a run.

    Args:
        values: Arm → one value per run; a collapsed run's value is not read and may be NaN.
        collapsed: Arm → per run, whether it collapsed.
        higher_is_better: False where a higher value is the worse one.
        days: Arm → per run, the day since which it had collapsed; only read of collapsed runs,
            which tie where it is NaN or not given.

    Raises:
        NotComparableError: If a run that did not collapse has no value.
        ValueError: If arms or lengths differ, or an arm has no run.
    """
    scores, fallen = _paired(values, collapsed)
    for arm in scores:
        missing = int((np.isnan(scores[arm]) & ~fallen[arm]).sum())
        if missing:
            raise NotComparableError(
                f"arm {arm!r}: {missing} of {len(scores[arm])} runs did not collapse and have no "
                "value; use a measure that is defined for every living run"
            )
    pooled = np.concatenate(list(scores.values()))
    down = np.concatenate(list(fallen.values()))
    since = np.zeros(len(pooled))
    if days is not None:
        since = np.nan_to_num(np.concatenate([np.asarray(days[arm], float) for arm in scores]))
    worse = -1.0 if higher_is_better else 1.0
    # Dead or alive first, then by value, or by the day; equal pairs are ties.
    side, place = np.where(down, worse, 0.0), np.where(down, -worse * since, pooled)
    _, order = np.unique(np.stack([side, place], axis=1), axis=0, return_inverse=True)
    ranks = rankdata(order.ravel())
    ends = np.cumsum([len(score) for score in scores.values()])[:-1]
    return dict(zip(scores, np.split(ranks, ends), strict=True))


def _paired(
    values: Mapping[str, ArrayLike], collapsed: Mapping[str, ArrayLike]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.bool_]]]:
    scores = {arm: np.asarray(value, dtype=float) for arm, value in values.items()}
    fallen = {arm: np.asarray(state, dtype=bool) for arm, state in collapsed.items()}
    _at_least_two_arms(scores)
    if scores.keys() != fallen.keys():
        raise ValueError(f"values has arms {sorted(scores)}, collapsed {sorted(fallen)}")
    for arm, score in scores.items():
        if score.ndim != 1 or not score.size or score.shape != fallen[arm].shape:
            raise ValueError(
                f"arm {arm!r}: values {score.shape}, collapsed {fallen[arm].shape}; one of each "
                "per run, and at least one run"
            )
        if np.isinf(score).any():
            raise ValueError(f"arm {arm!r} holds an infinite value")
    return scores, fallen


def _at_least_two_arms(arms: Mapping[str, object]) -> None:
    if len(arms) < 2:
        raise ValueError(f"{len(arms)} arm(s) given: a comparison needs at least 2")
