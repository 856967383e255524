"""The benchmarks' JSON: numbers beside their baselines, and two of them compared."""

import json

import pytest

from tests.benchmarks.baselines import measured
from tests.benchmarks.compare import changes, main

RESULTS = {
    "world": {
        "Mesa Sugarscape": {"per_second": 1000.0},
        "civa, 25 residents": {"per_second": 5000.0},
    },
    "calls": {"ours": 6.0, "bare": 5.0},
    "tokens": {"skipped": "no node"},
}


def run(folder, name, **changed):
    """A file as `make bench` writes it, with some parts changed."""
    about = {"commit": name, "python": "3.11.2", "cores": 2}
    results = {**RESULTS, **changed}
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"about": about, "measured": measured(results), "results": results}))
    return path


def test_a_faster_machine_is_no_change(tmp_path):
    faster = {name: {"per_second": 3 * s["per_second"]} for name, s in RESULTS["world"].items()}
    one, other = run(tmp_path, "one"), run(tmp_path, "other", world=faster)
    found = changes(json.loads(one.read_text()), json.loads(other.read_text()))
    assert [(c.one, c.other, c.verdict) for c in found] == [(5, 5, "same"), (1.2, 1.2, "same")]


def test_what_changed_against_its_own_baseline_is_better_or_worse(tmp_path, capsys):
    world = {**RESULTS["world"], "civa, 25 residents": {"per_second": 10_000.0}}
    one = run(tmp_path, "one", page={"first paint, s": 2.0})
    other = run(tmp_path, "other", world=world, calls={"ours": 9.0, "bare": 5.0})
    found = changes(json.loads(one.read_text()), json.loads(other.read_text()))
    assert [(c.factor, c.verdict) for c in found] == [(2.0, "better"), (1.5, "worse")]
    main([str(one), str(other)])
    told = " ".join(capsys.readouterr().out.split())
    assert "A: one (one, 3.11.2, 2)" in told
    assert "in A alone: page: first paint, s" in told


def test_another_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(SystemExit, match="was not written by make bench"):
        main([str(tmp_path / "x.json"), str(tmp_path / "x.json")])
