from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from model.study.cells import cells_of, jobs_of
from model.study.design import DESIGNS, design_from, read_design
from model.study.seeds import run_seed
from tests.study.small import design, seeds

LEVELS = st.dictionaries(st.sampled_from(["value", "mode", "days"]), st.text(max_size=3))


def test_the_paper_s_design_has_312_runs_in_81_cells() -> None:
    paper = read_design("civa-paper")
    cells = cells_of(paper)
    assert len(cells) == 81
    assert Counter(cell.runs for cell in cells) == {3: 80, 72: 1}
    assert len(list(jobs_of(paper, cells))) == 312


@pytest.mark.parametrize("name", DESIGNS)
def test_every_ready_design_can_be_run_and_no_run_is_planned_twice(name: str) -> None:
    ready = read_design(name)
    assert ready.name == name
    keys = [job.key for job in jobs_of(ready, cells_of(ready))]
    assert len(set(keys)) == len(keys)


def test_whatever_has_prevalence_0_is_one_shared_control() -> None:
    cells = cells_of(design(factors={"value": ["BE", "PO"], "prevalence": [0.0, 0.5]}))
    assert [cell.label for cell in cells] == ["control", "BE 0.5", "PO 0.5"]
    assert cells[0].scenario.value == ""
    assert {cell.against for cell in cells} == {"control"}


def test_each_world_has_a_control_of_its_own() -> None:
    cells = cells_of(design(factors={"richness": [0.8, 1.2], "value": ["BE"], "prevalence": [1.0]}))
    assert {cell.label: cell.against for cell in cells} == {
        "control richness=0.8": "control richness=0.8",
        "control richness=1.2": "control richness=1.2",
        "BE 1 richness=0.8": "control richness=0.8",
        "BE 1 richness=1.2": "control richness=1.2",
    }


def test_without_a_treatment_the_base_scenario_is_the_control() -> None:
    cells = cells_of(
        design(
            factors={"arm": [{"label": "quiet", "messages": False}]},
            registration={"analysis": "contrasts"},
        )
    )
    assert [(cell.label, cell.against, cell.scenario.messages) for cell in cells] == [
        ("control", "control", True),
        ("quiet", "control", False),
    ]


def test_without_pairing_every_run_has_a_seed_of_its_own() -> None:
    plan = design(pairing="none")
    jobs = list(jobs_of(plan, cells_of(plan)))
    assert len(set(seeds(jobs))) == len(jobs)


def test_common_seeds_are_the_same_in_every_cell() -> None:
    plan = design(pairing="common")
    cells = cells_of(plan)
    by_cell = {
        cell.label: [job.seed for job in jobs_of(plan, cells) if job.cell == cell.label]
        for cell in cells
    }
    assert len({tuple(found) for found in by_cell.values()}) == 1
    assert len(set(next(iter(by_cell.values())))) == plan.runs


def test_a_level_added_later_leaves_the_other_runs_as_they_were() -> None:
    small, large = design(), design(factors={"value": ["PO", "BE"], "prevalence": [0.5, 1.0]})
    small = design(factors={"value": ["BE"], "prevalence": [0.5, 1.0]})
    before = {job.key for job in jobs_of(small, cells_of(small))}
    after = {job.key for job in jobs_of(large, cells_of(large))}
    assert before < after


@given(st.integers(0, 2**63 - 1), LEVELS, st.integers(0, 10_000))
def test_seeds_fit_into_a_float_exactly(master: int, levels: dict[str, str], nth: int) -> None:
    seed = run_seed(master, "none", levels, nth)
    assert 0 <= seed < 2**53
    assert int(float(seed)) == seed


@given(LEVELS, LEVELS, st.integers(0, 9), st.integers(0, 9))
def test_seeds_differ_as_pairing_demands(
    one: dict[str, str], other: dict[str, str], first: int, second: int
) -> None:
    apart = run_seed(1, "none", one, first) == run_seed(1, "none", other, second)
    assert apart == (one == other and first == second)
    common = run_seed(1, "common", one, first) == run_seed(1, "common", other, second)
    assert common == (first == second)


def test_a_latin_hypercube_puts_one_point_into_every_slice_of_every_factor() -> None:
    plan = design(
        method="lhs",
        points=8,
        control=False,
        factors={"richness": {"low": 0.8, "high": 1.6}, "residents": {"low": 4, "high": 20}},
        registration={"analysis": "contrasts"},
    )
    cells = cells_of(plan)
    slices = [int((cell.levels["richness"] - 0.8) / 0.1) for cell in cells]
    assert sorted(slices) == list(range(8))
    assert all(cell.scenario.residents == cell.levels["residents"] for cell in cells)


def test_a_ramp_sets_every_prevalence_up_and_down_for_its_days() -> None:
    [cell] = cells_of(
        design(
            scenario={},
            control=False,
            factors={"ramp": [10]},
            ramp={"value": "BE", "mode": "without", "settle": 5},
            registration={"analysis": "hysteresis"},
        )
    )
    sizes = [row.size for row in cell.scenario.shocks if row.mode == "without"]
    assert sizes[:3] == [0.05, 0.1, 0.15]
    assert max(sizes) == 1.0
    assert sizes == [*sizes[:20], *sizes[:19][::-1]]
    assert cell.scenario.days == 5 + 41 * 10


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"factors": {}}, "factors: nothing is varied"),
        (
            {"factors": {"valu": ["BE"], "prevalence": [1.0]}},
            "valu: unknown factor; did you mean value?",
        ),
        ({"factors": {"prevalence": []}}, "factors: prevalence has no levels"),
        ({"factors": {"prevalence": [1.5], "value": ["BE"]}}, "cell 'BE 1.5': prevalence: 1.5"),
        ({"factors": {"prevalence": [0.5]}}, "prevalence: 0.5 of nothing"),
        (
            {"factors": {n: list(range(1000)) for n in ("days", "width", "prevalence")}},
            "factors: they make 3e+09 runs",
        ),
        ({"factors": {"prevalence": [0.5, 0.5]}}, "has the level 0.5 twice"),
        ({"factors": {"days": [5]}}, "analysis dose needs prevalence"),
        ({"pairing": "common", "control_runs": 9}, "control_runs: 9 beside runs 3"),
        ({"method": "lhs"}, "points: method lhs needs"),
        ({"stop": {"width": 0.1, "cap": 2}}, "stop: cap 2 lies below"),
        ({"scenario": {"residnts": 3}}, "residnts: unknown parameter; did you mean residents?"),
        ({"runs": 0}, "runs: 0 is out of range"),
        ({"nam": "x"}, "nam: unknown parameter; did you mean name?"),
        ({"name": "../up"}, "name: ../up"),
    ],
)
def test_a_bad_design_is_refused_in_one_line(changes: dict[str, object], line: str) -> None:
    with pytest.raises(InputError) as caught:
        cells_of(design(**changes))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_registration_covers_what_is_tested_and_not_what_it_may_cost() -> None:
    plain = design()
    same = design(settings={"max_calls": 5}, question="why?")
    assert plain.hash() == same.hash()
    for change in ({"runs": 4}, {"seed": 6}, {"registration": {"outcome": "population"}}):
        assert design_from({**plain.registered(), **change}).hash() != plain.hash()
