"""How many residents a community keeps: nAUP, founders' survival, collapse.

A population series has one entry a day: entry 0 is the initial state N₀, entry t the number of
persons alive at the end of day t. A run of T days has T + 1 entries. Persons are counted, never
households. A resident removed on day d is in entries up to d − 1 and in none from d on.

The area of the founders alone is their restricted mean survival (Irwin 1949) as a share of the
horizon, mean(min(lifetime, T))/T, for a founder removed on day d is in the d mornings 0 … d − 1.

The normaliser of nAUP (normalised area under the population curve; the abbreviation is that of
Zhang et al., "Human Values Matter", arXiv 2604.05339) is our own choice and is N₀·T: the area of
a community that keeps every founder and gains nobody.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

COLLAPSE_SHARE = 0.1
COLLAPSE_FLOOR = 2
COLLAPSE_DAYS = 5


def naup(population: ArrayLike, days: int | None = None) -> float:
    """Normalised area under the population curve, Σ_{t<T} N_t / (N₀·T).

    The sum runs over the T mornings, t = 0 … T − 1. So a constant population gives 1, and one
    that is gone at the end of day c gives c/T. It may exceed 1 where there are births.

    Args:
        population: N₀, N₁ … one entry a day; T + 1 entries, or T where the last evening is
            unknown.
        days: T. Default: one less than the number of entries. A longer T is accepted only
            for a series that ends at 0, which stays at 0.

    Returns:
        The area, in units of N₀·T; NaN if N₀ = 0 or T = 0.

    Raises:
        ValueError: If an entry is negative or not a number, or the series is too short.
    """
    counts = _population(population)
    length = len(counts) - 1 if days is None else days
    if length < 0:
        raise ValueError(f"days = {length}: a run cannot last fewer than 0 days")
    if length > len(counts) and counts[-1] > 0:
        raise ValueError(
            f"days = {length}, but the series has {len(counts)} entries and ends at "
            f"{counts[-1]:g}: give every day, or pass days = {len(counts) - 1}"
        )
    if length == 0 or counts[0] == 0:
        return float("nan")
    return float(counts[:length].sum() / (counts[0] * length))


def collapse_threshold(founders: float) -> float:
    """The population below which a community of ``founders`` counts as low: max(2, .1·N₀)."""
    return max(float(COLLAPSE_FLOOR), COLLAPSE_SHARE * founders)


def collapsed_by_day(population: ArrayLike) -> NDArray[np.bool_]:
    """Whether the community counts as collapsed at the end of each day.

    It does when N < max(2, .1·N₀) on each of the last five days (day 0 is no day lived), and it
    leaves that state when N rises again. Only 0 is absorbing: from the day the last resident is
    gone the community is collapsed for good, whoever is put in its place.

    Args:
        population: N₀ … N_T, one entry a day.

    Returns:
        T + 1 booleans. False also where fewer than five days have been lived and somebody lives:
        the rule is a statement about five days.

    Raises:
        ValueError: If an entry is negative or not a number.
    """
    counts = _population(population)
    low = counts < collapse_threshold(counts[0])
    low[0] = False
    run_length = np.cumsum(low)
    before = np.concatenate([np.zeros(COLLAPSE_DAYS, dtype=run_length.dtype), run_length])
    five_low = run_length - before[: len(counts)] == COLLAPSE_DAYS
    return np.asarray(five_low | np.logical_or.accumulate(counts == 0), dtype=np.bool_)


def collapsed(population: ArrayLike) -> bool:
    """Whether the community has collapsed by its last day (`collapsed_by_day`)."""
    return bool(collapsed_by_day(population)[-1])


def collapse_day(population: ArrayLike) -> float:
    """The day since which a community has been collapsed at its end; NaN if it is not."""
    state = collapsed_by_day(population)
    if not state[-1]:
        return float("nan")
    return float(len(state) - np.argmin(state[::-1])) if not state.all() else 0.0


def _population(population: ArrayLike) -> NDArray[np.float64]:
    counts = np.asarray(population, dtype=float)
    if counts.ndim != 1 or not counts.size:
        raise ValueError(f"population has shape {counts.shape}: one series with at least N₀ needed")
    if not (np.isfinite(counts) & (counts >= 0)).all():
        day = int(np.flatnonzero(~(np.isfinite(counts) & (counts >= 0)))[0])
        raise ValueError(f"population on day {day} is {counts[day]}: counts must be numbers ≥ 0")
    return counts
