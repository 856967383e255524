"""A run by a language model, end to end: the surrogate behind real HTTP lives the same run.

Whole runs of 25 residents and 50 days in every arm are in `make soak`; here every arm lives four
days and one arm its fifty.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from agents.errors import InputError
from agents.llm.errors import Divergence
from agents.testserver.app import Manner
from model.run.open_minds import open_mind
from model.run.runs import replay, run_into
from model.store import RunFolder, load_run
from model.world.interventions import Intervention
from model.world.scenario import Scenario
from model.world.settings import Settings
from tests.language.living import (
    MIND,
    Counting,
    civa,
    in_process,
    journalled,
    place,
    shuffled_run,
    small,
)

JITTER = Manner(latency=0.004, jitter=1.0)
ARMS = [
    {"family": "weights", "method": "weights", "value": "BE", "prevalence": 0.5},
    {"family": "single", "method": "gloss", "value": "PO", "prevalence": 0.5},
    {"family": "single", "method": "portrait", "value": "BE", "mode": "without", "prevalence": 1.0},
    {"family": "single", "method": "contrast", "value": "SE", "mode": "against", "prevalence": 0.5},
]
NAMES = [f"{arm['method']}-{arm.get('mode', 'with')}" for arm in ARMS]


def lives_the_same(path: Path, scenario: Scenario, seed: int) -> None:
    with place(manner=JITTER) as at:
        outcome, mind = shuffled_run(path / "run", scenario, seed, at.settings)
    assert outcome.status == "done", outcome.cause
    assert outcome.hash == in_process(scenario, seed)
    assert at.server.menu.unreadable == 0
    assert mind.read == sum(at.menu.asked.values()) - 1  # and the probe
    assert set(at.menu.asked.values()) == {1}
    assert replay(path / "run").same


@pytest.mark.parametrize("cognition", ["fused", "staged"])
@pytest.mark.parametrize("arm", ARMS, ids=NAMES)
def test_a_run_over_http_is_the_run_of_the_surrogate(
    tmp_path: Path, arm: dict, cognition: str
) -> None:
    scenario = Scenario(residents=25, days=4, mind=MIND, cognition=cognition, **arm)
    lives_the_same(tmp_path, scenario, 3)


@pytest.mark.slow  # about 30 s
def test_fifty_days_over_http_are_those_of_the_surrogate(tmp_path: Path) -> None:
    lives_the_same(tmp_path, Scenario(mind=MIND), 1)


@pytest.mark.soak  # about 30 to 70 s each
@pytest.mark.parametrize("cognition", ["fused", "staged"])
@pytest.mark.parametrize("arm", ARMS, ids=NAMES)
def test_fifty_days_in_every_arm_are_those_of_the_surrogate(
    tmp_path: Path, arm: dict, cognition: str
) -> None:
    lives_the_same(tmp_path, Scenario(mind=MIND, cognition=cognition, **arm), 2)


def test_another_seed_or_another_value_text_is_another_run(tmp_path: Path) -> None:
    with place() as at:
        hashes = {
            run_into(tmp_path / str(number), small(**fields), seed, at.settings).hash
            for number, (seed, fields) in enumerate(
                [
                    (4, {"value": "PO", "prevalence": 0.5}),
                    (5, {"value": "PO", "prevalence": 0.5}),
                    (4, {"value": "UN", "prevalence": 0.5}),
                ]
            )
        }
    assert len(hashes) == 3
    assert "" not in hashes


def test_the_command_lives_it_tells_what_it_used_and_does_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with place() as at:
        words = (
            *("run", "--days", 4, "--seed", 3, "--mind", MIND, "--out", tmp_path / "run"),
            *("--base-url", at.settings.base_url, "--json"),
            *("--set", "residents=8", "--set", "price_input=1.0", "--set", "price_output=4.0"),
        )
        code, found, _ = civa(capsys, *words)
        asked = at.server.menu.requests
        again = civa(capsys, *words)[1]
        assert at.server.menu.requests == asked
    assert (code, found["status"], found["mind"]) == (0, "done", MIND)
    assert found["calls"] == asked == 8 * 4 * 2 + 1
    usage = found["usage"]
    assert found["tokens"] == usage["input"] + usage["output"] > 0
    assert found["cost"] == pytest.approx((usage["input"] + 4 * usage["output"]) / 1e6)
    assert usage["cached_share"] > 0.5
    assert usage["served_by"] == ["civa-testserver: rules, no language model"]
    assert next(iter(usage["terms"].values()))["rung"] == "json_schema"
    assert load_run(tmp_path / "run").meta.summary == {**found, "again": False}
    assert (again["again"], again["hash"]) == (True, found["hash"])
    assert civa(capsys, "replay", tmp_path / "run", "--check")[0] == 0


def test_the_address_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place() as at:
        monkeypatch.setenv("OPENAI_BASE_URL", at.settings.base_url)
        assert run_into(tmp_path / "run", small(days=2), 1).status == "done"


@pytest.mark.parametrize(
    ("fields", "settings", "words"),
    [
        ({"mind": "openai:"}, {}, "mind: names no model"),
        ({"mind": "random", "overseer": "openai:"}, {"max_calls": 1}, "overseer: names no model"),
        ({}, {"base_url": "localhost:8089/v1"}, "base_url: 'localhost:8089/v1' is no address"),
        ({}, {}, "needs a key: set CIVA_API_KEY or OPENAI_API_KEY"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fields: dict,
    settings: dict,
    words: str,
) -> None:
    for name in ("CIVA_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match=words):
        run_into(tmp_path / "run", small(**fields), 1, Settings(**settings))
    assert not (tmp_path / "run").exists()


def test_a_community_of_two_models_and_a_model_for_one_stage(tmp_path: Path) -> None:
    scenario = small(
        residents=12,
        stage_models=["evening=surrogate-late"],
        second_mind="openai:surrogate-other",
        second_share=0.25,
    )
    with place(max_calls=1_000) as at, place() as elsewhere:
        settings = at.settings.model_copy(update={"second_base_url": elsewhere.settings.base_url})
        outcome = run_into(tmp_path / "run", scenario, 3, settings)
    assert outcome.hash == in_process(scenario, 3)
    assert outcome.mind == f"{MIND} (evening=surrogate-late) + openai:surrogate-other"
    here = {where[2] for where in at.menu.asked if where[0] > 0}
    there = {where[2] for where in elsewhere.menu.asked if where[0] > 0}
    assert len(there) == 3
    assert not here & there
    from agents.llm.journal import read_journal

    with read_journal(tmp_path / "run" / "calls.sqlite") as journal:
        found = set(journal.query("SELECT DISTINCT stage, model FROM calls WHERE day > 0"))
    assert found == {
        ("morning", "surrogate"),
        ("evening", "surrogate-late"),
        ("morning", "surrogate-other"),
        ("evening", "surrogate-other"),
    }
    assert replay(tmp_path / "run").same


def test_part_of_a_community_may_be_of_an_offline_mind(tmp_path: Path) -> None:
    scenario = small(residents=12, mind="surrogate", second_mind=MIND, second_share=0.5)
    with place(max_calls=1_000) as at:
        outcome = run_into(tmp_path / "run", scenario, 3, at.settings)
    assert outcome.hash == in_process(scenario, 3)
    assert len({where[2] for where in at.menu.asked if where[0] > 0}) == 6


def test_a_run_with_interventions_replays(tmp_path: Path) -> None:
    path = tmp_path / "run"
    scenario = small(shocks=[Intervention(day=2, kind="cull", size=0.25)])

    def stop(model: object) -> None:
        if model.today == 3:
            raise KeyboardInterrupt

    with place() as at:
        run_into(path, scenario, 4, at.settings, stop)
        with RunFolder(path, load_run(path).meta.identity) as folder:
            folder.interventions.append(Intervention(day=5, kind="broadcast", text='Heard: "all"'))
            folder.interventions.append(
                Intervention(day=5, kind="retrain", size=1.0, value="PO", mode="with")
            )
        outcome = run_into(path, scenario, 4, at.settings)
        assert at.server.menu.unreadable == 0
    assert outcome.status == "done"
    assert outcome.hash != in_process(scenario, 4)
    assert replay(path).same


def test_a_journal_of_another_run_is_told_by_day_stage_and_resident(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with place() as at:
        run_into(tmp_path / "one", small(), 4, at.settings)
        run_into(tmp_path / "two", small(), 5, at.settings)
    (tmp_path / "one" / "calls.sqlite").replace(tmp_path / "two" / "calls.sqlite")
    with pytest.raises(Divergence) as found:
        replay(tmp_path / "two")
    assert (found.value.day, found.value.stage) == (1, "morning")
    code, _, err = civa(capsys, "replay", tmp_path / "two")
    assert code == 1
    assert "day 1, morning, resident 1: the prompt is not the one that was answered" in err


def test_without_a_folder_nothing_is_left(tmp_path: Path) -> None:
    before = set(Path("/tmp").glob("civa-*"))
    with place() as at:
        opened = open_mind(small(), at.settings, None)
        from model.community import CommunityModel

        model = CommunityModel(small(), rng=4, mind=opened.mind)
        model.step()
        assert opened.spent().calls == 8 * 2 + 1
        assert "17 calls" in opened.line()
        opened.close()
    assert set(Path("/tmp").glob("civa-*")) == before


def test_a_community_lives_inside_a_running_loop(tmp_path: Path) -> None:
    """As in a notebook, whose cells run inside an event loop."""
    with place() as at:

        async def cell() -> str:
            return run_into(tmp_path / "run", small(), 4, at.settings).hash

        assert asyncio.run(cell()) == in_process(small(), 4)


def test_a_chat_model_of_ones_own_decides(tmp_path: Path) -> None:
    from langchain_openai import ChatOpenAI

    from agents.minds.language import over
    from model.community import CommunityModel

    with place() as at:
        chat = ChatOpenAI(model="surrogate", base_url=at.settings.base_url, api_key="none")
        hashes = []
        for _ in range(2):
            with over(chat, tmp_path) as mind:
                model = CommunityModel(small(), rng=4, mind=mind)
                while model.running:
                    model.step()
                model.finish()
                hashes.append(model.hash())
    assert set(hashes) == {in_process(small(), 4)}
    assert mind.name == "surrogate"
    assert set(at.menu.asked.values()) == {1}, "what was answered is not asked again"


def test_prompts_on_show_are_those_that_were_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from agents.llm.journal import read_journal
    from model.cli import run_command
    from model.run.prompts_of import asked_in_run

    path = tmp_path / "run"
    with place() as at:
        run_into(path, small(), 4, at.settings)
    sent = asked_in_run(path, 5, 3)
    assert [one.stage for one in sent] == ["morning", "evening"]
    with read_journal(path / "calls.sqlite") as journal:
        for one in sent:
            *parts, wire = journal.prompt(5, one.stage, 3)
            assert tuple(parts) == one.parts
            assert json.loads(wire.partition(" ")[2]) == one.schema
    assert run_command(["prompt", str(path), "--day", "5", "--resident", "R3"]) == 0
    out = capsys.readouterr().out
    assert all(part in out for one in sent for part in one.parts)
    assert out.count("cache breakpoint") == 2
    for words in (["--day", "7", "--resident", "R3"], ["--day", "5", "--resident", "R99"]):
        assert run_command(["prompt", str(path), *words]) == 2


def test_the_journal_is_asked_before_the_endpoint(tmp_path: Path) -> None:
    path, menu = tmp_path / "run", Counting()

    def stop(model: object) -> None:
        if model.today == 3:
            raise KeyboardInterrupt

    with place(menu) as at:
        assert run_into(path, small(), 4, at.settings, stop).status == "stopped"
        held = journalled(path)
        assert len(held) == 3 * 2 * 8
        outcome = run_into(path, small(), 4, at.settings)
    assert set(menu.asked.values()) == {1}
    assert outcome.hash == in_process(small(), 4)
    assert outcome.calls == sum(menu.asked.values())
