"""A community from its start to its end: how it ends, what it says about itself."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from agents.batch import Batch
from agents.decisions import ALL, Acts, Kind, Messages, Promise, Replies
from agents.errors import RunFailed
from model.community import CommunityModel
from model.world.presets import PRESETS
from tests.model.communities import live, quiet, table
from tests.model.minds import Puppet, Wild, say, secure


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_lives(preset: str) -> None:
    model = live(CommunityModel(preset=preset, rng=1), 5)
    assert model.latest.population > 0
    assert model.latest.output > 0
    assert model.scenario.preset == preset


@pytest.mark.parametrize(
    "mind", ["surrogate", "random", "flat", "permuted:3", "scripted:crew", "scripted:spread"]
)
@pytest.mark.parametrize("cognition", ["staged", "fused"])
def test_every_offline_mind_lives_in_both_cognitions(mind: str, cognition: str) -> None:
    model = live(CommunityModel(mind=mind, cognition=cognition, residents=8, rng=1), 4)
    assert model.today == 4
    assert model.latest.verdicts == model.latest.asked * (4 if cognition == "staged" else 2)


@pytest.mark.parametrize("residents", [1, 2, 3])
def test_the_smallest_communities_live_and_end(residents: int) -> None:
    model = live(CommunityModel(residents=residents, rng=1, days=40))
    assert not model.running


def test_a_run_ends_on_its_last_day_or_when_nobody_is_left() -> None:
    ended = live(CommunityModel(residents=6, rng=1, days=3))
    assert (ended.today, ended.running) == (3, False)
    extinct = live(quiet(residents=2, start_stock=0, hunger_limit=0))
    assert (extinct.today, extinct.running, extinct.latest.population) == (1, False, 0)
    assert extinct.latest.gini != extinct.latest.gini


def test_the_tables_have_one_row_a_resident_day_and_one_a_day() -> None:
    model = live(CommunityModel(rng=1, residents=9, width=6, height=6, mind=Wild(1), days=12))
    days = table(model, "days")
    assert days["day"].tolist() == list(range(model.today + 1))
    rows = table(model, "residents")
    assert rows.groupby("day").size().tolist() == days["asked"].dropna().astype(int).tolist()
    assert len(table(model, "decisions")) == len(rows)
    assert not rows.duplicated(["day", "resident"]).any()
    people = table(model, "people")
    assert set(rows["resident"]) <= set(people["resident"])


def test_reach_and_hearing_in_the_table_are_those_of_the_morning() -> None:
    places = [(0, 0), (1, 1), (3, 0), (9, 9)]
    model = live(quiet(places=places, rng=3), 1)
    rows = table(model, "residents").set_index("resident")
    reach = {who: sorted(map(int, ids)) for who, ids in rows["in_reach"].items()}
    assert reach == {1: [2], 2: [1], 3: [], 4: []}
    assert set(map(int, rows["in_hearing"][1])) >= {2, 3}


def test_keywords_and_a_scenario_make_the_same_community() -> None:
    words: dict[str, Any] = {"residents": 7, "value": "benevolence", "mode": "without"}
    one = CommunityModel(**words, prevalence=0.5, rng=3)
    other = CommunityModel(one.scenario, rng=3)
    assert live(one, 3).hash() == live(other, 3).hash()
    assert one.scenario.value == "BE"


def test_a_fault_before_a_removal_is_flagged() -> None:
    model = live(
        CommunityModel(
            rng=1,
            mind=Wild(1, fault_share=0.5),
            residents=12,
            hunger_limit=10,
            start_stock=10,
            days=10,
        )
    )
    flagged = sum(day.faulted_removals for day in model.days[1:])
    removed = sum(day.removals for day in model.days[1:])
    assert 0 < flagged <= removed
    assert model.verdicts == sum(day.verdicts for day in model.days[1:])
    assert model.fault_verdicts == sum(day.faults for day in model.days[1:])


def test_finishing_twice_writes_nothing_twice() -> None:
    model = live(CommunityModel(rng=5, residents=12, width=6, height=6, days=8))
    model.finish()
    settled = len(table(model, "commitments"))
    model.finish()
    assert len(table(model, "commitments")) == settled > 0


@pytest.mark.parametrize("somebody_speaks", [True, False])
def test_joint_work_counts_whether_or_not_anybody_speaks_on_its_day(somebody_speaks: bool) -> None:
    """Two said on day 1 that they would work at F1 by day 3, and there they are."""
    promise = ((int(Promise.SECURE), 1, 3),)
    says = {1: [say(who, ALL, Kind.INFORM, promises=promise) for who in (1, 2)]}
    if somebody_speaks:
        says[3] = [say(1, ALL, Kind.INFORM)]
    mind = Puppet({3: {1: secure(1), 2: secure(1)}}, says)
    model = live(quiet(mind, places=[(5, 5), (5, 6)], factory=(5, 5)), 4)
    assert [day.cooperation for day in model.days[1:]] == [0, 0, 2, 0]


class Chatterbox:
    """A mind that breaks the protocol: it says more than a day allows, or speaks for another."""

    name = "chatterbox"

    def __init__(self, sender: int, times: int) -> None:
        self.sender, self.times = sender, times

    def reply(self, batch: Batch) -> Replies:
        replies = Replies.faultless(len(batch))
        replies.acts = Acts.idle(len(batch))
        replies.said = Messages.empty(self.times)
        replies.said.sender[:] = self.sender
        return replies


@pytest.mark.parametrize(("sender", "times", "why"), [(1, 3, "3 messages"), (999, 1, "R999")])
def test_a_mind_that_says_more_than_it_may_is_named(sender: int, times: int, why: str) -> None:
    model = CommunityModel(residents=3, rng=1, mind=Chatterbox(sender, times))
    with pytest.raises(RunFailed, match=why):
        model.step()
    assert model.today == 0


def test_a_days_capacities_are_those_of_its_own_numbers() -> None:
    model = live(CommunityModel(rng=4, residents=12, days=15))
    for before, day in pairwise(model.days):
        assert day.development == 1 - day.gini
        assert day.competence == day.output / before.population
        assert day.social_capital == (day.cooperation - day.betrayal) / day.faultless
        assert math.isnan(day.communication) == (day.day < 7)
