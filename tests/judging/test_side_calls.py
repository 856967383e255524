"""Side calls to a model over real HTTP: journalled apart, paid once, never a resident's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aiohttp import web

from agents.asides.asking import as_json
from agents.asides.language_overseer import read_alerts
from agents.asides.stated import stated_answers
from agents.errors import InputError
from agents.llm.errors import ReplyFault
from agents.prompts.texts import find_text
from agents.values import VALUES
from model.analysis.labelled_runs import read_tables
from model.analysis.manipulation import manipulation_check, shifts, variance_split
from model.asides.assess import assess_run
from model.asides.awareness import ask_awareness
from model.asides.judge import judge_runs
from model.run.runs import replay, run_into
from model.world.scenario_files import scenario_from
from model.world.settings import Settings
from tests.language.server import ModelServer, answer, is_probe

MIND = "openai:loopback"


@dataclass
class Answering(ModelServer):
    """Answers each question by a function of its system and user text."""

    reply: Callable[[str, str], str] = lambda system, user: "{}"

    async def _deal(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if is_probe(body):
            return self.completion(answer(body))
        self.numbered += 1
        system, user = (_text(message) for message in body["messages"])
        return self.completion(self.reply(system, user))


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "\n\n".join(part["text"] for part in content)


def settings(server: ModelServer) -> Settings:
    return Settings(base_url=server.url, max_calls=1_000)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "one"
    fields = {"residents": 6, "days": 6, "value": "BE", "mode": "without", "prevalence": 0.5}
    run_into(path, scenario_from({**fields, "family": "single", "method": "gloss"}), 1)
    return path


def honest(system: str, user: str) -> str:
    """Reads its value text and states what it conveys, as the surrogate would."""
    line = system.partition("# You\n")[2].split("\n")[0]
    told = find_text(line.partition(". ")[2]).told
    return as_json(stated_answers(np.array([told]))[0])


def test_a_model_is_asked_by_its_value_text_and_the_check_finds_it(run: Path) -> None:
    with Answering(reply=honest) as server:
        table = assess_run(run, settings(server), days=(0, 3), mind=MIND)
        asked = server.numbered
        again = assess_run(run, settings(server), days=(0, 3), mind=MIND)
        assert server.numbered == asked, "what is journalled is not paid twice"
    assert table.drop(columns="run").equals(again.drop(columns="run"))
    assert table["context"].value_counts().to_dict() == {"lived": 12, "bare": 6, "reference": 3}
    found = manipulation_check(shifts(table)).iloc[0]
    assert (found["verdict"], found["mind"], found["residents"]) == ("cannot tell", MIND, 3)
    assert found["own"] < -0.25, "one run cannot show that it took, but its shift is told"


def test_asked_again_a_model_replies_afresh_and_what_replies_differ_by_is_told(run: Path) -> None:
    def fickle(system: str, user: str) -> str:
        answers = json.loads(honest(system, user))
        first = user.split("\np", 1)[1][:2]  # whichever portrait it reads first, it likes
        return json.dumps({**answers, f"p{first}": 6})

    mind = "openai:fickle"
    with Answering(reply=fickle) as server:
        table = assess_run(run, settings(server), mind=mind, times=3)
        assert server.numbered == len(table) == 3 * 9
        assess_run(run, settings(server), mind=mind, times=3)
        assert server.numbered == 27, "each time is journalled by itself"
    stated = shifts(table)
    assert stated["time"].tolist() == [0, 1, 2]
    assert manipulation_check(stated).iloc[0]["runs"] == 1
    split = variance_split(stated.assign(paraphrase=0), ("run", "seed"))
    assert split.empty, "one world and one wording: nothing is crossed"
    two = pd.concat([stated, stated.assign(seed=9, BE=stated["BE"] + 1)])
    found = variance_split(two, ("seed",)).set_index("source")
    assert found.loc["reply", "variance"] > 0


def test_an_assessment_leaves_the_run_as_it_was(run: Path) -> None:
    with Answering(reply=honest) as server:
        assess_run(run, settings(server), days=(6,), mind=MIND)
    assert replay(run).same
    assert not (run / "calls.sqlite").exists()
    assert (run / "assess" / "openai_loopback" / "calls.sqlite").exists()


def test_the_bare_context_shows_nothing_of_the_world(run: Path) -> None:
    seen: list[tuple[str, str]] = []

    def reply(system: str, user: str) -> str:
        seen.append((system, user))
        return honest(system, user)

    with Answering(reply=reply) as server:
        assess_run(run, Settings(base_url=server.url, max_calls=1000), days=(2,), mind="openai:b")
    bare = [one for one in seen if "factor" not in one[0]]
    assert len(bare) == 9
    for system, user in bare:
        assert "F1" not in system + user
        assert "stock" not in system + user
    lived = [user for system, user in seen if "factor" in system]
    assert len(lived) == 6
    assert all("Now: day 3 of 6" in user and "reply." not in user for user in lived)


def test_a_model_that_refuses_is_counted_and_scored_as_nothing(run: Path) -> None:
    with Answering(reply=lambda s, u: "I am a language model and hold no values.") as server:
        table = assess_run(run, settings(server), mind="openai:shy")
    assert (table["fault"] == "no_json").all()
    assert table[list(VALUES)].isna().all(axis=None)
    assert manipulation_check(shifts(table)).iloc[0]["verdict"] == "undefined"


def test_a_model_judges_with_evidence_and_its_bad_replies_are_faults(run: Path) -> None:
    def reply(system: str, user: str) -> str:
        line = next(text for text in user.splitlines() if text.startswith("day "))
        label = "cooperation" if len(user) % 2 else "greatness"
        return json.dumps({"found": [{"label": label, "quote": line, "claim": ""}]})

    runs = [read_tables(run)]
    with Answering(reply=reply) as server:
        first = judge_runs(runs, MIND, per_run=12, settings=settings(server), folder=run / "judge")
        asked = server.numbered
        judge_runs(runs, MIND, per_run=12, settings=settings(server), folder=run / "judge")
        assert server.numbered == asked
    causes = set(first.items["fault"])
    assert causes == {"", "unknown_label"}
    good = first.items.loc[first.items["fault"] == "", "item"]
    assert sorted(first.evidence["item"]) == sorted(good)
    assert asked == len(first.items) + first.faults, "a fault is asked once more"


def test_awareness_tells_naming_from_claiming_and_asks_foils_too(run: Path) -> None:
    def reply(system: str, user: str) -> str:
        if "takes_it_for" in user:
            return '{"takes_it_for": "test", "why": "it looks like one"}'
        name = (
            "the Portrait Values Questionnaire by Schwartz"
            if "descriptions of people" in user
            else ""
        )
        return json.dumps({"known": "yes", "name": name, "why": "I have seen it"})

    scenario = scenario_from({})
    with Answering(reply=reply) as server:
        found = ask_awareness(MIND, scenario.rules(), settings(server), run / "aware", times=3)
    outcomes = dict(zip(found["item"], found["outcome"], strict=True))
    assert outcomes == {
        "paper": "claimed", "paper foil": "claimed", "game": "claimed", "instrument": "named",
        "instrument foil": "claimed", "test": "test",
    }  # fmt: skip
    assert found.set_index("item").loc["test", "aware"]
    assert (found["replies"] == 3).all()


def test_an_overseer_that_asks_a_model_is_journalled_and_replays_offline(tmp_path: Path) -> None:
    def reply(system: str, user: str) -> str:
        assert "plan" not in system
        return (
            '{"alerts": [{"message": 1, "reason": "pressure", "level": 1, "why": "so it seems"}]}'
        )

    path = tmp_path / "watched"
    fields = {"residents": 6, "days": 3, "overseer": MIND, "overseer_acts": "suspend"}
    with Answering(reply=reply) as server:
        outcome = run_into(path, scenario_from(fields), 1, settings(server))
    events = read_tables(path).tables["events"]
    assert outcome.status == "done"
    assert (events["kind"] == "alert").sum() == server.numbered > 0
    assert replay(path).same


@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ({"message": 3, "reason": "threat", "level": 1, "why": ""}, "unknown_message"),
        ({"message": 0, "reason": "threat", "level": 1, "why": ""}, "unknown_message"),
        ({"message": 1, "reason": "malice", "level": 1, "why": ""}, "unknown_word"),
        ({"message": 1, "reason": "threat", "level": 4, "why": ""}, "out_of_range"),
        ({"message": "1", "reason": "threat", "level": 1, "why": ""}, "wrong_type"),
    ],
)
def test_an_alert_that_names_nothing_is_the_overseer_s_fault(entry, cause: str) -> None:
    with pytest.raises(ReplyFault) as fault:
        read_alerts(json.dumps({"alerts": [entry]}), 2)
    assert fault.value.cause == cause


def test_a_mind_that_states_no_values_is_refused(tmp_path: Path) -> None:
    run_into(tmp_path / "r", scenario_from({"residents": 4, "days": 2, "mind": "random"}), 1)
    with pytest.raises(InputError, match="states no values"):
        assess_run(tmp_path / "r")


def test_a_day_beyond_the_run_is_refused(run: Path) -> None:
    with pytest.raises(InputError, match="day"):
        assess_run(run, days=(7,))
