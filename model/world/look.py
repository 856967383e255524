"""Sight at nightfall: who sees which factories and whom it meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from model.world.state import World


def look(world: World, day: int, on_the_way: list[tuple[int, int]]) -> None:
    """Everybody sees the factories and residents in sight of where it stands at nightfall."""
    people, scenario, memory = world.residents, world.scenario, world.memory
    if len(memory.met) or len(memory.known):
        memory.forget(people.alive[: people.count])
    rows = people.living()
    x, y = people.x[rows], people.y[rows]
    seen = world.in_sight[x, y]
    i, k = np.nonzero(seen >= 0)
    watchers, factory = rows[i], seen[i, k]
    if on_the_way:
        passed = np.array(on_the_way, np.int64)
        passed = passed[people.alive[passed[:, 0]] == 1]
        watchers = np.concatenate([watchers, passed[:, 0]])
        factory = np.concatenate([factory, passed[:, 1]])
    memory.sight_factories(watchers, factory, world.about_factories(factory, seen=day))
    a, b, steps = world.neighbours(x, y)
    close = steps <= scenario.sight
    memory.meet(rows[a[close]], rows[b[close]])
