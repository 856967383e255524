"""Work: what each factory makes today, and how those who worked there share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.memory import Relation
from agents.observation import Since
from agents.purposes import Purpose
from agents.randomness import draws
from agents.regimes import REGIMES
from model.world.act import Effects
from model.world.events import EventKind, EventStage
from model.world.perceive import Snapshot
from model.world.scheduler import noise_factors, produce, split

if TYPE_CHECKING:
    from model.world.state import World


def work(world: World, snapshot: Snapshot, e: Effects) -> None:
    """Production, and the sharing of output among those who worked."""
    factories, people, scenario = world.factories, world.residents, world.scenario
    factories.workers[:] = 0
    factories.made[:] = 0
    hands = np.flatnonzero(e.worked >= 0)
    if not len(hands):
        return
    rows, crew = snapshot.rows[hands], e.worked[hands]
    skill = people.skill[rows]
    labour = np.zeros(len(factories), np.int64)
    # `add.at`: many work at one factory, of whom `+=` would count one.
    np.add.at(labour, crew, skill)
    factories.workers[:] = np.bincount(crew, minlength=len(factories))
    made = produce(labour, factories.greatest(world.here.richness), factories.half)
    made[factories.out_until >= snapshot.day] = 0
    factories.made[:] = made
    base = REGIMES[scenario.regime].base(skill, people.standing[rows], crew)
    noise = noise_factors(
        draws(snapshot.keys[hands], Purpose.SHARE), scenario.allocation_noise, scenario.noise_floor
    )
    share = split(made, base * noise, crew)
    # Members of one household are paid into one store.
    np.add.at(world.households.store, people.household[rows], share)
    e.paid[hands] = share
    e.put_in[hands] += share
    ids, at = (rows + 1).tolist(), (crew + 1).tolist()
    paid = share.tolist()
    for f in np.flatnonzero(factories.workers).tolist():
        hands_here = int(factories.workers[f])
        e.log.add(EventStage.PRODUCE, EventKind.PRODUCE, 0, f + 1, int(made[f]), hands_here)
    e.log.add_many(EventStage.PRODUCE, EventKind.WORK, ids, at, paid)
    e.since.extend((i - 1, Since.PAID, f, units) for i, f, units in zip(ids, at, paid, strict=True))
    for c in world.ledger.worked(snapshot.day, dict(zip(ids, at, strict=True))):
        e.facts.append((c.creditor - 1, c.debtor - 1, Relation.KEPT, 1))
