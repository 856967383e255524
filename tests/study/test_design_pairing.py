"""Which pairing a design gets that names none, and what its runs can show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.errors import InputError
from model.cli import run_command
from model.measures.power import default_pairing, floor_words
from model.study.cells import cells_of, jobs_of
from model.study.design import design_from, read_design
from model.study.detectable import detectable_effects
from model.study.runner import run_study
from tests.study.small import design

TWO = {"value": ["BE"], "mode": ["without"], "prevalence": [1.0]}
CONTRASTS = {"analysis": "contrasts", "outcome": "naup"}


@pytest.mark.parametrize(("runs", "pairing"), [(3, "none"), (9, "none"), (10, "common")])
def test_from_ten_runs_on_cells_share_their_seeds(runs: int, pairing: str) -> None:
    plan = design(runs=runs)
    assert plan.pairing == default_pairing(runs) == pairing
    seeds: dict[str, set[int]] = {}
    for job in jobs_of(plan, cells_of(plan)):
        seeds.setdefault(job.cell, set()).add(job.seed)
    same = len({frozenset(one) for one in seeds.values()}) == 1
    assert same == (pairing == "common")


@pytest.mark.parametrize("pairing", ["none", "common"])
@pytest.mark.parametrize("runs", [3, 12])
def test_a_design_that_states_its_pairing_keeps_it_and_its_hash(pairing: str, runs: int) -> None:
    plan = design(runs=runs, pairing=pairing)
    assert plan.pairing == pairing
    assert design_from(plan.registered()).hash() == plan.hash()


def test_the_designs_that_were_registered_before_hash_as_before() -> None:
    assert read_design("civa-paper").hash()[:12] == "2c6010ad4df2"


def test_an_offline_and_a_language_design_get_the_same_pairing() -> None:
    language = {"residents": 6, "days": 5, "mind": "openai:any"}
    assert design(runs=12, scenario=language).pairing == design(runs=12).pairing == "common"


def test_a_control_of_its_own_size_is_refused_where_seeds_are_shared_by_default() -> None:
    with pytest.raises(InputError, match=r"default from 10 runs on.*or set pairing none"):
        design(runs=12, control_runs=36)


@pytest.mark.parametrize(("name", "runs"), [("benevolence", 40), ("values", 12)])
def test_the_ready_designs_are_paired_and_say_what_their_pairs_can_show(
    name: str, runs: int
) -> None:
    ready = read_design(name)
    assert (ready.pairing, ready.runs, ready.of_control) == ("common", runs, runs)
    text = (Path("model/study/designs") / f"{name}.toml").read_text(encoding="utf-8")
    assert "40 pairs" in text
    assert ".29" in text


def test_the_floor_that_binds_is_said() -> None:
    assert floor_words(12, "common", 20).endswith("can be rejected alone.")
    assert "smallest p of two arms is 0.00049" in floor_words(12, "common", 20)
    few = floor_words(3, "none", 20)
    assert "smallest p of two arms is 0.1;" in few
    assert "no single one can be rejected, whatever the data say" in few


def test_without_pilots_an_estimate_says_how_to_make_them(tmp_path: Path) -> None:
    found = detectable_effects(design(factors=TWO, registration=CONTRASTS), tmp_path / "none")
    assert found is not None
    assert found.arms == ()
    assert found.without == ("without BE 1",)
    assert "runs = 8" in found.pilots
    assert "--pilots studies/small-pilot" in found.pilots


def test_eight_pairs_of_this_arm_tell_what_the_planned_runs_can_see(tmp_path: Path) -> None:
    fields = {"factors": TWO, "registration": CONTRASTS, "pairing": "common"}
    pilots = design(**fields, name="pilot", runs=8, scenario={"preset": "growing", "days": 12})
    run_study(pilots, tmp_path / "pilot", workers=0)
    plan = design(**fields, runs=40, scenario={"preset": "growing", "days": 12})
    found = detectable_effects(plan, tmp_path / "pilot")
    assert found is not None
    [arm] = found.arms
    assert arm.spread.n == (8,)
    assert arm.spread.high / arm.spread.sd == pytest.approx(2.035, abs=1e-3)
    assert arm.effect == pytest.approx(arm.spread.detectable(0.05, 40))
    assert arm.effect_in_family == pytest.approx(arm.effect)  # a family of one
    other = design(**fields, runs=40, scenario={"preset": "growing", "days": 11})
    apart = detectable_effects(other, tmp_path / "pilot")
    assert apart is not None
    assert apart.arms == (), "pilots of another scenario are no pilots"


def test_seven_pairs_are_too_few(tmp_path: Path) -> None:
    fields = {"factors": TWO, "registration": CONTRASTS, "pairing": "common"}
    plan = design(**fields, runs=7)
    run_study(plan, tmp_path / "small", workers=0)
    found = detectable_effects(plan, tmp_path / "small")
    assert found is not None
    assert found.arms == ()


def test_a_design_that_compares_no_arms_has_nothing_to_detect(tmp_path: Path) -> None:
    assert detectable_effects(read_design("fold"), tmp_path) is None


def test_the_command_prints_what_pilots_show_and_takes_them_from_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        'name = "pilot"\nseed = 1\nruns = 8\npairing = "common"\n[scenario]\nresidents = 6\n'
        'days = 6\n[factors]\nvalue = ["BE"]\nprevalence = [1.0]\n'
    )
    Path("design.toml").write_text(text)
    assert run_command(["estimate", "design.toml"]) == 0
    assert "No pilots" in capsys.readouterr().out
    assert run_command(["study", "design.toml", "--workers", "0", "--quiet"]) == 0
    assert run_command(["estimate", "design.toml", "--json"]) == 0
    [arm] = json.loads(capsys.readouterr().out)["detectable"]["arms"]
    assert arm["spread"]["n"] == [8]
    assert run_command(["estimate", "design.toml", "--pilots", "studies/pilot"]) == 0
    assert "seen with 8" in capsys.readouterr().out
    assert run_command(["estimate", "growing", "--pilots", "studies/pilot"]) == 2
    assert "--pilots" in capsys.readouterr().err
