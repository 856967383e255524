"""A run killed at any point of its writing resumes to the same hash and pays nothing twice.

The child is `civa run` in a process forked from a server that has imported it already, so that a
kill costs a second and not the seconds of an import. Fifty random moments are in `make soak`.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from agents.llm.journal_writer import WRITE_POINTS
from model.cli import run_command
from model.run.runs import replay
from tests.faults.killed_child import live
from tests.language.living import MIND, Place, in_process, journalled, place, small

RESIDENTS, DAYS, SEED = 8, 4, 4


def words(at: Place, path: Path) -> list[str]:
    return [
        *("run", "--days", str(DAYS), "--seed", str(SEED), "--mind", MIND, "--quiet"),
        *("--base-url", at.settings.base_url, "--out", str(path)),
        *("--set", f"residents={RESIDENTS}", "--set", "width=8", "--set", "height=8"),
        *("--set", "flush_seconds=0"),
    ]


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.killed_child"])
    yield context
    from multiprocessing import forkserver

    forkserver._forkserver._stop()


@pytest.fixture(scope="module")
def whole() -> str:
    return in_process(small(residents=RESIDENTS, days=DAYS), SEED)


def check_resumes(at: Place, path: Path, whole: str) -> None:
    """Resume in this process: nothing that was journalled is asked again; the end is the same."""
    held = journalled(path)
    at.menu.asked.clear()
    assert run_command(words(at, path)) == 0
    assert not held & set(at.menu.asked)
    again = replay(path)
    assert again.same
    assert again.hash == whole


@pytest.mark.slow  # about 3 s each
@pytest.mark.parametrize(
    ("point", "number"),
    [
        *((point, number) for point in WRITE_POINTS for number in (1, 5)),
        *((f"journal {point}", 1) for point in ("created", "named")),
        *((f"card {point}", number) for point in ("written", "named") for number in (1, 2)),
        *((f"part {point}", number) for point in ("written", "named") for number in (1, 7)),
    ],
)
def test_killed_at_a_write_point_it_resumes(
    tmp_path: Path, forks: ForkServerContext, whole: str, point: str, number: int
) -> None:
    with place() as at:
        child = forks.Process(target=live, args=(words(at, tmp_path / "run"), point, number))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        check_resumes(at, tmp_path / "run", whole)


def killed_at_random(
    tmp_path: Path, forks: ForkServerContext, whole: str, seed: int, kills: int
) -> None:
    """Kill a run, and kill it again while it resumes."""
    rng, path = random.Random(seed), tmp_path / "run"
    with place() as at:
        for _ in range(kills):
            held = journalled(path)
            at.menu.asked.clear()
            child = forks.Process(target=live, args=(words(at, path), "never", 0))
            child.start()
            time.sleep(rng.uniform(0.05, 1.2))
            if child.pid is not None and child.is_alive():
                os.kill(child.pid, signal.SIGKILL)
            child.join()
            assert not held & set(at.menu.asked)
        check_resumes(at, path, whole)


@pytest.mark.slow  # about 4 s each
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_moment_and_again_it_resumes(
    tmp_path: Path, forks: ForkServerContext, whole: str, seed: int
) -> None:
    killed_at_random(tmp_path, forks, whole, seed, kills=2)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
def test_killed_at_fifty_moments_it_resumes(
    tmp_path: Path, forks: ForkServerContext, whole: str, seed: int
) -> None:
    killed_at_random(tmp_path, forks, whole, seed, kills=1)


@pytest.mark.slow  # about 12 s: the child imports everything
def test_the_command_itself_killed_in_a_process_of_its_own_resumes(
    tmp_path: Path, whole: str
) -> None:
    path = tmp_path / "run"
    with place() as at:
        child = subprocess.Popen([sys.executable, "-m", "civa", *words(at, path)])
        while len(journalled(path)) < 30:
            assert child.poll() is None
            time.sleep(0.01)
        child.kill()
        assert child.wait() == -signal.SIGKILL
        check_resumes(at, path, whole)
