"""What each does alone, and what its faults and its day come to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.decisions import STEP, Direction
from agents.observation import Stage
from model.world.act import why_not_promote
from tests.model.acting import SIDE_BY_SIDE, lived, voids
from tests.model.communities import events, live, quiet, store, table
from tests.model.minds import Puppet, attack, explore, gift, promote, secure

# --- walking and working


@pytest.mark.parametrize(
    ("place", "walked", "works"),
    [
        ((9, 9), (9, 9), True),
        ((5, 5), (9, 9), True),
        ((9, 5), (9, 9), True),
        ((4, 9), (8, 9), False),
        ((0, 0), (4, 4), False),
        ((0, 7), (4, 9), False),
    ],
)
def test_a_resident_walks_four_cells_toward_its_factory_and_works_on_arrival(
    place: tuple[int, int], walked: tuple[int, int], works: bool
) -> None:
    model = lived({1: {1: secure(1)}}, places=[place])
    assert (model.residents.x[0], model.residents.y[0]) == walked
    assert len(events(model, "work")) == int(works)
    travel = [(row["target"], row["amount"]) for row in events(model, "travel")]
    assert travel == ([] if works else [(1, 4)])
    assert model.latest.work + model.latest.travel == 1


def test_who_works_is_paid_into_the_store_of_its_household() -> None:
    model = lived({1: {1: secure(1)}}, places=[(9, 9)], stocks=[3])
    assert store(model, 1) == 53
    assert events(model, "work")[0]["amount"] == 50


@pytest.mark.parametrize(("factory", "why"), [(2, "no such factory"), (0, "no such factory")])
def test_work_at_no_factory_is_void(factory: int, why: str) -> None:
    model = lived({1: {1: secure(factory)}})
    assert voids(model) == [(1, max(factory, 0), f"work: {why}")]
    assert (model.residents.x[0], model.residents.y[0]) == SIDE_BY_SIDE[0]


def test_work_at_a_factory_that_one_does_not_know_is_void() -> None:
    model = quiet(Puppet({1: {1: secure(1)}}), places=SIDE_BY_SIDE, factory=(9, 9))
    model.memory.known, model.memory.about = model.memory.known[:0], model.memory.about[:0]
    live(model, 1)
    assert voids(model) == [(1, 1, "work: factory unknown")]


@pytest.mark.parametrize("way", list(Direction))
def test_exploring_walks_three_cells_that_way(way: Direction) -> None:
    model = lived({1: {1: explore(int(way))}}, places=[(5, 5)])
    there = (5 + 3 * STEP[way][0], 5 + 3 * STEP[way][1])
    assert (model.residents.x[0], model.residents.y[0]) == there
    assert events(model, "explore")[0]["amount"] == 3


@pytest.mark.parametrize("way", list(Direction))
def test_exploring_ends_at_the_edge(way: Direction) -> None:
    model = lived({1: {1: explore(int(way))}, 2: {1: explore(int(way))}}, places=[(1, 10)])
    assert 0 <= model.residents.x[0] < 12
    assert 0 <= model.residents.y[0] < 12


def test_an_explorer_sees_what_lies_on_its_way_and_says_how_much_was_new() -> None:
    """With sight 1 and six steps east, the factory is passed and out of sight at nightfall."""
    acts = {1: {1: explore(int(Direction.E))}, 2: {1: explore(int(Direction.W))}}
    model = quiet(Puppet(acts), residents=1, start_known=0.0, sight=1, walk_explore=6, rng=4)
    x, y = int(model.factories.x[0]), int(model.factories.y[0])
    assert 3 <= x <= 8
    assert y >= 1
    model.residents.x[0], model.residents.y[0] = x - 3, y - 1
    assert not model.memory.knows(np.array([0]), np.array([0]))[0]
    live(model, 2)
    assert [row["outcome"] for row in events(model, "explore")] == [1, 0]
    assert model.memory.knows(np.array([0]), np.array([0]))[0]


# --- promotion


@pytest.mark.parametrize(
    ("spend", "skill", "standing", "left"),
    [(10, 110, 120, 90), (20, 118, 140, 80), (19, 110, 120, 90), (25, 118, 140, 80)],
)
def test_promotion_buys_skill_and_standing_by_the_ten(
    spend: int, skill: int, standing: int, left: int
) -> None:
    model = lived({1: {1: promote(spend)}})
    assert (model.residents.skill[0], model.residents.standing[0]) == (skill, standing)
    assert store(model, 1) == left
    assert model.latest.destroyed == 100 - left


@given(st.integers(1, 40))
@settings(max_examples=5)
def test_skill_never_passes_its_limit(days: int) -> None:
    model = lived({day: {1: promote(20)} for day in range(1, days)}, days=days, stocks=[10**6])
    assert 100 <= model.residents.skill[0] <= 150
    assert model.residents.standing[0] == 100 + 40 * (days - 1)


@pytest.mark.parametrize(
    ("spend", "stock", "why"),
    [
        (9, 100, "less than one step"),
        (0, 100, "less than one step"),
        (-20, 100, "less than one step"),
        (30, 100, "more than a day allows"),
        (20, 19, "stock too small"),
        (10, 9, "stock too small"),
    ],
)
def test_promotion_that_cannot_be_paid_is_void(spend: int, stock: int, why: str) -> None:
    model = lived({1: {1: promote(spend)}}, stocks=[stock, 100])
    assert voids(model) == [(1, 0, f"promote: {why}")]
    assert store(model, 1) == stock
    assert why_not_promote(stock, spend, 10, 2) == why


def test_idling_does_nothing() -> None:
    model = lived({1: {}})
    assert model.latest.idle == 2
    assert [store(model, who) for who in (1, 2)] == [100, 100]


# --- faults, and what each is told


@pytest.mark.parametrize(
    ("stage", "acts"),
    [
        (Stage.PERCEIVE, False),
        (Stage.ACT, False),
        (Stage.COMMUNICATE, True),
        (Stage.REMEMBER, True),
    ],
)
def test_a_fault_at_perceive_or_act_ends_the_day_and_others_do_not(
    stage: Stage, acts: bool
) -> None:
    model = lived({1: {1: gift(2, 5)}}, faults=frozenset({(1, stage, 1)}))
    assert model.latest.gifts == int(acts)
    assert model.latest.idle == 1 + acts
    assert model.latest.faults == 1
    assert model.latest.faultless == 2 - (stage is not Stage.REMEMBER)
    assert model.latest.verdicts == (5 if stage is Stage.PERCEIVE else 8)
    row = table(model, "residents").iloc[0]
    assert row["fault"] == stage.name.lower()


@pytest.mark.parametrize(("stage", "acts"), [(Stage.MORNING, False), (Stage.EVENING, False)])
def test_a_fault_in_fused_cognition_ends_the_day(stage: Stage, acts: bool) -> None:
    model = lived({1: {1: gift(2, 5)}}, faults=frozenset({(1, stage, 1)}), cognition="fused")
    assert model.latest.gifts == int(acts)
    assert model.latest.idle == 1
    row = table(model, "residents").iloc[0]
    assert row["fault"] == ("perceive" if stage is Stage.MORNING else "act")


def test_a_fault_at_remember_keeps_the_old_note_and_an_act_fault_still_asks_for_it() -> None:
    notes = {(day, who): f"day {day}" for day in (1, 2, 3) for who in (1, 2)}
    faults = frozenset({(2, Stage.REMEMBER, 1), (3, Stage.ACT, 1)})
    model = quiet(Puppet(faults=faults, notes=notes), places=SIDE_BY_SIDE)
    seen = []
    for _ in range(3):
        live(model, 1)
        seen.append(model.residents.note[0])
    assert seen == ["day 1", "day 1", "day 3"]


def test_what_happened_to_each_is_told_to_it_the_next_morning() -> None:
    mind = Puppet({1: {1: gift(2, 7), 3: attack(1), 4: secure(1)}})
    model = live(quiet(mind, places=[(5, 5), (5, 6), (6, 6), (9, 9)], factory=(9, 9)), 2)
    morning = next(b for b in mind.asked if b.day == 2 and b.stage is Stage.PERCEIVE)
    told = {morning[row].id: set(morning[row].since) for row in range(len(morning))}
    loot = events(model, "attack")[0]["amount"]
    assert told[1] == {(1, 2, 7), (3, 3, loot)}
    assert told[2] == {(2, 1, 7), (5, 3, 1)}
    assert told[3] == {(4, 1, loot)}
    assert told[4] == {(0, 1, 50)}


def test_who_tried_the_impossible_is_told_so() -> None:
    mind = Puppet({1: {1: gift(9, 7), 2: promote(5)}})
    live(quiet(mind, places=SIDE_BY_SIDE), 2)
    morning = next(b for b in mind.asked if b.day == 2)
    assert [morning[row].since for row in (0, 1)] == [((8, 4, 0),), ((8, 2, 0),)]
