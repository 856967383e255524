"""Every evidence builds its tables and figures, and the page has a place for each of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from agents.errors import InputError
from model.cli import run_command
from model.commands.evidence import EVIDENCES, outputs_of
from model.evidence.fates import fates
from model.evidence.fold import fold
from model.evidence.lab import Lab
from model.evidence.page import fill
from model.evidence.pattern import pattern
from model.evidence.phases import phases
from model.evidence.table import EvidenceFound, EvidenceTable, files_of, markdown, number, read
from model.evidence.values import values
from tests.evidence.short_lab import ShortLab

PAGE = Path(__file__).parents[2] / "docs" / "world-evidence.md"
MEASURES: dict[str, Callable[[Lab, int], EvidenceFound]] = {
    "fold": fold,
    "fates": fates,
    "phases": phases,
    "values": values,
    "pattern": pattern,
}


@pytest.fixture(scope="module")
def lab() -> ShortLab:
    return ShortLab()


def test_every_evidence_of_the_command_is_tested_here() -> None:
    assert set(MEASURES) == set(EVIDENCES)


@pytest.mark.parametrize("name", MEASURES)
def test_an_evidence_is_written_whole_and_its_page_has_a_place_for_all_of_it(
    name: str, lab: ShortLab, tmp_path: Path
) -> None:
    found = MEASURES[name](lab, 2)
    page = tmp_path / PAGE.name
    shutil.copy(PAGE, page)
    out = tmp_path / "evidence"
    files = files_of(found)
    outputs_of(name, out).write(files)
    fill(page, found, out)
    text = page.read_text(encoding="utf-8")
    assert len(files) == len(found.tables) + len(found.figures)
    for table in found.tables:
        assert f"evidence/{name}-{table.name}.csv" in text
        assert len(read(out / f"{name}-{table.name}.csv")) == len(table.frame)
    assert all((out / one).read_bytes() == content for one, content in files.items())
    assert found.provenance in text


@pytest.mark.parametrize("word", ["mind ", "table ", "seeds ", "civa ", "engine "])
def test_every_recorded_table_names_what_made_it(word: str) -> None:
    recorded = sorted((PAGE.parent / "evidence").glob("*.csv"))
    assert recorded
    for path in recorded:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# ")
        assert word in first


def test_every_number_on_the_page_is_one_of_its_files() -> None:
    """A recorded table is on the page line by line as its CSV gives it."""
    text = PAGE.read_text(encoding="utf-8")
    frame = read(PAGE.parent / "evidence" / "fold-brute.csv")
    lines = markdown(EvidenceTable("brute", "", frame, "")).splitlines()
    assert all(line in text for line in lines[2:])
    assert not re.search(r"<!-- (table|figure) [\w-]+ -->\n<!-- end -->", text)


def test_a_page_without_a_place_for_a_table_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- table made-up -->\n<!-- end -->\n")
    evidence = EvidenceFound(
        "made", "m", "1", (EvidenceTable("down", "", pd.DataFrame({"a": [1]}), ""),)
    )
    with pytest.raises(InputError, match="mend the markers"):
        fill(page, evidence, tmp_path)


def test_filling_a_page_twice_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table made-up -->\n<!-- end -->\nafter\n")
    frame = pd.DataFrame({"x": [0.5], "x_low": [0.25], "x_high": [0.75]})
    evidence = EvidenceFound("made", "m", "1", (EvidenceTable("up", "Up", frame, "Note."),))
    fill(page, evidence, tmp_path)
    once = page.read_text()
    fill(page, evidence, tmp_path)
    assert page.read_text() == once
    assert "| 0.50 [0.25, 0.75] |" in once


@pytest.mark.parametrize(
    ("value", "shown"),
    [(float("nan"), "–"), (3.0, "3"), (-0.0123, "−0.012"), (12.345, "12.3"), (0.456, "0.46")],
)
def test_numbers_are_shown_with_about_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_tiny_p_is_printed_as_a_bound_and_a_tiny_effect_is_not() -> None:
    frame = pd.DataFrame({"ΔnAUP": [0.0001], "ΔnAUP_p": [0.0001], "p Holm": [0.02]})
    assert (
        markdown(EvidenceTable("t", "", frame, "")).splitlines()[2] == "| 0.000 | < 0.001 | 0.020 |"
    )


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_lived(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out"
    file.write_text("mine")
    assert run_command(["evidence", "phases", "--out", str(file)]) == 2
    assert "--out" in capsys.readouterr().err
    assert file.read_text() == "mine"


def test_a_page_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "none.md"
    assert run_command(["evidence", "fold", "--out", str(tmp_path), "--page", str(page)]) == 2
    assert "--page" in capsys.readouterr().err


def test_tables_of_an_earlier_version_are_known_by_their_first_line_and_others_are_not(
    tmp_path: Path,
) -> None:
    for path in (PAGE.parent / "evidence").glob("phases-*"):
        shutil.copy(path, tmp_path)
    outputs_of("phases", tmp_path)
    (tmp_path / "phases-mine.csv").write_text("x\n1\n")
    with pytest.raises(InputError, match=r"phases-mine\.csv: civa evidence would write here"):
        outputs_of("phases", tmp_path)


def test_a_text_like_a_formula_is_read_back_as_it_was(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sign": ["+", "−"], "x": [-0.5, 1.0]})
    found = EvidenceFound("made", "m", "1", (EvidenceTable("up", "Up", frame, ""),))
    outputs_of("made", tmp_path).write(files_of(found))
    assert "'+,-0.5" in (tmp_path / "made-up.csv").read_text("utf-8")
    assert read(tmp_path / "made-up.csv").to_dict("list") == frame.to_dict("list")
