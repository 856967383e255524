"""The arithmetic of a community at its factories: threshold, stable size, and the fold.

A factory with labour L (points of skill, 100 an ordinary worker) makes P·L²/(H² + L²) units a
day. A well-mixed community of N holds its size where its output covers its need, c·N. Between
the roots N_u and N_s it has more than it needs. How workers spread over factories is a choice, so
every number names its `Spread`. As richness multiplies every P, the two roots meet at the fold:
below it no community can live.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_POINTS: Final = 2000
_PIECES: Final = 5
_RATIO: Final = 8


class Spread(StrEnum):
    """How the workers of a well-mixed community spread over its factories."""

    PROPORTIONAL = "proportional"
    """In proportion to each factory's greatest output P."""
    GREAT = "great"
    """All at the factory with the greatest output."""
    BEST = "best"
    """The split that makes the most."""


@dataclass(frozen=True)
class MeanField:
    """Roots of output = need for one spread rule (residents), and the fold of richness.

    `unstable` and `stable` are NaN, with the `reason`, where no size can be fed. `fold` is the
    richness at which the roots meet; `margin` = (1 − fold)/fold of the given factories.
    """

    spread: Spread
    unstable: float
    stable: float
    fold: float
    margin: float
    reason: str | None

    @property
    def width(self) -> float:
        """N_s − N_u, NaN beyond the fold."""
        return self.stable - self.unstable


@dataclass(frozen=True)
class FoldMargin:
    """Where the basin vanishes as richness falls, and how far the community stands from it.

    The fold lies between `low` (no basin) and `high` (a basin); `fold` is their middle and
    `margin` = (richness − fold)/fold. All NaN, with the `reason`, where the scan shows no fold.
    """

    richness: float
    fold: float
    low: float
    high: float
    margin: float
    reason: str | None


def mean_field(
    greatest: npt.ArrayLike,
    half: npt.ArrayLike,
    *,
    need: float = 10,
    skill: float = 100,
    spread: Spread | str,
    richness: float = 1,
) -> MeanField:
    """Threshold and stable size of a well-mixed community at its factories.

    Args:
        greatest: Greatest output P of each factory, units a day, shape [M].
        half: Labour H at which half of it is made, points, shape [M].
        need: Food a head and day, units.
        skill: Skill a head, points.
        spread: How workers spread: proportional, great or best.
        richness: Multiplies every P.

    Returns:
        The outermost pair of roots: N_s the largest, N_u the next below it.

    Raises:
        ValueError: If a number is not positive, shapes differ or the rule is unknown.
    """
    p, h = (np.atleast_1d(np.asarray(a, dtype=float)) for a in (greatest, half))
    if p.shape != h.shape or p.ndim != 1 or not len(p):
        raise ValueError(f"one H for each P: got shapes {p.shape} and {h.shape}")
    if min(p.min(), h.min(), need, skill, richness) <= 0:
        raise ValueError("P, H, need, skill and richness must all be positive")
    rule = Spread(spread)
    # More than ΣP/need residents cannot be fed even by full output.
    largest = 1.01 * richness * p.sum() / need
    size, output = _scan(p, h, skill, rule, largest)
    fold = need / _best_per_head(p, h, skill, rule, size, output)
    # With nobody there is neither output nor need: a threshold below the grid is read as 0.
    roots = _sign_changes(np.append(0, size), np.append(0, richness * output - need * size))
    nan = float("nan")
    unstable, stable, reason = nan, nan, None
    if len(roots) >= 2:
        unstable, stable = roots[-2], roots[-1]
    else:
        reason = f"no size can be fed at richness {richness:g}: the fold lies at {fold:.3f}"
    return MeanField(rule, unstable, stable, fold, (richness - fold) / fold, reason)


def fold_margin(
    has_basin: Callable[[float], bool],
    richness: float = 1.0,
    *,
    low: float = 0.2,
    high: float = 2.0,
    points: int = 19,
    tolerance: float = 0.005,
) -> FoldMargin:
    """Find the fold by scanning richness, then halving the interval that holds it.

    Args:
        has_basin: Whether a community can live at this richness: from arithmetic, or from runs
            (`identified` or `no_threshold` against `collapsed`).
        richness: Where the community stands now.
        low: Least richness scanned.
        high: Greatest richness scanned.
        points: Evenly spaced points of the first scan.
        tolerance: Width of the final interval.
    """
    if not 0 < low < high or points < 2 or tolerance <= 0:
        raise ValueError("scan with 0 < low < high, at least 2 points and a tolerance > 0")
    scanned = np.linspace(low, high, points)
    margin = fold_margin_from_table(scanned, [has_basin(float(r)) for r in scanned], richness)
    if margin.reason is not None:
        return margin
    dead, alive = margin.low, margin.high
    while alive - dead > tolerance:
        middle = (dead + alive) / 2
        dead, alive = (dead, middle) if has_basin(middle) else (middle, alive)
    return _margin(richness, dead, alive)


def fold_margin_from_table(
    scanned: npt.ArrayLike, has_basin: npt.ArrayLike, richness: float = 1.0
) -> FoldMargin:
    """The same from a finished scan: the fold is only known to lie between two points of it.

    Args:
        scanned: Richness of each point, shape [K], in any order.
        has_basin: Whether a community can live there, shape [K].
        richness: Where the community stands now.
    """
    r, alive = np.asarray(scanned, dtype=float), np.asarray(has_basin, dtype=bool)
    if r.shape != alive.shape or r.ndim != 1 or len(np.unique(r)) != len(r):
        raise ValueError("give one verdict for each of several different richnesses")
    alive, r = alive[np.argsort(r)], np.sort(r)
    if not len(r) or alive.all() or not alive.any():
        lives = "every" if len(r) and alive.all() else "no"
        reason = f"{lives} scanned richness has a basin: the fold lies outside the scan"
    elif alive[0] or int((alive[1:] != alive[:-1]).sum()) > 1:
        reason = "the scan does not part cleanly into ruin below and life above: add runs"
    else:
        first = int(np.argmax(alive))
        return _margin(richness, float(r[first - 1]), float(r[first]))
    nan = float("nan")
    return FoldMargin(richness, nan, nan, nan, nan, reason)


def fixed_points(
    drift: Callable[[Floats], Floats], low: float, high: float, points: int = 20_001
) -> tuple[tuple[float, bool], ...]:
    """Roots of a drift between two sizes, ascending, each with whether it attracts.

    Roots closer together than (high − low)/points are missed.
    """
    x = np.linspace(low, high, points)
    y = drift(x)
    roots = _sign_changes(x, y)
    attracts = [bool(drift(np.array(r - 1e-4)) > drift(np.array(r + 1e-4))) for r in roots]
    return tuple(zip(roots, attracts, strict=True))


def _margin(richness: float, low: float, high: float) -> FoldMargin:
    fold = (low + high) / 2
    return FoldMargin(richness, fold, low, high, (richness - fold) / fold, None)


def _scan(
    p: Floats, h: Floats, skill: float, rule: Spread, largest: float
) -> tuple[Floats, Floats]:
    """Output at sizes up to the largest: even grids, each an eighth of the one above it.

    A best split needs even grids, and a threshold may lie far below the stable size.
    """
    sizes: list[Floats] = []
    outputs: list[Floats] = []
    for piece in reversed(range(_PIECES)):
        size = np.linspace(0, largest / _RATIO**piece, _POINTS + 1)
        output = _output(p, h, skill * size, rule)
        new = size > (sizes[-1][-1] if sizes else 0)
        sizes.append(size[new])
        outputs.append(output[new])
    return np.concatenate(sizes), np.concatenate(outputs)


def _best_per_head(
    p: Floats, h: Floats, skill: float, rule: Spread, size: Floats, output: Floats
) -> float:
    """Most units a head made at any size; looks further while the maximum lies at the edge."""
    while int(np.argmax(output / size)) >= len(size) - _POINTS // 100:
        size, output = _scan(p, h, skill, rule, 2 * float(size[-1]))
    return float((output / size).max())


def _output(p: Floats, h: Floats, labour: Floats, rule: Spread) -> Floats:
    """Units made by each amount of labour on an even grid that starts at 0, shape [G]."""
    if rule is Spread.PROPORTIONAL:
        share = labour[:, None] * p / p.sum()
        return np.asarray((p * share**2 / (h**2 + share**2)).sum(axis=1), dtype=float)
    made = p[:, None] * labour**2 / (h[:, None] ** 2 + labour**2)
    if rule is Spread.GREAT:
        return np.asarray(made[int(np.argmax(p))], dtype=float)
    best = made[0]
    for other in made[1:]:
        # S-shaped laws have no simple optimum: try every split on the grid, factory by factory.
        joint = best.copy()
        for k in range(1, len(other)):
            np.maximum(joint[k:], best[: len(best) - k] + other[k], out=joint[k:])
        best = joint
    return np.asarray(best, dtype=float)


def _sign_changes(x: Floats, y: Floats) -> list[float]:
    """Zeros of a sampled function, by linear interpolation between points of unlike sign."""
    up = y > 0
    at = np.flatnonzero(up[1:] != up[:-1])
    return [float(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])) for i in at]
