"""Sorting many small numbers, by counting digit after digit where that is faster."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.decisions import Ints

#: From so many codes on, counting is faster than comparing.
_MANY: Final = 500
_DIGIT: Final = 16


def begins(ordered: Ints) -> NDArray[np.bool_]:
    """Where each run of equal numbers begins, (k,)."""
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def stable_order(codes: Ints, bits: int) -> Ints:
    """The order that sorts codes, equal ones as they came; `numpy.argsort(codes, kind="stable")`.

    Args:
        codes: whole numbers ≥ 0, (k,).
        bits: of the largest.
    """
    if len(codes) < _MANY:
        # Stable as the long way below, so that the length of a table never decides an order.
        return codes.argsort(kind="stable")
    # numpy sorts numbers of 16 bits by counting, in time linear in their number.
    order = codes.astype(np.uint16).argsort(kind="stable")
    for shift in range(_DIGIT, bits, _DIGIT):
        digit = (codes >> shift).astype(np.uint16)
        # Radix sort, lowest digit first: it is right only because each pass is stable.
        order = order[digit[order].argsort(kind="stable")]
    return order
