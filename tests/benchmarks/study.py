"""How many runs a study lives in a second: in one process, and with one on every core."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from model import Job, Scenario, run_many

RUNS = 24


@dataclass(frozen=True)
class Throughput:
    """Runs of 25 residents over 50 days a second.

    Attributes:
        workers: processes of the pool.
        alone: runs/s in this process.
        pool: runs/s of the pool, its start left out.
    """

    workers: int
    alone: float
    pool: float


def run() -> Throughput:
    """Measure both."""
    workers = os.cpu_count() or 1
    return Throughput(workers, _rate(0), _rate(workers))


def _rate(workers: int) -> float:
    """Runs a second from the first row to the last: what starts a worker is not a run's cost."""
    rows = run_many((Job(Scenario(), seed) for seed in range(RUNS + 1)), workers=workers)
    first = next(rows)
    began = time.perf_counter()
    lived = list(rows)
    failed = [row.cause for row in (first, *lived) if row.status != "done"]
    if failed:
        raise RuntimeError(f"a run of the benchmark failed: {failed[0]}")
    return len(lived) / (time.perf_counter() - began)
