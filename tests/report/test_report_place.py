"""The folder of a report: only what civa wrote there is replaced, and the old one until it is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from agents.errors import InputError
from model.analysis.side_tables import quoted
from model.cli import run_command
from model.report.build import report
from model.report.pictures import Picture
from model.report.place import check_report, place_for, put_report
from model.report.section import Section
from model.report.tables import Table
from tests.report.material import live

CONTENTS = {"report.html": b"new", "figures/one.svg": b"<svg/>", "tables/one.csv": b"x\n1\n"}
OLD = {
    "report.html": '<!doctype html>\n<title>civa report: x</title><a href="figures/one.svg">SVG</a>'
    '<a href="tables/one.csv">CSV</a>',
    "figures/one.svg": "<svg/>",
    "tables/one.csv": "x\n1\n",
}


def small_sections(_chapters: object, _material: object) -> tuple[Section, ...]:
    figure = Figure()
    figure.subplots().plot([1, 2])
    table = Table("one", "One", pd.DataFrame({"x": [1.5]}))
    return (Section("One", (), (Picture("one", "One", "", figure, table),)),)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a report its time, and is none of what is tested here."""
    monkeypatch.setattr("model.report.build.sections_of", small_sections)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_a_report_lists_its_files_and_is_replaced_by_that_list(tmp_path: Path) -> None:
    out = tmp_path / "report"
    put_report(out, {**CONTENTS, "tables/gone.csv": b"x\n"})
    assert set(json.loads((out / "civa.json").read_text())["files"]) == {
        *CONTENTS,
        "tables/gone.csv",
    }
    check_report(out)
    put_report(out, CONTENTS)
    assert files(out).keys() == {*CONTENTS, "civa.json"}
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    "name", ["thesis.txt", "tables/mine.csv", "figures/a/b.svg", "notes/x", ".hidden"]
)
def test_a_file_of_somebody_else_s_is_named_and_nothing_is_touched(
    tmp_path: Path, name: str
) -> None:
    out = tmp_path / "report"
    put_report(out, CONTENTS)
    write(out, {name: "years of work"})
    before = files(tmp_path)
    with pytest.raises(InputError, match=f"holds '{name}', which is not of a report"):
        place_for(tmp_path)
    with pytest.raises(InputError, match=f"holds '{name}'"):
        put_report(out, CONTENTS)
    assert files(tmp_path) == before


def test_a_file_that_was_changed_is_somebody_s_work(tmp_path: Path) -> None:
    put_report(tmp_path / "report", CONTENTS)
    (tmp_path / "report" / "tables" / "one.csv").write_text("x,mine\n1,2\n")
    with pytest.raises(InputError, match=r"'tables/one.csv', which was changed since civa wrote"):
        place_for(tmp_path)


@pytest.mark.parametrize("name", ["", "figures", "figures/one.svg"])
def test_a_link_in_the_place_of_a_report_is_refused(tmp_path: Path, name: str) -> None:
    out, outside = tmp_path / "report", tmp_path / "outside"
    put_report(out, CONTENTS)
    shutil.copytree(out, outside)
    path = out / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    path.symlink_to(outside / name)
    with pytest.raises(InputError, match=r"is a link|which is not of a report"):
        place_for(tmp_path)
    assert files(outside).keys() == {*CONTENTS, "civa.json"}


def test_the_folder_that_the_user_names_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "big")
    assert place_for(tmp_path, tmp_path / "out") == tmp_path / "out"
    put_report(tmp_path / "out", CONTENTS)
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "big" / "report.html").read_bytes() == b"new"


def test_a_report_of_an_earlier_version_is_known_by_its_page(tmp_path: Path) -> None:
    write(tmp_path / "report", OLD)
    put_report(tmp_path / "report", CONTENTS)
    assert (tmp_path / "report" / "report.html").read_bytes() == b"new"


@pytest.mark.parametrize(
    "change",
    [
        {"report.html": "<title>my own page</title>"},
        {"figures/mine.svg": "<svg/>"},
        {"tables/mine.csv": "x\n"},
        {"thesis.txt": "years of work"},
    ],
)
def test_what_only_looks_like_an_earlier_report_is_refused(
    tmp_path: Path, change: dict[str, str]
) -> None:
    write(tmp_path / "report", {**OLD, **change})
    before = files(tmp_path)
    with pytest.raises(InputError, match="which is not of a report"):
        place_for(tmp_path)
    assert files(tmp_path) == before


def test_what_comes_into_the_folder_meanwhile_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the renaming of the old report somebody saves a file into it."""
    out, rename = tmp_path / "report", Path.rename
    put_report(out, CONTENTS)

    def saving(path: Path, target: Path) -> Path:
        if path == out:
            (out / "thesis.txt").write_text("years of work")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", saving)
    with pytest.raises(InputError, match=r"holds 'thesis\.txt'"):
        put_report(out, {**CONTENTS, "report.html": b"newer"})
    assert files(tmp_path / "report").keys() == {*CONTENTS, "civa.json", "thesis.txt"}
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize("number", range(1, 4))
def test_a_crash_leaves_the_old_report_or_the_new_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class Killed(BaseException):
        pass

    out, left = tmp_path / "report", number
    put_report(out, CONTENTS)
    plain = os.rename

    def killed(*args: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise Killed  # and whatever tidies up after it cannot rename either
        plain(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "rename", killed)
    monkeypatch.setattr("model.report.place._clear", lambda _: None)
    newer = {**CONTENTS, "report.html": b"newer"}
    if number <= 2:
        with pytest.raises(Killed):
            put_report(out, newer)
    monkeypatch.undo()
    whole = [p for p in tmp_path.iterdir() if (p / "report.html").is_file()]
    for folder in whole:
        check_report(folder)
    assert {b"new"} <= {(p / "report.html").read_bytes() for p in whole}
    put_report(out, newer)
    assert [p.name for p in tmp_path.iterdir()] == ["report"]
    assert (out / "report.html").read_bytes() == b"newer"


def test_the_command_refuses_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = live(tmp_path, 1, residents=3, days=1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("mine")
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    monkeypatch.setattr("model.report.build.find_runs", lambda _: pytest.fail("was read"))
    assert run_command(["report", str(run), "--out", str(tmp_path / "out")]) == 2
    assert "holds 'report.html', which is not of a report" in capsys.readouterr().err
    assert files(tmp_path / "out").keys() == {"report.html", "thesis.txt"}


def test_a_page_does_not_tell_where_the_runs_lie_and_its_commands_can_be_pasted(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.report.chapters.values_and_judges import asked_beside

    bytes_ = []
    for place in ("one", "other"):
        (tmp_path / place / "a b").mkdir(parents=True)
        live(tmp_path / place / "a b", 1, residents=3, days=1)
        monkeypatch.chdir(tmp_path / place)
        report(Path("a b"))
        bytes_.append(files(Path("a b/report")))
        words, _, _ = asked_beside(Path("a b"), [])
        assert any("civa judge 'a b' --mind" in one for one in words)
        told, _, _ = asked_beside((tmp_path / place / "a b").absolute(), [])
        assert told == words
    assert bytes_[0] == bytes_[1]
    assert not any(str(tmp_path).encode() in content for content in bytes_[0].values())


def test_a_folder_is_a_word_of_a_command_as_it_was_given_or_by_its_name(tmp_path: Path) -> None:
    assert quoted(Path("a b/$(x)")) == "'a b/$(x)'"
    assert quoted(Path("-rf")) == "./-rf"
    assert quoted(Path("/home/ann/my runs")) == "'my runs'"
    assert quoted(Path.cwd() / "runs") == "runs"
