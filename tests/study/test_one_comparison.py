"""The same runs compared in a folder's report and in a study's are compared alike."""

from __future__ import annotations

import numpy as np
import pytest

from model.analysis.study import analyse
from model.report.chapters.effects import effects_of
from model.report.conditions import gather
from tests.report.material import made_up
from tests.study.small import design
from tests.study.synthetic import drawn, with_numbers

OUTCOMES = ("naup", "social_capital", "top_share", "founder_rmst")


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("pairing", ["common", "none"])
@pytest.mark.parametrize("fallen", [0, 2])
@pytest.mark.parametrize("lost", [0, 1])
def test_a_report_and_a_study_say_the_same_of_the_same_runs(
    outcome: str, pairing: str, fallen: int, lost: int, tmp_path
) -> None:
    plan = design(
        pairing=pairing,
        runs=8,
        factors={"value": ["PO"], "mode": ["with"], "prevalence": [0.5, 1.0]},
        registration={"analysis": "contrasts", "outcome": outcome},
    )
    lots = np.random.default_rng(1)
    cells, rows = drawn(plan, lambda cell, rng: 0.0, 1)
    spread = [with_numbers(row, **{outcome: float(lots.normal())}) for row in rows]
    treated = [row for row in spread if row.cell == "with PO 1"][:fallen]
    rows = [
        with_numbers(row, collapsed=1.0, collapse_day=float(7 + treated.index(row)))
        if row in treated
        else row
        for row in spread
    ]
    rows = [
        row for row in rows if row.cell != "with PO 0.5" or lost == 0 or row.seed != first_of(rows)
    ]
    study = analyse(plan.registration, plan.pairing, cells, rows, explore=False).effects
    digests = [
        made_up(
            [10] * 11,
            seed=row.seed,
            scenario=dict(next(c for c in cells if c.label == row.cell).scenario),
            **{name: row[name] for name in ("collapsed", "collapse_day", outcome)},
        )
        for row in rows
    ]
    report = effects_of(gather(tmp_path, digests)).effects
    mine = {one.arm: one.found for one in study}
    theirs = {NAMES[one.arm]: one.found for one in report if one.measure.name == outcome}
    assert mine.keys() == theirs.keys()
    for cell, found in mine.items():
        other = theirs[cell]
        assert found.comparison.test == other.comparison.test
        assert found.comparison.difference == other.comparison.difference
        assert found.delta == other.delta
        assert (found.ranked, found.in_ranks) == (other.ranked, other.in_ranks)
        assert found.ranked == (bool(fallen) and cell == "with PO 1")
        said = [flag for flag in found.flags if "fault" not in flag]
        assert said == [flag for flag in other.flags if "fault" not in flag]


NAMES = {"with power": "with PO 1", "with power, ρ = 0.5": "with PO 0.5"}


def first_of(rows) -> int:
    """The seed of a treated run that is taken away."""
    return next(row.seed for row in rows if row.cell == "with PO 0.5")
