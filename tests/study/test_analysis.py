"""From design to decision, on studies whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model.analysis.study import analyse
from model.measures.arm_effect import RANKED
from model.measures.families import CANNOT_REJECT
from model.measures.faults_by_arm import CONFOUNDED
from model.measures.pairing import Pairing
from model.study.cells import Cell
from tests.study.small import design
from tests.study.synthetic import dosed, drawn, with_numbers

PAIRINGS: list[Pairing] = ["none", "common"]


def nothing(_: Cell, rng: np.random.Generator) -> float:
    return float(rng.normal(1.0, 0.3))


def rising(cell: Cell, rng: np.random.Generator) -> float:
    effect = 1.2 if cell.levels.get("value") == "BE" and cell.levels["mode"] == "with" else 0.0
    return float(rng.normal(1.0 + effect * cell.levels.get("prevalence", 0.0), 0.3))


def stepping(cell: Cell, rng: np.random.Generator) -> float:
    return float(rng.normal(1.0 + 0.6 * (cell.levels.get("prevalence", 0.0) >= 0.5), 0.3))


@pytest.mark.slow  # 120 studies, about 8 s
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_where_nothing_differs_a_family_errs_as_rarely_as_it_says(pairing: Pairing) -> None:
    factors = {"value": ["BE", "PO"], "mode": ["with", "without"], "prevalence": [0.5, 1.0]}
    plan, studies, wrong = dosed(pairing=pairing, runs=4, factors=factors), 120, 0
    for number in range(studies):
        cells, rows = drawn(plan, nothing, number)
        found = analyse(plan.registration, plan.pairing, cells, rows, draws=199, explore=False)
        assert found.primary is not None
        assert found.primary.size == 4
        wrong += bool(found.primary.rejected)
    assert wrong / studies <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_a_planted_effect_is_found_and_only_that(pairing: Pairing) -> None:
    plan = dosed(pairing=pairing)
    hits = others = 0
    for number in range(20):
        cells, rows = drawn(plan, rising, number)
        found = analyse(plan.registration, plan.pairing, cells, rows, draws=999, explore=False)
        assert found.primary is not None
        hits += "with BE" in found.primary.rejected
        others += len(set(found.primary.rejected) - {"with BE"})
    assert hits == 20
    assert others <= 3


@pytest.mark.slow  # 25 studies of 16 effects, about 2 s
@pytest.mark.parametrize("pairing", PAIRINGS)
@pytest.mark.parametrize("runs", [4, 12])
def test_intervals_of_effects_cover_the_truth_as_often_as_they_say(
    pairing: Pairing, runs: int
) -> None:
    plan = dosed(pairing=pairing, runs=runs)
    inside = total = 0
    for number in range(25):
        cells, rows = drawn(plan, rising, number)
        for effect in analyse(
            plan.registration, plan.pairing, cells, rows, draws=19, explore=False
        ).effects:
            level = float(effect.arm.split()[-1])
            truth = 1.2 * level if effect.arm.startswith("with BE") else 0.0
            interval = effect.found.comparison.difference
            inside += interval.low <= truth <= interval.high
            total += 1
    # Sixteen effects share a control, so a study counts for fewer than sixteen.
    assert 0.90 <= inside / total <= 0.99


def test_a_planted_step_is_found_between_its_levels() -> None:
    """Two standard deviations, six runs a level: the bar of least squares, and of the set."""
    plan = dosed(factors={"value": ["BE"], "prevalence": [0.25, 0.5, 0.75, 1.0]}, runs=6)
    right = held = wrong = 0
    for number in range(40):
        cells, rows = drawn(plan, stepping, number)
        [series] = analyse(plan.registration, plan.pairing, cells, rows, draws=9).series
        assert series.tipping is not None
        assert series.tipping.fit is not None
        right += series.tipping.fit.after == 0.25
        held += (0.25, 0.5) in series.tipping.intervals
        wrong += series.tipping.status == "located" and series.tipping.intervals != ((0.25, 0.5),)
    margin = 3 * np.sqrt(0.9 * 0.1 / 40)
    assert right / 40 >= 0.9 - margin
    assert held / 40 >= 0.95 - margin
    assert wrong == 0


def test_three_runs_cannot_reject_over_many_cells_and_the_table_says_so() -> None:
    plan = dosed(runs=3, registration={"analysis": "contrasts"})
    cells, rows = drawn(plan, rising, 1)
    found = analyse(plan.registration, plan.pairing, cells, rows, explore=False)
    assert found.primary is not None
    assert found.primary.size == 16
    assert not found.primary.rejected
    assert all(CANNOT_REJECT in one.flags for one in found.primary.hypotheses)
    assert {one.smallest_p for one in found.primary.hypotheses} == {0.1}


def test_what_was_not_registered_is_exploratory() -> None:
    plan = dosed()
    cells, rows = drawn(plan, rising, 1)
    found = analyse(plan.registration, plan.pairing, cells, rows, draws=99, explore=False)
    assert found.primary is not None
    assert not found.primary.exploratory
    assert found.families
    assert all(group.exploratory for group in found.families)


def test_failed_runs_are_left_out_and_counted() -> None:
    plan = dosed()
    cells, rows = drawn(plan, nothing, 1)
    spoiled = [
        replace(row, status="failed", numbers={}) if i % 17 == 0 else row
        for i, row in enumerate(rows)
    ]
    found = analyse(plan.registration, plan.pairing, cells, spoiled, draws=99, explore=False)
    assert sum(arm.failed for arm in found.arms) == len(spoiled[::17])
    flagged = [effect for effect in found.effects if any("failed" in f for f in effect.found.flags)]
    assert flagged


def test_a_seed_that_failed_in_one_arm_is_left_out_of_its_pairs() -> None:
    plan = dosed(pairing="common")
    cells, rows = drawn(plan, nothing, 1)
    lost = next(row for row in rows if row.cell == "with BE 1")
    kept = [row for row in rows if row is not lost]
    found = analyse(plan.registration, plan.pairing, cells, kept, draws=99, explore=False)
    by_cell = {effect.arm: effect.found.comparison.test.n for effect in found.effects}
    assert by_cell["with BE 1"] == (5,)
    assert by_cell["with BE 0.5"] == (6,)
    series = {one.name: one.test.n for one in found.series}
    assert series["with BE"] == (5,) * 5


def test_arms_that_die_differently_are_compared_by_worst_ranks() -> None:
    plan = dosed(registration={"analysis": "dose", "outcome": "social_capital"})
    cells, rows = drawn(plan, nothing, 1, social_capital=0.4)
    fallen = [
        with_numbers(row, collapsed=1.0, social_capital=float("nan"))
        if row.cell == "without PO 1"
        else row
        for row in rows
    ]
    found = analyse(plan.registration, plan.pairing, cells, fallen, draws=99, explore=False)
    effects = {effect.arm: effect for effect in found.effects}
    one, other = effects["without PO 1"].found, effects["with PO 1"].found
    assert one.ranked
    assert RANKED in one.flags
    assert one.delta.estimate == -1.0
    assert not other.ranked


def test_arms_with_different_faults_are_flagged() -> None:
    plan = dosed()
    cells, rows = drawn(plan, nothing, 1)
    faulty = [
        replace(row, counts={"faults": (12.0, 600.0)}) if row.cell == "with PO 1" else row
        for row in rows
    ]
    found = analyse(plan.registration, plan.pairing, cells, faulty, draws=99, explore=False)
    assert [effect.arm for effect in found.effects if CONFOUNDED in effect.found.flags] == [
        "with PO 1"
    ]


def test_a_study_without_treatment_or_control_has_no_effects() -> None:
    plan = design(
        control=False,
        factors={"residents": [4, 6]},
        registration={"analysis": "basin", "outcome": "population"},
    )
    cells, rows = drawn(plan, nothing, 1)
    found = analyse(plan.registration, plan.pairing, cells, rows)
    assert (found.primary, found.series, found.effects) == (None, (), ())
