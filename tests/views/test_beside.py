"""What was asked beside a saved run, as its screens read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agents.errors import InputError
from agents.values import VALUES
from model.cli import run_command
from model.run.runs import run_into
from model.views.message_facts import Wanted, at, chosen, marks
from model.views.stated import judgements_of, shown, stated
from model.views.story import saved_story
from model.world.scenario_files import scenario_from

FIELDS = {"residents": 8, "days": 20, "value": "PO", "prevalence": 1.0}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two watched runs, assessed and judged together."""
    folder = tmp_path_factory.mktemp("beside")
    for seed in (1, 2):
        run_into(folder / f"r{seed}", scenario_from({**FIELDS, "overseer": "contradictions"}), seed)
    assert run_command(["assess", str(folder), "--days", "0,end"]) == 0
    judge = ["judge", str(folder), "--mind", "scripted:sens=1,spec=1,refuse=.1", "--items", "60"]
    assert run_command(judge) == 0
    return folder


def test_stated_values_are_those_of_the_assessment_above_the_run(runs: Path) -> None:
    found = stated(saved_story(runs / "r1"), 3)
    assert [one.what for one in found] == [
        "stated without its treatment",
        "stated by its text alone",
        "stated after day 0",
        "stated after day 20",
    ]
    answers = pd.read_csv(runs / "assess" / "answers.csv")
    mine = answers[(answers["run"] == "r1") & (answers["resident"] == 3)]
    last = mine[(mine["context"] == "lived") & (mine["day"] == 20)]
    assert found[-1].numbers == pytest.approx(last[list(VALUES)].to_numpy(float)[0])


def test_shown_values_have_a_row_a_block_of_days(runs: Path) -> None:
    found = shown(saved_story(runs / "r1"), 3)
    assert [one.what for one in found] == ["showed, days 1 to 10", "showed, days 11 to 20"]
    assert all(np.nansum(one.numbers) == pytest.approx(0, abs=1e-9) for one in found)


def test_a_judge_s_labels_of_a_day_stand_with_their_quotes(runs: Path) -> None:
    story = saved_story(runs / "r2")
    place = next((runs / "judge").iterdir())
    items = pd.read_csv(place / "items.csv", keep_default_na=False)
    evidence = pd.read_csv(place / "evidence.csv", keep_default_na=False)
    mine = items[items["run"] == "r2"]
    assert len(mine) == 60
    for item in mine.to_dict("records"):
        [one] = judgements_of(story, item["resident"], item["day"])
        assert one.fault == item["fault"]
        given = evidence[evidence["item"] == item["item"]]
        assert [label for label, _, _ in one.labels] == given["label"].tolist()
    assert (mine["fault"] != "").any()


def test_a_day_that_no_judge_read_and_a_run_that_nobody_asked_have_none(
    runs: Path, tmp_path: Path
) -> None:
    assert judgements_of(saved_story(runs / "r1"), 3, 0) == ()
    shutil.copytree(runs / "r1", tmp_path / "alone" / "r1")
    alone = saved_story(tmp_path / "alone" / "r1")
    assert stated(alone, 3) == ()
    assert judgements_of(alone, 3, 5) == ()


def test_a_damaged_table_is_named_and_not_shown(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs, tmp_path / "runs")
    (tmp_path / "runs" / "assess" / "answers.csv").write_text("run,mind\n")
    with pytest.raises(InputError, match=r"answers\.csv: lacks"):
        stated(saved_story(tmp_path / "runs" / "r1"), 3)


def test_alerts_of_the_overseer_stand_at_their_messages(runs: Path) -> None:
    total = 0
    for name in ("r1", "r2"):
        story = saved_story(runs / name)
        events = story.whole("events")
        raised = events[events["kind"] == "alert"]
        rows = chosen(story, Wanted(mark="alert"))
        senders = sorted((m.day, m.sender) for m in at(story, rows))
        expected = zip(raised["day"].tolist(), raised["target"].tolist(), strict=True)
        assert senders == sorted(expected)
        for row in rows:
            [mark] = [one for one in marks(story)[row] if one.word == "alert"]
            assert mark.reason.startswith("the overseer: ")
            assert not mark.bad, "an alert may be wrong"
        total += len(rows)
    assert total > 0
