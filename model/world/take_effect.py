"""What a day does to the world, after the last reply: everything in one fixed order.

Heard claims and promises → walking and main acts → production and sharing → further acts → food and
removal → births → sight and memory. Nothing before this changed anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Claim, Fault, Ints, Promise
from agents.memory import Relation
from agents.observation import Impossible, Since
from agents.randomness import draws, uniform
from agents.regimes import REGIMES
from model.world.act import Effects, further_acts, main_acts
from model.world.ask import Answers
from model.world.commitments import Commitment
from model.world.deliver import Delivery
from model.world.draws import Purpose
from model.world.events import EventKind, EventStage
from model.world.perceive import Snapshot
from model.world.population import births, leave
from model.world.promises import promise
from model.world.scheduler import feed, needs, noise_factors, produce, split

if TYPE_CHECKING:
    from model.community import CommunityModel

_FAULT_STAGE = {
    Fault.PERCEIVE: EventStage.PERCEIVE,
    Fault.COMMUNICATE: EventStage.COMMUNICATE,
    Fault.ACT: EventStage.ACT,
    Fault.REMEMBER: EventStage.REMEMBER,
}


def take_effect(model: CommunityModel, snapshot: Snapshot, answers: Answers, e: Effects) -> Food:
    """Carry out a day."""
    for i, stage, cause in answers.faults:
        row = int(snapshot.rows[i])
        e.log.add(_FAULT_STAGE[Fault(stage)], EventKind.FAULT, row + 1, 0, 0, 0, cause)
        model.residents.faulted[row] = snapshot.day
    if answers.delivery is not None:
        _hear(model, snapshot, answers.delivery, e)
    does = answers.does()
    main_acts(model, snapshot, answers.acts, does, e)
    _work(model, snapshot, e)
    further_acts(model, snapshot, answers.acts, does, e)
    _settle_commitments(model, snapshot, answers, e)
    food = _eat(model, snapshot, e)
    births(model, snapshot.day, snapshot.all_keys, e)
    _close_asks(model, snapshot.day, e)
    look(model, snapshot.day, e.sighted)
    if model.scenario.memory:
        for row, note in zip(snapshot.rows.tolist(), answers.notes, strict=True):
            if note is not None:
                model.residents.note[row] = note
    model.memory.record(snapshot.day, e.facts)
    model.since = np.array(e.since, np.int64).reshape(-1, 4)
    return food


def look(model: CommunityModel, day: int, on_the_way: list[tuple[int, int]]) -> None:
    """Everybody sees the factories and residents in sight of where it stands at nightfall."""
    people, scenario, memory = model.residents, model.scenario, model.memory
    if len(memory.met) or len(memory.known):
        memory.forget(people.alive[: people.count])
    rows = people.living()
    x, y = people.x[rows], people.y[rows]
    seen = model.in_sight[x, y]
    i, k = np.nonzero(seen >= 0)
    watchers, factory = rows[i], seen[i, k]
    if on_the_way:
        passed = np.array(on_the_way, np.int64)
        passed = passed[people.alive[passed[:, 0]] == 1]
        watchers = np.concatenate([watchers, passed[:, 0]])
        factory = np.concatenate([factory, passed[:, 1]])
    memory.sight_factories(watchers, factory, model.about_factories(factory, seen=day))
    a, b, steps = model.neighbours(x, y)
    close = steps <= scenario.sight
    memory.meet(rows[a[close]], rows[b[close]])


def _hear(model: CommunityModel, snapshot: Snapshot, delivery: Delivery, e: Effects) -> None:
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
    model.memory.hear_stock(snapshot.day, rows[heard], senders, claims[heard, slot, 1])
    made = (claims[:, :, 0] == int(Claim.MAKES)) & (claims[:, :, 1] >= 1)
    heard, slot = np.nonzero(made & (claims[:, :, 1] <= len(model.factories)))
    if len(heard):
        factory = claims[heard, slot, 1] - 1
        about = model.about_factories(factory, seen=-1)
        about[:, 0], about[:, 5] = claims[heard, slot, 2], 1
        model.memory.hear_factories(rows[heard], factory, about)
    promise(model, snapshot, said, delivery.shown, e)


def _work(model: CommunityModel, snapshot: Snapshot, e: Effects) -> None:
    """Production, and the sharing of output among those who worked."""
    factories, people, scenario = model.factories, model.residents, model.scenario
    factories.workers[:] = 0
    factories.made[:] = 0
    hands = np.flatnonzero(e.worked >= 0)
    if not len(hands):
        return
    rows, crew = snapshot.rows[hands], e.worked[hands]
    skill = people.skill[rows]
    labour = np.zeros(len(factories), np.int64)
    np.add.at(labour, crew, skill)
    factories.workers[:] = np.bincount(crew, minlength=len(factories))
    made = produce(labour, factories.greatest(model.richness), factories.half)
    made[factories.out_until >= snapshot.day] = 0
    factories.made[:] = made
    base = REGIMES[scenario.regime].base(skill, people.standing[rows], crew)
    noise = noise_factors(
        draws(snapshot.keys[hands], Purpose.SHARE), scenario.allocation_noise, scenario.noise_floor
    )
    share = split(made, base * noise, crew)
    np.add.at(model.households.store, people.household[rows], share)
    e.paid[hands] = share
    e.put_in[hands] += share
    ids, at = (rows + 1).tolist(), (crew + 1).tolist()
    paid = share.tolist()
    for f in np.flatnonzero(factories.workers).tolist():
        hands_here = int(factories.workers[f])
        e.log.add(EventStage.PRODUCE, EventKind.PRODUCE, 0, f + 1, int(made[f]), hands_here)
    e.log.add_many(EventStage.PRODUCE, EventKind.WORK, ids, at, paid)
    e.since.extend((i - 1, Since.PAID, f, units) for i, f, units in zip(ids, at, paid, strict=True))
    for c in model.ledger.worked(snapshot.day, dict(zip(ids, at, strict=True))):
        e.facts.append((c.creditor - 1, c.debtor - 1, Relation.KEPT, 1))


def _settle_commitments(
    model: CommunityModel, snapshot: Snapshot, answers: Answers, e: Effects
) -> None:
    """What falls due today is broken, impossible, released or unresolved."""
    if not model.ledger.open:
        return
    day, limit = snapshot.day, model.scenario.walk_secure
    questions, home = snapshot.questions, model.residents.household

    def judge(c: Commitment) -> tuple[str, str] | None:
        debtor, creditor = (int(snapshot.index[i - 1]) for i in (c.debtor, c.creditor))
        if debtor < 0 or creditor < 0:
            return ("impossible", "removed") if debtor < 0 else ("unresolved", "beneficiary gone")
        together = home[c.debtor - 1] == home[c.creditor - 1]
        if together and c.what in (Promise.MERGE, Promise.GIFT):
            return "released", "one household"
        if c.by > day:
            return None
        if c.what == Promise.NO_ATTACK:
            return "kept", "no attack"
        if answers.fault[debtor] in (Fault.PERCEIVE, Fault.ACT):
            return "impossible", "fault"
        if c.what == Promise.SECURE:
            f = c.a - 1
            steps = max(
                abs(int(model.factories.x[f] - questions.x[debtor])),
                abs(int(model.factories.y[f] - questions.y[debtor])),
            )
            if steps > limit or c.tried_since(day):
                return "impossible", c.tried_since(day) or "too far"
            return "broken", "did not work there"
        steps = max(
            abs(int(questions.x[debtor] - questions.x[creditor])),
            abs(int(questions.y[debtor] - questions.y[creditor])),
        )
        if steps > model.scenario.reach:
            return "impossible", "out of reach"
        if c.what == Promise.GIFT and snapshot.stock[debtor] < c.a - c.given_before(day):
            return "impossible", "stock too small"
        # An ask to merge waits for its answer; a gift is tried or not on the day.
        since = day - model.scenario.merge_days if c.what == Promise.MERGE else day
        if c.tried_since(since):
            return "impossible", c.tried_since(since)
        return "broken", "not given" if c.what == Promise.GIFT else "not merged"

    for c, status in model.ledger.settle(day, judge):
        if status == "kept":
            e.facts.append((c.creditor - 1, c.debtor - 1, Relation.KEPT, 1))
        elif status == "broken":
            e.facts.append((c.creditor - 1, c.debtor - 1, Relation.BROKEN, 1))


class Food:
    """What was needed and eaten, by snapshot index, and how many were removed how."""

    def __init__(self, need: Ints, eaten: Ints) -> None:
        self.need = need
        self.eaten = eaten


def _eat(model: CommunityModel, snapshot: Snapshot, e: Effects) -> Food:
    """Everybody eats; who owes too much is removed."""
    people, scenario = model.residents, model.scenario
    rows, keys = snapshot.rows, snapshot.keys
    need = needs(draws(keys, Purpose.NEED), scenario.need)
    before = people.debt[rows]
    eaten, debt = feed(
        need, before, people.household[rows], draws(keys, Purpose.FEED), model.households
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
        e.lost += leave(model, row, "hunger", EventStage.FOOD, e.log)
    if scenario.mortality > 0:
        dies = (uniform(draws(keys, Purpose.MORTALITY)) < scenario.mortality) & ~starved
        for row in rows[dies].tolist():
            e.lost += leave(model, row, "mortality", EventStage.FOOD, e.log)
    return Food(need, eaten)


def _close_asks(model: CommunityModel, day: int, e: Effects) -> None:
    """An ask to merge that found no answer ends after `merge_days`."""
    homes = model.households
    gone = set(np.flatnonzero(homes.size[: homes.count] == 0).tolist())
    for _, row, target in model.asks.expire(day - model.scenario.merge_days, gone):
        e.log.void(EventStage.BIRTH, EventKind.MERGE_ASK, row, target, "no answer")
