"""`civa survey` from the outside: tables, JSON, the profiles file, exit codes."""

import json
import stat
from importlib.resources import files
from pathlib import Path

import pytest

from agents.populations import read_profiles
from agents.survey import read_survey
from model.cli import run_command

PVQ = Path(str(files("agents"))) / "fixtures" / "pvq40_synthetic.csv"


def survey(*words: object) -> int:
    return run_command(["survey", *map(str, words)])


def test_it_says_who_was_kept_who_was_dropped_and_why(capsys):
    assert survey(PVQ, "--scale", "pvq40") == 0
    out = capsys.readouterr().out
    for text in ("92 (86 complete", "94 (36 identical)", "95 (PO)", "decided by the sample"):
        assert text in out
    for text in ("BE benevolence", "0.7371", "-0.111", "of 800"):
        assert text in out


def test_json_is_one_object_with_the_same_numbers(capsys):
    assert survey(PVQ, "--scale", "pvq40", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    expected = read_survey(PVQ, "pvq40")
    assert found["kept"] == 92
    assert sum(found["dropped"].values()) == 3
    assert found["mean"]["BE"] == pytest.approx(expected.scores[:, 8].mean())
    assert found["circle"]["order_predictions"] == 800
    assert found["reversed"] is True


def test_what_is_undefined_is_null_in_json(tmp_path, capsys):
    one = tmp_path / "one.csv"
    one.write_text("\n".join(PVQ.read_text().splitlines()[:2]))
    assert survey(one, "--scale", "pvq40", "--reversed", "yes", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sd"]["BE"] is None
    assert found["circle"]["order_p"] is None


def test_one_respondent_is_shown_without_a_fuss(tmp_path, capsys):
    one = tmp_path / "one.csv"
    one.write_text("\n".join(PVQ.read_text().splitlines()[:2]))
    assert survey(one, "--scale", "pvq40", "--reversed", "yes") == 0
    assert "nan" in capsys.readouterr().out


def test_the_same_file_gives_the_same_words(capsys):
    survey(PVQ, "--scale", "pvq40")
    first = capsys.readouterr().out
    survey(PVQ, "--scale", "pvq40")
    assert capsys.readouterr().out == first


def test_the_profiles_file_holds_the_kept_respondents(tmp_path, capsys):
    target = tmp_path / "profiles.csv"
    assert survey(PVQ, "--scale", "pvq40", "--out", target) == 0
    assert (read_profiles(target) == read_survey(PVQ, "pvq40").profiles()).all()
    assert target.read_text().startswith("SD,ST,HE,AC,PO,SE,CO,TR,BE,UN\n")
    assert [p.name for p in tmp_path.iterdir()] == ["profiles.csv"]
    assert "92 profiles written" in " ".join(capsys.readouterr().out.split())


def test_profiles_may_be_written_again(tmp_path):
    target = tmp_path / "profiles.csv"
    assert [survey(PVQ, "--scale", "pvq40", "--out", target, "--json") for _ in "ab"] == [0, 0]


def test_other_profiles_are_not_overwritten(tmp_path, capsys):
    target = tmp_path / "profiles.csv"
    mine = "SD,ST,HE,AC,PO,SE,CO,TR,BE,UN\n" + ",".join(["50"] * 10) + "\n"
    target.write_text(mine)
    assert survey(PVQ, "--scale", "pvq40", "--out", target) == 2
    assert "holds other profiles; move it away" in capsys.readouterr().err
    assert target.read_text() == mine


@pytest.mark.parametrize("leads", ["victim.csv", "nothing.csv"])
def test_profiles_are_not_written_through_a_link(tmp_path, capsys, leads):
    (tmp_path / "victim.csv").write_text("years of work")
    (tmp_path / "profiles.csv").symlink_to(tmp_path / leads)
    assert survey(PVQ, "--scale", "pvq40", "--out", tmp_path / "profiles.csv") == 2
    assert "is a link" in capsys.readouterr().err
    assert (tmp_path / "victim.csv").read_text() == "years of work"
    assert not (tmp_path / "nothing.csv").exists()


def test_labels_are_shown_as_text_and_never_as_markup(tmp_path, capsys):
    hostile = PVQ.read_text().replace("\n92,", "\n[red]x[/]\x1b[2J,")
    (tmp_path / "x.csv").write_text(hostile)
    assert survey(tmp_path / "x.csv", "--scale", "pvq40") == 0
    out = capsys.readouterr().out
    assert "[red]x[/]\\x1b[2J" in out
    assert "\x1b[2J" not in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((PVQ,), "--scale"),
        ((PVQ, "--scale", "pvq57"), "pvq57"),
        ((PVQ, "--scale", "ess21"), "it has those of pvq40"),
        ((PVQ, "--scale", "pvq40", "--reversed", "maybe"), "maybe"),
        (("nowhere.csv", "--scale", "pvq40"), "no such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words, message, capsys):
    assert survey(*words) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_another_file_is_not_overwritten(tmp_path, capsys):
    other = tmp_path / "thesis.csv"
    other.write_text("ten years of work")
    assert survey(PVQ, "--scale", "pvq40", "--out", other) == 2
    assert "something other than profiles" in capsys.readouterr().err
    assert other.read_text() == "ten years of work"


@pytest.mark.parametrize(
    ("target", "message"), [("", "is a directory"), ("no/such/p.csv", "there is no folder")]
)
def test_a_target_that_cannot_be_written_is_refused(tmp_path, target, message, capsys):
    assert survey(PVQ, "--scale", "pvq40", "--out", tmp_path / target) == 2
    assert message in capsys.readouterr().err


def test_a_refused_survey_writes_nothing(tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("\n".join(PVQ.read_text().splitlines()[:6]))
    assert survey(few, "--scale", "pvq40", "--out", tmp_path / "p.csv") == 2
    assert [p.name for p in tmp_path.iterdir()] == ["few.csv"]


def test_the_profiles_file_is_readable_by_others_as_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    target = tmp_path / "p.csv"
    assert survey(PVQ, "--scale", "pvq40", "--out", target, "--json") == 0
    plain = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert stat.S_IMODE(target.stat().st_mode) == plain
