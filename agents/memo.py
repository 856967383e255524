"""Memoize a pure function of arrays: its latest value is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from agents.decisions import Ints

T = TypeVar("T", bound=NDArray[Any] | tuple[NDArray[Any], ...])


class Latest(Generic[T]):
    """Memoize a pure function of integer arrays: computed anew only where one of them differs.

    A day's later question repeats its first one's keys and told weights, and residents stand in the
    morning where they stood at night. The value, an array or a tuple of them, cannot be written to.
    """

    def __init__(self, function: Callable[..., T]) -> None:
        self.function = function
        self._kept: tuple[tuple[Ints, ...], T] | None = None

    def __call__(self, *given: Ints) -> T:
        """The function's value."""
        kept = self._kept  # one reading: another thread may keep its own value meanwhile
        if kept is None or not all(map(np.array_equal, kept[0], given)):
            value = self.function(*given)
            arrays: tuple[NDArray[Any], ...] = value if isinstance(value, tuple) else (value,)
            for array in arrays:
                array.flags.writeable = False
            self._kept = kept = tuple(np.array(one) for one in given), value
        return kept[1]
