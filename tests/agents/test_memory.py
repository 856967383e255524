"""What code remembers: sums over ten days, claims over five, factories seen and heard."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.memory import Memory, Relation, distinct, find, joined, pair_codes, pair_rows

rows = st.integers(0, 12)
pairs = st.lists(st.tuples(rows, rows), max_size=30)


def codes_of(given_pairs: list[tuple[int, int]]) -> np.ndarray:
    a, b = np.array(given_pairs, np.int64).reshape(-1, 2).T
    return pair_codes(a, b)


@given(pairs)
def test_codes_give_their_pairs_back_in_the_order_of_pairs(given_pairs: list[tuple]) -> None:
    codes = codes_of(given_pairs)
    assert list(zip(*(side.tolist() for side in pair_rows(codes)), strict=True)) == given_pairs
    ordered = list(zip(*(s.tolist() for s in pair_rows(distinct(codes))), strict=True))
    assert ordered == sorted(set(given_pairs))


@given(pairs, pairs)
def test_finding_and_joining_are_those_of_sets(one: list[tuple], other: list[tuple]) -> None:
    codes, wanted = distinct(codes_of(one)), codes_of(other)
    assert find(codes, wanted)[1].tolist() == [int(pair in one) for pair in other]
    assert (joined(codes, wanted) == distinct(codes_of(one + other))).all()


facts = st.lists(
    st.tuples(st.integers(1, 30), rows, rows, st.sampled_from(list(Relation)), st.integers(1, 50)),
    max_size=40,
)


@given(facts)
def test_relations_are_the_sums_of_the_ten_days_before(events: list[tuple]) -> None:
    memory = Memory()
    for day in range(1, 31):
        memory.record(day, [fact[1:] for fact in events if fact[0] == day])
        codes, table = memory.relations(day + 1)
        told = {
            (row, other, what): table[i, what]
            for i, (row, other) in enumerate(
                zip(*(side.tolist() for side in pair_rows(codes)), strict=True)
            )
            for what in Relation
            if table[i, what]
        }
        expected: dict[tuple, int] = {}
        for when, row, other, what, amount in events:
            if day - 9 <= when <= day:
                key = (row, other, what)
                expected[key] = expected.get(key, 0) + amount
        assert told == expected


claims = st.lists(st.tuples(st.integers(1, 15), rows, rows, st.integers(0, 99)), max_size=30)


@given(claims)
def test_the_latest_claim_of_five_days_is_remembered(said: list[tuple]) -> None:
    memory = Memory()
    said = sorted(said, key=lambda claim: claim[0])
    for day in range(1, 16):
        today = np.array([c[1:] for c in said if c[0] == day], np.int64).reshape(-1, 3)
        memory.hear_stock(day, *today.T)
        codes, table = memory.claimed_stocks(day + 1)
        found = {
            pair: tuple(table[i])
            for i, pair in enumerate(
                zip(*(side.tolist() for side in pair_rows(codes)), strict=True)
            )
        }
        expected = {
            (row, other): (stock, when)
            for when, row, other, stock in said
            if day - 4 <= when <= day
        }
        assert found == expected


def test_hearing_of_a_factory_never_overwrites_and_seeing_always_does() -> None:
    memory = Memory()
    me, factory = np.array([3]), np.array([1])

    def about(most: int, heard: int) -> np.ndarray:
        return np.array([[most, 100, -1, 0, 0, heard]])

    assert memory.hear_factories(me, factory, about(999, 1)) == 1
    assert memory.hear_factories(me, factory, about(5, 1)) == 0
    assert memory.belief_of_output(me, factory).tolist() == [999]
    assert memory.sight_factories(me, factory, about(280, 0)) == 0
    assert memory.belief_of_output(me, factory).tolist() == [280]
    assert memory.about[0, 5] == 0
    assert memory.belief_of_output(me, np.array([0])).tolist() == [-1]
    assert memory.knows(np.array([3, 3, 2]), np.array([1, 0, 1])).tolist() == [1, 0, 0]


def test_the_dead_are_forgotten_and_what_they_knew_with_them() -> None:
    memory = Memory()
    memory.meet(np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]))
    memory.sight_factories(np.array([0, 1, 2]), np.array([0, 0, 0]), np.zeros((3, 6), np.int64))
    memory.forget(np.array([1, 0, 1]))
    assert memory.met.tolist() == []
    assert pair_rows(memory.known)[0].tolist() == [0, 2]


def test_what_was_suffered_is_remembered_for_ever() -> None:
    memory = Memory()
    memory.record(1, [(4, 2, Relation.ATTACKS_IN, 1), (4, 2, Relation.ATTACKS_OUT, 1)])
    memory.relations(500)
    assert (4, 2, Relation.ATTACKS_IN) in memory.ever
    assert memory.relations(500)[0].tolist() == []
