"""What a resident is shown is exactly what the world holds, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.batch import Batch
from agents.decisions import direction_of
from agents.observation import RESIDENTS_SHOWN, Stage
from model.community import CommunityModel
from model.world.grid import factories_in_sight, pairs_within
from tests.model.communities import live, quiet
from tests.model.minds import Puppet, Wild, gift, merge


def mornings(salt: int, **fields: Any) -> Iterator[tuple[CommunityModel, Batch]]:
    """Each day's first question beside the world it was asked of."""
    fields = {"residents": 14, "width": 6, "height": 6, "factory_spacing": 2, "days": 10, **fields}
    model = CommunityModel(rng=salt, mind=Wild(salt), **fields)
    while model.running:
        asking = model.day()
        batch = next(asking)
        yield model, batch
        try:
            while True:
                batch = asking.send(model.mind.reply(batch))
        except StopIteration:
            pass


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_each_is_shown_its_own_state_as_the_world_holds_it(salt: int) -> None:
    for model, batch in mornings(salt):
        people, homes = model.residents, model.households
        for row in range(len(batch)):
            one = batch[row]
            at = one.id - 1
            home = people.household[at]
            assert one.stock == homes.store[home] // homes.size[home]
            assert (one.x, one.y, one.hungry) == (people.x[at], people.y[at], people.debt[at])
            assert (one.skill, one.standing) == (people.skill[at], people.standing[at])
            housemates = np.flatnonzero(people.household[: people.count] == home)
            alive = {int(r) + 1 for r in housemates if people.alive[r]} - {one.id}
            assert set(one.members) == alive
            assert one.told == tuple(people.told[at].tolist())


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(0, 3), st.integers(0, 3))
def test_those_shown_are_near_alive_of_other_households_and_as_they_are(
    salt: int, earshot: int, reach: int
) -> None:
    for model, batch in mornings(salt, earshot=earshot, reach=reach):
        people = model.residents
        for row in range(len(batch)):
            one = batch[row]
            me = one.id - 1
            shown = [line[0] for line in one.residents]
            assert len(set(shown)) == len(shown)
            for line in one.residents:
                other = line[0] - 1
                assert people.alive[other]
                assert people.household[other] != people.household[me]
                steps = max(abs(people.x[other] - one.x), abs(people.y[other] - one.y))
                assert line[1] == steps <= max(earshot, reach)
                assert (line[2], line[3]) == (people.skill[other], people.standing[other])
            near = [
                r
                for r in people.living().tolist()
                if people.household[r] != people.household[me]
                and max(abs(people.x[r] - one.x), abs(people.y[r] - one.y)) <= max(earshot, reach)
            ]
            assert len(shown) == min(RESIDENTS_SHOWN, len(near))
            touching = [line[1] <= reach for line in one.residents]
            assert touching == sorted(touching, reverse=True)


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_who_hears_whom_is_told_alike_in_words_and_counts(salt: int) -> None:
    for model, batch in mornings(salt, residents=25):
        hears = {
            row: {line[0] for line in batch[row].residents if line[13]} | set(batch[row].also)
            for row in range(len(batch))
        }
        people = model.residents
        met = {(int(c) >> 32, int(c) & (2**32 - 1)) for c in model.memory.met}
        for row in range(len(batch)):
            one = batch[row]
            me = one.id - 1
            others = [r for r in people.living().tolist() if r != me]
            audience = {
                r + 1
                for r in others
                if people.household[r] != people.household[me]
                and (max(abs(people.x[r] - one.x), abs(people.y[r] - one.y)) <= 3 or (me, r) in met)
            }
            silent = {line[0] for line in one.residents} & audience - hears[row]
            assert not silent
            assert hears[row] <= audience
            assert len(audience) == len(hears[row]) + one.also_more


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_known_factories_are_where_they_are_and_nearest_first(salt: int) -> None:
    for model, batch in mornings(salt):
        for row in range(len(batch)):
            one = batch[row]
            steps = [line[1] for line in one.factories]
            assert steps == sorted(steps)
            for line in one.factories:
                fx, fy = (int(side[line[0] - 1]) for side in (model.factories.x, model.factories.y))
                assert line[1] == max(abs(fx - one.x), abs(fy - one.y))
                way = direction_of(np.array([fx - one.x]), np.array([fy - one.y]))[0]
                assert line[2] == way
                if not line[8]:
                    assert line[3] == model.factories.output[line[0] - 1]
                assert line[4] == model.factories.half[line[0] - 1]


def test_what_was_made_is_shown_to_those_who_saw_it() -> None:
    from tests.model.minds import secure

    mind = Puppet({1: {1: secure(1)}})
    places = [(5, 5), (5, 7), (11, 11)]
    live(quiet(mind, places=places, factory=(5, 5), rng=6), 2)
    before, after = (next(b for b in mind.asked if b.day == day) for day in (1, 2))
    assert before[0].factories[0][5:8] == (-1, 0, 0)
    # Sight of cells is that of the factory's first place; who worked there stands on it.
    assert {line[5:8] for row in range(3) for line in after[row].factories} <= {
        (1, 1, 50),
        (-1, 0, 0),
    }


def test_without_memory_nothing_of_others_past_is_shown() -> None:
    mind = Puppet({1: {1: gift(2, 5)}}, notes={(1, 2): "mine"})
    live(quiet(mind, places=[(0, 0), (0, 1)], memory=False), 2)
    later = next(b for b in mind.asked if b.day == 2)[1]
    assert all(number == 0 for number in later.residents[0][4:11])
    assert (later.note, later.promises) == ("", ())


def test_a_household_is_told_that_it_grew_and_no_longer_lists_its_own() -> None:
    mind = Puppet({1: {1: merge(2), 2: merge(1)}})
    live(quiet(mind, places=[(0, 0), (0, 1)]), 2)
    morning = next(b for b in mind.asked if b.day == 2 and b.stage is Stage.PERCEIVE)
    assert [morning[row].members for row in (0, 1)] == [(2,), (1,)]
    assert [morning[row].since for row in (0, 1)] == [((6, 2, 0),), ((6, 1, 0),)]
    assert [morning[row].residents for row in (0, 1)] == [(), ()]


cells = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=30)


@given(cells, st.integers(0, 5), st.integers(1, 12))
def test_pairs_within_a_distance_are_found_densely_and_sparsely_alike(
    places: list[tuple[int, int]], radius: int, copies: int
) -> None:
    x, y = np.array(places * copies, np.int64).T
    a, b, steps = pairs_within(x, y, radius, 15)
    expected = [
        (i, j, max(abs(int(x[i] - x[j])), abs(int(y[i] - y[j]))))
        for i in range(len(x))
        for j in range(len(x))
        if i != j and max(abs(x[i] - x[j]), abs(y[i] - y[j])) <= radius
    ]
    assert list(zip(a.tolist(), b.tolist(), steps.tolist(), strict=True)) == expected


@given(cells, st.integers(0, 4))
def test_factories_in_sight_of_a_cell_are_those_within_sight(
    places: list[tuple[int, int]], sight: int
) -> None:
    x, y = np.array(places, np.int64).T
    seen = factories_in_sight(x, y, 15, 15, sight)
    for i in range(15):
        for j in range(15):
            here = [f for f in seen[i, j].tolist() if f >= 0]
            near = np.maximum(np.abs(x - i), np.abs(y - j)) <= sight
            assert here == np.flatnonzero(near).tolist()
