"""What a study of the paper's size takes, by the commands a user gives, and reading it again.

Each command is a process of its own; peak memory is of the largest among these and their workers.
Five million event rows are the study's own, read five times over or as often as it takes.
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from model.study.store import load_study

ROWS = 5_000_000
MANY = 2_000
SMALL = f"""
name = "many"
question = "How soon is it known that all is done?"
seed = 1
runs = {MANY - 2}
control_runs = 2
pairing = "none"
[scenario]
residents = 2
days = 1
[factors]
value = ["BE"]
prevalence = [1.0]
[registration]
analysis = "dose"
"""


@dataclass(frozen=True)
class Paper:
    """Seconds of each part, and what it was about.

    Attributes:
        study: `civa study civa-paper`, 312 runs × 25 residents × 50 days, full logging.
        report: its report.
        largest: bytes of the largest process so far.
        table: reading the `runs` table.
        rows: event rows aggregated.
        aggregated: grouping those by run and kind.
        resumed: `civa study` on 2,000 small runs that are all done.
    """

    study: float
    report: float
    largest: int
    table: float
    rows: int
    aggregated: float
    resumed: float


def run() -> Paper:
    """All of it, in a folder that is removed."""
    with tempfile.TemporaryDirectory(prefix="civa-bench-") as name:
        folder = Path(name)
        paper = folder / "paper"
        study = civa("study", "civa-paper", "--quiet", "--out", paper)
        report = civa("report", paper)
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        began = time.perf_counter()
        runs = len(load_study(paper).runs)
        table = time.perf_counter() - began
        if runs != 312:
            raise RuntimeError(f"the study holds {runs} runs, not 312")
        rows, aggregated = aggregate(paper)
        design = folder / "many.toml"
        design.write_text(SMALL)
        many = ("study", design, "--quiet", "--out", folder / "many")
        civa(*many)
        return Paper(study, report, largest, table, rows, aggregated, civa(*many))


def civa(*words: object) -> float:
    """Seconds of a command that must succeed."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "civa", *map(str, words)], check=True, capture_output=True
    )
    return time.perf_counter() - began


def aggregate(folder: Path) -> tuple[int, float]:
    """Event rows grouped, and the seconds that it took."""
    study = load_study(folder)
    (held,) = study.query("SELECT count(*) AS n FROM events")["n"]
    times = math.ceil(ROWS / held)
    whole = " UNION ALL ".join(["SELECT run, kind, amount FROM events"] * times)
    began = time.perf_counter()
    found = study.query(
        f"SELECT run, kind, count(*) AS n, avg(amount) AS units FROM ({whole}) GROUP BY run, kind"
    )
    seconds = time.perf_counter() - began
    return int(found["n"].sum()), seconds
