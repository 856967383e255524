"""Coverage where communities collapse rarely: the share that does, and nAUP of the others."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from model.measures.intervals import (
    MIN_RUNS,
    bootstrap_t_limits,
    proportion_interval,
    t_limits,
)
from tests.coverage.reference import wilson
from tests.coverage.table import Floats, Limits, Row, covered, width

RUNS = (3, 6, 12, 24)
SHARES = (0.02, 0.04, 0.08)
ALIVE, SPREAD = 1.2, 0.25
#: nAUP of a collapsed community lies evenly between these.
FALLEN = (0.05, 0.4)


def share_rows(studies: int) -> list[Row]:
    """The share of runs that collapse."""
    return [_share(studies, share, n) for share in SHARES for n in RUNS]


def survivor_rows(studies: int) -> list[Row]:
    """The mean over all runs, which was printed alone, beside nAUP given survival."""
    return [_survivors(studies, share, n) for share in SHARES for n in RUNS]


@lru_cache
def clopper_pearson(hits: int, n: int) -> tuple[float, float]:
    """The limits in use."""
    found = proportion_interval(hits, n)
    return found.low, found.high


def mean_limits(values: Floats) -> Limits:
    """`intervals.mean_interval` of many studies at once, [studies, runs]."""
    low, high = t_limits(values, 0.95)
    if values.shape[1] >= MIN_RUNS:
        tried = bootstrap_t_limits(values, 0.95, 1_999, 0)
        known = np.isfinite(tried[0]) & np.isfinite(tried[1])
        low, high = np.where(known, tried[0], low), np.where(known, tried[1], high)
    return low, high


def _share(studies: int, share: float, n: int) -> Row:
    gone = np.random.default_rng([int(1000 * share), n]).binomial(n, share, studies)
    before = wilson(gone / n, float(n))
    low, high = np.array([clopper_pearson(int(k), n) for k in gone]).T
    return Row(
        "Share of runs that collapse; widths in shares",
        f"{share:g} collapse",
        n,
        covered(before, share),
        width(before),
        covered((low, high), share),
        width((low, high)),
    )


def _survivors(studies: int, share: float, n: int) -> Row:
    rng = np.random.default_rng([int(1000 * share), n, 1])
    fell = rng.random((studies, n)) < share
    alive = rng.normal(ALIVE, SPREAD, (studies, n))
    values = np.where(fell, rng.uniform(*FALLEN, (studies, n)), alive)
    truth = (1 - share) * ALIVE + share * sum(FALLEN) / 2
    before = mean_limits(values)
    low, high = np.full(studies, np.nan), np.full(studies, np.nan)
    left = (~fell).sum(axis=1)
    for count in range(2, n + 1):
        mine = left == count
        if mine.any():
            lived = alive[mine][~fell[mine]].reshape(-1, count)
            low[mine], high[mine] = mean_limits(lived)
    return Row(
        "Mean nAUP of all runs (before), of those not collapsed (now); widths in nAUP",
        f"{share:g} collapse",
        n,
        covered(before, truth),
        width(before),
        covered((low, high), ALIVE),
        width((low, high)),
    )
