"""What is refused of a survey file: one clear line each."""

import csv
import os
from pathlib import Path

import pytest

from agents import csvfile
from agents.errors import InputError
from agents.survey import read_survey
from tests.agents.survey_files import FIXTURES, table, write


@pytest.fixture
def pvq() -> list[list[str]]:
    """Rows of the synthetic PVQ-40 file, header first."""
    return table(FIXTURES / "pvq40_synthetic.csv")


class TestRefusals:
    """One clear line each: what, where, and what to do."""

    def refused(self, path: Path, message: str, scale: str = "pvq40") -> None:
        with pytest.raises(InputError, match=message) as caught:
            read_survey(path, scale)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_missing_columns_are_named(self, tmp_path, pvq):
        rows = [[c for i, c in enumerate(row) if i not in {7, 40}] for row in pvq]
        self.refused(write(tmp_path / "x.csv", rows), "no column pvq07, pvq40; it begins with resp")

    @pytest.mark.parametrize("text", ["ann:x:0:0:hunter2:/home\n", "TOKEN=hunter2,KEY=3\n1,2\n"])
    def test_nothing_of_a_file_that_is_no_such_table_is_shown(self, tmp_path, text):
        (tmp_path / "x.csv").write_text(text)
        with pytest.raises(InputError, match="nor any other of such a table") as caught:
            read_survey(tmp_path / "x.csv", "pvq40")
        assert "hunter2" not in str(caught.value)
        assert "ann" not in str(caught.value)

    def test_the_other_questionnaire_is_recognised(self):
        path = FIXTURES / "ess21_synthetic.csv"
        self.refused(path, "no column pvq01, .* and 32 more; it has those of ess21")

    def test_a_column_that_stands_there_twice(self, tmp_path, pvq):
        rows = [[*row, row[3]] for row in pvq]
        self.refused(write(tmp_path / "x.csv", rows), "pvq03 stands there more than once")

    def test_a_seven_point_scale(self, tmp_path, pvq):
        rows = [pvq[0], *([row[0], *(c.replace("6", "7") for c in row[1:])] for row in pvq[1:])]
        self.refused(write(tmp_path / "x.csv", rows), r"outside 1-6 \(such as 7, 11\)")

    def test_a_scale_from_zero_to_five(self, tmp_path, pvq):
        down = dict(zip("123456", "012345", strict=True))
        rows = [pvq[0], *([row[0], *(down.get(c, "") for c in row[1:])] for row in pvq[1:])]
        self.refused(write(tmp_path / "x.csv", rows), "looks coded 0-5")

    @pytest.mark.parametrize("text", ["often", "[red]3[/red]", "nan", "inf", "3,5"])
    def test_a_cell_that_is_no_number(self, tmp_path, pvq, text):
        pvq[4][2] = text
        self.refused(write(tmp_path / "x.csv", pvq), "line 5, column pvq02: .* is not a number")

    def test_control_characters_are_not_passed_on(self, tmp_path, pvq):
        pvq[4][2] = "\x1b[31mred"
        with pytest.raises(InputError, match="not a number") as caught:
            read_survey(write(tmp_path / "x.csv", pvq), "pvq40")
        assert "\x1b" not in str(caught.value)

    def test_a_row_of_another_length(self, tmp_path, pvq):
        del pvq[9][-1]
        self.refused(write(tmp_path / "x.csv", pvq), "line 10: 40 cells under a header of 41")

    def test_an_empty_file(self, tmp_path):
        (tmp_path / "x.csv").touch()
        self.refused(tmp_path / "x.csv", "the file is empty")

    def test_a_header_alone(self, tmp_path, pvq):
        self.refused(write(tmp_path / "x.csv", pvq[:1]), "a header but no rows")

    def test_a_file_without_anybody_left(self, tmp_path, pvq):
        rows = [pvq[0], *([row[0], *["3"] * 40] for row in pvq[1:])]
        message = r"no respondent is left \(more than 35 identical answers\)"
        self.refused(write(tmp_path / "x.csv", rows), message)

    def test_latin_letters_in_another_encoding(self, tmp_path):
        data = (FIXTURES / "pvq40_synthetic.csv").read_bytes().replace(b"\n7,", b"\nZo\xeb,")
        (tmp_path / "x.csv").write_bytes(data)
        self.refused(tmp_path / "x.csv", "not UTF-8 text .from position 744")

    def test_a_directory(self, tmp_path):
        self.refused(tmp_path, "is a directory")

    def test_no_such_file(self, tmp_path):
        self.refused(tmp_path / "nowhere.csv", "no such file")

    def test_something_that_is_not_a_regular_file(self):
        self.refused(Path(os.devnull), "not a regular file")

    def test_a_file_of_two_gigabytes(self, tmp_path):
        with (tmp_path / "x.csv").open("wb") as file:
            file.truncate(2_000_000_000)
        self.refused(tmp_path / "x.csv", "2000 MB, more than 200 MB")

    def test_a_cell_without_end(self, tmp_path, pvq):
        pvq[3][4] = "1" * (csv.field_size_limit() + 1)
        self.refused(write(tmp_path / "x.csv", pvq), "not a CSV table")

    def test_what_is_shown_of_a_text_is_cut(self):
        assert csvfile.shown("a" * 100) == "a" * 39 + "…"
