"""What a researcher does to a community: every shock, at the start of its day, exactly once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from agents.errors import InputError
from agents.values import MODES, VALUES
from model.community import CommunityModel
from model.world.interventions import KINDS, Intervention
from tests.model.communities import events, live, quiet, shocks, store, table
from tests.model.minds import Puppet, Wild, secure


def struck(row: Intervention, **fields: Any) -> CommunityModel:
    """A quiet community to which one thing is done on day 1, before that day is lived."""
    model = quiet(**fields)
    model.interventions.append(row, model.today)
    return model


def test_every_kind_says_what_it_means_and_is_tried_here() -> None:
    assert set(KINDS) == {row.kind for row in shocks()}


def test_aid_reaches_every_store_once_a_member() -> None:
    model = live(struck(Intervention(day=1, kind="aid", size=7), residents=3, need=(0,)), 2)
    assert [store(model, who) for who in (1, 2, 3)] == [107, 107, 107]
    assert (model.days[1].aid, model.days[2].aid) == (21, 0)


def test_a_factory_in_outage_makes_nothing_for_its_days_and_the_hands_are_paid_nothing() -> None:
    mind = Puppet({day: {1: secure(1)} for day in range(1, 8)})
    model = quiet(mind, places=[(0, 0)], factory=(0, 0))
    model.interventions.append(Intervention(day=2, kind="outage", target=1, duration=3), 0)
    model.interventions.append(Intervention(day=3, kind="outage", target=1, duration=1), 0)
    live(model, 7)
    assert [day.output for day in model.days[1:]] == [50, 0, 0, 0, 50, 50, 50]
    assert len(events(model, "work")) == 7


@pytest.mark.parametrize(("share", "left"), [(0.0, 10), (0.3, 7), (1.0, 0)])
def test_a_cull_removes_its_share_of_the_living_and_their_stores_are_lost(
    share: float, left: int
) -> None:
    model = live(struck(Intervention(day=1, kind="cull", size=share), residents=10), 1)
    assert model.latest.population == left
    assert model.latest.lost == 100 * (10 - left)
    assert {row["reason"] for row in events(model, "removal")} <= {"culled"}
    assert model.latest.asked == left


def test_another_seed_culls_others() -> None:
    def gone(seed: int) -> set[int]:
        row = Intervention(day=1, kind="cull", size=0.5)
        model = live(struck(row, residents=20, rng=seed), 1)
        return {row["actor"] for row in events(model, "removal")}

    assert len({frozenset(gone(seed)) for seed in range(5)}) > 1
    assert gone(3) == gone(3)


def test_newcomers_bring_the_start_stock_and_act_on_the_day_they_come() -> None:
    model = live(struck(Intervention(day=1, kind="newcomers", size=2), residents=3), 1)
    entered = events(model, "entry")
    assert [(row["actor"], row["amount"]) for row in entered] == [(4, 100), (5, 100)]
    assert (model.latest.population, model.latest.asked, model.latest.entries) == (5, 5, 2)
    assert model.latest.aid == 200
    people = table(model, "people")
    assert people[people["day"] == 1]["resident"].tolist() == [4, 5]


def test_newcomers_are_treated_with_probability_of_the_prevalence() -> None:
    def share(prevalence: float) -> float:
        row = Intervention(day=1, kind="newcomers", size=200)
        model = live(struck(row, residents=2, value="BE", prevalence=prevalence), 1)
        return float(model.residents.treated[2:202].mean())

    assert share(0.0) == 0.0
    assert share(1.0) == 1.0
    assert 0.35 < share(0.5) < 0.65


def test_the_removed_is_gone_before_it_is_asked() -> None:
    model = live(struck(Intervention(day=1, kind="remove", target=2), residents=3), 1)
    assert [row["actor"] for row in events(model, "removal")] == [2]
    assert table(model, "residents")["resident"].tolist() == [1, 3]
    assert model.latest.removals_other == 1
    assert model.latest.lost == 100


@pytest.mark.parametrize("target", [2, 99])
def test_removing_nobody_changes_nothing_but_is_noted(target: int) -> None:
    model = quiet(residents=3)
    model.interventions.append(Intervention(day=1, kind="remove", target=2), 0)
    model.interventions.append(Intervention(day=2, kind="remove", target=target), 0)
    live(model, 2)
    assert model.latest.population == 2
    assert len(events(model, "intervention")) == 2
    assert len(events(model, "removal")) == 1


def test_a_broadcast_is_shown_to_all_on_its_day_alone() -> None:
    mind = Puppet()
    model = quiet(mind, residents=3)
    model.interventions.append(Intervention(day=2, kind="broadcast", text="Rain."), 0)
    live(model, 3)
    outside = {
        batch.day: {batch[row].outside for row in range(len(batch))}
        for batch in mind.asked
        if batch.mail is not None
    }
    assert outside == {1: {()}, 2: {("Rain.",)}, 3: {()}}


@pytest.mark.parametrize("mode", ["with", "without", "middle", "against"])
def test_retraining_changes_what_a_resident_is_told_and_nothing_else(mode: str) -> None:
    model = quiet(residents=3)
    before = model.residents.profile[:3].copy()
    row = Intervention(day=1, kind="retrain", target=2, value="benevolence", mode=mode)
    model.interventions.append(row, 0)
    live(model, 1)
    people = model.residents
    assert people.treated[:3].tolist() == [0, 1, 0]
    assert VALUES[people.value[1]] == "BE"
    assert MODES[people.mode[1]] == mode
    assert (people.profile[:3] == before).all()
    assert (people.told[1] != people.told[0]).any() or mode == "middle"
    assert model.latest.treated == 1


def test_retraining_a_share_retrains_that_share_and_original_takes_it_back() -> None:
    model = quiet(residents=10)
    told = model.residents.told[:10].copy()
    model.interventions.append(
        Intervention(day=1, kind="retrain", size=0.4, value="PO", mode="with"), 0
    )
    model.interventions.append(Intervention(day=2, kind="retrain", size=1, mode="original"), 0)
    live(model, 2)
    assert [day.treated for day in model.days] == [0, 4, 0]
    assert (model.residents.told[:10] == told).all()


@pytest.mark.parametrize(("goal", "days"), [(0.3, 7), (2.0, 3), (0.1, 1), (1 / 3, 9)])
def test_a_ramp_reaches_its_goal_in_equal_steps_and_stays_there(goal: float, days: int) -> None:
    row = Intervention(day=2, kind="richness", size=goal, duration=days)
    model = quiet(residents=2, days=20)
    model.interventions.append(row, 0)
    live(model)
    path = np.array([day.richness for day in model.days])
    assert path[1] == 1.0
    assert path[1 + days] == goal
    assert (path[1 + days :] == goal).all()
    steps = np.diff(path[1 : 2 + days])
    np.testing.assert_allclose(steps, (goal - 1) / days, rtol=1e-12)


def test_richness_multiplies_what_is_made() -> None:
    mind = Puppet({day: {1: secure(1)} for day in (1, 2)})
    model = quiet(mind, places=[(0, 0)], factory=(0, 0))
    model.interventions.append(Intervention(day=2, kind="richness", size=1.5), 0)
    live(model, 2)
    assert [day.output for day in model.days[1:]] == [50, 75]


@pytest.mark.parametrize("day", [1, 3])
def test_a_day_that_is_over_cannot_be_changed(day: int) -> None:
    model = live(quiet(residents=2), 3)
    with pytest.raises(InputError, match=rf"day {day} has already begun; the next is 4"):
        model.interventions.append(Intervention(day=day, kind="aid", size=1), model.today)
    assert model.interventions.rows == []


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"kind": "cull", "size": 1.2}, "a share of 1.2"),
        ({"kind": "retrain", "size": 2, "value": "BE", "mode": "with"}, "a share of 2"),
        ({"kind": "retrain", "target": 1, "value": "BE"}, "names no mode"),
        ({"kind": "retrain", "target": 1, "mode": "without"}, "name the value"),
    ],
)
def test_what_nobody_could_carry_out_is_refused_when_it_is_given(
    row: dict[str, Any], wrong: str
) -> None:
    model = quiet(residents=2)
    with pytest.raises(InputError, match=wrong):
        model.interventions.append(Intervention(day=1, **row), 0)
    live(model, 1)
    assert events(model, "intervention") == []


def test_a_value_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="happiness"):
        Intervention(day=1, kind="retrain", value="happiness", mode="with")


def test_a_row_added_to_a_day_that_was_given_up_acts_as_if_it_had_been_known() -> None:
    """A dashboard gives up the day, the researcher intervenes, the day begins again."""

    def community(rows: list[Intervention]) -> CommunityModel:
        fields = {"immigration": 0.6, "residents": 6, "birth_threshold": 41, "start_stock": 40}
        model = quiet(Wild(1), shocks=[r.model_dump(mode="json") for r in rows], **fields)
        return live(model, 4)

    ramp = Intervention(day=4, kind="richness", size=2.0, duration=5)
    late = [
        Intervention(day=5, kind="newcomers", size=2),
        Intervention(day=5, kind="richness", size=0.5, duration=3),
        Intervention(day=5, kind="cull", size=0.3),
    ]
    known = community([ramp, *late])
    told = community([ramp])
    for row in late:
        asking = told.day()
        next(asking)
        asking.close()
        told.interventions.append(row, told.today)
    assert live(known, 6).hash() == live(told, 6).hash()
    assert [str(day) for day in known.days] == [str(day) for day in told.days]


def test_a_day_whose_questions_are_out_cannot_be_changed() -> None:
    model = quiet(residents=2)
    asking = model.day()
    next(asking)
    with pytest.raises(InputError, match="day 1 has already begun; the next is 2"):
        model.interventions.append(Intervention(day=1, kind="aid", size=5), model.today)
    asking.close()
    model.interventions.append(Intervention(day=1, kind="aid", size=5), model.today)
    live(model, 1)
    assert model.latest.aid == 10


def test_immigration_brings_about_as_many_as_it_says() -> None:
    model = live(quiet(residents=2, immigration=0.3, days=200), 200)
    arrived = sum(day.entries for day in model.days[1:])
    assert 35 <= arrived <= 85
    assert max(day.entries for day in model.days[1:]) == 1
