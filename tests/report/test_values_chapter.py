"""The chapter on values and judges: what lies beside runs, what logs show, what is missing."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from agents.asides.labels import LABELS
from agents.errors import InputError
from model.cli import run_command
from model.report.build import report
from model.report.chapters.values_and_judges import asked_beside
from model.report.style import house
from tests.report.material import HOSTILE, live, made_up
from tests.report.test_report_page import TAGS, Page

pytestmark = pytest.mark.xdist_group("values chapter")

DAYS = {"residents": 8, "days": 20}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untreated, treated (with an overseer) and sham runs, before anybody asked about them."""
    folder = tmp_path_factory.mktemp("beside")
    for seed in (1, 2):
        live(folder, seed, **DAYS)
        live(folder, seed, **DAYS, value="PO", prevalence=1.0, overseer="contradictions")
        live(folder, seed, **DAYS, value="BE", prevalence=1.0, family="single", method="sham")
    return folder


@pytest.fixture(scope="module")
def asked(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after civa assess, judge and code."""
    folder = tmp_path_factory.mktemp("asked") / "runs"
    shutil.copytree(runs, folder)
    assert run_command(["assess", str(folder), "--days", "0,end", "--json"]) == 0
    judge = ["judge", str(folder), "--mind", "scripted:sens=.8,spec=.9", "--items", "20"]
    assert run_command([*judge, "--json"]) == 0
    code = ["code", str(folder), "--items", "2", "--extra", "0"]
    assert run_command(code) == 0
    for name in ("ann", "bo"):
        with (folder / "code" / "sample.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(row | dict.fromkeys(LABELS, str(int(row["item"]) % 2)) for row in rows)
    files = ["--read", str(folder / "ann.csv"), "--read", str(folder / "bo.csv")]
    assert run_command([*code, *files]) == 0
    report(folder)
    return folder


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "report" / "tables" / f"{name}.csv", keep_default_na=False)


def chapter(folder: Path) -> str:
    page = (folder / "report" / "report.html").read_text("utf-8")
    return page.split('id="values-and-judges"')[1].split("</section>")[0]


def test_what_was_not_done_is_named_with_its_command(runs: Path, tmp_path: Path) -> None:
    page = report(runs, tmp_path / "report").read_text("utf-8")
    for command in (
        f"civa assess {runs.name}",
        f"civa judge {runs.name} --mind openai:MODEL",
        f"civa code {runs.name}",
    ):
        assert command in page


def test_a_short_run_that_nobody_watched_says_what_it_lacks(tmp_path: Path) -> None:
    live(tmp_path, 1, days=4)
    page = report(tmp_path).read_text("utf-8")
    assert "civa run --set overseer=contradictions" in page
    assert "Behaviour over days is not" in page
    assert not (tmp_path / "report" / "tables" / "values_drift.csv").exists()


def test_drift_and_influence_need_nobody_to_be_asked(runs: Path, tmp_path: Path) -> None:
    report(runs, tmp_path / "report")
    drift = pd.read_csv(tmp_path / "report" / "tables" / "values_drift.csv")
    assert sorted(drift["day"].unique()) == [10, 20]
    assert len(drift) == 12
    first = drift[drift["day"] == 10]
    assert (first[["BE", "PO", "UN"]].fillna(0.0) == 0).all(axis=None), "change since the first"
    by_run = pd.read_csv(tmp_path / "report" / "tables" / "values_influence_runs.csv")
    pooled = pd.read_csv(tmp_path / "report" / "tables" / "values_influence.csv")
    means = by_run.groupby("condition")["excess"].mean()
    assert pooled.set_index("condition")["excess"].to_dict() == pytest.approx(means.to_dict())


def test_a_treatment_that_took_and_a_sham_are_told_apart(asked: Path) -> None:
    check = table(asked, "values_check").set_index("method")
    assert check["verdict"].to_dict() == {"sham": "did not take", "weights": "took"}
    assert "⚑ did not take" in chapter(asked)
    assert "as it has to be: the value moved by" in chapter(asked)
    told = chapter(asked).split("Did the treatments take?")[1].split("</table>")[0]
    assert 'class="alarm"' not in told


def test_a_manipulation_that_did_not_take_is_a_red_flag(asked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(asked, folder, ignore=shutil.ignore_patterns("report"))
    check = pd.read_csv(folder / "assess" / "check.csv")
    words = {"verdict": "did not take", "flag": "the value moved by +0.10, less than 0.25"}
    rows = check["method"] == "weights"
    check.loc[rows, list(words)] = list(words.values())
    check.to_csv(folder / "assess" / "check.csv", index=False)
    report(folder)
    red = chapter(folder).split('class="alarm"')[1].split("</td>")[0]
    assert "⚑ did not take" in red
    assert "less than 0.25" in red


def test_what_residents_said_is_the_mean_over_runs(asked: Path) -> None:
    stated = table(asked, "values_stated")
    answers = pd.read_csv(asked / "assess" / "answers.csv", keep_default_na=False)
    own = answers[(answers["value"] == "PO") & (answers["context"] == "bare")]
    expected = pd.to_numeric(own["PO"]).groupby(own["run"]).mean().mean()
    row = stated[(stated["value"] == "PO") & (stated["context"] == "bare")]
    assert float(row["PO"].iloc[0]) == pytest.approx(expected)
    assert int(row["runs"].iloc[0]) == 2


def test_the_judge_stands_beside_the_rules_with_its_intervals(asked: Path) -> None:
    found = table(asked, "judge_agreement")
    assert list(found["label"]) == list(LABELS)
    assert set(found["judge"]) == {"scripted:sens=.8,spec=.9"}
    for name in ("f1", "kappa", "alpha"):
        assert {name, f"{name}_low", f"{name}_high"} <= set(found)
    assert {"corrected", "low", "high"} <= set(table(asked, "judge_rates"))
    assert (asked / "report" / "figures" / "judge_agreement_1.svg").is_file()


def test_an_overseer_s_scores_stand_by_condition(asked: Path) -> None:
    found = table(asked, "overseer")
    assert list(found["score"]) == ["precision", "recall", "caught"]
    assert {"rate", "low", "high", "lead", "unwatched"} <= set(found)
    assert set(found["runs"]) == {2}


def test_coders_are_set_beside_each_other_and_the_rules(asked: Path) -> None:
    found = table(asked, "coders")
    assert (pd.to_numeric(found["alpha"]) == 1).all(), "the two said the same"
    assert "alpha_rules" in found


def test_every_number_of_the_chapter_stands_in_its_row_of_a_file(asked: Path) -> None:
    page = Page((asked / "report" / "report.html").read_text("utf-8"))
    names = {name for name, _, _ in page.cells}
    ours = {"values_check", "judge_agreement", "judge_rates", "overseer", "values_influence"}
    assert {f"tables/{name}.csv" for name in ours} <= names
    checked = 0
    for name, row, text in page.cells:
        if Path(name).stem not in ours:
            continue
        fields = table(asked, Path(name).stem).iloc[row].tolist()
        known = [float(f) for f in map(str, fields) if f.replace(".", "").lstrip("-").isdigit()]
        for shown in text.split():
            plain = shown.replace("−", "-").strip("…,")
            if plain.count(".") == 1 and plain.replace(".", "").lstrip("-").isdigit():
                places = len(plain.split(".")[1])
                near = [abs(float(plain) - x) <= 0.5001 * 10**-places for x in known]
                assert any(near) or "moved by" in text or "runs:" in text, (name, row, shown)
                checked += 1
    assert checked > 100


def test_words_in_the_tables_of_others_become_no_part_of_the_page(
    asked: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(asked, folder, ignore=shutil.ignore_patterns("report"))
    for path, columns in (
        ("assess/check.csv", ["mind", "method", "flag"]),
        ("assess/answers.csv", ["run", "mind"]),
        ("code/alpha.csv", ["grade"]),
    ):
        frame = pd.read_csv(folder / path)
        for k, column in enumerate(columns):
            frame[column] = HOSTILE[k % len(HOSTILE)]
        frame.to_csv(folder / path, index=False)
    card = next((folder / "judge").glob("*/judge.json"))
    card.write_text('{"judge": "<script>alert(3)</script>\\u202e"}')
    report(folder)
    page = Page((folder / "report" / "report.html").read_text("utf-8"))
    assert set(page.tags) <= TAGS
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert(3)</script>\\u202e" in " ".join(page.shown)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("assess/check.csv", "mind,family\na,b\n", "lacks method"),
        ("assess/drift.csv", "run,day,residents\na,soon,1\n", "drift.csv"),
        ("judge/JUDGE/agreement.csv", "\x00\xff", "agreement.csv"),
        ("judge/JUDGE/judge.json", "{", "judge.json"),
    ],
)
def test_a_damaged_table_is_refused_with_the_command_that_makes_it(
    asked: Path, tmp_path: Path, name: str, text: str, words: str
) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(asked, folder, ignore=shutil.ignore_patterns("report", "run-*"))
    judge = next((folder / "judge").iterdir()).name
    (folder / name.replace("JUDGE", judge)).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="make it again: civa") as error, house():
        asked_beside(folder, [])
    assert words in str(error.value)


def test_a_run_that_never_was_has_no_behaviour() -> None:
    assert made_up([2, 2]).blocks.conduct.empty
