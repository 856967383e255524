"""What Mesa's DataCollector collects: one small function for each number of the day."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from model.world.numbers import Day


class HasLatest(Protocol):
    """A community, as far as its numbers go."""

    @property
    def latest(self) -> Day:
        """The numbers of its last day."""


def _latest(model: HasLatest, name: str) -> Any:
    return getattr(model.latest, name)


def _reporter(name: str) -> Callable[[HasLatest], Any]:
    return partial(_latest, name=name)


#: Name of the number → reporter; the columns of `datacollector.get_model_vars_dataframe()`.
REPORTERS: dict[str, Callable[[HasLatest], Any]] = {name: _reporter(name) for name in Day.__slots__}
