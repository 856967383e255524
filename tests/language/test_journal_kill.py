"""A run killed anywhere resumes to the same verdicts and asks nothing twice that was journalled."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from agents.llm.caller import CallVerdict
from agents.llm.journal import read_journal
from agents.llm.journal_writer import WRITE_POINTS
from tests.language.asking import Desk, desk, question
from tests.language.server import ModelServer, share

DAYS, RESIDENTS = 4, 12
FAULTS = share(0.3, ["malformed", "truncated", "500"], "kill")

_CHILD = """
import os, pathlib, signal, sys
from tests.language.asking import desk
from tests.language.test_journal_kill import run

url, folder, point, number = sys.argv[1:]
left = int(number)

def kill(passed):
    global left
    if passed == point:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

with desk(url, pathlib.Path(folder), on_write=kill) as at:
    print("running", flush=True)
    run(at)
    print("done", flush=True)
"""


def run(at: Desk) -> list[CallVerdict[str]]:
    """A run of a few days, two stages each."""
    return [
        verdict
        for day in range(DAYS)
        for stage in ("morning", "evening")
        for verdict in at.ask(*(question(n, day, stage) for n in range(RESIDENTS)))
    ]


def start(server: ModelServer, folder: Path, point: str, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, server.url, str(folder), point, str(number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def journalled(folder: Path) -> set[tuple[int, str, int, int]]:
    if not (folder / "calls.sqlite").exists():
        return set()
    with read_journal(folder / "calls.sqlite") as journal:
        rows = journal.query("SELECT day, stage, subject, attempt FROM calls WHERE day >= 0")
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def asked(server: ModelServer, since: int = 0) -> Counter[tuple[int, str, int, int]]:
    """Requests that were answered with a reply, by what they asked."""
    count: Counter[tuple[int, str, int, int]] = Counter()
    for one in server.dealt[since:]:
        words = one.body["messages"][-1]["content"]
        if one.deal != "500" and (place := re.match(r"day (\d+) (\w+) R(\d+)", words)):
            attempt = int("An earlier reply" in words)
            count[int(place[1]), place[2], int(place[3]), attempt] += 1
    return count


def check_resumes(server: ModelServer, folder: Path) -> None:
    """Resume what was killed, in this process, and compare."""
    held, before = journalled(folder), len(server.dealt)
    with desk(server.url, folder) as at:
        verdicts = run(at)
    again = asked(server, before)
    assert not held & set(again)
    assert len(verdicts) == DAYS * 2 * RESIDENTS
    with desk(server.url, folder) as at:
        replayed = run(at)
    assert [(v.value, v.fault, v.raw) for v in replayed] == [
        (v.value, v.fault, v.raw) for v in verdicts
    ]
    assert all(v.replayed for v in replayed)


@pytest.mark.slow  # about 3 s a kill: the child loads a chat client
@pytest.mark.parametrize("number", [1, 6])
@pytest.mark.parametrize("point", WRITE_POINTS)
def test_killed_at_a_write_point_it_resumes_and_repeats_nothing(
    tmp_path: Path, point: str, number: int
) -> None:
    with ModelServer(script=FAULTS) as server:
        with start(server, tmp_path, point, number) as child:
            assert child.wait() == -signal.SIGKILL
        check_resumes(server, tmp_path)


@pytest.mark.slow  # about 4 s a kill
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_and_again_while_resuming_it_repeats_nothing(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    with ModelServer(script=FAULTS, latency=0.02) as server:
        for _ in range(2):
            with start(server, tmp_path, "never", 1) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == "running\n"
                held, before = journalled(tmp_path), len(server.dealt)
                time.sleep(rng.uniform(0.0, 0.6))
                os.kill(child.pid, signal.SIGKILL)
            assert not held & set(asked(server, before))
        check_resumes(server, tmp_path)
