"""A community can be copied and pickled, and the copy lives the same next days."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from agents.resident import Resident
from model.community import CommunityModel
from model.store import MemoryRecorder
from tests.model.communities import live, settled, shocks
from tests.model.minds import Wild


def busy(**fields: Any) -> CommunityModel:
    """Much happens: births, newcomers, interventions, a network, an overseer."""
    rows = [row.model_dump(mode="json") for row in shocks()]
    own = {"residents": 14, "width": 7, "height": 7, "factory_spacing": 2, "days": 16}
    return CommunityModel(
        rng=5, shocks=rows, immigration=0.2, preset="growing", **{**own, **fields}
    )


FIELDS: tuple[dict[str, Any], ...] = (
    {},
    {"mind": Wild(3)},
    {"network": "small-world", "overseer": "contradictions", "overseer_acts": "suspend"},
    {"cognition": "staged", "second_mind": "random", "second_share": 0.4},
    {"population": "pan-cultural", "value": "PO", "prevalence": 0.5},
)


@pytest.mark.parametrize("fields", FIELDS)
@pytest.mark.parametrize("how", [CommunityModel.fork, copy.deepcopy])
def test_a_copy_lives_the_same_next_days_to_the_same_hash(how: Any, fields: dict[str, Any]) -> None:
    model = live(busy(**fields), 9)
    twin = how(model)
    assert settled(twin) == settled(model)
    live(model)
    assert twin.today == 9, "what its original lives leaves a copy alone"
    live(twin)
    assert twin.hash() == model.hash()
    assert settled(twin) == settled(model)


def test_what_a_copy_lives_leaves_its_original_alone() -> None:
    model = live(busy(), 6)
    before = settled(model)
    live(model.fork())
    assert settled(model) == before


def test_a_day_that_is_open_is_begun_again_in_the_copy() -> None:
    """Its interventions have acted once, and can be added to again: its questions are not out."""
    plain, model = live(busy()), live(busy(), 4)
    open_day = model.day()
    next(open_day)
    twin = model.fork()
    assert twin.interventions.asking == 0
    open_day.close()
    assert live(twin).hash() == plain.hash()


def test_a_copy_records_nowhere_unless_told_where() -> None:
    model = live(busy(), 5)
    rows = MemoryRecorder()
    told = live(model.fork(recorder=rows), 2)
    assert rows.table("days")["day"].tolist() == [6, 7]
    assert told.mind is model.mind
    untold = live(model.fork(), 2)
    assert not hasattr(untold.recorder, "table")
    assert model.recorder.table("days")["day"].max() == 5  # type: ignore[attr-defined]


def test_a_copy_can_be_given_another_mind() -> None:
    model = live(busy(), 5)
    other = live(model.fork(mind=Wild(9)), 5)
    assert other.hash() != live(model, 5).hash()


def test_mesas_side_of_a_copy_is_its_own_and_numbered_alike() -> None:
    model = live(busy(), 8)
    seen = {agent.unique_id: agent.cell.coordinate for agent in model.agents}
    twin = model.fork()
    assert {agent.unique_id: agent.cell.coordinate for agent in twin.agents} == seen
    assert not set(twin.agents) & set(model.agents)
    live(twin, 3), live(model, 3)
    assert {a.unique_id for a in twin.agents} == {a.unique_id for a in model.agents}
    assert twin.grid is not model.grid


def test_agents_that_are_made_late_are_the_same_agents() -> None:
    early, late = busy(), busy()
    assert len(early.agents) == 14 + len(early.factories)
    live(early, 12), live(late, 12)
    for model in (early, late):
        assert {a.row for a in model.agents_by_type[Resident]} == set(
            model.residents.living().tolist()
        )
    one, other = (
        {agent.unique_id: agent.cell.coordinate for agent in model.agents}
        for model in (early, late)
    )
    assert one == other


def test_a_copys_collector_goes_on_by_itself() -> None:
    model = live(busy(), 5)
    twin = live(model.fork(), 3)
    assert len(twin.datacollector.model_vars["day"]) == 9
    assert len(model.datacollector.model_vars["day"]) == 6


def test_a_subclass_keeps_what_it_added() -> None:
    class Counting(CommunityModel):
        def __init__(self, **fields: Any) -> None:
            super().__init__(**fields)
            self.seen = [0]

    model = Counting(rng=1, residents=4, days=3)
    twin = model.fork()
    twin.seen.append(1)
    assert model.seen == [0]
    assert isinstance(twin, Counting)


def test_a_pickled_community_lives_the_same_days_and_says_that_its_hash_begins_anew() -> None:
    model = live(busy(), 9)
    woken = pickle.loads(pickle.dumps(model))
    assert woken.hash() == model.hash()
    live(model), live(woken)
    assert [str(day) for day in woken.days] == [str(day) for day in model.days]
    assert woken.hash().startswith("from day 10: ")
    assert live(pickle.loads(pickle.dumps(live(busy(), 9)))).hash() == woken.hash()
