"""The log in words: every kind of event has a sentence, and the page prints no bare kind."""

from pathlib import Path

import pandas as pd
import pytest

from model.run.runs import run_into
from model.views.resident_day import deeds
from model.views.story import saved_story
from model.world.event_words import sentence
from model.world.events import KINDS, EventKind
from model.world.scenario_files import scenario_from

ROW = {"actor": 3, "target": 4, "amount": 7, "outcome": 1, "reason": "a reason"}
BRIEF = {"idle": "R3 rested"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_has_a_sentence_of_its_own(kind: str) -> None:
    words = sentence({"kind": kind, **ROW})
    assert words not in (kind, kind.replace("_", " "))
    assert len(words.split()) >= len(BRIEF.get(kind, "three words long").split())


def test_what_an_overseer_did_is_said_of_whom_it_did_it_to() -> None:
    said = {
        kind: sentence({"kind": kind.name.lower(), **ROW, "actor": 0, "reason": "lies\x1b"})
        for kind in (EventKind.ALERT, EventKind.SUSPENDED, EventKind.OVERSIGHT_FAULT)
    }
    assert "R4" in said[EventKind.ALERT]
    assert "level 1 of" in said[EventKind.ALERT]
    assert "\x1b" not in said[EventKind.ALERT], "an overseer's own words are made visible"
    assert "R4 was suspended" in said[EventKind.SUSPENDED]
    assert "R0" not in "".join(said.values())


def test_the_page_of_a_watched_run_prints_no_bare_kind(tmp_path: Path) -> None:
    watched = {"overseer": "contradictions", "overseer_acts": "suspend", "days": 15}
    watched |= {"value": "PO", "mode": "with", "prevalence": 1.0}
    run_into(tmp_path / "run", scenario_from(watched), 2)
    story = saved_story(tmp_path / "run")
    events: pd.DataFrame = story.whole("events")
    watching = events[events["kind"].isin(["alert", "suspended"])]
    assert set(watching["kind"]) == {"alert", "suspended"}
    for row in watching.drop_duplicates("kind").to_dict("records"):
        came = deeds(story, int(row["target"]), int(row["day"])).came
        assert sentence(row) in came
        assert not set(came) & set(KINDS)
