from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from model.cli import run_command
from model.study.cells import cells_of, jobs_of
from model.study.estimate import estimate_study
from model.study.job import live
from model.world.scenario_files import scenario_from
from model.world.settings import Settings
from tests.study.small import design


def test_an_offline_study_costs_time_alone() -> None:
    plan = design()
    found = estimate_study(plan, workers=2)
    assert (found.cells, found.runs, found.most_runs) == (5, 15, 15)
    assert found.resident_days.expected == 15 * 30
    assert found.calls.expected == found.tokens.expected == found.money.expected == 0
    assert found.seconds.low <= found.seconds.expected <= found.seconds.high


def test_the_interval_of_an_estimate_holds_what_the_study_then_lives() -> None:
    plan = design(scenario={"preset": "growing", "days": 15}, runs=4)
    found = estimate_study(plan, workers=0).resident_days
    lived = sum(live(job)["resident_days"] for job in jobs_of(plan, cells_of(plan)))
    assert found.low <= lived <= found.high


def test_a_language_study_costs_calls_and_tokens_and_money_where_prices_are_given() -> None:
    plain = {"residents": 5, "days": 4, "mind": "openai:any"}
    found = estimate_study(design(scenario=plain))
    residents = scenario_from(plain).residents
    assert found.resident_days.expected == 15 * 4 * residents
    assert found.calls.expected == 2 * found.resident_days.expected
    assert found.tokens.expected > 100 * found.calls.expected
    assert math.isnan(found.money.expected)
    priced = design(scenario=plain, settings=Settings(price_input=1.0, price_output=4.0))
    assert estimate_study(priced).money.expected > 0


def test_a_rate_limit_sets_the_time() -> None:
    plain = {"residents": 5, "days": 4, "mind": "openai:any"}
    slow = design(scenario=plain, settings=Settings(requests_per_minute=1.0))
    found = estimate_study(slow)
    assert found.seconds.expected == 60 * found.calls.expected


def test_replicates_are_told_as_what_a_study_may_come_to() -> None:
    assert estimate_study(design(stop={"width": 0.1, "cap": 9})).most_runs == 45


def test_the_command_estimates_a_design(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "design.toml"
    source.write_text(
        'name = "a"\nseed = 1\nruns = 2\n[scenario]\nresidents = 5\ndays = 3\n'
        '[factors]\nvalue = ["BE"]\nprevalence = [1.0]\n'
    )
    assert run_command(["estimate", str(source), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["cells"]) == (4, 2)
    assert run_command(["estimate", str(source)]) == 0
    assert "4 in 2 cells" in capsys.readouterr().out
    assert run_command(["estimate", str(source), "--days", "3"]) == 2
    assert "part of a design" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["design.toml"]
