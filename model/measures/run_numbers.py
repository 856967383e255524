"""The numbers of a run that follow from its table of days alone, worked out in one place.

A study's row and a report's digest both hold what is computed here, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from model.measures.capacities import over_days_alive, social_capital
from model.measures.population import collapse_day, collapsed, naup
from model.measures.resident_days import mornings, per_resident_day, resident_days

#: Columns of which a run's number is the mean over its days alive.
MEANS: Final = ("development", "communication", "competence", "gini", "top_share")
#: Columns that are read, besides those of `MEANS`.
READ: Final = (
    *("population", "founders", "births", "attacks", "faultless", "cooperation", "betrayal"),
)


def numbers_of_days(days: Mapping[str, Any], horizon: int) -> dict[str, float]:
    """Numbers of a run by name; what is undefined is NaN.

    Args:
        days: column → T + 1 entries, row 0 the initial state (`model.world.numbers.Day`).
        horizon: days it was to last; a community that died before is gone for the rest of them.

    Returns:
        naup, founder_rmst (the founders' own area is their restricted mean survival), population
        (at the end), collapsed (0 or 1), collapse_day, mornings (lived by residents), resident_days
        (judged), births_per_resident_day, attacks (per resident-day), social_capital, and `MEANS`.
    """
    population, lived = _column(days["population"]), _column(days["population"])[:-1]
    flows = {name: _column(days[name])[1:] for name in (*READ[2:], *MEANS)}
    judged = resident_days(days["faultless"])
    capital = social_capital(flows["cooperation"], flows["betrayal"], flows["faultless"])
    return {
        "naup": naup(population, horizon) if horizon else float("nan"),
        "founder_rmst": naup(days["founders"], horizon) if horizon else float("nan"),
        "population": float(population[-1]),
        "collapsed": float(collapsed(population)),
        "collapse_day": collapse_day(population),
        "mornings": mornings(population),
        "resident_days": judged,
        "births_per_resident_day": per_resident_day(float(flows["births"].sum()), judged),
        "attacks": per_resident_day(float(flows["attacks"].sum()), judged),
        "social_capital": capital.value,
        **{name: over_days_alive(flows[name], lived).value for name in MEANS},
    }


def _column(values: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(values, dtype=np.float64)
