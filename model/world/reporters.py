"""What Mesa's DataCollector collects: one small function for each number of the day."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from model.world.numbers import Day

if TYPE_CHECKING:
    from model.community import CommunityModel


def _latest(model: CommunityModel, name: str) -> Any:
    return getattr(model.latest, name)


def _reporter(name: str) -> Callable[[CommunityModel], Any]:
    return partial(_latest, name=name)


#: Name of the number → reporter; the columns of `datacollector.get_model_vars_dataframe()`.
REPORTERS: dict[str, Callable[[CommunityModel], Any]] = {
    name: _reporter(name) for name in Day.__slots__
}
