"""What falls due today: commitments are settled, asks to merge that found no answer end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Fault, Promise
from agents.memory import Relation
from model.world.act import Effects
from model.world.ask import Answers
from model.world.commitments import Commitment
from model.world.events import EventKind, EventStage
from model.world.perceive import Snapshot

if TYPE_CHECKING:
    from model.world.state import World


def settle_commitments(world: World, snapshot: Snapshot, answers: Answers, e: Effects) -> None:
    """What falls due today is broken, impossible, released or unresolved."""
    if not world.ledger.open:
        return
    day, limit = snapshot.day, world.scenario.walk_secure
    questions, home = snapshot.questions, world.residents.household

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
                abs(int(world.factories.x[f] - questions.x[debtor])),
                abs(int(world.factories.y[f] - questions.y[debtor])),
            )
            if steps > limit or c.tried_since(day):
                return "impossible", c.tried_since(day) or "too far"
            return "broken", "did not work there"
        steps = max(
            abs(int(questions.x[debtor] - questions.x[creditor])),
            abs(int(questions.y[debtor] - questions.y[creditor])),
        )
        if steps > world.scenario.reach:
            return "impossible", "out of reach"
        if c.what == Promise.GIFT and snapshot.stock[debtor] < c.a - c.given_before(day):
            return "impossible", "stock too small"
        # An ask to merge waits for its answer; a gift is tried or not on the day.
        since = day - world.scenario.merge_days if c.what == Promise.MERGE else day
        if c.tried_since(since):
            return "impossible", c.tried_since(since)
        return "broken", "not given" if c.what == Promise.GIFT else "not merged"

    for c, status in world.ledger.settle(day, judge):
        if status == "kept":
            e.facts.append((c.creditor - 1, c.debtor - 1, Relation.KEPT, 1))
        elif status == "broken":
            e.facts.append((c.creditor - 1, c.debtor - 1, Relation.BROKEN, 1))


def close_asks(world: World, day: int, e: Effects) -> None:
    """An ask to merge that found no answer ends after `merge_days`."""
    homes = world.households
    gone = set(np.flatnonzero(homes.size[: homes.count] == 0).tolist())
    for _, row, target in world.asks.expire(day - world.scenario.merge_days, gone):
        e.log.void(EventStage.BIRTH, EventKind.MERGE_ASK, row, target, "no answer")
