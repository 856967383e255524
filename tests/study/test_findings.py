"""A published finding is told by interval and test, corrected over what this study can test."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.analysis.arms import Arm
from model.analysis.study import analyse
from model.analysis.summary import Summary
from model.report.chapters.findings import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    _collapse,
    findings,
)
from model.report.study_material import Material
from tests.study.small import design
from tests.study.synthetic import drawn, with_numbers

#: What is read off days and logs, and is the same in all arms here.
OF_DAYS = ("social_capital", "betrayal", "cooperation")
OF_LOGS = ("power_seeking", "deception")


def material(shift: float) -> Material:
    """A study of with and without BE, in which nAUP moves by `shift` under both."""
    plan = design(
        runs=12,
        factors={"value": ["BE"], "mode": ["with", "without"], "prevalence": [1.0]},
        registration={"analysis": "contrasts", "outcome": "naup"},
    )
    lots = np.random.default_rng(3)
    cells, rows = drawn(plan, lambda cell, rng: shift * (not cell.control), 1)
    rows = [
        with_numbers(
            row,
            naup=row["naup"] + float(lots.normal(0, 0.3)),
            **{name: float(lots.normal()) for name in OF_DAYS},
        )
        for row in rows
    ]
    rates: Future[pd.DataFrame] = Future()
    table = {name: lots.normal(size=len(rows)) for name in OF_LOGS}
    keys = {"key": [row.key for row in rows], "cell": [row.cell for row in rows]}
    rates.set_result(pd.DataFrame({**keys, **table}))
    analysis = analyse(plan.registration, plan.pairing, cells, rows, explore=False)
    study: Any = SimpleNamespace(done=tuple(rows))
    return Material(study, plan, analysis, rates)


def test_a_direction_that_shows_agrees_or_disagrees_and_the_rest_cannot_be_told() -> None:
    found = {(one.treatment, one.published): one for one in findings(material(2.0))}
    stability = found["with Benevolence", "stability rises"]
    assert stability.verdict == AGREES
    capital = found["with Benevolence", "social capital rises"]
    assert capital.verdict == CANNOT_TELL
    assert capital.why.startswith("not told apart (could have seen ≥ ")
    other = {one.published: one for one in findings(material(-2.0))}
    assert other["stability rises"].verdict == DISAGREES


def test_the_p_of_a_finding_is_corrected_over_the_directions_that_were_run() -> None:
    found = [one for one in findings(material(2.0)) if not np.isnan(one.p)]
    assert len(found) == 6  # with BE: five directions; without BE: nAUP
    best = min(one.p for one in found)
    assert best == pytest.approx(6 * 2 / 2**12)


def test_communities_that_live_on_did_not_collapse_however_far_their_naup_fell() -> None:
    found = {one.published: one for one in findings(material(-2.0))}
    collapse = found["the population collapses"]
    assert collapse.verdict == DISAGREES
    assert "0 of 12 communities collapsed (a collapse rate up to 22 %" in collapse.why


@pytest.mark.parametrize(
    ("gone", "told", "verdict"),
    [
        (12, AGREES, AGREES),
        (12, CANNOT_TELL, CANNOT_TELL),
        (12, DISAGREES, CANNOT_TELL),
        (6, AGREES, CANNOT_TELL),
        (1, AGREES, DISAGREES),
    ],
)
def test_a_collapse_needs_most_communities_and_a_difference_to_the_control(
    gone: int, told: str, verdict: str
) -> None:
    runs = tuple(Summary(seed, str(seed), {"collapsed": float(seed < gone)}) for seed in range(12))
    assert _collapse(Arm("x", {}, "control", runs), told)[0] == verdict
