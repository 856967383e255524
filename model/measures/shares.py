"""Shares of runs where few or none did: what zero of n is compatible with.

Zero collapses of twelve runs is no proof that communities do not collapse. The exact one-sided 95 %
bound on the chance of something that never happened in n runs is 1 − .05^(1/n): 63 % at 3 runs,
22 % at 12, 4.9 % at 60. It is stricter than the upper end of the two-sided interval beside it
(`intervals.proportion_interval`, 26 % at 12), because it asks about one side alone.
"""

from __future__ import annotations

from typing import Final

#: Runs from which on zero collapses need no further word: then at most 5 % are compatible.
ENOUGH_RUNS: Final = 60


def compatible_with_none(runs: int, *, level: float = 0.95) -> float:
    """Largest chance that is compatible with none of n runs; exact, one-sided.

    Raises:
        ValueError: without runs.
    """
    if runs < 1:
        raise ValueError(f"{runs} runs: a bound needs at least one")
    return float(1.0 - (1.0 - level) ** (1.0 / runs))


def none_collapsed_words(collapsed: int, runs: int) -> str:
    """What may be said of an arm in which no run collapsed; empty where one did, or from 60 runs.

    Args:
        collapsed: runs that did.
        runs: of the arm.
    """
    if collapsed or not 0 < runs < ENOUGH_RUNS:
        return ""
    bound = 100 * compatible_with_none(runs)
    percent = f"{bound:.0f}" if bound >= 9.95 else f"{bound:.1f}"
    return f"a collapse rate up to {percent} % is compatible with 0 of {runs}"
