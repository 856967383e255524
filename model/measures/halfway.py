"""Is the effect at prevalence .5 more than half of that at 1? Then it is disproportionate.

With d(ρ) the difference of a level's mean from the control's, excess = d(.5) − d(1)/2, which is the
contrast m(.5) − (m(0) + m(1))/2: nothing where the outcome goes in a straight line. Common seeds
make it a number a seed, with Student's interval; independent runs make it a contrast of three
means, with the interval of Welch and Satterthwaite (1946).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.stats import t

from model.measures.intervals import FloatArray
from model.measures.pairing import Dose

LEVELS: Final = (0.0, 0.5, 1.0)
LEAST: Final = 2  # runs a level
Answer = Literal["more than half", "less than half", "not told apart from half", "no effect at 1"]


@dataclass(frozen=True)
class Halfway:
    """The effect at .5 beside half of that at 1.

    Attributes:
        at_half: d(.5), in the outcome's unit.
        at_one: d(1).
        excess: d(.5) − d(1)/2.
        low: lower 95 % limit of the excess; NaN where it has none.
        high: upper limit.
        runs: runs at 0, .5 and 1.
        answer: `more than half` where the interval of the excess leaves out 0 on the side of d(1);
            `less than half` on the other side; `no effect at 1` where d(1) is 0.
    """

    at_half: float
    at_one: float
    excess: float
    low: float
    high: float
    runs: tuple[int, int, int]
    answer: Answer


def halfway(data: Dose) -> Halfway | None:
    """Compare the effect at .5 with half of that at 1; exploratory.

    Args:
        data: a dose series with its control.

    Returns:
        None where one of the levels 0, .5 and 1 has fewer than two runs.
    """
    # Sorted by level, then seed: under common seeds the three rows hold the same seeds in order.
    runs = [data.outcomes[np.isclose(data.levels, level)] for level in LEVELS]
    if min(len(one) for one in runs) < LEAST:
        return None
    none, half, one = (float(level.mean()) for level in runs)
    excess = half - (none + one) / 2
    reach = _paired(runs) if data.pairing == "common" else _separate(runs)
    return Halfway(
        at_half=half - none,
        at_one=one - none,
        excess=excess,
        low=excess - reach,
        high=excess + reach,
        runs=(len(runs[0]), len(runs[1]), len(runs[2])),
        answer=_answer(one - none, excess, reach),
    )


def _answer(at_one: float, excess: float, reach: float) -> Answer:
    if at_one == 0:
        return "no effect at 1"
    if np.isnan(reach) or abs(excess) <= reach:
        return "not told apart from half"
    return "more than half" if excess * at_one > 0 else "less than half"


def _paired(runs: list[FloatArray]) -> float:
    """Half-width of the mean over seeds; NaN where the seeds do not differ."""
    own = runs[1] - (runs[0] + runs[2]) / 2
    error = float(own.std(ddof=1)) / np.sqrt(len(own))
    return float(t.ppf(0.975, len(own) - 1)) * error if error > 0 else float("nan")


def _separate(runs: list[FloatArray]) -> float:
    """Half-width of the contrast of three means, Satterthwaite's degrees of freedom."""
    weights = np.array([-0.5, 1.0, -0.5])
    size = np.array([len(one) for one in runs])
    parts = weights**2 * np.array([one.var(ddof=1) for one in runs]) / size
    if parts.sum() == 0:
        return float("nan")
    freedom = parts.sum() ** 2 / (parts**2 / (size - 1)).sum()
    return float(t.ppf(0.975, freedom) * np.sqrt(parts.sum()))
