"""Running a study: one idempotent call, on any executor, that begins, goes on and finishes.

What lies finished in the folder is recognised by the identity of each run; what is missing is
lived; what failed is told and tried again at the next start. A design may ask for replicates until
an interval is narrow enough; how many these are depends on results alone, so a resumed study adds
the same runs.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agents.errors import InputError
from model.analysis.row import Row
from model.measures.intervals import mean_interval
from model.run.open_minds import check_helpers
from model.study.cells import Cell, cells_of, jobs_of
from model.study.design import Design
from model.study.folder import StudyFolder
from model.study.job import Job, Work, live
from model.study.manifest import Manifest, manifest_of
from model.study.many import LIMIT, at_once, gather, local


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes:
        planned: runs that belong to it.
        done: runs finished, those of earlier starts included.
        failed: runs that came to no end or are no result.
        lived: runs lived since this start.
        mornings: lived by their residents.
        seconds: since this start.
        calls: of language models, of those.
        tokens: in and out, of those.
        cost: of those; NaN without prices.
    """

    planned: int
    done: int
    failed: int
    lived: int = 0
    mornings: float = 0.0
    seconds: float = 0.0
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0

    @property
    def pace(self) -> float:
        """Mornings of residents lived a second since this start."""
        return self.mornings / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float:
        """Seconds to go, at the pace so far; infinite before the first run has ended."""
        left = self.planned - self.done - self.failed
        return left * self.seconds / self.lived if self.lived else float("inf") if left else 0.0


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Ended:
    """How a study ended.

    Attributes:
        path: its folder.
        name: its name.
        planned: runs that belong to it.
        done: finished runs.
        failed: label of a cell -> its failed runs.
        stopped: runs that stopped and will be resumed.
        cause: why the first of these stopped.
        lived: runs lived since this start.
        seconds: since this start.
        rows: one row a run that is over.
    """

    path: Path
    name: str
    planned: int
    done: int
    failed: Mapping[str, tuple[Row, ...]]
    stopped: int
    cause: str
    lived: int
    seconds: float
    rows: tuple[Row, ...]

    @property
    def complete(self) -> bool:
        """Whether every run is a result."""
        return self.done == self.planned


def run_study(
    design: Design,
    path: Path,
    *,
    text: str = "",
    executor: Executor | None = None,
    workers: int | None = None,
    limit: float = LIMIT,
    memory: int | None = None,
    on_progress: OnProgress | None = None,
    work: Work = live,
) -> Ended:
    """Run a study, or what is missing of it.

    Args:
        design: the study.
        path: its folder: new, empty, or of this very study.
        text: the design's file, kept as it was registered.
        executor: who does the work; by default processes of this machine, or one event loop for
            communities that ask a language model.
        workers: how many of these; 0 for none (one run after the other in this process).
        limit: seconds a run may take.
        memory: bytes a worker process may use.
        on_progress: called after every run.
        work: what is done for one job.

    Raises:
        InputError: nothing was run: the design, its files or the folder cannot be used.
        StoppedEarly: the disk is full, or the executor broke.
        KeyboardInterrupt: from Ctrl-C; whatever was finished is kept.
    """
    began = time.monotonic()
    cells = cells_of(design)
    language = any(cell.scenario.asks_language for cell in cells)
    if language:
        _check_accounts(design, cells, executor)
    folder = StudyFolder(path.absolute())  # workers may have another working directory
    jobs = _distinct(jobs_of(design, cells))
    manifest = folder.claim(manifest_of(design, text, cells, jobs))
    if design.stop:
        # Replicates that an earlier start added belong to the study, whatever became of them.
        jobs = _distinct(jobs_of(design, cells, Counter(run.cell for run in manifest.runs)))
    with ExitStack() as stack:
        if language:
            stack.enter_context(folder.alone())
        folder.sweep()
        call: Any = partial(work, out=folder.runs, limit=limit)
        if executor is None:
            if language:
                executor, call = _interleaved(design, cells, folder, workers, limit)
            else:
                executor = local(workers, limit, memory)
            # Whatever happens, nothing goes on behind our back.
            stack.callback(executor.shutdown, cancel_futures=True)
        watch = _Watch(folder, on_progress, began)
        while True:
            rows = folder.rows(manifest)
            over = {row.key for row in rows if row.status == "done" or row.path}
            missing = [job for job in jobs if job.key not in over]
            watch.start(len(jobs), rows, missing)
            # Once a run has stopped (outage, budget, full disk), no other is begun.
            going = (job for job in missing if not watch.stopped)
            for row in gather(executor, going, call, at_once(executor)):
                watch.take(row)
            more = _more(design, cells, jobs, folder.rows(manifest))
            if watch.stopped or len(more) == len(jobs):
                break
            jobs = more
            manifest = replace(manifest, runs=manifest_of(design, "", cells, jobs).runs)
            folder.extend(manifest)
    return watch.ended(design.name, manifest)


def _distinct(jobs: Iterable[Job]) -> list[Job]:
    """Jobs without the repetitions that two equal points on equal seeds would be."""
    return list({job.key: job for job in jobs}.values())


def _check_accounts(design: Design, cells: tuple[Cell, ...], executor: Executor | None) -> None:
    """Refuse a study that would spend without a cap, or whose cap could not be kept."""
    for cell in cells:
        check_helpers(cell.scenario, design.settings)
    if executor is not None and design.settings.capped:
        raise InputError(
            "executor: a cap is the whole study's, and processes of an executor share no accounts; "
            "leave the executor out, so that one event loop lives all communities"
        )


def _interleaved(
    design: Design,
    cells: tuple[Cell, ...],
    folder: StudyFolder,
    workers: int | None,
    limit: float,
) -> tuple[Executor, Any]:
    """One loop for all communities, and what it does for a job; imported where it is needed."""
    from model.run.language import models_of
    from model.study.interleave import AT_ONCE, Interleaved, accounts, live_among

    models = {one.model for cell in cells for one in models_of(cell.scenario)}
    over = [folder.runs / name for name in folder.finished()]
    shared = accounts(design.settings, models, over)
    executor = Interleaved(AT_ONCE if workers is None else max(1, workers))
    return executor, partial(live_among, out=folder.runs, limit=limit, shared=shared)


class _Watch:
    """Counts what ends, keeps what failed, and tells who wants to know."""

    def __init__(self, folder: StudyFolder, tell: OnProgress | None, began: float) -> None:
        self._folder, self._tell, self._began = folder, tell, began
        self._progress = Progress(0, 0, 0)
        self.stopped: list[Row] = []

    def start(self, planned: int, rows: list[Row], missing: list[Job]) -> None:
        """Begin a round with what is over already."""
        again = {job.key for job in missing}
        over = Counter(row.status for row in rows if row.key not in again)
        self._progress = replace(
            self._progress, planned=planned, done=over["done"], failed=over["failed"]
        )
        self._say()

    def take(self, row: Row) -> None:
        """A run has ended, one way or another."""
        self._folder.note(row)
        p = self._progress
        p = replace(p, calls=p.calls + row.calls, tokens=p.tokens + row.tokens)
        if row.calls:
            p = replace(p, cost=p.cost + row.cost)
        if row.status == "done":
            p = replace(
                p,
                done=p.done + 1,
                lived=p.lived + 1,
                mornings=p.mornings + row.numbers.get("mornings", 0.0),
            )
        elif row.status == "failed":
            p = replace(p, failed=p.failed + 1)
        else:
            self.stopped.append(row)
        self._progress = p
        self._say()

    def ended(self, name: str, manifest: Manifest) -> Ended:
        """The end of the study, read from its folder."""
        rows = self._folder.rows(manifest)
        failed: dict[str, tuple[Row, ...]] = {}
        for row in rows:
            if row.status == "failed":
                failed[row.cell] = (*failed.get(row.cell, ()), row)
        return Ended(
            path=self._folder.path,
            name=name,
            planned=len(manifest.runs),
            done=sum(row.status == "done" for row in rows),
            failed=failed,
            stopped=len(self.stopped),
            cause=self.stopped[0].cause if self.stopped else "",
            lived=self._progress.lived,
            seconds=time.monotonic() - self._began,
            rows=tuple(rows),
        )

    def _say(self) -> None:
        self._progress = replace(self._progress, seconds=time.monotonic() - self._began)
        if self._tell is not None:
            self._tell(self._progress)


def _more(design: Design, cells: tuple[Cell, ...], jobs: list[Job], rows: list[Row]) -> list[Job]:
    """The jobs of the study with those that the stop rule adds; the same ones if it adds none.

    Under common seeds all cells get the same number, that of the cell that needs most.
    """
    stop = design.stop
    if stop is None:
        return jobs
    planned = Counter(job.cell for job in jobs)
    outcomes: dict[str, list[float]] = {}
    for row in rows:
        if row.status == "done":
            outcomes.setdefault(row.cell, []).append(row[design.registration.outcome])
    wanted = dict(planned)
    for cell in cells:
        if _too_wide(outcomes.get(cell.label, []), stop.width):
            wanted[cell.label] = min(stop.cap, planned[cell.label] + stop.batch)
    if design.pairing == "common":
        wanted = dict.fromkeys(wanted, max(wanted.values()))
    return _distinct(jobs_of(design, cells, wanted))


def _too_wide(values: list[float], width: float) -> bool:
    """Whether the interval of a mean is wider than wanted, or there is none yet.

    Runs that are all equal have no interval and need no more runs; a cell whose runs all failed is
    given none either, for more of them would fail too.
    """
    known = [value for value in values if np.isfinite(value)]
    if not known or (len(known) > 1 and max(known) == min(known)):
        return False
    interval = mean_interval(known)
    return not interval.width <= width
