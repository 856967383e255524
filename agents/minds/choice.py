"""Choosing: values and needs into utilities, utilities into choices, row by row and bit for bit.

A batch of n gives the same as n batches of one: sums run over the ten values in a fixed order, no
reduction crosses rows, no BLAS; randomness is the question's key.
"""

from __future__ import annotations

import numpy as np

from agents.decisions import Ints
from agents.minds.utilities import UtilityTable
from agents.purposes import Purpose
from agents.randomness import Floats, drawn, draws, seeds, uniform

NEVER = -1e9
#: A day's food, in units.
DAY = 10.0
#: Columns of a day's noise: one span for each choice, so that none shares another's.
MAIN, FURTHER, WORK, OTHER = slice(0, 12), slice(12, 16), slice(16, 20), slice(20, 48)


def meanings(told: Ints, table: UtilityTable, factor: float) -> Floats:
    """φ of every act of the table, (acts, n): factor · Σ_v (weight_v / 50) · entry."""
    phi = np.zeros((len(table.acts), len(told)))
    weights = told * (factor / 50.0)
    for k in range(told.shape[1]):
        phi += table.entries[:, k, None] * weights[None, :, k]
    return phi


def need_of(stock: Floats) -> Floats:
    """How much a day's food is worth at a stock (units): 3 with nothing, falling toward 1."""
    return 2.0 * (0.5 + 1.0 / (1.0 + stock / 30.0))


def gumbel(key: Ints, options: int) -> Floats:
    """Gumbel noise of each row for so many options, (n, options)."""
    lots = uniform(draws(key[:, None], Purpose.CHOICE, np.arange(options)[None, :]))
    noise: Floats = -np.log(-np.log(lots + 2.0**-54))
    return noise


def choose(utility: Floats, noise: Floats, temperature: float) -> Ints:
    """The softmax choice of each row by its Gumbel noise; options at `NEVER` are not feasible.

    Args:
        utility: (n, options).
        noise: (n, at least so many options), of its own for each choice of a day.
        temperature: of the softmax.
    """
    chosen: Ints = np.argmax(utility / temperature + noise[:, : utility.shape[1]], axis=1)
    return chosen


def ties(key: Ints, row: Ints, ids: Ints) -> Floats:
    """What decides between equals: a tiny lot of each row's key for each id, (k,)."""
    return 1e-9 * uniform(drawn(seeds(key, Purpose.TIE)[row], ids))
