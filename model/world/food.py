"""Food: everybody eats from its household's store; who owes too much is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Ints
from agents.purposes import Purpose
from agents.randomness import draws, uniform
from model.world.act import Effects
from model.world.events import EventKind, EventStage
from model.world.perceive import Snapshot
from model.world.population import leave
from model.world.scheduler import feed, needs

if TYPE_CHECKING:
    from model.world.state import World


class Food:
    """What was needed and eaten, by snapshot index, and how many were removed how."""

    def __init__(self, need: Ints, eaten: Ints) -> None:
        self.need = need
        self.eaten = eaten


def eat(world: World, snapshot: Snapshot, e: Effects) -> Food:
    """Everybody eats; who owes too much is removed."""
    people, scenario = world.residents, world.scenario
    rows, keys = snapshot.rows, snapshot.keys
    need = needs(draws(keys, Purpose.NEED), scenario.need)
    before = people.debt[rows]
    eaten, debt = feed(
        need, before, people.household[rows], draws(keys, Purpose.FEED), world.households
    )
    people.debt[rows] = debt
    short = np.flatnonzero(debt > before)
    e.log.add_many(
        EventStage.FOOD,
        EventKind.SHORT,
        (rows[short] + 1).tolist(),
        None,
        (debt - before)[short].tolist(),
    )
    starved = debt > scenario.hunger_limit
    for row in rows[starved].tolist():
        e.lost += leave(world, row, "hunger", EventStage.FOOD, e.log)
    if scenario.mortality > 0:
        dies = (uniform(draws(keys, Purpose.MORTALITY)) < scenario.mortality) & ~starved
        for row in rows[dies].tolist():
            e.lost += leave(world, row, "mortality", EventStage.FOOD, e.log)
    return Food(need, eaten)
