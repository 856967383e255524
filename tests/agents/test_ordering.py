"""Sorting by digits gives what numpy's sort gives, equal codes as they came."""

from __future__ import annotations

import numpy as np
import pytest

from agents.sorting import stable_order


@pytest.mark.parametrize("bits", [1, 15, 16, 17, 32, 33, 47, 62])
@pytest.mark.parametrize("count", [0, 1, 499, 500, 3000])
def test_the_order_is_numpy_s(bits: int, count: int) -> None:
    lots = np.random.Generator(np.random.Philox(bits))
    for most in (1, 7, 2**bits):
        codes = lots.integers(0, min(most, 2**bits), count)
        expected = np.argsort(codes, kind="stable")
        assert stable_order(codes, bits).tolist() == expected.tolist()
