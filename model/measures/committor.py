"""The committor: from which starting number is survival as likely as not?

P(survive | ln N₀) is fitted by logistic regression with Firth's penalty (Firth 1993, Biometrika
80:27; Heinze & Schemper 2002, Stat. Med. 21:2409), which stays finite where every small start
dies and every large one lives, the usual case here. N_u is where the fit passes one half.
The committor belongs to the days observed: a longer horizon lets more small starts die.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]

_MAX_STEP: Final = 5.0
_MAX_ITERATIONS: Final = 200
_TOLERANCE: Final = 1e-10


@dataclass(frozen=True)
class Committor:
    """Starting number with even odds of survival, and the fit behind it.

    `unstable` (residents) and its Wald 95 % interval `low`–`high` are NaN where `reason` says why
    the half-way point lies outside what was tried. `starts`, `runs` and `survived` show the data.
    """

    unstable: float
    low: float
    high: float
    intercept: float
    slope: float
    starts: tuple[float, ...]
    runs: tuple[int, ...]
    survived: tuple[int, ...]
    reason: str | None

    def probability(self, start: npt.ArrayLike) -> Floats:
        """Fitted probability of survival from these starting numbers (> 0)."""
        eta = self.intercept + self.slope * np.log(np.asarray(start, dtype=float))
        return np.asarray(_logistic(eta), dtype=float)


@dataclass(frozen=True)
class FirthFit:
    """Penalised-likelihood coefficients [p], their covariance [p, p], and the likelihood."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float


def committor(starts: npt.ArrayLike, survived: npt.ArrayLike) -> Committor:
    """Fit P(survive | ln N₀) and find where it is one half.

    Args:
        starts: Residents at the start, one a run, > 0.
        survived: Whether that run was alive at the end, one a run; leave censored runs out.

    Returns:
        The committor; NaN with a reason if all runs ended alike, all start alike, survival does
        not rise with the start, or one half lies outside the starts tried (never extrapolated).

    Raises:
        ValueError: If lengths differ or a start is not positive.
    """
    n0, alive = np.asarray(starts, dtype=float), np.asarray(survived, dtype=bool)
    if n0.shape != alive.shape or n0.ndim != 1:
        raise ValueError(f"one start and one outcome a run: got {n0.shape} and {alive.shape}")
    if not (n0 > 0).all():
        raise ValueError("every run must start with more than 0 residents")
    levels, which = np.unique(n0, return_inverse=True)
    # Runs of each start, and those that lived (weighted by 0 or 1), in one pass each.
    runs, lived = np.bincount(which), np.bincount(which, weights=alive)
    table = (
        tuple(float(s) for s in levels),
        tuple(int(k) for k in runs) if len(n0) else (),
        tuple(int(k) for k in lived) if len(n0) else (),
    )
    nan = float("nan")
    if len(levels) < 2:
        return Committor(nan, nan, nan, nan, nan, *table, "all runs start alike")
    # One binomial row a level: the likelihood is the same, the fit is many times faster.
    design = np.column_stack([np.ones(len(levels)), np.log(levels)])
    fit = firth_logistic(design, lived, runs)
    intercept, slope = (float(b) for b in fit.coefficients)
    reason = _reason_against(alive, slope)
    if reason is None:
        centre = -intercept / slope
        if not np.log(levels[0]) <= centre <= np.log(levels[-1]):
            reason = f"survival is one half outside the starts tried, {levels[0]:g}–{levels[-1]:g}"
    if reason is not None:
        return Committor(nan, nan, nan, intercept, slope, *table, reason)
    gradient = np.array([-1 / slope, intercept / slope**2])
    half = norm.ppf(0.975) * float(np.sqrt(gradient @ fit.covariance @ gradient))
    low, high = float(np.exp(centre - half)), float(np.exp(centre + half))
    return Committor(float(np.exp(centre)), low, high, intercept, slope, *table, None)


def firth_logistic(
    design: npt.ArrayLike, successes: npt.ArrayLike, trials: npt.ArrayLike
) -> FirthFit:
    """Binomial logistic regression with Jeffreys' penalty ½·ln|information|.

    Args:
        design: Shape [n, p], the constant column included; of full column rank.
        successes: Shape [n], successes in each row.
        trials: Shape [n], trials in each row, ≥ 1 (all 1 for a table of single outcomes).

    Returns:
        Coefficients, covariance (inverse information), and the penalised log-likelihood
        without the binomial constant.

    Raises:
        ValueError: If shapes disagree or the design is not of full rank.
        ArithmeticError: If Newton's method has not converged in 200 steps.
    """
    x, y, m = (np.asarray(a, dtype=float) for a in (design, successes, trials))
    if x.ndim != 2 or y.shape != m.shape or y.shape != x.shape[:1]:
        raise ValueError(f"shapes disagree: design {x.shape}, outcomes {y.shape}, trials {m.shape}")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("the design's columns are linearly dependent: drop one")
    beta = np.zeros(x.shape[1])
    likelihood = _penalised(x, y, m, beta)
    for _ in range(_MAX_ITERATIONS):
        p = _logistic(x @ beta)
        weight = m * p * (1 - p)
        covariance = np.linalg.inv(x.T @ (weight[:, None] * x))
        leverage = weight * np.einsum("ij,jk,ik->i", x, covariance, x)
        # The penalty adds half a leverage to either outcome: a step for those augmented counts
        # does not overshoot where a row's leverage is as large as its number of trials.
        augmented = x.T @ (((m + leverage) * p * (1 - p))[:, None] * x)
        step = np.linalg.solve(augmented, x.T @ (y - m * p + leverage * (0.5 - p)))
        if np.abs(step).max() < _TOLERANCE:
            return FirthFit(beta, covariance, likelihood)
        step *= min(1.0, _MAX_STEP / np.abs(step).max())
        while (new := _penalised(x, y, m, beta + step)) < likelihood - 1e-12:
            step /= 2
        beta, likelihood = beta + step, new
    raise ArithmeticError(f"Firth regression did not converge in {_MAX_ITERATIONS} steps")


def _reason_against(alive: npt.NDArray[np.bool_], slope: float) -> str | None:
    if alive.all() or not alive.any():
        return "every run survived" if alive.all() else "no run survived"
    return "survival does not rise with the start" if slope <= 0 else None


def _penalised(x: Floats, y: Floats, m: Floats, beta: Floats) -> float:
    eta = x @ beta
    p = _logistic(eta)
    information = x.T @ ((m * p * (1 - p))[:, None] * x)
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf
    return float((y * eta - m * np.logaddexp(0, eta)).sum() + log_determinant / 2)


def _logistic(eta: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(eta / 2)), dtype=float)
