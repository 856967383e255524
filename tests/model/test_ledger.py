"""The ledger of commitments by itself, and the whole of it against the log."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agents.decisions import Promise
from model.community import CommunityModel
from model.measures.behaviour import Rules
from model.store import MemoryRecorder
from model.world.commitments import Commitment, Ledger
from tests.measures.behaviour.settlement import settle
from tests.model.communities import live
from tests.model.minds import Wild

GIFT, SECURE, PEACE, MERGE = Promise.GIFT, Promise.SECURE, Promise.NO_ATTACK, Promise.MERGE

# --- the ledger by itself


class LedgerLives(RuleBasedStateMachine):
    """Whatever happens, each commitment is open or closed once, and pairs find their own."""

    @initialize()
    def begin(self) -> None:
        self.ledger, self.day = Ledger(), 1
        self.made: dict[int, tuple[int, ...]] = {}
        self.gifts: dict[int, int] = {}
        self.gone: set[int] = set()

    people = st.integers(1, 5)
    pairs = st.sampled_from([(a, b) for a in range(1, 6) for b in range(1, 6) if a != b])

    @rule(
        pair=pairs,
        what=st.sampled_from([GIFT, SECURE, PEACE, MERGE]),
        a=st.integers(1, 30),
        days=st.integers(0, 4),
    )
    def promise(self, pair: tuple[int, int], what: Promise, a: int, days: int) -> None:
        debtor, creditor = pair
        terms = (debtor, creditor, int(what), a, self.day + days)
        already = terms in [self.made[number] for number in self.ledger.open]
        made = self.ledger.make(self.day, 0, debtor, creditor, what, a, self.day + days)
        assert made != already
        if made:
            self.made[self.ledger.count] = terms
            self.gifts[self.ledger.count] = 0

    @rule(pair=pairs, units=st.integers(1, 20))
    def give(self, pair: tuple[int, int], units: int) -> None:
        giver, receiver = pair
        due = [c for c in self.ledger.between(giver, receiver) if c.what == GIFT]
        for c in due:
            self.gifts[c.number] += units
        kept = self.ledger.gave(self.day, giver, receiver, units)
        assert {c.number for c in kept} == {c.number for c in due if self.gifts[c.number] >= c.a}

    @rule(pair=pairs)
    def attack(self, pair: tuple[int, int]) -> None:
        attacker, victim = pair
        broken = self.ledger.attacked(self.day, attacker, victim)
        assert all((c.debtor, c.creditor, c.what) == (attacker, victim, PEACE) for c in broken)
        assert not any(c.what == PEACE for c in self.ledger.between(attacker, victim))

    @rule(worker=people, factory=st.integers(1, 30))
    def work(self, worker: int, factory: int) -> None:
        for c in self.ledger.worked(self.day, {worker: factory}):
            assert (c.debtor, c.what, c.a) == (worker, SECURE, factory)

    @rule(pair=pairs)
    def refuse(self, pair: tuple[int, int]) -> None:
        debtor, creditor = pair
        owed = len(self.ledger.between(debtor, creditor))
        assert self.ledger.refused(self.day, creditor, debtor) == owed
        assert self.ledger.between(debtor, creditor) == []

    @rule(pair=pairs)
    def merge(self, pair: tuple[int, int]) -> None:
        one, other = pair
        self.ledger.merged(self.day, [one], [other])
        left = self.ledger.between(one, other) + self.ledger.between(other, one)
        assert not any(c.what in (MERGE, GIFT) for c in left)

    @rule(near=st.sets(pairs, max_size=4))
    def stand(self, near: set[tuple[int, int]]) -> None:
        reach = np.array(sorted(((a - 1) << 32) | (b - 1) for a, b in near), np.int64)
        self.ledger.stood_near(reach, np.arange(5))
        for c in self.ledger.open.values():
            if c.what == PEACE and (c.debtor, c.creditor) in near:
                assert c.near

    @rule(who=people)
    def lose(self, who: int) -> None:
        self.ledger.left(who)
        self.gone.add(who)

    @rule()
    def sleep(self) -> None:
        gone = self.gone

        def judge(c: Commitment) -> tuple[str, str] | None:
            if c.debtor in gone or c.creditor in gone:
                return "unresolved", "gone"
            return ("broken", "due") if c.by <= self.day else None

        self.ledger.settle(self.day, judge)
        for c in self.ledger.open.values():
            assert c.by > self.day
            assert c.debtor not in gone
            assert c.creditor not in gone
        self.gone = set()
        self.day += 1

    @invariant()
    def each_is_open_or_closed_once(self) -> None:
        opened = set(self.ledger.open)
        closed = [row[0] for row in self.ledger.closed]
        assert len(closed) == len(set(closed))
        assert opened.isdisjoint(closed)
        assert opened | set(closed) == set(range(1, self.ledger.count + 1))

    @invariant()
    def pairs_hold_what_is_open(self) -> None:
        for number, c in self.ledger.open.items():
            assert c in self.ledger.between(c.debtor, c.creditor)
            assert self.made[number] == (c.debtor, c.creditor, int(c.what), c.a, c.by)
        pairs = {(c.debtor, c.creditor) for c in self.ledger.open.values()}
        total = sum(len(self.ledger.between(*pair)) for pair in pairs)
        assert total == len(self.ledger.open)

    @invariant()
    def nothing_is_closed_before_it_was_made(self) -> None:
        assert all(row[1] <= row[9] for row in self.ledger.closed)


LedgerLives.TestCase.settings = settings(max_examples=80, stateful_step_count=40)
TestTheLedger = LedgerLives.TestCase


def test_the_end_closes_everything_and_nothing_twice() -> None:
    ledger = Ledger()
    ledger.make(1, 0, 1, 2, GIFT, 5, 4)
    ledger.make(1, 0, 2, 1, PEACE, 0, 4)
    ledger.end(3)
    ledger.end(3)
    assert not ledger.open
    assert [row[8] for row in ledger.closed] == ["unresolved", "unresolved"]


# --- the whole ledger against the log


@settings(max_examples=15)
@given(salt=st.integers(0, 10**6), faults=st.sampled_from([0.0, 0.1]))
def test_the_ledger_of_a_wild_community_is_what_its_log_implies(salt: int, faults: float) -> None:
    model = CommunityModel(
        rng=salt,
        mind=Wild(salt, fault_share=faults, sane=0.85),
        recorder=MemoryRecorder(),
        residents=8,
        width=4,
        height=4,
        factory_spacing=2,
        days=14,
        hunger_limit=200,
        start_known=1.0,
    )
    live(model)
    model.finish()
    assert isinstance(model.recorder, MemoryRecorder)
    tables = model.recorder.tables()
    cells = zip(model.factories.x.tolist(), model.factories.y.tolist(), strict=True)
    names = ["day", "order", "debtor", "creditor", "what", "a", "by", "status", "closed"]
    world = tables["commitments"].sort_values("commitment")[names].astype(object)
    rebuilt = settle(tables, Rules(places=dict(enumerate(cells, start=1))))[names].astype(object)
    assert world.to_numpy().tolist() == rebuilt.to_numpy().tolist()
    days = tables["days"]
    opened = days["promises"].fillna(0).sum()
    assert opened == len(world)
