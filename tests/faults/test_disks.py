"""Disks that fill up or turn read-only under a run.

Promised: the run stops (exit code 3) with one line that says which file could not be written, why,
and what to do; what was written stays readable; once the disk takes writes again the same command
goes on and comes to the end that an undisturbed run comes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model.store import load_run
from tests.faults.disks import Disk, small_disk
from tests.faults.raising import Life, Nursery
from tests.language.living import Counting, in_process, journalled, place, small

pytestmark = pytest.mark.xdist_group("nursery")
RUN = ("run", "--seed", 3, "--days", 20, "--set", "residents=20", "--set", "flush_seconds=0")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as found:
        yield found


def check_stopped(life: Life, *reasons: str) -> None:
    assert life.code == 3, life.err
    (line,) = life.err.splitlines()
    assert line.startswith("civa: /")
    assert any(reason in line for reason in reasons), line
    assert "run the same command again" in line or "the same command resumes" in line


@pytest.mark.slow  # about 5 s
def test_a_disk_that_is_full_stops_a_run_and_with_room_it_ends_as_if_nothing_had_been(
    lives: Nursery, disk: Disk, tmp_path: Path
) -> None:
    path = disk.path / "run"
    whole = lives.live(*RUN, "--json", "--out", tmp_path / "whole")
    check_stopped(
        lives.live(*RUN, "--quiet", "--out", path, **disk.full_at(400_000)),
        "No space left on device",
        "File too large",
    )
    days = load_run(path).days["day"].tolist()
    assert days == list(range(len(days)))
    assert 1 <= len(days) < 21
    disk.make_room()
    life = lives.live(*RUN, "--json", "--out", path)
    assert (life.code, life.told["hash"]) == (0, whole.told["hash"])


@pytest.mark.slow  # about 5 s
@pytest.mark.parametrize("point", ["sync days/part-#.parquet.tmp", "rename run.json"])
def test_a_disk_that_turns_read_only_stops_a_run_and_once_writable_it_goes_on(
    lives: Nursery, disk: Disk, tmp_path: Path, point: str
) -> None:
    path = disk.path / "run"
    order = {"watch": path, "point": point, "number": 2, **disk.read_only()}
    life = lives.live(*RUN, "--quiet", "--out", path, **order)
    check_stopped(life, "Read-only file system", "File too large")
    disk.writable_again()
    again = lives.live(*RUN, "--json", "--out", path)
    whole = lives.live(*RUN, "--json", "--out", tmp_path / "whole")
    assert (again.code, again.told["hash"]) == (0, whole.told["hash"])


@pytest.mark.slow  # about 5 s
def test_a_full_disk_stops_the_journal_and_no_journalled_reply_is_paid_again(
    lives: Nursery, disk: Disk
) -> None:
    path, scenario = disk.path / "run", small(residents=8, days=4)
    words = ["run", "--seed", 3, "--json", "--set", "flush_seconds=1000", "--out", path]
    for name in ("residents", "days", "width", "height", "mind"):
        words += ["--set", f"{name}={getattr(scenario, name)}"]
    with place(Counting()) as at:
        words += ["--base-url", at.settings.base_url]
        life = lives.live(*words, **disk.full_at(500_000))
        check_stopped(life, "No space left on device", "disk is full", "File too large")
        held, asked = journalled(path), sum(at.menu.asked.values())
        assert 0 < len(held) <= asked
        disk.make_room()
        at.menu.asked.clear()
        again = lives.live(*words)
        assert not held & set(at.menu.asked)
    assert (again.code, again.told["hash"]) == (0, in_process(scenario, 3))
