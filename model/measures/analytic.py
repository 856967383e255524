"""Systems whose roots and folds are known in closed form: what estimators are judged against.

Each is dN/dt = f(N) with two attracting states, ruin and N_s, parted by a threshold N_u. The
first has the shape of a factory's S-shaped output; harvest, Allee and grazing are the textbook
cases (May 1977, Nature 269:471). `birth_death` turns a drift into integer communities,
`ornstein_uhlenbeck` is the linear system with a known memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class System:
    """A drift f(N) in residents a day, its threshold, its stable state, and its fold(s)."""

    name: str
    drift: Callable[[Floats], Floats]
    unstable: float
    stable: float
    folds: tuple[float, ...]

    @property
    def width(self) -> float:
        """The true basin width N_s − N_u."""
        return self.stable - self.unstable


def factory(p: float = 29, h: float = 10, c: float = 1, rate: float = 0.4) -> System:
    """rate·(p·x²/(h² + x²) − c·x): roots (p ± √(p² − 4c²h²))/2c, fold in p at 2ch."""
    gap = _sqrt(p**2 - 4 * c**2 * h**2, "p < 2ch: beyond the fold") / c
    return System(
        "factory",
        lambda x: rate * (p * x**2 / (h**2 + x**2) - c * x),
        (p / c - gap) / 2,
        (p / c + gap) / 2,
        (2 * c * h,),
    )


def harvest(r: float = 0.4, k: float = 25, h: float = 0.9) -> System:
    """Logistic growth under a constant harvest h: r·x(1 − x/k) − h, fold in h at rk/4."""
    gap = _sqrt(1 - 4 * h / (r * k), "h > rk/4: beyond the fold")
    return System(
        "harvest",
        lambda x: r * x * (1 - x / k) - h,
        k / 2 * (1 - gap),
        k / 2 * (1 + gap),
        (r * k / 4,),
    )


def allee(r: float = 0.4, a: float = 5, k: float = 25) -> System:
    """Strong Allee effect: r·x(x/a − 1)(1 − x/k), roots a and k, no fold short of a = k."""
    return System("allee", lambda x: r * x * (x / a - 1) * (1 - x / k), a, k, ())


def grazing(r: float, k: float, s: float, h: float, rate: float = 1.0) -> System:
    """May's grazed pasture: rate·(r·x(1 − x/k) − h·x²/(s² + x²)), bistable between two folds in h.

    The equilibria solve r(1 − x/k)(s² + x²) = h·x; the folds are the extremes of h along them,
    where −2x³/k + x² − s² = 0.
    """
    roots = _positive_roots([-r / k, r, -r * s**2 / k - h, r * s**2])
    if len(roots) < 3:
        raise ValueError(f"grazing with h = {h} has {len(roots)} equilibrium, not three")
    folds = sorted(
        float(r * (1 - x / k) * (s**2 + x**2) / x) for x in _positive_roots([-2 / k, 1, 0, -(s**2)])
    )
    return System(
        "grazing",
        lambda x: rate * (r * x * (1 - x / k) - h * x**2 / (s**2 + x**2)),
        roots[1],
        roots[2],
        tuple(folds),
    )


def birth_death(
    system: System, starts: npt.ArrayLike, days: int, *, turnover: float = 0.05, seed: int = 0
) -> npt.NDArray[np.int64]:
    """Integer communities whose expected daily change is the drift, absorbed at 0.

    Births are Poisson(turnover·N + max(f, 0)), deaths Binomial(N, turnover + max(−f, 0)/N).

    Args:
        system: Gives f(N), residents a day.
        starts: Residents at the start, one community each, shape [R].
        days: Number of days T.
        turnover: Births and deaths per head and day beside the drift.
        seed: Of the generator.

    Returns:
        Population, shape [R, days + 1]; column 0 is the start.
    """
    rng = np.random.default_rng(seed)
    n = np.array(starts, dtype=np.int64)
    path = np.empty((len(n), days + 1), dtype=np.int64)
    path[:, 0] = n
    for day in range(1, days + 1):
        alive = n > 0
        drift = np.where(alive, system.drift(np.maximum(n, 1).astype(float)), 0.0)
        births = rng.poisson(turnover * n + np.maximum(drift, 0))
        risk = np.minimum(1.0, turnover + np.maximum(-drift, 0) / np.maximum(n, 1))
        n = n + np.where(alive, births - rng.binomial(n, np.where(alive, risk, 0.0)), 0)
        path[:, day] = n
    return path


def ornstein_uhlenbeck(
    *, theta: float, sigma: float, dt: float, steps: int, count: int, seed: int = 0
) -> Floats:
    """Exact stationary paths of dX = −θX dt + σ dW, shape [count, steps].

    Their lag-1 autocorrelation is e^(−θ·dt), their variance σ²/2θ.
    """
    phi = float(np.exp(-theta * dt))
    noise = np.random.default_rng(seed).standard_normal((count, steps))
    noise[:, 1:] *= np.sqrt(1 - phi**2)
    path = lfilter([1.0], [1.0, -phi], noise, axis=-1)
    return np.asarray(sigma / np.sqrt(2 * theta) * path, dtype=float)


def _sqrt(square: float, beyond: str) -> float:
    if square < 0:
        raise ValueError(f"no equilibrium but ruin: {beyond}")
    return float(np.sqrt(square))


def _positive_roots(coefficients: list[float]) -> list[float]:
    roots = np.roots(coefficients)
    real = roots[np.abs(roots.imag) < 1e-9].real
    return sorted(float(x) for x in real[real > 0])
