"""What residents do to each other: gifts, attacks and mergers, and why each can be void."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.decisions import Direction
from agents.observation import OneAct
from agents.purposes import Purpose
from agents.randomness import below, day_keys, draws
from model.world.act import contest_is_won, why_not_give
from tests.model.acting import SIDE_BY_SIDE, lived, voids
from tests.model.communities import events, home, live, quiet, store
from tests.model.minds import Puppet, attack, explore, gift, merge

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
