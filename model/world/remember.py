"""What residents come to know in a day, kept for the next.

What they were told (claims, factories heard of, promises), what they see at nightfall, and their
notes and relations, with what each is told tomorrow that happened to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Claim
from agents.observation import Impossible, Since
from model.world.events import EventKind, EventStage
from model.world.promises import promise

if TYPE_CHECKING:
    from model.world.act import Effects
    from model.world.ask import Answers
    from model.world.deliver import Delivery
    from model.world.perceive import Snapshot
    from model.world.state import World


def hear(world: World, snapshot: Snapshot, delivery: Delivery, e: Effects) -> None:
    """What was shown is remembered: claimed stocks, factories heard of, promises, acceptances."""
    for sender, to, why in delivery.void:
        e.log.add(EventStage.COMMUNICATE, EventKind.VOID_MESSAGE, sender, max(to, 0), 0, -1, why)
        e.since.append((sender - 1, Since.IMPOSSIBLE, Impossible.MESSAGE, 0))
    said = delivery.messages
    if not len(said):
        return
    message, reader = delivery.shown
    rows = snapshot.rows[reader]
    claims = said.claims[message]
    heard, slot = np.nonzero(claims[:, :, 0] == int(Claim.STOCK))
    senders = said.sender[message[heard]] - 1
    world.memory.hear_stock(snapshot.day, rows[heard], senders, claims[heard, slot, 1])
    made = (claims[:, :, 0] == int(Claim.MAKES)) & (claims[:, :, 1] >= 1)
    heard, slot = np.nonzero(made & (claims[:, :, 1] <= len(world.factories)))
    if len(heard):
        factory = claims[heard, slot, 1] - 1
        about = world.about_factories(factory, seen=-1)
        about[:, 0], about[:, 5] = claims[heard, slot, 2], 1
        world.memory.hear_factories(rows[heard], factory, about)
    promise(world, snapshot, said, delivery.shown, e)


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


def remember(world: World, morning: Snapshot, answers: Answers, e: Effects) -> None:
    """Keep a day's notes and facts."""
    if world.scenario.memory:
        for row, note in zip(morning.rows.tolist(), answers.notes, strict=True):
            if note is not None:
                world.residents.note[row] = note
    world.memory.record(morning.day, e.facts)
    world.since = np.array(e.since, np.int64).reshape(-1, 4)
