"""Resident-days: what a resident-day is, and the one way to say a number per resident-day.

A *resident-day* is judged: a resident lived that day and its mind's replies could be used, or
failed only at the note for tomorrow, which leaves its conduct whole. A decision that a mind failed
to make is no idle day, so it stands in no denominator. Whatever is said "per resident-day" is
divided by these, in a run, a study and an evidence alike.

The *mornings* lived by residents, with or without a fault, are another number and never called so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

#: Stages whose fault leaves a day's conduct whole, as the table `residents` writes them.
HARMLESS = ("", "remember")


def judged_days(residents: pd.DataFrame) -> pd.DataFrame:
    """The judged resident-days of a run: those rows of its table `residents`."""
    fault = residents["fault"]
    if isinstance(fault.dtype, pd.CategoricalDtype):
        # Codes are looked up once a word, not once a row: these tables are long.
        harmless = fault.cat.categories.isin(HARMLESS)
        codes = fault.cat.codes.to_numpy()
        whole = np.append(harmless, False)[codes]
    else:
        whole = fault.isin(HARMLESS).to_numpy()
    return residents[whole & (residents["day"].to_numpy() >= 1)]


def resident_days(faultless: ArrayLike) -> float:
    """Judged resident-days of a run.

    Args:
        faultless: T + 1 entries, those judged on each day; entry 0, the initial state, is not read.
    """
    return float(np.asarray(faultless, dtype=float)[1:].sum())


def mornings(population: ArrayLike) -> float:
    """Mornings lived by residents, Σ_{t<T} N_t: the area that nAUP sums.

    Args:
        population: N₀ … N_T; who is alive at the end of a day lives the next morning.
    """
    return float(np.asarray(population, dtype=float)[:-1].sum())


def per_resident_day(count: float, days: float) -> float:
    """A count over judged resident-days; NaN without any."""
    return count / days if days > 0 else float("nan")
