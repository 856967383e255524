"""The one writer of CSV: no cell is a formula, nothing hides, what is read is what was written."""

import ast
import csv
import io
import math
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.csvwriter import Lines, csv_bytes, csv_plain, csv_text
from model.store.csvtables import frame_csv, read_frame

ROOT = Path(__file__).parents[2]
ANY = st.text(st.characters(codec="utf-8"))
HOSTILE = (
    *("=HYPERLINK(1)", "'=1", "\t=1", "\r=1", "\n=1", "  @SUM(A1)", "＝1+1", "-1.5", 'a,b"c'),
    *("\x1b[2J", "a\u202eb", "\\u202e", "\\\\u005c", "NA", "nan", "", "null", "1e5"),
)


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


@given(ANY)
@example("＝1+1")
@example(" =1")
def test_no_text_becomes_a_cell_that_a_spreadsheet_evaluates(text):
    cell = csv_text(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not {unicodedata.category(c) for c in cell} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANY)
@example("'=1")
@example("\\u202e")
@example("\\u005cu202e")
@example("'\t")
def test_a_cell_gives_its_text_back(text):
    assert csv_plain(csv_text(text)) == text


@given(st.text())
@example("\ud800")
@example("\\ud800\\U00110000")
def test_half_a_character_is_written_as_its_number_and_read_as_that(text):
    cell = csv_text(text)
    cell.encode("utf-8")
    csv_plain(cell).encode("utf-8")


def test_numbers_stay_numbers_and_what_is_undefined_is_empty():
    row = [-1.5, np.float64(0.1), np.int64(-3), True, np.bool_(False), None, math.nan, pd.NA, 1e-7]
    found = cells(csv_bytes(["x"] * len(row), [row]))[1]
    assert found == ["-1.5", "0.1", "-3", "True", "False", "", "", "", "1e-07"]


@given(st.lists(st.floats() | st.integers(), min_size=1))
def test_numbers_are_read_back_exactly(numbers):
    frame = pd.DataFrame({"x": np.array(numbers, dtype=np.float64)})
    again = read_frame(io.BytesIO(frame_csv(frame)), [], ["x"])
    np.testing.assert_array_equal(again["x"].to_numpy(float), frame["x"].to_numpy())


@given(st.lists(st.tuples(ANY, st.booleans() | st.none()), min_size=1))
@example([(text, None) for text in HOSTILE])
def test_a_table_is_read_back_as_it_was(rows):
    frame = pd.DataFrame({"said": [text for text, _ in rows], "took": [took for _, took in rows]})
    again = read_frame(io.BytesIO(frame_csv(frame)), ["said"], ["took"])
    assert again["said"].tolist() == frame["said"].tolist()
    took = [None if x is None or x != x else bool(x) for x in again["took"].tolist()]
    assert took == [took for _, took in rows]


def test_a_cell_of_several_lines_keeps_them_and_is_no_formula():
    (found,) = cells(csv_bytes(["log"], [[Lines(("=1+1", "day 2: \x1b[2Jx"))]]))[1]
    assert found == "'=1+1\nday 2: \\u001b[2Jx"


def test_a_comment_is_one_line():
    assert csv_bytes(["x"], [], comment="a\nb").splitlines() == [b"# a\\u000ab", b"x"]


def calls_of(path: Path) -> set[str]:
    """The names of all attributes that are called in a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        f"{ast.unparse(node.func)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


@pytest.mark.parametrize("folder", ["agents", "model"])
def test_nothing_else_in_civa_writes_csv(folder):
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / folder).rglob("*.py")
        for name in calls_of(path)
        if name.endswith((".to_csv", ".savetxt")) or name in ("csv.writer", "csv.DictWriter")
    }
    assert found == ({("agents/csvwriter.py", "csv.writer")} if folder == "agents" else set())
