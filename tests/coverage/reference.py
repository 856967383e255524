"""The intervals that were used before, kept to be measured beside those in use."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.coverage.table import Floats, Limits

_Z = float(stats.norm.ppf(0.975))


def wilson(share: Floats, n: Floats | float) -> Limits:
    """Wilson's score limits (1927) of a share of n trials; elementwise."""
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2) / (1 + _Z**2 / n)
    return np.where(share == 0, 0.0, middle - half), np.where(share == 1, 1.0, middle + half)


def korn_graubard(hits: Floats, trials: Floats) -> Limits:
    """Wilson's limits at the effective sample size of Korn and Graubard (1998).

    Args:
        hits: [studies, runs].
        trials: [studies, runs].
    """
    n, total = hits.shape[1], trials.sum(axis=1)
    rate = hits.sum(axis=1) / total
    residual = hits - rate[:, None] * trials
    variance = n / (n - 1) * (residual**2).sum(axis=1) / total**2
    ratio = _Z / stats.t.ppf(0.975, n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = rate * (1 - rate) / variance * ratio**2
    effective = np.where(variance > 0, np.minimum(effective, total), total)
    return wilson(rate, effective)
