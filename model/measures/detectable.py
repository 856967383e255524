"""The smallest effect that a comparison could have seen: what "not told apart" leaves open.

MDE = (t_{.975} + t_{.8})·s.d./√n at the uncorrected level, and the same at the smallest level of a
Holm family (alpha/size), both of the t-test of the difference, because the rank tests of the house
lose little against it and have no such formula. The s.d. comes from the runs themselves, or from
pilots of this very arm: eight pairs at least, and then it is still uncertain by the factors .66 to
2.0 (chi-square), which is printed beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from scipy import stats

from model.measures.pairing import Paired, Pairing, Unpaired

#: Pairs (or runs an arm) that a pilot needs.
PILOTS: Final = 8
POWER: Final = 0.8


@dataclass(frozen=True, slots=True)
class PilotSpread:
    """How much a difference between two arms varies from seed to seed.

    Attributes:
        sd: standard deviation of paired differences, or pooled of the runs of two arms; NaN where
            there are too few.
        low: its 95 % chi-square limits.
        high: see low.
        df: degrees of freedom of sd.
        n: pairs, or runs of each arm.
        pairing: of the comparison.
    """

    sd: float
    low: float
    high: float
    df: int
    n: tuple[int, ...]
    pairing: Pairing

    def detectable(
        self, alpha: float = 0.05, runs: int | None = None, power: float = POWER
    ) -> float:
        """The smallest difference seen with that power, in the outcome's unit.

        Args:
            alpha: two-sided level; of a Holm family's first step alpha/size.
            runs: pairs, or runs an arm, that are planned; None for those that were run.
            power: wanted.

        Returns:
            The difference; NaN where the spread is unknown, or no run differed from another, which
            says nothing of what could have been seen.
        """
        if not self.sd > 0:
            return float("nan")
        n = self.n if runs is None else (runs,) * len(self.n)
        df = sum(n) - len(n)
        if df < 1:
            return float("nan")
        quantiles = stats.t.ppf(1 - alpha / 2, df) + stats.t.ppf(power, df)
        return float(quantiles * self.sd * sqrt(sum(1 / one for one in n)))


def spread_of(data: Unpaired | Paired, *, level: float = 0.95) -> PilotSpread:
    """The spread of a comparison that was run, or of its pilots.

    Args:
        data: from `pairing.contrast`.
        level: of the s.d.'s own interval.
    """
    groups = (data.differences,) if isinstance(data, Paired) else (data.a, data.b)
    pairing: Pairing = "common" if isinstance(data, Paired) else "none"
    n = tuple(group.size for group in groups)
    df = sum(n) - len(n)
    if min(n) < 1 or df < 1:
        return PilotSpread(np.nan, np.nan, np.nan, max(df, 0), n, pairing)
    # The mean of equal numbers is a last bit off them; a spread of nothing is nothing.
    squares = sum(
        float(((group - group.mean()) ** 2).sum()) for group in groups if np.ptp(group) > 0
    )
    low, high = (squares / stats.chi2.ppf(0.5 + side * level / 2, df) for side in (1, -1))
    return PilotSpread(sqrt(squares / df), sqrt(low), sqrt(high), df, n, pairing)
