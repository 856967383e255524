"""Choosing: values and needs into utilities, utilities into choices, row by row and bit for bit.

A batch of n gives the same as n batches of one: sums run over the ten values in a fixed order, no
reduction crosses rows, no BLAS; randomness is the question's key.
"""

from __future__ import annotations

import numpy as np

from agents.decisions import Ints
from agents.minds.utilities import Table
from agents.randomness import Floats, draws, uniform

#: Purposes of minds' draws begin here; the world's stay below.
FIRST_PURPOSE = 100
NEVER = -1e9


def meanings(told: Ints, table: Table, factor: float) -> Floats:
    """φ of every act of the table, (n, acts): factor · Σ_v (weight_v / 50) · entry."""
    phi = np.zeros((len(told), len(table.acts)))
    for k in range(told.shape[1]):
        weight = np.ascontiguousarray(told[:, k] * (factor / 50.0))
        phi += weight[:, None] * table.entries[None, :, k]
    return phi


def need_of(stock: Floats) -> Floats:
    """How much a day's food is worth at a stock (units): 3 with nothing, falling toward 1."""
    return 2.0 * (0.5 + 1.0 / (1.0 + stock / 30.0))


def choose(utility: Floats, key: Ints, purpose: int, temperature: float) -> Ints:
    """The softmax choice of each row by Gumbel noise; options at `NEVER` are not feasible.

    Args:
        utility: (n, options).
        key: (n,) the question's keys.
        purpose: which choice this is.
        temperature: of the softmax.
    """
    options = np.arange(utility.shape[1])
    lots = uniform(draws(key[:, None], FIRST_PURPOSE + purpose, options[None, :]))
    noise = -np.log(-np.log(np.ascontiguousarray(lots) + 2.0**-54))
    chosen: Ints = np.argmax(utility / temperature + noise, axis=1)
    return chosen


def ties(key: Ints, ids: Ints) -> Floats:
    """What decides between equals: a tiny keyed lot of each row for each id, (n, k)."""
    return 1e-9 * uniform(draws(key[:, None], FIRST_PURPOSE, ids))


def best(utility: Floats, tie: Floats) -> tuple[Ints, Floats]:
    """The best target of each row: its column and its utility; `tie` decides between equals."""
    chosen: Ints = np.argmax(utility + tie, axis=1)
    return chosen, utility[np.arange(len(utility)), chosen]
