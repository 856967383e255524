"""Files that commands leave beside others: listed, replaced by the list, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.errors import InputError
from model.cli import run_command
from model.store.outputs import LIST, Outputs
from tests.report.material import live

NAMES = ("one.csv", "two.csv")
FILES = {"one.csv": b"1", "two.csv": b"2"}


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_what_a_command_wrote_it_may_write_again_and_others_files_stay(tmp_path: Path) -> None:
    Outputs(tmp_path / "a" / "b", "judge", NAMES).write(FILES)
    (tmp_path / "a" / "b" / "ann.csv").write_bytes(b"hours of coding")
    Outputs(tmp_path / "a" / "b", "judge", NAMES).write({"one.csv": b"3"})
    found = contents(tmp_path / "a" / "b")
    assert found.pop(LIST)
    assert found == {"one.csv": b"3", "two.csv": b"2", "ann.csv": b"hours of coding"}


@pytest.mark.parametrize("written", [False, True])
def test_a_file_that_is_not_ours_or_not_any_more_is_refused_by_name(
    tmp_path: Path, written: bool
) -> None:
    if written:
        Outputs(tmp_path, "judge", NAMES).write(FILES)
    (tmp_path / "two.csv").write_bytes(b"mine")
    before = contents(tmp_path)
    match = "was changed since civa judge wrote it" if written else "did not write this file"
    with pytest.raises(InputError, match=f"two.csv: .*{match}"):
        Outputs(tmp_path, "judge", NAMES)
    assert contents(tmp_path) == before


def test_the_folder_of_another_command_is_refused(tmp_path: Path) -> None:
    Outputs(tmp_path, "assess", NAMES).write(FILES)
    with pytest.raises(InputError, match="holds what another command wrote, not civa judge"):
        Outputs(tmp_path, "judge", NAMES)


@pytest.mark.parametrize("content", [b"my list", b"{}", b'{"format": 9}', b'{"format": 1}'])
def test_a_list_of_somebody_else_s_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LIST).write_bytes(content)
    with pytest.raises(InputError, match=r"civa\.json: "):
        Outputs(tmp_path, "judge", NAMES)
    assert contents(tmp_path) == {LIST: content}


@pytest.mark.parametrize("number", range(1, 5))
def test_a_kill_between_any_two_writes_leaves_what_the_same_command_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class Killed(BaseException):
        pass

    Outputs(tmp_path, "judge", NAMES).write(FILES)
    left, plain = number, Path.replace

    def killed(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return plain(path, target)

    newer = {"one.csv": b"11", "two.csv": b"22"}
    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(Killed):
        Outputs(tmp_path, "judge", NAMES).write(newer)
    monkeypatch.undo()
    Outputs(tmp_path, "judge", NAMES).write(newer)
    found = contents(tmp_path)
    assert json.loads(found.pop(LIST))["files"].keys() == newer.keys()
    assert found == newer


def test_a_filled_in_sample_is_not_drawn_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = live(tmp_path, 1, residents=4, days=2)
    words = ["code", str(run), "--items", "2", "--extra", "0"]
    assert run_command(words) == 0
    assert run_command(words) == 0
    sample = run / "code" / "sample.csv"
    filled = sample.read_text("utf-8").replace(",,,", ",1,0,", 1)
    sample.write_text(filled)
    assert run_command(words) == 2
    assert "sample.csv: was changed since civa code wrote it" in capsys.readouterr().err
    assert sample.read_text("utf-8") == filled


def test_tables_of_an_earlier_version_are_known_by_their_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live(tmp_path, 1, residents=4, days=2)
    words = ["judge", str(tmp_path), "--mind", "scripted:", "--items", "2"]
    assert run_command(words) == 0
    (tmp_path / "judge" / "scripted" / LIST).unlink()
    assert run_command(words) == 0
    (tmp_path / "judge" / "scripted" / LIST).unlink()
    (tmp_path / "judge" / "scripted" / "judge.json").unlink()
    assert run_command(words) == 2
    assert "did not write this file" in capsys.readouterr().err


def test_what_a_judge_answers_is_no_formula_and_no_control_in_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents.asides.judge import LabelEvidence
    from model.analysis.side_tables import Place
    from model.asides import judge as judging

    claim = '=HYPERLINK("http://evil.example","x")\x1b[2J\u202e'
    run = live(tmp_path, 1, residents=4, days=2)
    monkeypatch.setattr(
        judging, "_scripted", lambda *_: (LabelEvidence("betrayal", "@SUM(A1)", 0, claim),)
    )
    assert run_command(["judge", str(run), "--mind", "scripted:", "--items", "2"]) == 0
    where = run / "judge" / "scripted"
    text = (where / "evidence.csv").read_text("utf-8")
    assert not {"\x1b", "\u202e"} & set(text)
    assert "'=HYPERLINK" in text
    assert ",'@SUM(A1)," in text
    table = Place(where, "", "").table("evidence", ["quote", "claim"], ["item"])
    assert table is not None
    assert set(table["claim"]) == {claim}
    assert set(table["quote"]) == {"@SUM(A1)"}
