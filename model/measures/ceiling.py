"""Say when a measure stands at its bound in every run: then it cannot tell conditions apart."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

#: How near to its bound a value lies that could as well be the bound.
NEAR: Final = 0.005
AT_CEILING: Final = "at its ceiling"


def at_ceiling(values: ArrayLike, most: float) -> bool:
    """Whether every run's value lies within `NEAR` of the greatest possible one.

    Args:
        values: One number a run, in the measure's own unit; NaN where undefined.
        most: The greatest possible value; infinite where there is none, and then nothing is at it.

    Returns:
        False where no run has a value.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    return bool(len(known) and np.isfinite(most) and (known >= most - NEAR).all())
