"""Who enters and how: founders, children, newcomers; what is inherited and what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.observation import Stage
from model.community import CommunityModel
from tests.model.communities import events, home, live, quiet, store, table
from tests.model.minds import Puppet, Wild, merge

PAIR = {1: {1: merge(2), 2: merge(1)}}


def couple(
    days: int, stocks: tuple[int, int] = (400, 400), mind: Puppet | None = None, **fields: Any
) -> CommunityModel:
    """Two that become one household on day 1, with stores that may suffice for a child."""
    fields = {"birth_threshold": 150, "places": [(3, 4), (4, 4)], "need": (0,), **fields}
    return live(quiet(mind or Puppet(PAIR), stocks=stocks, **fields), days)


# --- founders


@pytest.mark.parametrize("prevalence", [0.0, 0.25, 0.5, 1.0])
def test_the_treated_share_of_the_founders_is_the_prevalence(prevalence: float) -> None:
    model = CommunityModel(residents=20, value="BE", prevalence=prevalence, rng=1)
    assert model.latest.treated == round(20 * prevalence)
    assert model.latest.treated_share == prevalence


def test_the_treatment_changes_nothing_else_of_the_founders() -> None:
    one, other = (
        CommunityModel(residents=20, rng=5, value=value, prevalence=0.5, mode=mode)
        for value, mode in (("BE", "with"), ("PO", "without"))
    )
    for name in ("x", "y", "standing", "profile", "treated", "household"):
        assert np.array_equal(getattr(one.residents, name), getattr(other.residents, name))
    assert np.array_equal(one.memory.known, other.memory.known)
    assert np.array_equal(one.factories.x, other.factories.x)
    assert not np.array_equal(one.residents.told, other.residents.told)


def test_more_treated_are_the_same_treated_and_more() -> None:
    few, many = (
        CommunityModel(residents=20, rng=5, value="BE", prevalence=p).residents.treated[:20]
        for p in (0.25, 0.75)
    )
    assert (few <= many).all()


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10**6),
    width=st.integers(8, 15),
    height=st.integers(8, 15),
    spacing=st.integers(1, 4),
)
def test_founders_stand_on_the_grid_and_factories_apart(
    seed: int, width: int, height: int, spacing: int
) -> None:
    model = CommunityModel(
        rng=seed,
        residents=9,
        width=width,
        height=height,
        factory_spacing=spacing,
        outputs=(50, 20),
        halves=(100, 100),
    )
    people, factories = model.residents, model.factories
    assert ((people.x[:9] >= 0) & (people.x[:9] < width)).all()
    assert ((people.y[:9] >= 0) & (people.y[:9] < height)).all()
    apart = max(abs(int(np.diff(factories.x)[0])), abs(int(np.diff(factories.y)[0])))
    assert apart >= spacing
    assert (people.told[:9].sum(axis=1) == 500).all()


def test_about_a_quarter_of_all_factories_is_known_at_the_start() -> None:
    """Beside those in sight, which everybody knows."""
    known, pairs = 0, 0
    for seed in range(20):
        model = CommunityModel(residents=20, rng=seed, sight=0, width=40, height=40)
        known += len(model.memory.known)
        pairs += 60
    assert abs(known / pairs - 0.25) < 0.05


def test_standing_at_the_start_covers_its_range() -> None:
    standing = CommunityModel(residents=500, rng=1, start_standing=(0, 200), width=40, height=40)
    drawn = standing.residents.standing[:500]
    assert (drawn.min(), drawn.max()) <= (5, 200)
    assert drawn.max() >= 195
    assert abs(drawn.mean() - 100) < 10


# --- births


def test_a_child_costs_its_parents_store_what_it_is_given() -> None:
    model = couple(1)
    assert (model.latest.births, model.latest.population) == (1, 3)
    assert (store(model, 1), store(model, 3)) == (770, 30)
    assert model.latest.stock == 800
    assert home(model, 3) not in (home(model, 1), -1)
    child = model.residents
    assert (child.skill[2], child.standing[2], child.debt[2], child.born[2]) == (100, 100, 0, 1)


def test_a_child_stands_where_a_parent_stands_and_acts_from_the_next_day() -> None:
    mind = Puppet(PAIR)
    model = couple(2, mind=mind)
    people = model.residents
    assert (people.x[2], people.y[2]) in {(3, 4), (4, 4)}
    asked = {batch.day: set(batch.id.tolist()) for batch in mind.asked}
    assert asked == {1: {1, 2}, 2: {1, 2, 3}}
    told = next(b for b in mind.asked if b.day == 2 and b.stage is Stage.PERCEIVE)
    assert all((7, 3, 0) in told[row].since for row in (0, 1))


@pytest.mark.parametrize(
    ("stocks", "born"), [((150, 150), 1), ((150, 149), 0), ((300, 0), 1), ((0, 299), 0)]
)
def test_a_child_is_born_when_the_store_reaches_the_threshold_a_member(
    stocks: tuple[int, int], born: int
) -> None:
    assert couple(1, stocks).latest.births == born


def test_what_is_owed_is_eaten_before_the_threshold_is_looked_at() -> None:
    model = quiet(
        Puppet(PAIR), places=[(3, 4), (4, 4)], stocks=(160, 160), need=(0,), birth_threshold=150
    )
    model.residents.debt[0] = 30
    live(model, 1)
    assert (model.latest.births, model.latest.eaten) == (0, 30)


def test_children_of_a_household_come_at_least_two_days_apart() -> None:
    model = couple(6)
    assert [row["day"] for row in events(model, "birth")] == [1, 3, 5]


def test_who_lives_alone_has_no_children() -> None:
    assert couple(3, mind=Puppet()).latest.population == 2


@pytest.mark.parametrize("off", ["births", "merges"])
def test_births_end_with_their_switch_and_with_merges(off: str) -> None:
    assert couple(3, **{off: False}).latest.population == 2


def test_parents_are_two_different_members() -> None:
    parents = set()
    for rng in range(15):
        people = table(couple(1, rng=rng), "people")
        child = people[people["resident"] == 3].iloc[0]
        parents.add((child["parent1"], child["parent2"]))
    assert parents == {(1, 2), (2, 1)}


def test_without_mutation_each_weight_is_one_parents_up_to_the_sum() -> None:
    profiles = ((100, 0, 50, 50, 50, 50, 50, 50, 50, 50), (0, 100, 50, 50, 50, 50, 50, 50, 50, 50))
    seen = set()
    for rng in range(12):
        model = couple(1, rng=rng, population="explicit", profiles=profiles, mutation_rate=0.0)
        child = model.residents.profile[2]
        assert child.sum() == 500
        seen.add(tuple(child[:2].tolist()))
    assert len(seen) > 1


def test_a_child_knows_what_its_parents_household_knows() -> None:
    mind = Puppet(PAIR)
    model = couple(2, mind=mind, start_known=1.0)
    told = next(b for b in mind.asked if b.day == 2 and b.stage is Stage.PERCEIVE)
    assert [told[row].id for row in range(3)] == [1, 2, 3]
    known = [{f[0] for f in told[row].factories} for row in range(3)]
    assert known[2] == known[0] | known[1] == {1}
    assert model.memory.knows(np.array([2]), np.array([0])).all()


def test_a_child_is_heard_by_whom_its_parents_have_met() -> None:
    mind = Puppet(PAIR)
    fields = {"places": [(0, 0), (0, 1), (0, 2)], "stocks": (400, 400, 5), "sight": 2}
    model = quiet(mind, birth_threshold=150, need=(0,), **fields)
    live(model, 1)
    model.residents.x[2], model.residents.y[2] = 11, 11
    live(model, 1)
    told = next(b for b in mind.asked if b.day == 2 and b.stage is Stage.PERCEIVE)
    child = told[3]
    hearing = set(child.also) | {r[0] for r in child.residents if r[13]}
    assert {1, 2, 3} <= hearing


@pytest.mark.parametrize(
    ("inherit", "prevalence", "share"),
    [("fixed_share", 0.0, (0, 0)), ("fixed_share", 1.0, (1, 1)), ("fixed_share", 0.5, (0.3, 0.7))],
)
def test_newborns_are_treated_with_the_probability_assigned(
    inherit: str, prevalence: float, share: tuple[float, float]
) -> None:
    born = [
        couple(1, rng=rng, inherit=inherit, value="BE", prevalence=prevalence).residents.treated[2]
        for rng in range(40)
    ]
    assert share[0] <= np.mean(born) <= share[1]


def test_a_child_takes_the_treatment_of_a_parent_where_the_rule_says_so() -> None:
    seen = set()
    for rng in range(30):
        model = couple(1, rng=rng, inherit="parents", value="BE", prevalence=0.5)
        parents = model.residents.treated[:2].tolist()
        assert sorted(parents) == [0, 1]
        seen.add(int(model.residents.treated[2]))
    assert seen == {0, 1}
    for prevalence in (0.0, 1.0):
        model = couple(1, inherit="parents", value="BE", prevalence=prevalence)
        assert model.residents.treated[2] == prevalence


def test_mutation_turns_the_treatment_over_now_and_then() -> None:
    fields = {"inherit": "mutate", "value": "BE", "prevalence": 1.0}
    always = couple(1, mutation_rate=1.0, **fields)
    never = couple(1, mutation_rate=0.0, **fields)
    assert (always.residents.treated[2], never.residents.treated[2]) == (0, 1)


# --- leaving


def test_the_store_of_the_last_member_is_lost_and_counted() -> None:
    shocks = [{"day": 2, "kind": "remove", "target": 1}, {"day": 3, "kind": "remove", "target": 2}]
    model = couple(3, stocks=(40, 50), shocks=shocks)
    assert [day.lost for day in model.days[1:]] == [0, 0, 90]
    assert [day.stock for day in model.days] == [200, 90, 90, 0]
    assert model.running is False


def test_mortality_takes_about_its_share() -> None:
    model = quiet(
        residents=400, mortality=0.1, width=40, height=40, start_stock=1000, birth_threshold=2000
    )
    live(model, 1)
    assert 20 <= model.latest.removals_other <= 65
    assert {row["reason"] for row in events(model, "removal")} == {"mortality"}


def test_ids_are_never_used_twice() -> None:
    model = CommunityModel(
        rng=3,
        mind=Wild(3),
        residents=12,
        width=5,
        height=5,
        factory_spacing=2,
        mortality=0.05,
        immigration=0.5,
        days=25,
    )
    live(model)
    people = table(model, "people")
    entered = people[~people["resident"].duplicated()]
    assert len(entered) == model.residents.count
    assert entered["resident"].is_monotonic_increasing
    agents = {agent.row for agent in model.agents if hasattr(agent, "row")}
    assert agents == set(model.residents.living().tolist())
