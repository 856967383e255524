"""What was shown to its readers is remembered: claims, factories heard of, promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Claim
from agents.observation import Impossible, Since
from model.world.act import Effects
from model.world.deliver import Delivery
from model.world.events import EventKind, EventStage
from model.world.perceive import Snapshot
from model.world.promises import promise

if TYPE_CHECKING:
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
