from pathlib import Path

import pytest

from agents.errors import InputError
from model.report.conditions import find_runs, gather
from tests.report.material import arms, live, made_up

PLACE = Path("somewhere")
LIVED = [10] * 6


def test_runs_that_differ_in_their_seed_alone_are_one_condition():
    found = gather(PLACE, [made_up(LIVED, seed=s) for s in (3, 1, 2)])
    assert [one.label for one in found.conditions] == ["original"]
    assert [run.meta.seed for run in found.conditions[0].runs] == [1, 2, 3]


def test_conditions_are_named_by_treatment_and_by_what_else_differs():
    runs = [
        made_up(LIVED, seed=1),
        made_up(LIVED, seed=1, scenario={"richness": 0.8}),
        made_up(LIVED, seed=1, scenario={"value": "BE", "mode": "without", "prevalence": 0.5}),
    ]
    assert [one.label for one in gather(PLACE, runs).conditions] == [
        "original, richness 0.8",
        "original, richness 1.0",
        "without benevolence, ρ = 0.5, richness 1.0",
    ]


def test_a_value_named_for_nobody_is_no_treatment():
    found = gather(PLACE, [made_up(LIVED, scenario={"value": "BE", "prevalence": 0.0})])
    assert found.conditions[0].label == "original"
    assert not found.conditions[0].treated


def test_failed_and_stopped_runs_are_listed_and_not_scored():
    runs = [made_up(LIVED, seed=s, status=x) for s, x in enumerate(("done", "failed", "stopped"))]
    found = gather(PLACE, runs)
    assert [run.meta.seed for _, run in found.runs] == [0]
    assert [run.meta.status for run in found.others] == ["failed", "stopped"]


def test_a_single_unfinished_run_can_be_looked_at():
    found = gather(PLACE, [made_up(LIVED, status="stopped")])
    assert len(found.runs) == 1
    assert not found.others


def test_a_folder_of_unfinished_runs_is_refused():
    with pytest.raises(InputError, match="none of its 2 runs is done"):
        gather(PLACE, [made_up(LIVED, seed=s, status="failed") for s in (1, 2)])


def test_a_run_that_lies_there_twice_would_count_double_and_is_refused():
    with pytest.raises(InputError, match=r"same run twice \(seed 7\)"):
        gather(PLACE, [made_up(LIVED, seed=7, name=name) for name in "ab"])


@pytest.mark.parametrize(
    ("control", "treated", "pairing"),
    [((1, 2), (1, 2), "common"), ((1, 2), (3, 4), "none"), ((1, 2), (2, 3), "mixed")],
)
def test_pairing_is_read_off_the_seeds(control, treated, pairing):
    found = arms(dict.fromkeys(control, 1.0), dict.fromkeys(treated, 1.0))
    assert found.pairing == pairing


def test_runs_are_found_below_a_folder_and_listed_as_a_reader_counts(tmp_path):
    for name in ("b/run-10", "b/run-9", "a"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "run.json").write_text("{}")
    found = [str(path.relative_to(tmp_path)) for path in find_runs(tmp_path)]
    assert found == ["a", "b/run-9", "b/run-10"]


def test_a_run_within_a_run_is_not_looked_for(tmp_path):
    path = live(tmp_path, 1, days=1)
    assert find_runs(path) == [path]


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no run"):
        find_runs(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        find_runs(tmp_path / "missing")
