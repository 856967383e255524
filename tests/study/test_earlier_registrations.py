"""A report says that its content was registered before, where that can be known."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from model.study.cells import cells_of
from model.study.earlier import Earlier, earlier
from model.study.manifest import Manifest, manifest_of
from tests.study.small import design


def registered(folder: Path, created: str, **changes: object) -> Manifest:
    plan = design(**changes)
    manifest = manifest_of(plan, "", cells_of(plan), [], created)
    folder.mkdir(parents=True)
    manifest.write(folder)
    return manifest


MARCH, APRIL, MAY = (f"2026-0{month}-01T00:00:00+00:00" for month in (3, 4, 5))


def test_the_third_registration_names_the_first(tmp_path: Path) -> None:
    registered(tmp_path / "b", APRIL)
    registered(tmp_path / "a", MARCH)
    third = registered(tmp_path / "c", MAY)
    found = earlier(tmp_path / "c", third)
    assert found == Earlier(MARCH, 2)
    assert str(found) == f"first on {MARCH}; 3rd registration of this content known here"


def test_a_later_registration_says_nothing_of_the_first(tmp_path: Path) -> None:
    first = registered(tmp_path / "a", MARCH)
    registered(tmp_path / "b", APRIL)
    assert earlier(tmp_path / "a", first) is None


def test_another_content_is_no_earlier_registration(tmp_path: Path) -> None:
    registered(tmp_path / "a", MARCH, runs=9)
    own = registered(tmp_path / "b", APRIL)
    assert earlier(tmp_path / "b", own) is None


def test_a_copy_of_the_study_is_not_another_registration(tmp_path: Path) -> None:
    own = registered(tmp_path / "a", MARCH)
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    assert earlier(tmp_path / "a", own) is None
    assert earlier(tmp_path / "copy", own) is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"registration": 3}', b"[" * 200_000]
)
def test_what_is_no_manifest_registers_nothing(tmp_path: Path, content: bytes) -> None:
    own = registered(tmp_path / "b", APRIL)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "study.json").write_bytes(content)
    assert earlier(tmp_path / "b", own) is None


@pytest.mark.parametrize(
    ("before", "word"), [(1, "2nd"), (3, "4th"), (10, "11th"), (11, "12th"), (20, "21st")]
)
def test_the_number_is_an_ordinal(before: int, word: str) -> None:
    assert f" {word} registration" in str(replace(Earlier(MARCH, 1), before=before))
