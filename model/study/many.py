"""Many runs on any executor: workers of this machine, of a cluster, or none.

    from model import Job, Scenario, run_many
    rows = list(run_many([Job(Scenario(), seed) for seed in range(20)]))

The rows come as the runs end. What goes wrong in one run is that run's row, with its cause and
traceback, and costs no other.
"""

from __future__ import annotations

import math
import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import partial
from pathlib import Path
from typing import Final

from agents.errors import CivaError, InputError, StoppedEarly
from model.analysis.row import Row
from model.study.job import Job, Work, live
from model.study.pool import WorkerLost, WorkerPool

LIMIT: Final = 3_600.0  # seconds that a run may take
ATTEMPTS: Final = 3  # how often a run whose worker died is tried

OnDone = Callable[[Row], None]


def run_many(
    jobs: Iterable[Job],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    out: Path | None = None,
    on_done: OnDone | None = None,
    limit: float = LIMIT,
    memory: int | None = None,
    work: Work = live,
) -> Iterator[Row]:
    """Live many communities.

    Call it where the module can be imported again without doing so (`if __name__ == "__main__":`
    in a script), because workers are spawned.

    Args:
        jobs: what to live; taken as room for them appears.
        executor: who does the work; by default a pool of processes that lasts as long as this.
        workers: processes of that pool (0: none, in this process); as many as there are cores by
            default.
        out: folder in which every run gets a folder; None keeps the numbers alone.
        on_done: called with every row.
        limit: seconds a run may take.
        memory: bytes a process of the pool may use.
        work: what is done for one job.

    Yields:
        One row a job, as they end.

    Raises:
        StoppedEarly: the executor broke.
        InputError: the folder cannot be written.
    """
    if out is not None:
        make_folder(out)
    own = executor is None
    if executor is None:
        executor = local(workers, limit, memory)
    call = partial(work, out=out, limit=limit)
    try:
        for row in gather(executor, iter(jobs), call, at_once(executor)):
            if on_done is not None:
                on_done(row)
            yield row
    finally:
        if own:
            executor.shutdown(cancel_futures=True)


def gather(
    executor: Executor, jobs: Iterator[Job], call: Callable[[Job], Row], window: int
) -> Iterator[Row]:
    """Keep `window` jobs with the executor until all are done; one row each, as they end.

    Raises:
        StoppedEarly: the executor broke.
    """
    going: dict[Future[Row], tuple[Job, int]] = {}
    again: list[tuple[Job, int]] = []
    more = True
    while more or again or going:
        try:
            while len(going) < window and (again or more):
                job, attempt = again.pop() if again else (next(jobs, None), 1)
                if job is None:
                    more = False
                else:
                    going[executor.submit(call, job)] = (job, attempt)
        except BrokenExecutor as error:
            raise StoppedEarly(
                f"the executor broke ({error}); the same command resumes with a new one"
            ) from None
        for future in wait(going, timeout=0.5, return_when=FIRST_COMPLETED).done:
            job, attempt = going.pop(future)
            wrong = future.exception()
            if wrong is None:
                yield future.result()
            elif isinstance(wrong, WorkerLost) and attempt < ATTEMPTS:
                again.append((job, attempt + 1))
            else:
                yield failed(job, wrong, attempt)


def failed(job: Job, error: BaseException, attempt: int = 1) -> Row:
    """The row of a run that did not come to an end."""
    cause = str(error) if isinstance(error, CivaError) else f"{type(error).__name__}: {error}"
    if attempt > 1:
        cause += f" (in each of {attempt} attempts)"
    stopped = isinstance(error, StoppedEarly)
    return Row(
        cell=job.cell,
        seed=job.seed,
        key=job.key,
        status="stopped" if stopped else "failed",
        cause=cause,
        trace="".join(traceback.format_exception(error)),
        mind=job.scenario.mind,
        residents=job.scenario.residents,
    )


class Inline(Executor):
    """Does the work at once, where it is asked."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        """Do it; what goes wrong is the future's, an interrupt is everybody's."""
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def local(workers: int | None, limit: float = math.inf, memory: int | None = None) -> Executor:
    """Processes of this machine; none for 0.

    Raises:
        InputError: a number of workers that makes no sense.
    """
    count = cores() if workers is None else workers
    if not 0 <= count <= 1024:
        raise InputError(f"workers: {count} is out of range; use a number from 0 to 1024")
    return WorkerPool(count, limit, memory) if count else Inline()


def at_once(executor: Executor) -> int:
    """Jobs that an executor is given at a time: enough that nobody waits, few enough to stop."""
    known = getattr(executor, "workers", None) or getattr(executor, "_max_workers", None)
    return 1 if isinstance(executor, Inline) else 2 * known if known else 64


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_folder(path: Path) -> None:
    """Make a folder that runs will be written into.

    Raises:
        InputError: it cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        reason = "is a file" if os.path.isfile(path) else f"cannot be made ({why})"  # noqa: PTH113
        raise InputError(f"{path}: {reason}; choose a folder you may write to") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise InputError(f"{path}: cannot be written; choose a folder you may write to")
