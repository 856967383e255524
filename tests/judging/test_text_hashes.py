"""Every text that a model is asked with beside a run stands, hashed, with what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.asides import asking, awareness, judge, language_overseer, message_lines
from agents.asides import judge_hashes as judging
from agents.asides import probe_hashes as hashes
from agents.errors import InputError
from agents.minds.surrogate import Surrogate
from agents.testserver.app import Server
from agents.testserver.wire import SERVED
from model.cli import run_command
from model.run.identity import identity_of
from model.run.runs import run_into
from model.world.scenario_files import scenario_from
from model.world.settings import Settings
from tests.language.communities import serving

MIND = "openai:surrogate"


def prompts(**fields: str) -> dict[str, str]:
    found: dict[str, str] = identity_of(scenario_from({"residents": 4, **fields}), 1)["prompts"]
    return found


def test_an_overseer_s_texts_belong_to_the_identity_of_the_run() -> None:
    assert prompts() == {}
    assert prompts(overseer="contradictions") == {}
    watched = prompts(overseer=MIND)
    assert watched == judging.overseer_hashes()
    both = prompts(mind=MIND, overseer=MIND)
    assert both == {**prompts(mind=MIND), **watched}


@pytest.mark.parametrize(
    ("place", "name", "of"),
    [
        (judge, "ASK", judging.judge_hashes),
        (judge, "TEXT_MEANING", judging.judge_hashes),
        (language_overseer, "INSTRUCTIONS", judging.overseer_hashes),
        (asking, "QUESTION", hashes.assessment_hashes),
        (asking, "BARE", hashes.assessment_hashes),
        (awareness, "STATIC", hashes.awareness_hashes),
    ],
)
def test_a_changed_line_changes_the_hash(monkeypatch, place, name: str, of) -> None:
    before = of.__wrapped__()
    monkeypatch.setattr(place, name, getattr(place, name).replace("o", "0", 1))
    assert of.__wrapped__() != before


def test_the_form_of_a_message_line_is_part_of_the_overseer_s_hash(monkeypatch) -> None:
    before = judging.overseer_hashes.__wrapped__()
    monkeypatch.setattr(message_lines, "_SHOWN", 60)
    assert judging.overseer_hashes.__wrapped__() != before


def test_what_was_asked_stands_on_the_cards_of_assessments_and_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    run_into(run, scenario_from({"residents": 4, "days": 3}), 1)
    with serving(Server(Surrogate())) as url:
        model = ["--mind", MIND, "--base-url", url, "--set", "max_calls=1000"]
        assert run_command(["assess", str(run), *model, "--awareness", "1"]) == 0
        assert run_command(["judge", str(run), *model, "--items", "3"]) == 0
        assessed = json.loads((run / "assess" / "assess.json").read_text())
        judged = json.loads((run / "judge" / "openai_surrogate" / "judge.json").read_text())
        assert assessed["texts"] == {**hashes.assessment_hashes(), **hashes.awareness_hashes()}
        assert judged["texts"] == judging.judge_hashes()
        assert assessed["served"] == judged["served"] == [SERVED]
        assert list(assessed["runs"].values()) == list(judged["runs"].values())
        # Answers to other words are other answers: the journal is not read for them.
        monkeypatch.setattr(
            "model.asides.judge.judge_hashes", lambda: {"judge": "another", "labels": "another"}
        )
        assert run_command(["judge", str(run), *model, "--items", "3"]) == 2


def test_a_run_watched_with_other_texts_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = scenario_from({"residents": 4, "days": 2, "overseer": MIND})
    with serving(Server(Surrogate())) as url:
        run_into(tmp_path / "run", watched, 1, Settings(base_url=url, max_calls=9))
        monkeypatch.setattr(
            "agents.asides.judge_hashes.overseer_hashes", lambda: {"overseer": "other words"}
        )
        with pytest.raises(InputError, match="differs in"):
            run_into(tmp_path / "run", watched, 1, Settings(base_url=url))
