from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from model.cli import run_command
from model.report.chapters.findings import AGREES, CANNOT_TELL, DISAGREES
from model.report.chapters.study_behaviours import behaviours
from model.report.study import study_report
from model.study.design import Design, read_design
from model.study.runner import run_study
from model.study.store import load_study
from tests.study.small import design

pytestmark = pytest.mark.xdist_group("study report")

VALUES = ["SD", "ST", "HE", "AC", "PO", "SE", "CO", "TR", "BE", "UN"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study of all ten values, reported."""
    study = tmp_path_factory.mktemp("reported") / "study"
    plan = design(
        runs=2,
        control_runs=3,
        question="What <b>if</b> =SUM(A1)?",
        scenario={"residents": 6, "days": 8},
        factors={"value": VALUES, "mode": ["with", "without"], "prevalence": [1.0]},
    )
    run_study(plan, study, workers=0)
    study_report(study)
    return study


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report" / "report.html").read_text("utf-8")


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "report" / "tables" / f"{name}.csv")


def test_the_page_holds_what_was_registered_and_a_paragraph_to_paste(
    folder: Path, page: str
) -> None:
    manifest = load_study(folder).manifest
    assert manifest.registration in page
    assert "Methods, to paste: We ran 43 communities of 6 residents over 8 days" in page
    assert "master seed 5" in page
    assert "Holm&#39;s correction over 20 hypotheses" in page


def test_words_of_the_design_are_shown_and_not_obeyed(page: str) -> None:
    assert "What &lt;b&gt;if&lt;/b&gt; =SUM(A1)?" in page


def test_a_surrogate_s_study_is_not_called_a_result_about_language_models(page: str) -> None:
    assert "it is no result about language models" in page
    assert "Table and emergence" in page
    assert "999 shuffled labellings" in page


def test_every_cell_of_the_page_with_a_number_points_to_its_row(folder: Path, page: str) -> None:
    names = set(re.findall(r'data-csv="tables/([a-z_]+)\.csv"', page))
    assert {"dose_series", "effects", "cells", "published_findings"} <= names
    for part in page.split("<table ")[1:]:
        name = re.search(r'data-csv="tables/([a-z_]+)\.csv"', part)
        assert name is not None
        rows = [int(n) for n in re.findall(r'data-row="(\d+)"', part.split("</table>")[0])]
        assert not rows or max(rows) < len(table(folder, name[1]))


def test_every_figure_has_its_numbers_beside_it(folder: Path, page: str) -> None:
    figures = re.findall(r'<figure id="figure-([a-z_]+)">', page)
    assert {"heat_map", "dose_response", "fans", "capacities", "behaviours"} <= set(figures)
    for link in re.findall(r'href="((?:figures|tables)/[^"]+)"', page):
        assert (folder / "report" / link).stat().st_size > 0


def test_the_heat_map_s_numbers_are_the_means_of_the_runs(folder: Path) -> None:
    runs = table(folder, "runs")
    means = runs.groupby("cell").naup.mean()
    cells = table(folder, "cells").set_index("cell")["mean"]
    pd.testing.assert_series_equal(cells.sort_index(), means.sort_index(), check_names=False)


def test_every_published_finding_gets_one_of_three_verdicts(folder: Path) -> None:
    found = table(folder, "published_findings")
    assert set(found.verdict) <= {AGREES, DISAGREES, CANNOT_TELL}
    assert len(found) == 14
    assert found.loc[found.measured == "basin width", "verdict"].eq(CANNOT_TELL).all()
    assert found.why.notna().all()


def test_behaviours_are_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(_: object) -> None:
        raise AssertionError("a log was read again")

    monkeypatch.setattr("model.report.chapters.study_behaviours.log_numbers", again)
    study = load_study(folder)
    found = behaviours(study)
    assert found.key.tolist() == [row.key for row in study.done]


def ready(name: str, **changes: object) -> Design:
    """A ready design made small."""
    return read_design(name).model_copy(update=changes)


def reported(plan: Design, folder: Path, pages: tuple[str, ...]) -> str:
    run_study(plan, folder, workers=0)
    assert run_command(["report", str(folder), "--quiet"]) == 0
    page = (folder / "report" / "report.html").read_text("utf-8")
    for words in pages:
        assert words in page
    return page


def test_a_study_of_starting_sizes_reports_basins(tmp_path: Path) -> None:
    fold = read_design("fold")
    factors = {"residents": [2, 4, 8], "condition": fold.factors["condition"][:2]}
    plan = ready("fold", runs=2, factors=factors, scenario={"days": 6})
    page = reported(plan, tmp_path / "fold", ("Distance to the fold", "with BE"))
    assert "unidentified" in page


def test_a_study_of_ramps_reports_loops(tmp_path: Path) -> None:
    plan = ready("hysteresis", runs=1, factors={"ramp": [10]}, scenario={"residents": 4})
    page = reported(plan, tmp_path / "loops", ("Hysteresis", "a trend over rates needs three"))
    assert "irreversible" in page


def test_a_sensitivity_study_reports_indices(tmp_path: Path) -> None:
    factors = {
        "richness": {"low": 0.5, "high": 1.5},
        "start_known": {"low": 0.0, "high": 1.0},
    }
    plan = ready(
        "sensitivity", runs=1, points=2, factors=factors, scenario={"residents": 4, "days": 25}
    )
    reported(plan, tmp_path / "sobol", ("Sensitivity", "richness"))
    found = pd.read_csv(tmp_path / "sobol" / "report" / "tables" / "sensitivity.csv")
    assert found.parameter.tolist() == ["richness", "start_known"]


def test_a_study_of_nulls_reports_its_registered_contrasts(tmp_path: Path) -> None:
    nulls = read_design("nulls")
    factors = {"condition": nulls.factors["condition"][:2]}
    scenario = {"residents": 5, "days": 6}
    plan = ready("nulls", runs=2, factors=factors, scenario=scenario)
    page = reported(plan, tmp_path / "nulls", ("Registered family", "random mind"))
    assert "cannot reject under the correction" in page
    assert "Table and emergence" not in page


def test_a_study_without_a_finished_run_has_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.study.works import stopping

    run_study(design(), tmp_path / "study", workers=0, work=stopping)
    assert run_command(["report", str(tmp_path / "study")]) == 2
    assert "no run of this study is finished" in capsys.readouterr().err
    assert not (tmp_path / "study" / "report").exists()


def test_a_study_reports_which_treatments_took_and_splits_their_variance(tmp_path: Path) -> None:
    alignment = read_design("alignment")
    texts = [text for text in alignment.factors["text"] if text["label"] in ("gloss", "sham")]
    factors = {"text": texts, "paraphrase": [0, 1], "value": ["BE"], "mode": ["with"]}
    scenario = {**alignment.scenario, "residents": 4, "days": 3}
    plan = ready("alignment", runs=2, factors=factors, scenario=scenario)
    study = tmp_path / "alignment"
    run_study(plan, study, workers=0)
    assert run_command(["assess", str(study), "--times", "2"]) == 0
    check = pd.read_csv(study / "assess" / "check.csv")
    lost = check["method"] == "gloss"
    check.loc[lost, ["verdict", "flag"]] = ["did not take", "the value moved by +0.00"]
    check.to_csv(study / "assess" / "check.csv", index=False)
    page = reported(plan, study, ("Did the treatments take?",))
    assert page.count('class="alarm"') == 1
    found = table(study, "values_check").set_index("method")
    assert found.loc["sham", "verdict"] == found.loc["sham", "expected"] == "did not take"
    split = table(study, "values_variance")
    assert {"seed", "paraphrase", "mind", "reply"} <= set(split["source"])
    assert split.loc[split["source"] == "reply", "levels"].eq(2).all()
