"""A `civa run` that kills itself at a named point of its writing.

The points are those of the journal's groups (`journal_writer.WRITE_POINTS`) and, for each kind of
file that is written whole (`journal`, `card`, `part`), written under another name and named.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import agents.llm.endpoint  # noqa: F401 — imported by the first call, so imported once for all
import model.run.language as opening
import model.run.runs  # noqa: F401 — the same
from agents.llm.journal import open_journal
from model.cli import run_command


def live(words: list[str], point: str, number: int) -> None:
    """Run a command line; at the n-th passing of a point the process is killed."""
    left = number

    def passed(at: str) -> None:
        nonlocal left
        if at == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    plain = Path.replace

    def replace(self: Path, target: Any) -> Path:
        # Everything that is written whole is written under another name and renamed.
        kind = _kind(Path(target))
        passed("journal created" if kind == "journal" else f"{kind} written")
        moved = plain(self, target)
        passed(f"{kind} named")
        return moved

    Path.replace = replace  # type: ignore[method-assign,assignment]
    opening.open_journal = lambda path, identity: open_journal(path, identity, passed)
    raise SystemExit(run_command(words))


def _kind(target: Path) -> str:
    if target.name == "run.json":
        return "card"
    return "part" if target.suffix == ".parquet" else "journal"
