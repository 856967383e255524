"""What each act does, and why it can be void."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.decisions import STEP, Direction
from agents.observation import OneAct, Stage
from agents.randomness import below, day_keys, draws
from model.community import CommunityModel
from model.draws import Purpose
from model.interactions import contest_is_won, why_not_give, why_not_promote
from tests.model.communities import events, home, live, quiet, store, table
from tests.model.minds import Puppet, attack, explore, gift, merge, promote, secure

SIDE_BY_SIDE = [(0, 0), (0, 1)]


def lived(
    acts: dict[int, dict[int, OneAct]], days: int | None = None, **fields: Any
) -> CommunityModel:
    """A quiet community in which nobody is hungry, after some days of given acts."""
    faults = fields.pop("faults", frozenset())
    fields = {"places": SIDE_BY_SIDE, "factory": (9, 9), "need": (0,), **fields}
    return live(quiet(Puppet(acts, faults=faults), **fields), days or max(acts))


def voids(model: CommunityModel) -> list[tuple[int, int, str]]:
    return [(row["actor"], row["target"], row["reason"]) for row in events(model, "void")]


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


# --- gifts


def test_a_gift_moves_units_from_store_to_store() -> None:
    model = lived({1: {1: gift(2, 30)}})
    assert [store(model, who) for who in (1, 2)] == [70, 130]
    assert (model.latest.gifts, model.latest.gift_units) == (1, 30)


@pytest.mark.parametrize(
    ("who", "amount", "why"),
    [
        (2, 101, "stock too small"),
        (2, 0, "nothing to give"),
        (2, -5, "nothing to give"),
        (1, 5, "itself"),
        (9, 5, "no such resident"),
        (0, 5, "no such resident"),
        (-3, 5, "no such resident"),
        (3, 5, "out of reach"),
    ],
)
def test_a_gift_that_cannot_be_made_is_void_and_moves_nothing(
    who: int, amount: int, why: str
) -> None:
    model = lived({1: {1: gift(who, amount)}}, places=[(0, 0), (0, 1), (0, 2)])
    assert voids(model) == [(1, max(who, 0), f"gift: {why}")]
    assert [store(model, resident) for resident in (1, 2, 3)] == [100, 100, 100]


def test_a_gift_comes_out_of_ones_own_share_of_the_store() -> None:
    acts = {1: {1: merge(2), 2: merge(1)}, 2: {1: gift(3, 101)}, 3: {1: gift(3, 100)}}
    model = lived(acts, places=[(0, 0), (0, 1), (1, 0)])
    assert [row[2] for row in voids(model)] == ["gift: stock too small"]
    assert (store(model, 1), store(model, 3)) == (100, 200)


@given(st.integers(-5, 50), st.integers(-5, 50), st.booleans())
def test_a_gift_is_possible_exactly_when_the_stock_covers_it(
    stock: int, amount: int, together: bool
) -> None:
    able = 1 <= amount <= stock and not together
    assert (why_not_give(stock, amount, together) == "") == able


# --- attacks


def test_an_attack_moves_two_fifths_of_the_stock_and_costs_both_five() -> None:
    outcomes = set()
    for rng in range(12):
        model = lived({1: {1: attack(2)}}, rng=rng)
        won = bool(model.latest.attack_wins)
        outcomes.add(won)
        loot = 40 if won else 0
        assert [store(model, who) for who in (1, 2)] == [100 + loot - 5, 100 - loot - 5]
        assert model.latest.destroyed == 10
        assert model.latest.loot == loot
        assert events(model, "attack")[0]["outcome"] == int(won)
    assert outcomes == {True, False}


def test_an_attack_on_an_empty_store_is_still_an_attack() -> None:
    model = lived({1: {1: attack(2)}}, stocks=[3, 0])
    assert [store(model, who) for who in (1, 2)] == [0, 0]
    assert (model.latest.attacks, model.latest.loot, model.latest.destroyed) == (1, 0, 3)
    assert voids(model) == []


def test_loot_is_of_one_share_of_a_household_and_rounded_down() -> None:
    for rng in range(20):
        acts = {1: {2: merge(3), 3: merge(2)}, 2: {1: attack(2)}}
        model = lived(acts, places=[(0, 0), (0, 1), (1, 0)], stocks=[100, 60, 61], rng=rng)
        if model.latest.attack_wins:
            assert model.latest.loot == 24
            assert store(model, 2) == 121 - 24 - 5
            return
    pytest.fail("twenty even fights and none was won")


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 2**31 - 1))
def test_the_contest_is_tullocks(mine: int, its: int, lot: int) -> None:
    if mine + its:
        chance = mine * mine / (mine * mine + its * its)
        assert contest_is_won(mine, its, lot) == (lot / 2**31 < chance) or np.isclose(
            lot / 2**31, chance, atol=1e-9
        )
    assert not contest_is_won(0, its, lot)
    assert contest_is_won(mine, 0, lot) == (mine > 0)


def test_the_stronger_wins_as_often_as_the_contest_says() -> None:
    """Skill 150 and standing 100 against 100 and 100: 200² against 150², in 16 of 25 fights."""
    keys = np.array([day_keys(seed, 1, 1)[0] for seed in range(20_000)])
    lots = below(draws(keys, Purpose.CONTEST, 2), 1 << 31)
    won = np.mean([contest_is_won(400, 300, lot) for lot in lots.tolist()])
    assert abs(won - 16 / 25) < 0.012
    for rng in range(30):
        model = quiet(Puppet({1: {1: attack(2)}}), places=SIDE_BY_SIDE, rng=rng)
        model.residents.skill[0] = 150
        assert live(model, 1).latest.attack_wins == contest_is_won(400, 300, int(lots[rng]))


def test_who_had_the_attacker_in_sight_this_morning_saw_it() -> None:
    places = [(5, 5), (5, 6), (7, 7), (3, 5), (8, 5), (5, 2)]
    model = lived({1: {1: attack(2)}}, places=places)
    assert list(events(model, "attack")[0]["witnesses"]) == [3, 4]


@pytest.mark.parametrize("act", [attack(2), gift(2, 5), merge(2)], ids=["attack", "gift", "merge"])
@pytest.mark.parametrize(("away", "reached"), [(0, True), (1, True), (2, False)])
def test_further_acts_reach_one_cell_as_things_stood_this_morning(
    act: OneAct, away: int, reached: bool
) -> None:
    """The target walks off before, or comes near; this morning counts."""
    way = explore(int(Direction.E)) if reached else explore(int(Direction.W))
    model = lived({1: {1: act, 2: way}}, places=[(4, 4), (4 + away, 4)])
    assert [reason.endswith("out of reach") for *_, reason in voids(model)] == [True] * (
        not reached
    )


def test_two_who_became_one_household_today_neither_give_nor_fight_today() -> None:
    """Order is drawn: whoever comes after the merge finds its target at home."""
    seen = set()
    for rng in range(12):
        acts = {1: {1: merge(2), 3: attack(1)}, 2: {2: merge(1), 3: merge(1), 1: attack(3)}}
        model = lived(acts, places=[(0, 0), (0, 1), (1, 0)], rng=rng)
        seen |= {reason for *_, reason in voids(model)}
        assert store(model, 1) >= 0
    assert not any("broken" in reason for reason in seen)


@pytest.mark.parametrize(
    ("switch", "act"), [("gifts", gift(2, 5)), ("attacks", attack(2)), ("merges", merge(2))]
)
def test_what_is_switched_off_is_void(switch: str, act: OneAct) -> None:
    model = lived({1: {1: act}}, **{switch: False})
    assert [reason.split(": ")[1] for *_, reason in voids(model)] == ["switched off"]


# --- merging


def test_two_asks_make_one_household_with_one_store() -> None:
    model = lived({1: {1: merge(2), 2: merge(1)}}, stocks=[70, 31])
    assert home(model, 1) == home(model, 2)
    assert store(model, 1) == 101
    assert (model.latest.merges, model.latest.households) == (1, 1)
    assert model.agents.select(lambda agent: getattr(agent, "row", None) == 0)[0].stock == 50


@pytest.mark.parametrize(("answer", "joined"), [(1, True), (2, True), (4, True), (5, False)])
def test_an_ask_is_answered_within_three_days_of_it(answer: int, joined: bool) -> None:
    acts: dict[int, dict[int, OneAct]] = {1: {1: merge(2)}}
    acts.setdefault(answer, {})[2] = merge(1)
    model = lived(acts, days=9)
    assert (home(model, 1) == home(model, 2)) == joined
    ended = [row["day"] for row in events(model, "void") if "no answer" in row["reason"]]
    assert ended == ([] if joined else [4, 8])


def test_any_members_ask_counts_for_its_household() -> None:
    """R1 and R2 share a store; R2 asks R3, and R3 answers to R1."""
    acts = {1: {1: merge(2), 2: merge(1)}, 2: {2: merge(3)}, 3: {3: merge(1)}}
    model = lived(acts, places=[(0, 0), (0, 1), (1, 1)])
    assert home(model, 1) == home(model, 2) == home(model, 3)
    assert events(model, "merge")[-1]["amount"] == 3


def test_a_household_never_grows_beyond_its_limit() -> None:
    acts = {1: {1: merge(2), 2: merge(1)}, 2: {1: merge(3), 3: merge(1)}}
    model = lived(acts, places=[(0, 0), (0, 1), (1, 0)], max_household=2)
    assert home(model, 3) != home(model, 1) == home(model, 2)
    assert {reason for *_, reason in voids(model)} == {"merge_ask: household too large"}


def test_merging_changes_no_treatment() -> None:
    fields: dict[str, Any] = {"value": "PO", "prevalence": 0.5, "places": [(0, 0), (0, 1)]}
    model = quiet(Puppet({1: {1: merge(2), 2: merge(1)}}), **fields)
    before = model.residents.treated[:2].tolist(), model.residents.told[:2].tolist()
    live(model, 1)
    assert model.latest.merges == 1
    assert (model.residents.treated[:2].tolist(), model.residents.told[:2].tolist()) == before
    assert sum(before[0]) == 1


def test_nobody_merges_gives_or_fights_within_a_household() -> None:
    for act in (merge(2), gift(2, 5), attack(2)):
        model = lived({1: {1: merge(2), 2: merge(1)}, 2: {1: act}})
        assert len(voids(model)) == 1
        assert model.latest.gifts + model.latest.attacks + model.latest.merges == 0


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
