"""Effect sizes between two arms: Cliff's delta, its paired form, the standardised difference.

All are signed: positive means that the first arm is larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from scipy.special import gammaln

from model.measures.intervals import FloatArray, Interval, defined_runs, few_runs


@dataclass(frozen=True, slots=True)
class StandardisedDifference:
    """Cohen's d and Hedges' g of two arms.

    Attributes:
        d: mean difference over the pooled standard deviation; NaN if that is 0.
        g: d without its small-sample bias.
        correction: which form of the correction made g.
        n: runs in each arm.
        flags: what a reader must know.
    """

    d: float
    g: float
    correction: Literal["1 - 3/(4 df - 1)", "exact gamma"]
    n: tuple[int, int]
    flags: tuple[str, ...] = ()


def cliffs_delta(
    a: Sequence[float] | FloatArray,
    b: Sequence[float] | FloatArray,
    *,
    bimodal: bool = False,
    level: float = 0.95,
) -> Interval:
    """Cliff's delta = P(a > b) - P(a < b) with the interval of Newcombe (2006), method 5.

    Args:
        a: one value a run of the first arm.
        b: one value a run of the second arm.
        bimodal: the outcome has two modes.
        level: nominal coverage.

    Returns:
        delta in [-1, 1] and its interval, which is defined even for complete separation.

    Raises:
        ValueError: if an arm has no run or an infinite one.
    """
    x, flags_a = defined_runs(a, "a")
    y, flags_b = defined_runs(b, "b")
    n = (x.size, y.size)
    points = (tuple(x.tolist()), tuple(y.tolist()))
    flags = flags_a + flags_b + few_runs(n, bimodal)
    if min(n) == 0:
        return Interval(np.nan, np.nan, np.nan, n, "none", level, flags, points)
    delta = float(delta_rows(x[None], y[None])[0])
    low, high = newcombe_limits(np.array([(delta + 1) / 2]), *n, level)
    return Interval(
        delta,
        float(2 * low[0] - 1),
        float(2 * high[0] - 1),
        n,
        "Newcombe 2006 method 5",
        level,
        flags,
        points,
    )


def paired_delta(differences: Sequence[float] | FloatArray, *, level: float = 0.95) -> Interval:
    """Paired delta = (pairs higher - pairs lower)/pairs, with its interval.

    Newcombe (1998), Statist. Med. 17:2635, method 10, for the difference of two paired proportions,
    here of pairs that are higher and of pairs that are lower; by hand, because statsmodels has the
    interval for independent proportions alone. A tie counts half for each.

    Args:
        differences: one a pair.
        level: nominal coverage.

    Returns:
        delta in [-1, 1] and its interval, which is defined even where all pairs agree.

    Raises:
        ValueError: if there is no pair or an infinite one.
    """
    values, flags = defined_runs(differences, "differences")
    n = values.size
    flags += few_runs((n,), bimodal=False)
    points = (tuple(values.tolist()),)
    if n == 0:
        return Interval(np.nan, np.nan, np.nan, (0,), "none", level, flags, points)
    higher, lower = float((values > 0).sum()), float((values < 0).sum())
    low, high = paired_limits(higher, lower, n, level)
    return Interval(
        (higher - lower) / n, low, high, (n,), "Newcombe 1998 method 10", level, flags, points
    )


def paired_limits(higher: float, lower: float, pairs: int, level: float) -> tuple[float, float]:
    """Newcombe's (1998) method 10 for (higher - lower)/pairs."""
    ties = (pairs - higher - lower) / 2
    up, down = (ties + higher) / pairs, (ties + lower) / pairs
    (up_low, up_high), (down_low, down_high) = (_wilson(x, pairs, level) for x in (up, down))
    # The correlation of the two shares; the continuity correction keeps it off +1 where few decide.
    product = ties * ties - higher * lower
    size = (ties + higher) * (ties + lower)  # the four margins are equal in pairs
    corrected = max(product - pairs / 2, 0.0) if product > 0 else product
    # Where all pairs are higher (or lower) one share is the other's complement.
    phi = corrected / size if size > 0 else -1.0

    def reach(a: float, b: float) -> float:
        return float(np.sqrt(max(a * a - 2 * phi * a * b + b * b, 0.0)))

    delta = (higher - lower) / pairs
    low = delta - reach(up - up_low, down_high - down)
    high = delta + reach(up_high - up, down - down_low)
    return max(low, -1.0), min(high, 1.0)


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    """Wilson's score limits, of which method 10 is made; a share may count ties as halves."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * float(np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)) / (1 + z * z / n)
    # At the ends the limit is exact; rounding would leave it a hair inside.
    return (0.0 if share == 0 else middle - half), (1.0 if share == 1 else middle + half)


def standardised_difference(
    a: Sequence[float] | FloatArray,
    b: Sequence[float] | FloatArray,
    *,
    exact: bool = False,
) -> StandardisedDifference:
    """Cohen's d and Hedges' g (Hedges 1981).

    Args:
        a: one value a run of the first arm.
        b: one value a run of the second arm.
        exact: use the exact gamma form of the correction instead of the usual approximation.

    Returns:
        Both sizes, with the form of the correction named.

    Raises:
        ValueError: if an arm has no run or an infinite one.
    """
    x, flags_a = defined_runs(a, "a")
    y, flags_b = defined_runs(b, "b")
    n = (x.size, y.size)
    form: Literal["1 - 3/(4 df - 1)", "exact gamma"]
    form = "exact gamma" if exact else "1 - 3/(4 df - 1)"
    flags = flags_a + flags_b
    df = sum(n) - 2
    if min(n) < 2:
        return StandardisedDifference(
            np.nan, np.nan, form, n, (*flags, "each arm needs 2 defined runs")
        )
    pooled = np.sqrt(((n[0] - 1) * x.var(ddof=1) + (n[1] - 1) * y.var(ddof=1)) / df)
    if pooled == 0.0:
        return StandardisedDifference(np.nan, np.nan, form, n, (*flags, "no spread in either arm"))
    d = float((x.mean() - y.mean()) / pooled)
    if exact:
        factor = float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2))
    else:
        factor = 1 - 3 / (4 * df - 1)
    return StandardisedDifference(d, d * factor, form, n, flags)


def delta_rows(x: FloatArray, y: FloatArray) -> FloatArray:
    """Cliff's delta of each row pair; float[studies, m], float[studies, n] -> float[studies]."""
    sign = np.sign(x[:, :, None] - y[:, None, :])
    return np.asarray(sign.mean(axis=(1, 2)), dtype=np.float64)


def newcombe_limits(
    theta: FloatArray, m: int, n: int, level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits for theta = P(a > b) + P(a = b)/2, Newcombe (2006), Statist. Med. 25:559, method 5.

    The variance is Hanley and McNeil's, evaluated at the limit itself (so the limits are roots of
    |estimate - theta| = z sd(theta)) with both sample sizes replaced by their mean; solved by
    bisection.

    Args:
        theta: float[studies], estimates in [0, 1].
        m: runs in the first arm.
        n: runs in the second arm.
        level: nominal coverage.

    Returns:
        Lower and upper limits, float[studies] each, in [0, 1].
    """
    z = stats.norm.ppf(0.5 + level / 2)
    star = (m + n) / 2 - 1

    def sd(t: FloatArray) -> FloatArray:
        inflation = 1 + star * ((1 - t) / (2 - t) + t / (1 + t))
        return np.asarray(np.sqrt(np.maximum(t * (1 - t) * inflation, 0.0) / (m * n)))

    def root(edge: float) -> FloatArray:
        inside, outside = theta.copy(), np.full_like(theta, edge)
        for _ in range(60):
            middle = (inside + outside) / 2
            within = np.abs(theta - middle) <= z * sd(middle)
            inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
        return np.asarray((inside + outside) / 2)

    low = np.where(theta == 0.0, 0.0, root(0.0))
    high = np.where(theta == 1.0, 1.0, root(1.0))
    return low, high
