"""Coverage of rates: hits that come in clumps, in studies of several arms."""

from __future__ import annotations

import numpy as np

from model.measures.intervals import MIN_RUNS
from model.measures.rates import FEWEST_ARMS, LEAST_OF_FEW, moments, own_dispersion, rate_limits
from tests.coverage.reference import korn_graubard
from tests.coverage.table import BAR, Floats, Row, covered, width

RUNS = (3, 6, 12, 24)
EXPECTED = (0.5, 1.0, 3.0, 10.0)
#: Shape of the gamma by which a run's own rate varies; infinite is no clumping.
SHAPES = {"none": np.inf, "1": 1.0, ".3": 0.3}
DAYS = 600.0
ARMS = 6


def rate_rows(studies: int) -> list[Row]:
    """Expected hits × clumping × runs in six arms; then few arms, and many hits."""
    found = [
        _row(studies, expected, clump, n, ARMS)
        for expected in EXPECTED
        for clump in SHAPES
        for n in RUNS
    ]
    found += [_row(studies, e, clump, n, 3) for e in (1.0, 10.0) for clump in SHAPES for n in RUNS]
    found += [_row(studies, e, clump, n, 2) for e in (1.0, 10.0) for clump in SHAPES for n in RUNS]
    found += [_row(studies, 300.0, clump, n, ARMS) for clump in SHAPES for n in (6, 12, 24)]
    return found


def hits_of(studies: int, expected: float, clump: str, n: int, arms: int) -> Floats:
    """[studies, arms, runs]; the same truth in all arms."""
    rng = np.random.default_rng([int(10 * expected), list(SHAPES).index(clump), n, arms])
    mean = np.full((studies, arms, n), expected / n)
    shape = SHAPES[clump]
    if np.isfinite(shape):
        mean = mean * rng.gamma(shape, 1 / shape, mean.shape)
    return np.asarray(rng.poisson(mean), dtype=np.float64)


def dispersions(hits: Floats) -> Floats:
    """`rates.dispersion` of many studies at once; of two arms the last is the untreated one."""
    variance, mean = moments(hits, np.full(hits.shape, DAYS))
    few = hits.shape[1] < FEWEST_ARMS
    if few:
        variance, mean = variance[:, -1:], mean[:, -1:]
    total = mean.sum(axis=1)
    pooled = np.divide(variance.sum(axis=1), total, out=np.ones(len(total)), where=total > 0)
    return np.asarray(np.maximum(pooled, LEAST_OF_FEW if few else 1.0))


def _row(studies: int, expected: float, clump: str, n: int, arms: int) -> Row:
    hits = hits_of(studies, expected, clump, n, arms)
    first, days = hits[:, 0], np.full((studies, n), DAYS)
    truth = expected / n / DAYS
    between = np.maximum(dispersions(hits), own_dispersion(first, days))
    now = rate_limits(first.sum(axis=1), days.sum(axis=1), between, 0.95)
    before = korn_graubard(first, days)
    return Row(
        f"Rate per resident-day, {arms} arms; widths in units of the truth",
        f"{expected:g} hits expected an arm, clumping {clump}",
        n,
        covered(before, truth),
        width(before, truth),
        covered(now, truth),
        width(now, truth),
        # Three runs of one untreated arm are all that speaks of clumping there.
        bar=None if arms < FEWEST_ARMS and n < MIN_RUNS else BAR,
    )
