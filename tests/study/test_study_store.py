from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import mesa
import numpy as np
import pytest

from agents.errors import InputError
from model.analysis.row import Row, plain_row, row_from
from model.community import CommunityModel
from model.measures.population import naup
from model.store.columns import TYPES
from model.study.job import Job
from model.study.many import run_many
from model.study.runner import run_study
from model.study.store import Study, load_study
from model.world.numbers import FLOWS
from model.world.scenario_files import scenario_from
from tests.study.small import design


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("store") / "it's a study"
    run_study(design(), folder, workers=0)
    return load_study(folder)


def test_the_runs_table_has_a_row_a_run_with_its_levels(study: Study) -> None:
    runs = study.runs
    assert len(runs) == 15
    treated = runs[runs.cell == "without BE 0.5"]
    assert set(treated.level_mode) == {"without"}
    assert set(treated.level_prevalence) == {0.5}
    assert runs[runs.cell == "control"].level_value.isna().all()
    assert (runs.against == "control").all()


def test_a_run_s_numbers_are_those_of_its_own_days(study: Study) -> None:
    for row in study.done:
        days = study.run(Path(row.path).name).days
        population = days.population.to_numpy()
        assert row["naup"] == naup(population)
        assert row["resident_days"] == population[:-1].sum()
        assert row["founder_rmst"] == naup(days.founders.to_numpy())
        for name in FLOWS:
            assert row.flows[name] == days[name].sum()


@pytest.mark.parametrize("table", TYPES)
def test_every_table_holds_the_rows_of_all_runs(study: Study, table: str) -> None:
    expected = sum(len(study.run(Path(row.path).name).table(table)) for row in study.done)
    if expected:
        assert len(study.table(table)) == expected


def test_sql_sees_runs_and_tables_together(study: Study) -> None:
    asked = study.query(
        "SELECT cell, sum(days.output) AS output FROM days JOIN runs USING (run) "
        "WHERE day > 0 GROUP BY cell"
    )
    mine = {cell: rows.output.sum() for cell, rows in study.runs.groupby("cell")}
    assert dict(zip(asked.cell, asked.output, strict=True)) == mine


def test_daily_numbers_come_as_runs_by_days(study: Study) -> None:
    daily = study.daily("population")
    rows = [row for row in study.done if row.cell == "control"]
    assert daily["control"].shape == (3, 6)
    assert daily["control"][:, -1].tolist() == [row["population"] for row in rows]


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda s: s.table("day"), "table: 'day' is unknown"),
        (lambda s: s.table("days", ["poplation"]), "has no column 'poplation'"),
        (lambda s: s.query("SELECT * FROM nowhere"), "query: "),
        (lambda s: load_study(s.path / "runs"), "no study lies here"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(study: Study, ask: object, line: str) -> None:
    with pytest.raises(InputError, match=line):
        ask(study)  # type: ignore[operator]


def test_rows_survive_the_disk_with_what_is_undefined() -> None:
    row = Row("a", 1, "k", "failed", "why", "trace", flows={"output": math.nan, "eaten": 2.0})
    back = row_from(plain_row(row), "")
    for field in fields(Row):
        if field.name != "flows":
            mine, theirs = getattr(row, field.name), getattr(back, field.name)
            assert mine == theirs or (math.isnan(mine) and math.isnan(theirs))
    assert back.flows["eaten"] == 2.0
    assert math.isnan(back.flows["output"])


def test_mesa_s_batch_run_and_run_many_agree_run_by_run() -> None:
    seeds = [int(s.generate_state(1)[0]) for s in np.random.SeedSequence(42).spawn(3)]
    swept = mesa.batch_run(
        CommunityModel,
        {"residents": [5, 8], "days": [6], "rng": seeds},
        number_processes=1,
        data_collection_period=1,
        display_progress=False,
    )
    theirs: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for row in swept:
        numbers = (row["population"], row["stock"])
        theirs.setdefault((row["residents"], row["rng"]), []).append(numbers)
    jobs = [
        Job(scenario_from({"residents": n, "days": 6}), seed, str(n), daily=True)
        for n in (5, 8)
        for seed in seeds
    ]
    ours = {
        (row.residents, row.seed): list(
            zip(row.daily["population"], row.daily["stock"], strict=True)
        )
        for row in run_many(jobs, workers=0)
        if row.daily is not None
    }
    assert theirs == ours
