"""A regime: output is shared by standing in full, not only above the crew's lowest."""

import numpy as np
from numpy.typing import NDArray

from agents.regimes import Regime

Ints = NDArray[np.int64]


def by_standing(skill: Ints, standing: Ints, crew: Ints) -> Ints:
    """Standing, at least 1."""
    return np.maximum(standing, 1)


SENIORITY = Regime(
    "What a factory makes is shared among those who worked there that day in proportion to their "
    "standing, with some chance in it.",
    by_standing,
)
