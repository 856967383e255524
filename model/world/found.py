"""The initial state: founders on the grid, what they see, and day 0's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from model.world.look import look
from model.world.numbers import Day
from model.world.population import enter_founders
from model.world.summarise import state

if TYPE_CHECKING:
    from model.world.state import World


def found(world: World) -> None:
    """Put the founders into a new world and count it as day 0."""
    enter_founders(world)
    look(world, 0, [])
    world.here.days.append(Day(**cast("Any", state(world, 0))))
