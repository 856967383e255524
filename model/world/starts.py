"""What a run draws at its start, each purpose by a generator of its own.

So changing one thing (say, the treatment) leaves the others (places, profiles, knowledge) as they
were.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Start(IntEnum):
    """Purposes of the generators of a run's start."""

    FACTORIES = 0
    CELLS = 1
    PROFILES = 2
    TREATED = 3
    KNOWN = 4
    STANDING = 5
    NETWORK = 6
    GROUPS = 7
    NEWCOMER = 8


def generator(seed: int, purpose: Start, index: int = 0) -> np.random.Generator:
    """The generator of one purpose of a run's start."""
    key = np.array([seed & (2**64 - 1), (1 << 62) + (int(purpose) << 32) + index], np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
