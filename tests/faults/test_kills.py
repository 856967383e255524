"""A process killed wherever it writes: the next one goes on, and comes to the same end.

Promised: what was finished stays; a run that goes on equals one that nobody disturbed, by the hash
of all that happened. The points are not listed here but found: each process names every point at
which it is about to write. (Runs that ask a language model: `test_language_kill`.)
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from agents.errors import InputError
from model.store import load_run
from model.study.store import load_study
from tests.faults.raising import KILLED, Life, Nursery

pytestmark = pytest.mark.xdist_group("nursery")
RUN = ("run", "growing", "--days", 5, "--set", "residents=6", "--set", "flush_seconds=0", "--json")
DESIGN = """
name = "killed"
seed = 5
runs = 2
[scenario]
residents = 5
days = 3
[factors]
value = ["BE"]
prevalence = [1.0]
[registration]
analysis = "dose"
"""


def kinds(life: Life) -> list[str]:
    """Every kind of write point of a process, in the order in which they first come."""
    assert life.code == 0, life.err
    return list(dict.fromkeys(life.points))


def check_whole_days(path: Path) -> None:
    """What a kill left can be read, and holds whole days; or nothing was begun."""
    if not (path / "run.json").exists():
        with pytest.raises(InputError, match="no run lies here"):
            load_run(path)
        return
    run = load_run(path)
    days = run.days["day"].tolist()
    assert days == list(range(len(days)))
    for name in ("residents", "decisions", "events", "messages"):
        rows = run.table(name)
        assert not len(rows) or rows["day"].max() <= days[-1]


@pytest.fixture(scope="module")
def undisturbed(lives: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Life:
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    return lives.live(*RUN, "--out", path, watch=path)


@pytest.mark.slow  # about 20 s: one process a kind of write point
def test_a_run_killed_at_every_kind_of_write_point_ends_as_if_nobody_had(
    lives: Nursery, undisturbed: Life, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    found = kinds(undisturbed)
    assert {"rename run.json", "rename days/part-#.parquet", "rename TABLE/part-#-#.parquet"} <= {
        *found
    }
    for point in found:
        # Each process but the first is itself a resume: every one is killed again.
        life = lives.live(*RUN, "--out", path, watch=path, point=point)
        assert life.code == KILLED, point
        check_whole_days(path)
    life = lives.live(*RUN, "--out", path)
    assert (life.code, life.told["hash"]) == (0, undisturbed.told["hash"])
    assert not list(path.rglob("*.tmp"))
    assert lives.live("replay", path, "--check").code == 0


@pytest.mark.soak  # about 2 minutes: one process a write point
def test_a_run_killed_at_every_single_write_point_ends_as_if_nobody_had(
    lives: Nursery, undisturbed: Life, tmp_path: Path
) -> None:
    path, number = tmp_path / "run", Counter[str]()
    for point in undisturbed.points:
        number[point] += 1
        life = lives.live(*RUN, "--out", path, watch=path, point=point, number=number[point])
        assert life.code == KILLED, (point, number[point])
        check_whole_days(path)
    life = lives.live(*RUN, "--out", path)
    assert (life.code, life.told["hash"]) == (0, undisturbed.told["hash"])


@pytest.mark.slow  # about 15 s
def test_a_study_killed_at_every_kind_of_write_point_ends_as_if_nobody_had(
    lives: Nursery, tmp_path: Path
) -> None:
    file, path, whole = tmp_path / "killed.toml", tmp_path / "study", tmp_path / "whole"
    file.write_text(DESIGN)
    words = ("study", file, "--workers", 0, "--quiet")
    found = kinds(lives.live(*words, "--out", whole, watch=whole))
    # Below a run's own folder the points are those of a run, met above.
    points = [p for p in found if not re.search(r"RUN\S*/(?!row|run)", p)]
    assert {"rename study.json", "rename runs/RUN", "open runs/RUN-unfinished/row.json.tmp"} <= {
        *points
    }
    for point in points:
        life = lives.live(*words, "--out", path, watch=path, point=point)
        assert life.code == KILLED, point
    assert lives.live(*words, "--out", path).code == 0
    assert hashes(path) == hashes(whole)
    assert len(hashes(path)) == 4
    assert not [p.name for p in (path / "runs").iterdir() if p.name.startswith(".")]


def hashes(path: Path) -> dict[tuple[str, int], str]:
    return {(row.cell, row.seed): row.hash for row in load_study(path).done}


@pytest.mark.slow  # about 15 s: drawing takes its time
def test_a_report_killed_while_it_is_written_leaves_the_run_and_is_made_again(
    lives: Nursery, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    assert lives.live(*RUN, "--out", path).code == 0
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    assert lives.live("report", path).code == 0
    page = (path / "report" / "report.html").read_bytes()
    # At this point the old report is gone and the new one is not there yet.
    assert lives.live("report", path, watch=path, point="rename report").code == KILLED
    assert all(file.read_bytes() == content for file, content in before.items())
    assert lives.live("report", path).code == 0
    assert (path / "report" / "report.html").read_bytes() == page
