"""What may be said of a comparison: four words, decided in one place.

An interval is at 95 % for this one comparison; the test is corrected over its family. They ask
different questions and disagree by construction, so "yes" needs both:

- *yes*: the interval leaves out 0 and the corrected test rejects;
- *suggestive*: one of the two alone (nearly always the interval, where the family is large);
- *not told apart*: neither; with it stands the smallest effect that could have been seen, because
  this is no evidence of equality;
- *test only*: the interval is not reliable (fewer than 6 runs): the runs are shown, and no verdict.

What could not be compared at all is *not tested*, which is no verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from model.measures.intervals import MIN_RUNS, Interval

Word = Literal["yes", "suggestive", "not told apart", "test only", "not tested"]
YES: Final = "yes"
SUGGESTIVE: Final = "suggestive"
NOT_TOLD_APART: Final = "not told apart"
TEST_ONLY: Final = "test only"
NOT_TESTED: Final = "not tested"
EXPLANATION: Final = (
    "Verdict: “yes” where the 95 % interval of δ leaves out 0 and the corrected test rejects; "
    "“suggestive” where one of them does; “not told apart” where neither does, with the smallest "
    "effect that 80 of 100 such studies would have seen, uncorrected and at the family’s smallest "
    "level; “test only” below 6 runs."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict.

    Attributes:
        word: of the four, or "not tested".
        seen: smallest effect that could have been seen, at the uncorrected level; NaN if unknown.
        seen_in_family: the same at the family's smallest corrected level.
    """

    word: Word
    seen: float
    seen_in_family: float

    def words(self, shown: Callable[[float], str] = lambda value: f"{value:.2g}") -> str:
        """The verdict as it is printed; `shown` writes an effect in the unit of the page."""
        if self.word != NOT_TOLD_APART or np.isnan(self.seen):
            return self.word
        beside = ""
        if not np.isnan(self.seen_in_family) and self.seen_in_family > self.seen:
            beside = f", in its family ≥ {shown(self.seen_in_family)}"
        return f"{self.word} (could have seen ≥ {shown(self.seen)}{beside})"


def verdict(
    interval: Interval,
    p_adjusted: float,
    n: int,
    mde: float,
    *,
    mde_in_family: float = float("nan"),
    alpha: float = 0.05,
) -> Verdict:
    """Say what interval and corrected test say together.

    Args:
        interval: of the effect size; 0 is no effect.
        p_adjusted: p corrected over its family; NaN if nothing was tested.
        n: pairs, or runs of the smaller arm.
        mde: smallest detectable effect (`detectable`), for "not told apart"; NaN if unknown.
        mde_in_family: the same at the family's smallest level.
        alpha: of the family.
    """
    return Verdict(_word(interval, p_adjusted, n, alpha), mde, mde_in_family)


def _word(interval: Interval, p: float, n: int, alpha: float) -> Word:
    if np.isnan(p):
        return NOT_TESTED
    if n < MIN_RUNS or interval.unreliable or np.isnan(interval.low) or np.isnan(interval.high):
        return TEST_ONLY
    apart = interval.low > 0 or interval.high < 0
    if apart and p <= alpha:
        return YES
    return SUGGESTIVE if apart or p <= alpha else NOT_TOLD_APART
