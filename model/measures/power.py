"""How many runs an effect needs, and what a number of runs can show at all.

Power is that of the two-sided t-test on d = mean difference / s.d. (noncentral t); the permutation
tests of the house lose little against it for equal arms. A permutation test has besides a floor:
below a certain number of runs its smallest possible p exceeds alpha, whatever the data say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Final

import numpy as np

from model.measures.pairing import Pairing

_MOST: Final = 1_000_000
#: Pairs from which on arms share their seeds where a design does not say.
FEWEST_PAIRS: Final = 10


@dataclass(frozen=True, slots=True)
class RunsNeeded:
    """Runs an arm for a wanted effect.

    Attributes:
        effect: wanted effect in standard deviations (of differences under common seeds).
        runs: runs in each arm (pairs under common seeds) that meet power and floor.
        power: reached with that many.
        smallest_p: that the permutation test can give with that many.
        alpha: level.
        pairing: of the study.
    """

    effect: float
    runs: int
    power: float
    smallest_p: float
    alpha: float
    pairing: Pairing


def runs_needed(
    effect: float, power: float = 0.8, alpha: float = 0.05, *, pairing: Pairing = "none"
) -> RunsNeeded:
    """Fewest runs an arm that find an effect with the wanted power.

    Args:
        effect: |d|, difference of means in standard deviations; under `common` in standard
            deviations of the paired differences.
        power: wanted probability of rejection.
        alpha: level of the single test; for a Holm family of m use alpha / m.
        pairing: of the study.

    Returns:
        The number, never below what the permutation test needs to reach alpha at all.

    Raises:
        ValueError: if effect is 0 or not finite, or power and alpha make no sense.
    """
    if not np.isfinite(effect) or effect == 0:
        raise ValueError(f"effect {effect}: give a finite difference other than 0, in s.d.")
    if not 0 < alpha < power < 1:
        raise ValueError(f"need 0 < alpha < power < 1, got alpha {alpha}, power {power}")

    def enough(n: int) -> bool:
        return (
            smallest_p(n, pairing=pairing) <= alpha
            and t_power(effect, n, alpha, pairing=pairing) >= power
        )

    high = 2
    while not enough(high):
        high *= 2
        if high > _MOST:
            raise ValueError(f"effect {effect} needs more than {_MOST} runs an arm")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return RunsNeeded(
        effect,
        high,
        t_power(effect, high, alpha, pairing=pairing),
        smallest_p(high, pairing=pairing),
        alpha,
        pairing,
    )


def t_power(effect: float, runs: int, alpha: float = 0.05, *, pairing: Pairing = "none") -> float:
    """Power of the two-sided t-test with equal arms.

    Args:
        effect: difference of means in standard deviations.
        runs: in each arm, or pairs.
        alpha: level.
        pairing: of the study.

    Returns:
        Probability of rejection; NaN below two runs an arm.
    """
    if runs < 2:
        return float("nan")
    from statsmodels.stats.power import TTestIndPower, TTestPower  # here: it takes a while to load

    solver = TTestPower() if pairing == "common" else TTestIndPower()
    found = float(solver.power(abs(effect), runs, alpha))
    # The noncentral t is NaN far in the wrong tail, where its mass is 0: the right one is all.
    return (
        found
        if found == found
        else float(solver.power(abs(effect), runs, alpha / 2, alternative="larger"))
    )


def smallest_p(runs: int, *, pairing: Pairing = "none", draws: int | None = None) -> float:
    """Smallest two-sided p of the permutation test of two equal arms, without ties.

    Args:
        runs: in each arm, or pairs.
        pairing: `none`: 2/C(2n, n), labels permuted; `common`: 2/2^n, signs flipped.
        draws: of a random test, whose p is never below 1/(draws + 1); None for the exact one.

    Returns:
        The floor; NaN without runs.
    """
    if runs < 1:
        return float("nan")
    # In logarithms, because C(2n, n) has no float for a few hundred runs.
    ways = runs * log(2) if pairing == "common" else lgamma(2 * runs + 1) - 2 * lgamma(runs + 1)
    floor = 2 * exp(-ways)
    return min(1.0, floor if draws is None else max(floor, 1 / (draws + 1)))


def default_pairing(runs: int) -> Pairing:
    """The pairing of a design that names none, by its runs a cell.

    A sign test of n pairs cannot give less than 2/2ⁿ, so few pairs can reject little: 8 reach
    .0078, where two arms of 5 reach .0079. From `FEWEST_PAIRS` on pairs can pass a Holm family of
    twenty, and common seeds are valid whatever their correlation is.
    """
    return "common" if runs >= FEWEST_PAIRS else "none"


def floor_words(runs: int, pairing: Pairing, family: int, alpha: float = 0.05) -> str:
    """Which floor binds a design: the smallest p two of its arms can give, in a sentence.

    Args:
        runs: a cell.
        pairing: of the design.
        family: hypotheses corrected together.
        alpha: of the family.
    """
    floor = smallest_p(runs, pairing=pairing)
    units = "pairs, exact sign test" if pairing == "common" else "runs an arm, labels permuted"
    level = alpha / max(family, 1)
    can = (
        "can be rejected alone"
        if floor <= level
        else "no single one can be rejected, whatever the data say"
    )
    return (
        f"{runs} {units}: the smallest p of two arms is {floor:.2g}; of {family} hypotheses "
        f"(Holm, first level {level:.2g}) {can}."
    )


def power_table(
    effects: Iterable[float] = (0.5, 0.8, 1.0, 1.5, 2.0, 3.0),
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    pairing: Pairing = "none",
) -> tuple[RunsNeeded, ...]:
    """Runs needed for each of several effects.

    Args:
        effects: in standard deviations.
        power: wanted.
        alpha: level of the single test.
        pairing: of the study.

    Returns:
        One row an effect.

    Raises:
        ValueError: as `runs_needed`.
    """
    return tuple(runs_needed(d, power, alpha, pairing=pairing) for d in effects)
