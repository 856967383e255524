"""One story of a run, living or on disk, and what panels read from it."""

import numpy as np
import pytest

from agents.values import VALUES
from model.community import CommunityModel
from model.run.runs import run_into
from model.views.charts import CHARTS, across, notes_of, picture
from model.views.library import label, shelf
from model.views.living_community import Choice, Living
from model.views.message_facts import MARKS, Wanted, at, chosen, marks
from model.views.parameters import MAIN, fields_of, parameter, scenario_of
from model.views.resident_day import deeds, known_factories, labels_of, profile_of
from model.views.scene import dominant, scale, scene
from model.views.story import DayZero, LivePages, Story, saved_story
from model.world.interventions import Intervention
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from

DAYS = 12
SCENARIO = scenario_from({"days": DAYS, "value": "PO", "prevalence": 0.4})


@pytest.fixture(scope="module")
def live():
    pages = LivePages()
    model = CommunityModel(SCENARIO, rng=3, recorder=pages)
    origin = DayZero.of(model)
    while model.running:
        model.step()
    model.finish()
    return Story(pages, SCENARIO, 3, "surrogate", origin)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "one"
    run_into(path, SCENARIO, 3)
    return saved_story(path)


def test_a_run_on_disk_tells_what_the_living_one_told(live, saved):
    assert saved.last == live.last == DAYS
    for day in range(DAYS + 1):
        one, other = scene(live, day), scene(saved, day)
        assert one == other
    for resident in (1, 9, 25):
        assert deeds(live, resident, 7) == deeds(saved, resident, 7)
        assert known_factories(live, resident, 7) == known_factories(saved, resident, 7)
    assert marks(live) == marks(saved)


def test_everybody_asked_that_day_stands_on_the_grid(live):
    for day in range(1, DAYS + 1):
        drawn = [one["id"] for one in scene(live, day)["residents"] if one["born"] != "born"]
        assert sorted(drawn) == sorted(live.on("residents", day)["resident"])


def test_residents_stand_near_their_cells(live):
    rows = live.on("residents", 5).set_index("resident")
    for one in scene(live, 5)["residents"]:
        if one["id"] in rows.index:
            x, y = rows.loc[one["id"], ["x", "y"]]
            assert abs(one["x"] - x - 0.5) < 2
            assert abs(one["y"] - (SCENARIO.height - y - 0.5)) < 2


def test_who_is_removed_leaves_a_trace(live):
    removed = live.whole("events")
    removed = removed[removed["kind"] == "removal"]
    for day in removed["day"].unique():
        gone = {one["id"] for one in scene(live, int(day))["gone"]}
        assert gone == set(removed.loc[removed["day"] == day, "actor"])


def test_every_gift_and_attack_between_those_present_is_an_arrow(live):
    events = live.whole("events")
    for kind in ("gift", "attack", "merge"):
        logged = int((events["kind"] == kind).sum())
        drawn = sum(
            arrow["kind"] == kind
            for day in range(1, DAYS + 1)
            for arrow in scene(live, day)["arrows"]
        )
        assert drawn == logged


@pytest.mark.parametrize("colouring", ["told", "profile", "treated"])
def test_the_legend_explains_every_colour_on_the_grid(live, colouring):
    drawn = scene(live, 6, colouring)
    assert {one["fill"] for one in drawn["residents"]} == {one["colour"] for one in drawn["legend"]}


def test_a_value_stands_out_only_if_it_is_alone_on_top():
    weights = [50] * 10
    assert dominant(weights) == ""
    weights[3] = 60
    assert dominant(weights) == VALUES[3]


def test_large_grids_are_drawn_larger_up_to_a_bound():
    assert scale(12, 12) == 1.0
    assert 1.0 < scale(60, 40) < scale(60, 100) <= 6.0
    assert scale(1000, 1000) == 6.0


def test_a_day_of_a_resident_holds_what_the_tables_hold(live):
    decisions = live.on("decisions", 4).set_index("resident")
    messages = live.on("messages", 4)
    for resident in decisions.index:
        day = deeds(live, int(resident), 4)
        assert day.view == decisions.loc[resident, "view"]
        assert day.note == decisions.loc[resident, "note"]
        assert len(day.said) == (messages["sender"] == resident).sum()
        assert all(resident in (*message.readers, *message.announced) for message in day.heard)


def test_a_resident_that_is_not_there_has_no_day(live):
    assert not deeds(live, 9_999, 3).lived
    assert profile_of(live, 9_999, 3) == {}


def test_labels_come_with_their_reason_and_rows(live):
    hits = live.hits().hits
    first = hits.iloc[0]
    told = labels_of(live, int(first["resident"]), int(first["day"]))
    assert first["reason"] in [one.reason for one in told]
    assert all(one.rows for one in told)


def test_what_a_resident_knows_is_what_the_world_remembers():
    model = CommunityModel(rng=8, days=6)
    pages = LivePages()
    model = CommunityModel(rng=8, days=6, recorder=pages)
    origin = DayZero.of(model)
    for _ in range(5):
        model.step()
    rows, factory = model.memory.known >> 32, model.memory.known & 0xFFFFFFFF
    before = {(int(r) + 1, int(f) + 1) for r, f in zip(rows, factory, strict=True)}
    model.step()
    story = Story(pages, model.scenario, 8, "surrogate", origin)
    for row in model.residents.living().tolist():
        told = known_factories(story, row + 1, 5)
        assert {f for r, f in before if r == row + 1} >= {
            f for f, how in told.items() if how == "from the start"
        }
        assert {(row + 1, f) for f in told} <= before | {
            (int(r) + 1, int(f) + 1)
            for r, f in zip(model.memory.known >> 32, model.memory.known & 0xFFFFFFFF, strict=True)
        }


def test_messages_are_chosen_by_all_that_is_wanted(live):
    rows = live.whole("messages")
    assert len(chosen(live, Wanted())) == len(rows)
    assert chosen(live, Wanted())[0] == len(rows) - 1, "the newest first"
    for wanted in (
        Wanted(text="WORK"), Wanted(resident=4), Wanted(day=3), Wanted(kind="offer"),
        Wanted(text="f1", day=2, kind="inform"), *(Wanted(mark=mark) for mark in MARKS),
    ):  # fmt: skip
        for message in at(live, chosen(live, wanted)):
            assert wanted.text.casefold() in message.text.casefold()
            assert wanted.day in (0, message.day)
            assert wanted.kind in ("", message.kind)
            assert wanted.resident in (0, message.sender, message.to, *message.readers)
            if wanted.mark:
                assert wanted.mark in [mark.word for mark in marks(live)[message.row]]


def test_every_broken_commitment_is_marked_on_its_message(live):
    commitments, messages = live.whole("commitments"), live.whole("messages")
    broken = commitments[commitments["status"] == "broken"]
    known = marks(live)
    for row in broken.itertuples():
        where = np.flatnonzero((messages["day"] == row.day) & (messages["order"] == row.order))
        assert any(mark.word == "broken" for mark in known[int(where[0])])


def test_pictures_are_pictures_in_light_and_dark(live):
    days = live.whole("days")
    notes = notes_of(days, SCENARIO.residents)
    for chart in CHARTS:
        light, dark = (picture(chart, days, notes, dark=flag) for flag in (False, True))
        assert light.startswith("data:image/png;base64,")
        assert light != dark


def test_pictures_can_be_drawn_before_anything_happened(live):
    start = live.whole("days").head(1)
    for chart in CHARTS:
        assert picture(chart, start, [], dark=False)


def test_the_day_looked_at_moves_over_a_picture_from_left_to_right():
    places = [across(day, 10) for day in range(11)]
    assert places == sorted(places)
    assert 0 < places[0] < places[-1] < 1


def test_controls_have_the_ranges_and_choices_of_the_scenario():
    residents = parameter("residents")
    assert (residents.kind, residents.low, residents.high) == ("whole", 1, 20_000)
    assert [code for code, _ in parameter("mode").choices] == [
        "with", "without", "middle", "against",
    ]  # fmt: skip
    assert set(MAIN) <= set(Scenario.model_fields)


@pytest.mark.parametrize("name", ["baseline", "scarce", "abundant", "growing"])
def test_untouched_controls_found_the_preset_itself(name):
    assert scenario_of(name, fields_of(name), "") == scenario_from({"preset": name})


def test_a_living_community_can_be_kept_midway_and_acted_on(tmp_path):
    done = []
    living = Living(Choice(SCENARIO, 3), None, lambda: None, done.append, float)
    living.driver.step()
    while living.driver.active:
        pass
    living.keep(tmp_path / "kept")
    due = living.intervene(Intervention(day=1, kind="aid", size=20))
    assert due.day == 2
    living.driver.play()
    while living.driver.active:
        pass
    story = saved_story(tmp_path / "kept")
    assert story.last == DAYS
    assert label(tmp_path / "kept").status == "done"
    assert story.interventions() == (due,)


def test_a_shelf_lists_runs_and_does_not_enter_them(tmp_path, saved):
    assert shelf(saved.pages.path.parent).runs == (saved.pages.path,)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{")
    assert "damaged" in label(tmp_path / "damaged").trouble
