"""The surrogate's answers to the value probes: a fixed function of the ten weights it was told.

The surrogate reads no prose, so it cannot read a probe; it states what it was told. With
u_v = (weight_v − 50) / 50, a portrait of value k is answered by

    level_k = u_k + (2 / 10) · Σ_v u_v · cos(θ_v − θ_k)        answer = 3.5 + 1.25 · level_k

its own weight of k, and how near the whole profile lies to somebody who lives by the circular model
of values (Borg, Bardi & Schwartz 2017) with k at the top. So what it says has the circle's order by
construction: for such minds an assessment is a check of the instrument and no finding. The four
portraits of a value round at four different places, so that their mean moves in quarters of a
point. What the mind then does is another matter: a mind with a table of zeros (`flat`) states the
same values and acts on none, and the check against behaviour has to show it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from agents.asides.probes import A_VALUE, Answers
from agents.instruments import HIGHEST, LOWEST
from agents.values import ANGLES, VALUES, Weights

#: Minds that act on told weights, and so have something to state; by the part before a colon.
STATING: Final = ("surrogate", "flat", "permuted")
MIDDLE: Final = (LOWEST + HIGHEST) / 2
SLOPE: Final = 1.25


def stated_answers(told: Weights) -> Answers:
    """Answers to the forty probes.

    Args:
        told: int64[n, 10], weights as told, −50 to 100.

    Returns:
        float[n, 40], whole numbers 1 to 6, in the order of `probes()`.
    """
    u = (np.asarray(told, dtype=np.float64) - 50.0) / 50.0
    theta = np.deg2rad([ANGLES[code] for code in VALUES])
    near = np.cos(theta[:, None] - theta[None, :])
    level = u.copy()
    for v in range(len(VALUES)):  # no BLAS: a batch of n equals n batches of one, bit for bit
        level += 0.2 * u[:, v : v + 1] * near[v]
    shift = (np.arange(A_VALUE) + 0.5) / A_VALUE
    answer = np.floor(MIDDLE + SLOPE * np.round(level, 9)[:, :, None] + shift)
    return np.clip(answer, LOWEST, HIGHEST).reshape(len(u), -1)
