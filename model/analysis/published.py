"""The directions that CIVA publishes, and how well measured effects agree with them.

Only effects of Benevolence and Tradition are published in what we could read (summaries of Zhang
et al. 2026, arXiv 2604.05339); for the other eight values no direction is known to us, and none is
invented. Where the paper's word has no measure of ours, the measure is named in `reads`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from agents.values import VALUES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Effects = Mapping[tuple[str, str], Floats]
"""(mode, outcome) → the effect of each value in circle order, shape [10]."""


@dataclass(frozen=True)
class Direction:
    """One published direction: `sign` of the effect of `value` under `mode` on `outcome`."""

    value: str
    mode: str
    outcome: str
    sign: int
    reads: str


PUBLISHED: Final = (
    Direction("BE", "without", "nAUP", -1, "the population collapses"),
    Direction("BE", "without", "width", -1, "d_FB falls from 19.0 to 5.4"),
    Direction("BE", "with", "nAUP", 1, "stability rises"),
    Direction("BE", "with", "cooperation", 1, "cooperation rises"),
    Direction("BE", "with", "social_capital", 1, "social capital rises"),
    Direction("BE", "with", "betrayal", -1, "betrayal falls"),
    Direction("BE", "with", "power_seeking", -1, "power-seeking falls"),
    Direction("TR", "with", "growth", -1, "population growth is suppressed (births)"),
    Direction("TR", "without", "growth", 1, "a short boom (births)"),
    Direction("TR", "without", "width", 1, "d_FB is 21.4, above 19.0"),
)
OUTCOMES: Final = (
    "nAUP", "attacks", "betrayal", "cooperation", "social_capital", "power_seeking", "deceptions",
    "growth", "width",
)  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """The pattern's score and its place among shuffled labellings.

    `score` is the mean over directions of sign × the named value's rank among the ten effects,
    scaled to −1 … 1. `p` = (b + 1)/(m + 1) over the shuffles, `p_exact` the share of all
    assignments of labels to the values named that score at least as high.
    """

    score: float
    p: float
    p_exact: float
    null: Floats
    used: tuple[Direction, ...]


def agreement(
    effects: Effects,
    directions: Sequence[Direction] = PUBLISHED,
    *,
    shuffles: int = 999,
    seed: int = 0,
) -> Agreement:
    """How well measured effects agree with directions, against shuffled value labels.

    Args:
        effects: of the ten values by (mode, outcome); an outcome with an undefined effect or none
            at all is left out, with its directions.
        directions: published ones.
        shuffles: random relabellings of the ten values, the same in all outcomes.
        seed: of those.
    """
    used = tuple(d for d in directions if _usable(effects, d))
    nan = float("nan")
    if not used:
        return Agreement(nan, nan, nan, np.empty(0), used)
    ranks = {key: _unit_ranks(effects[key]) for key in {(d.mode, d.outcome) for d in used}}
    rng = np.random.default_rng(seed)
    orders = np.array([rng.permutation(len(VALUES)) for _ in range(shuffles)])
    observed = float(_score(ranks, used, np.arange(len(VALUES))[None])[0])
    null = _score(ranks, used, orders)
    named = [k for k, value in enumerate(VALUES) if any(d.value == value for d in used)]
    exact = _score(ranks, used, _all_assignments(named))
    least = observed - 1e-9
    return Agreement(
        observed,
        float(((null >= least).sum() + 1) / (shuffles + 1)),
        float((exact >= least).mean()),
        null,
        used,
    )


def _all_assignments(named: Sequence[int]) -> Ints:
    """Every way of giving the named labels to different values; only their columns are read."""
    ways = np.array(list(permutations(range(len(VALUES)), len(named))), dtype=np.int64)
    orders = np.zeros((len(ways), len(VALUES)), dtype=np.int64)
    orders[:, list(named)] = ways
    return orders


def _usable(effects: Effects, direction: Direction) -> bool:
    found = effects.get((direction.mode, direction.outcome))
    return found is not None and bool(np.isfinite(found).all())


def _unit_ranks(effects: Floats) -> Floats:
    """Ranks scaled to −1 (lowest) … 1 (highest), ties shared."""
    ranks = np.asarray(rankdata(effects), dtype=np.float64)
    return 2.0 * (ranks - 1.0) / (len(effects) - 1.0) - 1.0


def _score(
    ranks: Mapping[tuple[str, str], Floats], used: Sequence[Direction], orders: Ints
) -> Floats:
    """Score when the label at place k carries the effect measured for value `orders[:, k]`."""
    total = np.zeros(len(orders))
    for one in used:
        place = orders[:, VALUES.index(one.value)]
        total += one.sign * ranks[one.mode, one.outcome][place]
    scored: Floats = total / len(used)
    return scored
