"""A study's report tells shift and spread by value, and the effect at half prevalence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.analysis.study import analyse
from model.measures.behaviour.published_labels import PUBLISHED
from model.report.study import study_report
from model.study.cells import Cell
from model.study.runner import run_study
from tests.study.small import design
from tests.study.synthetic import dosed, drawn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "small"
    run_study(design(runs=3, scenario={"residents": 8, "days": 8}), path, workers=0)
    study_report(path)
    return path


def test_shift_and_spread_stand_for_every_label_with_the_papers_word(folder: Path) -> None:
    found = pd.read_csv(folder / "report" / "tables" / "emergent.csv", keep_default_na=False)
    words = {(row.label, row.paper) for row in found.itertuples() if row.paper}
    assert words == set(PUBLISHED.items())
    assert set(found["treatment"]) == {"with BE 1", "without BE 1"}


def test_a_shift_is_hedges_g_of_the_runs_rates(folder: Path) -> None:
    rates = pd.read_parquet(folder / "derived" / "behaviours.parquet")
    runs = pd.read_csv(folder / "report" / "tables" / "runs.csv", keep_default_na=False)
    cell = runs.set_index("key")["cell"] if "key" in runs else None
    found = pd.read_csv(folder / "report" / "tables" / "emergent.csv")
    row = found[(found["label"] == "cooperation") & (found["treatment"] == "with BE 1")].iloc[0]
    assert 0 <= row["of_able"] <= 1
    assert {"cooperation_joint", "of_able_cooperation"} <= set(rates.columns)
    if cell is not None:
        own = rates[rates["key"].map(cell) == "with BE 1"]["cooperation"]
        assert row["rate"] == pytest.approx(own.mean())


def bent(cell: Cell, rng: np.random.Generator) -> float:
    """BE without: all of its effect is there at .5; PO without: a straight line."""
    level, value = cell.levels.get("prevalence", 0.0), cell.levels.get("value")
    mode = cell.levels.get("mode")
    size = {("BE", "without"): -min(level, 0.5) * 2, ("PO", "without"): -level}
    return 1.0 + size.get((value, mode), 0.0) + rng.normal(0, 0.05)


@pytest.mark.parametrize("pairing", ["none", "common"])
def test_an_effect_that_is_whole_at_half_prevalence_is_named(pairing: str) -> None:
    plan = dosed(pairing=pairing, runs=8)
    cells, rows = drawn(plan, bent, 1)
    found = analyse(plan.registration, plan.pairing, cells, rows, draws=99)
    answers = {one.name: one.halfway.answer for one in found.series if one.halfway}
    assert answers["without BE"] == "more than half"
    assert answers["without PO"] == "not told apart from half"
    assert len(answers) == 4


def test_without_the_level_there_is_no_half() -> None:
    factors = {"value": ["BE"], "mode": ["with"], "prevalence": [0.25, 1.0]}
    plan = dosed(factors=factors)
    cells, rows = drawn(plan, bent, 1)
    found = analyse(plan.registration, plan.pairing, cells, rows, draws=99)
    assert found.series[0].halfway is None
