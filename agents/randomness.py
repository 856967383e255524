"""Keyed randomness: every draw is a hash of (key, purpose, index), never the next of a stream.

One Philox per (seed, day) gives each resident-day a 31-bit key. Draws are made from it by
splitmix64 (Steele, Lea & Flood 2014; test vectors in the tests), so no result depends on the order
in which replies arrive, on births, or on what ran before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.decisions import Ints
from agents.purposes import Start

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11, _S33 = (np.uint64(s) for s in (30, 27, 31, 11, 33))
_UNIT = 2.0**-53


def splitmix64(state: Words) -> Words:
    """The splitmix64 output for each 64-bit state (the generator's first value from that state)."""
    z = state + _GAMMA
    z ^= z >> _S30
    z *= _MIX1
    z ^= z >> _S27
    z *= _MIX2
    z ^= z >> _S31
    return z


def day_keys(seed: int, day: int, count: int) -> Ints:
    """The 31-bit keys of residents 1 … count on a day, shape (count,).

    A resident's key does not depend on how many residents there are.
    """
    bits = np.random.Philox(key=np.array([seed & (2**64 - 1), day], dtype=np.uint64))
    return (bits.random_raw(count) >> _S33).astype(np.int64)


def generator(seed: int, purpose: Start, index: int = 0) -> np.random.Generator:
    """The generator of one purpose of a run's start."""
    key = np.array([seed & (2**64 - 1), (1 << 62) + (int(purpose) << 32) + index], np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def draws(keys: Ints, purpose: int, index: Ints | int = 0) -> Words:
    """One 64-bit draw for each key, for a purpose and an index (broadcast against the keys)."""
    # Keyed, never the next of a stream: a draw that depended on how many came before it would
    # change when a resident is born or replies arrive in another order. See `agents.purposes`.
    return drawn(seeds(keys, purpose), index)


def seeds(keys: Ints, purpose: int) -> Words:
    """What all draws for a purpose begin with, for each key."""
    return splitmix64(keys.astype(np.uint64) + np.uint64(((purpose + 1) << 40) & (2**64 - 1)))


def drawn(seed: Words, index: Ints | int) -> Words:
    """`draws` from its seeds, where many draws share one."""
    return splitmix64(
        seed + (np.uint64(index) if isinstance(index, int) else index.astype(np.uint64))
    )


def uniform(words: Words) -> Floats:
    """Uniform floats in [0, 1) from 64-bit draws (53 bits)."""
    values: Floats = (words >> _S11).astype(np.float64) * _UNIT
    return values


def below(words: Words, bound: int | Ints) -> Ints:
    """Uniform integers in [0, bound) from 64-bit draws, by multiplying the upper 31 bits."""
    upper: Ints = (words >> _S33).astype(np.int64)
    values: Ints = (upper * bound) >> 31
    return values
