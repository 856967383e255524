"""The tests' side of the nursery: order a life, be told how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KILLED = -9


@dataclass(frozen=True)
class Life:
    """How a process ended: exit code (−9 if killed), write points passed, what it printed."""

    code: int
    points: list[str]
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The object of the last line."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


@dataclass
class Nursery:
    """Gives life to command lines, each in a process of its own."""

    process: subprocess.Popen[str]

    def live(self, *words: object, **order: Any) -> Life:
        """Carry out `civa WORDS`; what may be ordered stands in `nursery`."""
        (life,) = self.live_at_once(1, *words, **order)
        return life

    def live_at_once(self, twins: int, *words: object, **order: Any) -> list[Life]:
        """The same command in several processes at the same time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {name: str(v) if isinstance(v, Path) else v for name, v in order.items()}
        order |= {"words": [str(word) for word in words], "twins": twins}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        lives = [Life(**life) for life in json.loads(self.process.stdout.readline())]
        for life in lives:
            assert "Traceback" not in life.err, life.err
        return lives


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery, for as long as the `with` lasts."""
    command = [sys.executable, "-m", "tests.faults.nursery"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield Nursery(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
