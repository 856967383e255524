"""Files that are made new, whole or not at all; links and what stands in the way."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.fsync import is_temporary, new_file, remove_temporary, temporary_name, write_whole
from agents.owned import check_file, check_folder, make_folder


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=255))
def test_a_temporary_name_is_known_as_one_and_no_other_name_is(name):
    made = temporary_name(name)
    assert is_temporary(made)
    assert len(os.fsencode(made)) < 200
    assert not is_temporary(name)
    assert not is_temporary(f".{name}.0123456789abcdef.tmp")


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path):
    path = tmp_path / "x"
    for content in (b"one", b"two"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("leads", ["victim", "nothing"])
def test_nothing_is_written_through_a_link(tmp_path: Path, leads: str):
    (tmp_path / "victim").write_bytes(b"years of work")
    (tmp_path / "x").symlink_to(tmp_path / leads)
    with pytest.raises(InputError, match="x: is a link, and civa writes through none"):
        write_whole(tmp_path / "x", b"mine")
    with pytest.raises(FileExistsError):
        new_file(tmp_path / "x")
    assert (tmp_path / "victim").read_bytes() == b"years of work"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["victim", "x"]


def test_the_other_name_of_a_file_keeps_its_content(tmp_path: Path):
    (tmp_path / "victim").write_bytes(b"years of work")
    os.link(tmp_path / "victim", tmp_path / "x")
    with pytest.raises(InputError, match="second name"):
        check_file(tmp_path / "x", in_place=True)
    write_whole(tmp_path / "x", b"mine")
    assert (tmp_path / "victim").read_bytes() == b"years of work"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch):
    write_whole(tmp_path / "x", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "x", b"new")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x": b"old"}


def test_what_a_crash_left_is_taken_away_and_what_others_called_alike_is_not(tmp_path: Path):
    (tmp_path / temporary_name("run.json")).write_bytes(b"half")
    (tmp_path / "run.json.tmp").write_bytes(b"mine")
    (tmp_path / ".run.json.0123456789abcdef.tmp").write_bytes(b"mine too")
    (tmp_path / temporary_name("link")).symlink_to(tmp_path / "run.json.tmp")
    remove_temporary(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    assert (tmp_path / "run.json.tmp").read_bytes() == b"mine"


def test_a_new_file_s_rights_are_what_the_umask_leaves(tmp_path: Path):
    before = os.umask(0o002)
    try:
        write_whole(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o664


def test_a_link_is_no_folder_of_civa_s(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "days").symlink_to(tmp_path / "real")
    for how in (check_folder, make_folder):
        with pytest.raises(InputError, match="days: is a link"):
            how(tmp_path / "days")
    make_folder(tmp_path / "events")
    make_folder(tmp_path / "events")
    assert check_folder(tmp_path / "events")
    assert not check_folder(tmp_path / "no")
