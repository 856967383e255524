"""A clock that runs backwards, and two processes that want the same folder."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from model.store import load_run
from tests.faults.raising import KILLED, Nursery
from tests.language.living import Counting, in_process, place, small

pytestmark = pytest.mark.xdist_group("nursery")
WORDS = ("run", "--seed", 3, "--set", "flush_seconds=0", "--json")


def fields(scenario: object) -> list[str]:
    names = ("residents", "days", "width", "height", "mind")
    return [word for name in names for word in ("--set", f"{name}={getattr(scenario, name)}")]


@pytest.mark.slow  # about 4 s
def test_a_clock_that_runs_backwards_changes_nothing_that_happens(
    lives: Nursery, tmp_path: Path
) -> None:
    """Promised: no result, no wait and no resume depends on the time of day."""
    path, scenario = tmp_path / "run", small(residents=4, days=2)
    with place(Counting(rate=0.2, kinds=("rate_limited", "server_error"))) as at:
        words = [*WORDS, *fields(scenario), "--base-url", at.settings.base_url, "--out", path]
        order = {"watch": path, "clock": "backwards"}
        killed = lives.live(*words, **order, point="rename days/part-#.parquet")
        assert killed.code == KILLED
        life = lives.live(*words, **order)
    assert (life.code, life.told["hash"]) == (0, in_process(scenario, 3))
    assert lives.live("replay", path, "--check", clock="backwards").code == 0
    # The clock really ran backwards: it lost hours between two looks at it.
    assert datetime.fromisoformat(load_run(path).meta.created).timestamp() < time.time()
    with closing(sqlite3.connect(path / "calls.sqlite")) as journal:
        stamps = [at for (at,) in journal.execute("SELECT at FROM calls ORDER BY rowid")]
    assert sum(b < a for a, b in pairwise(stamps)) > len(stamps) / 2


@pytest.mark.slow  # about 3 s
def test_of_two_processes_on_one_folder_one_runs_and_the_other_is_told(
    lives: Nursery, tmp_path: Path
) -> None:
    """Promised: never two writers; the second leaves at once, with nothing touched or paid."""
    path, scenario = tmp_path / "run", small(residents=5, days=4)
    with place(Counting()) as at:
        words = [*WORDS, *fields(scenario), "--base-url", at.settings.base_url, "--out", path]
        one, other = sorted(lives.live_at_once(2, *words), key=lambda life: life.code)
        most = max(at.menu.asked.values())
    assert (one.code, other.code) == (0, 2)
    assert "another process is writing this run" in other.err
    assert most == 1
    assert one.told["hash"] == load_run(path).meta.hash == in_process(scenario, 3)
