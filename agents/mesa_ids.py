"""Unique ids of Mesa agents, counted without a table that keeps finished models in memory.

Mesa counts the agents of every model in one table of its `Agent` class, whose keys keep each model
alive as long as the process lives: two hundred small runs hold two hundred communities. The table
here says the same and forgets a model with the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from mesa import Model


class Numbers:
    """The next number of each model's agents, from 1; what `Agent._ids` is to Mesa."""

    def __init__(self) -> None:
        self._next: WeakKeyDictionary[Model, Iterator[int]] = WeakKeyDictionary()

    def __getitem__(self, model: Model) -> Iterator[int]:
        return self._next.setdefault(model, count(1))


#: Shared by all kinds of agents, so that no two of a model have one number.
NUMBERS = Numbers()
