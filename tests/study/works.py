"""What workers are made to do in these tests: runs, and everything that can go wrong with them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from agents.errors import InputError, StoppedEarly
from model.analysis.row import Row
from model.study.job import Job, live


def double(number: int) -> int:
    return 2 * number


def whoami() -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    while True:
        time.sleep(60)


def devour() -> int:
    return len(bytearray(1 << 40))


class TwoArguments(Exception):
    """An exception that pickles and cannot be put together again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)
        self.two = two


def raise_badly() -> None:
    raise TwoArguments("first", "second")


def refuse() -> None:
    raise InputError("no such thing")


def troubled(job: Job, out: Path | None, limit: float) -> Row:
    """Lives every run but those of three cells."""
    if job.scenario.residents == 3:
        raise ZeroDivisionError("poison")
    if job.scenario.residents == 4:
        hang()
    if job.scenario.residents == 5:
        devour()
    return live(job, out, limit)


def stopping(job: Job, out: Path | None, limit: float) -> Row:
    raise StoppedEarly("the disk is full; make room")
