"""A language model asked by the overseer alone: whatever spends, counts or keeps knows of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.errors import InputError
from agents.minds.register import MINDS, NAMES, asks_language, language_name, model_of, parse
from model.analysis.digest import digest
from model.asides.assess import assess_run
from model.asides.judge import judge_runs
from model.cli import run_command
from model.report.conditions import gather
from model.report.html import facts, notices
from model.run.estimate import estimate
from model.run.prompts_of import asked_in
from model.run.runs import replay, run_into
from model.study.design import Design
from model.study.estimate import estimate_study
from model.study.job import Job
from model.study.many import run_many
from model.study.runner import run_study
from model.views.living_community import Choice, Living
from model.views.story import saved_story
from model.world.minds import offline_mind
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from model.world.settings import Settings
from tests.language.living import MIND, Place, journalled, place
from tests.study.small import design
from tests.study.test_language_study import paid

WATCHED = {"residents": 6, "days": 3, "mind": "surrogate", "overseer": MIND}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVA_API_KEY", "none")


def watched(settings: Settings) -> Design:
    """Four runs of an offline mind; about one call a day and run, besides its probe."""
    return design(
        runs=2,
        scenario=WATCHED,
        factors={"value": ["BE"], "prevalence": [1.0]},
        settings=settings,
    )


def requests(at: Place) -> int:
    return at.server.menu.requests


# --- what a scenario says


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({}, ()),
        ({"overseer": "contradictions"}, ()),
        ({"mind": "openai:a"}, ("mind",)),
        ({"second_mind": "openai:a", "second_share": 0.5}, ("second_mind",)),
        ({"overseer": "openai:a"}, ("overseer",)),
        ({"mind": "openai:a", "overseer": "openai:b"}, ("mind", "overseer")),
    ],
)
def test_a_scenario_knows_which_of_its_fields_ask_a_language_model(
    fields: dict, language: tuple[str, ...]
) -> None:
    scenario = Scenario(**fields)
    assert scenario.language == language
    assert scenario.asks_language is bool(language)


def test_every_name_that_is_offered_is_one_of_its_kind() -> None:
    for kind in MINDS.values():
        for name in kind.spelled:
            assert parse(name)[0] is kind
            assert asks_language(name) is kind.language
    assert model_of(language_name("gpt-5-mini")) == "gpt-5-mini"
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_every_offline_mind_of_the_register_is_opened_by_its_name(name: str) -> None:
    if asks_language(name):
        with pytest.raises(InputError, match="needs a journal"):
            offline_mind(name, Scenario(), "mind")
    else:
        assert offline_mind(name, Scenario(), "mind").name.startswith(name)


@pytest.mark.parametrize(
    "name", ["", "openai", "OPENAI:x", "surrogate:1", "permuted:x", "scripted", "contradictions"]
)
def test_what_only_looks_like_a_mind_is_none(name: str) -> None:
    assert parse(name) == (None, "")
    assert not asks_language(name)


# --- a study


def test_a_cap_is_the_whole_study_s_where_only_the_overseer_asks(tmp_path: Path) -> None:
    with place(max_calls=5) as at:
        ended = run_study(watched(at.settings), tmp_path / "study")
        assert ended.stopped
        assert "the cap of 5 calls for this study is reached" in ended.cause
        assert 0 < requests(at) <= 5
        # Journals of runs that stopped are kept, and what they hold is not asked again.
        assert paid(tmp_path / "study") == requests(at)
        free = at.settings.model_copy(update={"max_calls": 100})
        again = run_study(watched(free), tmp_path / "study")
        assert again.complete, again.failed
        assert paid(tmp_path / "study") == requests(at)
        whole = requests(at)
        third = run_study(watched(free), tmp_path / "study")
        assert (third.complete, third.lived, requests(at)) == (True, 0, whole)
    with place(max_calls=100) as at:
        run_study(watched(at.settings), tmp_path / "at-once")
        assert requests(at) == whole


def test_a_cap_that_an_executor_could_not_keep_is_refused(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with place(max_calls=5) as at, ThreadPoolExecutor(2) as threads:
        with pytest.raises(InputError, match="leave the executor out"):
            run_study(watched(at.settings), tmp_path / "study", executor=threads)
        assert requests(at) == 0
    assert not (tmp_path / "study").exists()


def test_many_runs_keep_the_journal_of_one_that_stopped(tmp_path: Path) -> None:
    scenario = scenario_from(WATCHED)
    with place(max_calls=3) as at:
        job = Job(scenario, 3, settings=at.settings)
        (row,) = run_many([job], workers=0, out=tmp_path)
        assert row.status == "stopped"
        more = at.settings.model_copy(update={"max_calls": 100})
        (row,) = run_many([Job(scenario, 3, settings=more)], workers=0, out=tmp_path)
        assert row.status == "done"
        assert requests(at) == row.calls
    assert [folder.name for folder in tmp_path.iterdir()] == [job.folder]


# --- estimates


@pytest.mark.parametrize("field", ["mind", "second_mind", "overseer"])
def test_no_estimate_makes_a_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    fields = {"residents": 6, "days": 3, "second_share": 0.5, "second_mind": "random", field: MIND}
    with place(max_calls=100) as at:
        words = [f"{name}={value}" for name, value in fields.items()]
        sets = [part for word in (*words, f"base_url={at.settings.base_url}", "max_calls=100")
                for part in ("--set", word)]  # fmt: skip
        assert run_command(["estimate", *sets, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        source = tmp_path / "design.toml"
        source.write_text(
            'name = "a"\nseed = 1\nruns = 2\n[scenario]\n'
            + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
            + '[factors]\nvalue = ["BE"]\nprevalence = [1.0]\n'
            + f'[settings]\nbase_url = "{at.settings.base_url}"\n'
        )
        assert run_command(["estimate", str(source), "--json"]) == 0
        whole = json.loads(capsys.readouterr().out)
        assert requests(at) == 0
    assert found["fused"]["calls"] > 0
    assert whole["calls"]["expected"] > 0
    assert [file.name for file in tmp_path.iterdir()] == ["design.toml"]


def test_an_estimate_of_a_watched_run_is_what_the_run_then_asks(tmp_path: Path) -> None:
    scenario = scenario_from(WATCHED)
    with place(max_calls=100) as at:
        outcome = run_into(tmp_path / "run", scenario, 4, at.settings)
    found = estimate(scenario, Settings(cache_buckets=1), seed=4)[0]
    assert found.calls == outcome.calls - 1  # the probe
    assert (found.resident_days, found.mornings) == (0, 18)
    assert found.total.input == pytest.approx(outcome.usage["input"], rel=0.05)
    both = estimate(scenario_from(WATCHED | {"mind": MIND}), Settings(), seed=4)[0]
    alone = estimate(scenario_from(WATCHED | {"mind": MIND, "overseer": ""}), Settings(), seed=4)[0]
    assert both.calls == alone.calls + found.calls
    assert both.total.input == alone.total.input + found.total.input


def test_a_study_that_is_only_watched_is_estimated_in_calls_and_lives_all_its_mornings() -> None:
    found = estimate_study(watched(Settings(max_calls=9)))
    assert found.calls.expected > 0
    assert found.resident_days.expected == 4 * 6 * 3


# --- screens and prompts


def test_the_dashboard_keeps_a_run_that_only_the_overseer_pays_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with place(max_calls=100) as at:
        choice = Choice(scenario_from(WATCHED), 3, at.settings)
        living = Living(choice, None, lambda: None, lambda _: None, float)
        living.driver.play()
        while living.driver.active:
            pass
        assert living.driver.progress.phase == "ended", living.driver.progress.cause
        living.close().result()
        assert len(journalled(choice.folder)) == requests(at) - 1
    assert replay(choice.folder).same


def test_prompts_of_a_watched_scenario_are_shown_without_asking_its_overseer() -> None:
    plain = scenario_from({"residents": 6, "days": 3, "mind": "openai:any"})
    shown = asked_in(plain, 1, 2, 3)
    assert [
        one.parts for one in asked_in(plain.model_copy(update={"overseer": MIND}), 1, 2, 3)
    ] == [one.parts for one in shown]


# --- nobody helps without a cap


@pytest.mark.parametrize("field", ["overseer", "second_mind"])
def test_a_helper_that_asks_a_language_model_needs_a_cap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with place() as at:
        words = ["run", "--base-url", at.settings.base_url, "--set", f"{field}={MIND}",
                 "--set", "residents=4", "--days", "2", "--quiet"]  # fmt: skip
        assert run_command(words) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert f"{field}: {MIND} asks a language model without a cap; set one, e.g." in err
        scenario = WATCHED | {"overseer": "", field: MIND}
        with pytest.raises(InputError, match=f"{field}: .* without a cap"):
            run_study(design(scenario=scenario, settings=at.settings), tmp_path / "study")
        assert requests(at) == 0
        assert list(tmp_path.iterdir()) == []
        for cap in ("max_calls=1000", "max_tokens=10000000", "max_money=9"):
            prices = ["--set", "price_input=1.0", "--set", "price_output=1.0"]
            out = ["--out", str(tmp_path / cap)]
            assert run_command([*words, *prices, *out, "--set", cap]) == 0


def test_a_judge_that_asks_a_language_model_needs_a_cap(tmp_path: Path) -> None:
    with place() as at, pytest.raises(InputError, match=r"mind: openai:.* without a cap"):
        judge_runs([], MIND, settings=at.settings, folder=tmp_path / "judge")
    assert not (tmp_path / "judge").exists()


def test_the_residents_own_mind_may_be_asked_without_one(tmp_path: Path) -> None:
    with place() as at:
        scenario = scenario_from({"residents": 4, "days": 1, "mind": MIND})
        assert run_into(tmp_path / "run", scenario, 1, at.settings).status == "done"


def test_a_saved_run_that_was_watched_can_be_looked_at_and_assessed(tmp_path: Path) -> None:
    with place(max_calls=100) as at:
        run_into(tmp_path / "run", scenario_from(WATCHED), 3, at.settings)
        asked = requests(at)
        assert len(saved_story(tmp_path / "run").origin.founders) == 6
        assert len(assess_run(tmp_path / "run")) > 0
        assert requests(at) == asked


@pytest.mark.parametrize(
    ("overseer", "words"),
    [
        (MIND, "A language model watched the messages and decided for nobody"),
        ("contradictions", "No language model took part"),
    ],
)
def test_a_report_says_what_a_language_model_did(tmp_path: Path, overseer: str, words: str) -> None:
    with place(max_calls=100) as at:
        run_into(tmp_path / "run", scenario_from(WATCHED | {"overseer": overseer}), 3, at.settings)
    material = gather(tmp_path, [digest(tmp_path / "run")])
    assert any(words in notice for notice in notices(material))
    model = dict(facts(material))["language model"]
    assert model == ("surrogate (overseer)" if overseer == MIND else "none")
