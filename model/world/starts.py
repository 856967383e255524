"""What a run draws at its start, each purpose by a generator of its own.

So changing one thing (say, the treatment) leaves the others (places, profiles, knowledge) as they
were.
"""

from __future__ import annotations

import numpy as np

from agents.purposes import Start


def generator(seed: int, purpose: Start, index: int = 0) -> np.random.Generator:
    """The generator of one purpose of a run's start."""
    key = np.array([seed & (2**64 - 1), (1 << 62) + (int(purpose) << 32) + index], np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
