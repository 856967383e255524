"""civa assess, judge and code from the command line, offline."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from agents.asides.labels import LABELS
from model.cli import run_command
from model.run.runs import run_into
from model.world.scenario_files import scenario_from


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two treated runs and two of the control."""
    folder = tmp_path_factory.mktemp("study")
    small = {"residents": 8, "days": 8}
    told = {"value": "BE", "mode": "without", "prevalence": 1.0}
    for seed in (1, 2):
        run_into(folder / f"treated{seed}", scenario_from({**small, **told}), seed)
        run_into(folder / f"control{seed}", scenario_from(small), 10 + seed)
    return folder


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_assess_checks_every_condition_and_leaves_tables(study: Path, capsys) -> None:
    assert run_command(["assess", str(study), "--days", "0,4,end", "--json"]) == 0
    found = last_line(capsys)
    assert (found["status"], found["runs"], found["faults"]) == ("done", 4, 0)
    names = {path.stem for path in (study / "assess").glob("*.csv")}
    assert {"answers", "shifts", "check", "circle", "drift", "influence", "behaviour"} <= names
    check = pd.read_csv(study / "assess" / "check.csv").iloc[0]
    assert (check["value"], check["mode"], check["runs"]) == ("BE", "without", 2)
    assert check["own"] < -1


def test_assess_prints_a_red_flag_where_nothing_took(tmp_path: Path, capsys) -> None:
    fields = {"residents": 4, "days": 1, "value": "BE", "prevalence": 1.0}
    sham = scenario_from({**fields, "family": "single", "method": "sham"})
    for seed in (1, 2):
        run_into(tmp_path / f"sham{seed}", sham, seed)
    assert run_command(["assess", str(tmp_path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "less than 0.25" in shown


def test_judge_sets_a_judge_beside_the_rules(study: Path, capsys) -> None:
    mind = "scripted:sens=.8,spec=.9,refuse=.05"
    assert run_command(["judge", str(study), "--mind", mind, "--items", "20", "--json"]) == 0
    found = last_line(capsys)
    assert (found["items"], found["same_model"]) == (80, False)
    where = Path(str(found["path"]))
    agreement = pd.read_csv(where / "agreement.csv").set_index("label")
    assert list(agreement.index) == list(LABELS)
    rates = pd.read_csv(where / "rates.csv")
    assert set(rates["arm"]) == {"control", "without BE 1"}
    items = pd.read_csv(where / "items.csv", keep_default_na=False)
    assert (items["fault"] != "").sum() == found["faults"]


def test_a_sample_is_coded_judged_and_compared(study: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "sample"
    draw = ["code", str(study), "--items", "3", "--extra", "1", "--out", str(out)]
    assert run_command(draw) == 0
    assert run_command(draw) == 0, "the same sample is the same sample"
    assert run_command([*draw, "--seed", "2"]) == 2
    coders = []
    for name in ("ann", "bo"):
        coders.append(tmp_path / f"{name}.csv")
        with (out / "sample.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with coders[-1].open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            for row in rows:
                writer.writerow({**row, **dict.fromkeys(LABELS, "0"), "cooperation": "1"})
    judged = tmp_path / "judged"
    capsys.readouterr()
    files = [word for path in coders for word in ("--codes", str(path))]
    command = ["judge", str(study), "--mind", "scripted:sens=1,spec=1", "--sample", str(out)]
    assert run_command([*command, *files, "--out", str(judged), "--json"]) == 0
    assert last_line(capsys)["items"] == len(rows)
    read = [word for path in coders for word in ("--read", str(path))]
    command = ["code", str(study), "--out", str(out), *read, "--judged", str(judged), "--json"]
    assert run_command(command) == 0
    assert last_line(capsys)["coders"] == 2
    differing = pd.read_csv(out / "disagreements.csv")
    assert set(differing.columns) >= {"ann", "bo", "rules", "judge", "rows"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["assess", "nowhere"], "no finished run lies here"),
        (["assess", "STUDY", "--days", "soon"], "is no day"),
        (["judge", "STUDY", "--mind", "scripted:wit=1"], "no setting 'wit'"),
        (["judge", "STUDY", "--mind", "surrogate"], "names no model"),
        (["judge", "STUDY", "--mind", "scripted:", "--sample", "nowhere"], "no sample"),
        (["judge", "STUDY", "--mind", "scripted:", "--codes", "x.csv"], "belong to a sample"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(study: Path, capsys, words, message) -> None:
    assert run_command([str(study) if word == "STUDY" else word for word in words]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_the_ready_design_crosses_methods_wordings_and_worlds() -> None:
    from model.study.cells import cells_of, jobs_of
    from model.study.design import read_design

    design = read_design("alignment")
    cells = cells_of(design)
    treated = [cell for cell in cells if not cell.control]
    crossed = {(c.scenario.method, c.scenario.paraphrase) for c in treated}
    methods = {"gloss", "portrait", "ranked", "contrast", "weights", "none", "placebo", "sham"}
    assert crossed == {(method, k) for method in methods for k in (0, 1, 2)}
    seeds = {cell.label: set() for cell in cells}
    for job in jobs_of(design, cells):
        seeds[job.cell].add(job.seed)
    assert len({frozenset(one) for one in seeds.values()}) == 1, "every wording in the same worlds"
