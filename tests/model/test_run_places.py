"""A run's folder: looked at before it is touched, and left as it was found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agents.errors import InputError, StoppedEarly
from model.store import FolderRecorder, InterventionsFile, RunFolder
from model.store.lock import Lock
from model.store.places import LOCK, remove_run
from model.study.folder import BRIEF
from model.study.runner import run_study
from model.world.interventions import Intervention
from tests.model.test_store import IDENTITY, day
from tests.study.small import design


def test_somebody_s_file_called_lock_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_bytes(b"my own")
    with pytest.raises(InputError, match="lock: holds something, so it is no lock"):
        RunFolder(tmp_path, IDENTITY)
    assert (tmp_path / LOCK).read_bytes() == b"my own"


def test_a_refused_folder_gets_no_lock(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_bytes(b"years of work")
    with pytest.raises(InputError, match="holds something else"):
        RunFolder(tmp_path, IDENTITY)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_lock_of_an_earlier_run_is_used_and_stays(tmp_path: Path) -> None:
    (tmp_path / LOCK).touch()
    with RunFolder(tmp_path, IDENTITY):
        pass
    assert [p.name for p in tmp_path.iterdir()] == [LOCK]


def test_a_lock_that_is_not_the_one_made_is_not_taken_away(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", IDENTITY)
    (tmp_path / "run" / LOCK).unlink()
    (tmp_path / "run" / LOCK).write_bytes(b"somebody else's")
    folder.release()
    assert (tmp_path / "run" / LOCK).read_bytes() == b"somebody else's"


def test_a_lock_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        run_study(design(), tmp_path / "study", workers=0)
        with Lock(tmp_path / "study" / "lock", "busy"):
            pass
    finally:
        os.umask(before)
    for name in ("lock", BRIEF):
        assert (tmp_path / "study" / name).stat().st_mode & 0o777 == 0o664


def test_a_lock_that_may_not_be_opened_is_named(tmp_path: Path, monkeypatch) -> None:
    def denied(path: Path, *_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(InputError, match=r"/lock: cannot be opened .*let its group write it"):
        Lock(tmp_path / "lock", "busy")


@pytest.mark.parametrize(
    "name", ["run.json", "lock", "interventions", "days", "events", "calls.sqlite"]
)
def test_a_link_where_a_run_writes_is_refused_by_name(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    with RunFolder(tmp_path / "run", IDENTITY) as folder:
        folder.begin()
    path = tmp_path / "run" / name
    path.unlink(missing_ok=True)
    path.symlink_to(outside)
    before = sorted(os.listdir(tmp_path / "run"))  # noqa: PTH208
    with pytest.raises(InputError, match=f"{name}: is a link"):
        RunFolder(tmp_path / "run", IDENTITY)
    assert sorted(os.listdir(tmp_path / "run")) == before  # noqa: PTH208
    assert not list(outside.iterdir())


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "big")
    with RunFolder(tmp_path / "run", IDENTITY) as folder:
        folder.begin()
    assert (tmp_path / "big" / "run.json").is_file()


def test_a_part_that_is_no_table_is_refused_and_left(tmp_path: Path) -> None:
    with RunFolder(tmp_path, IDENTITY) as folder:
        folder.begin()
    (tmp_path / "events").mkdir()
    part = tmp_path / "events" / "part-00001.parquet"
    part.write_bytes(b"my notes")
    with pytest.raises(InputError, match=r"part-00001\.parquet: is no table of a run"):
        RunFolder(tmp_path, IDENTITY)
    assert part.read_bytes() == b"my notes"


def test_a_file_called_interventions_that_holds_none_is_not_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "interventions"
    path.write_bytes(b"what we did, in words")
    with pytest.raises(InputError, match="line 1: no intervention"):
        InterventionsFile(path)
    assert path.read_bytes() == b"what we did, in words"


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_folder_that_is_gone_takes_no_more_days(tmp_path: Path, how: str) -> None:
    path = tmp_path / "run"
    folder = RunFolder(path, IDENTITY)
    folder.begin()
    recorder = FolderRecorder(path, flush_rows=1)
    path.rename(tmp_path / "moved")
    if how == "replaced":
        path.mkdir()
        (path / "thesis.txt").write_bytes(b"years of work")
    row = Intervention(day=2, kind="aid", size=1)
    for write in (
        lambda: recorder.record(1, day(1)),
        lambda: folder.end("done", {}),
        lambda: folder.interventions.append(row),
    ):
        with pytest.raises(StoppedEarly, match="the folder is gone, or another one has its name"):
            write()
    folder.release()
    left = [p.name for p in path.iterdir()] if path.exists() else []
    assert left == (["thesis.txt"] if how == "replaced" else [])


def test_a_folder_given_up_is_taken_away_but_for_what_others_put_there(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with RunFolder(path, IDENTITY) as folder:
        folder.begin()
    FolderRecorder(path, flush_rows=1).record(1, day(1))
    (path / "days" / "notes.txt").write_bytes(b"mine")
    remove_run(path)
    assert [p.name for p in path.rglob("*") if p.is_file()] == ["notes.txt"]


def test_a_design_of_the_user_s_own_in_the_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "design.toml").write_bytes(b'name = "mine"')
    with pytest.raises(InputError, match=r"holds something else \('design.toml'"):
        run_study(design(), tmp_path, workers=0, text='name = "small"')
    assert (tmp_path / "design.toml").read_bytes() == b'name = "mine"'
