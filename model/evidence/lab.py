"""Living the communities an evidence needs: in parallel, each once, with its numbers alone kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from agents.errors import RunFailed
from model.analysis.label_rules import rules_of
from model.analysis.row import Row
from model.evidence.deceit import counts
from model.store.recorder import MemoryRecorder
from model.study.job import Clock, Job, in_memory
from model.study.many import LIMIT, local, run_many
from model.world.minds import OpenMind, mind_of
from model.world.recorder import NullRecorder
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from

if TYPE_CHECKING:
    from agents.minds import Mind

OnDone = Callable[[int, int], None]
#: Entries of the table are moved by −1, 0 or 1, each as likely.
_JITTER: Final = 2


@dataclass(frozen=True)
class LabRun(Job):
    """A run of an evidence: a job, and what its scenario cannot say.

    Attributes:
        jitter: seed by which the entries of the surrogate's table are moved; -1 leaves them.
        labels: read the behaviours off the log and count them among the flows.
    """

    jitter: int = -1
    labels: bool = False

    @property
    def identity(self) -> str:
        """What makes two cases the same run with the same numbers."""
        return f"{self.key} jitter {self.jitter} labels {self.labels} daily {self.daily}"


def cases(
    seeds: int,
    *,
    jitter: int = -1,
    labels: bool = False,
    daily: bool = False,
    **fields: Any,
) -> list[LabRun]:
    """One arm: the same scenario on the seeds 0 … seeds − 1.

    Args:
        seeds: how many.
        jitter: see `LabRun`.
        labels: see `LabRun`.
        daily: bring the daily numbers back.
        **fields: of the scenario, `preset` among them.
    """
    scenario: Scenario = scenario_from(fields)
    return [
        LabRun(scenario, seed, daily=daily, jitter=jitter, labels=labels) for seed in range(seeds)
    ]


class Lab:
    """Worker processes, and the rows of all that was lived with them.

    Args:
        workers: processes; 0 lives everything here.
        on_done: told (done, wanted) after every run.
    """

    def __init__(self, workers: int, on_done: OnDone | None = None) -> None:
        self._executor = local(workers, LIMIT)
        self._rows: dict[str, Row] = {}
        self._on_done = on_done or (lambda done, wanted: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def live(self, arms: Mapping[Any, Iterable[LabRun]]) -> dict[Any, list[Row]]:
        """The rows of these arms, by name, in the order of their cases.

        Raises:
            RunFailed: a run came to no end.
        """
        wanted = {name: list(arm) for name, arm in arms.items()}
        names = {name: [case.identity for case in arm] for name, arm in wanted.items()}
        fresh = {
            identity: replace(case, cell=identity)
            for name, arm in wanted.items()
            for identity, case in zip(names[name], arm, strict=True)
            if identity not in self._rows
        }
        lived = run_many(fresh.values(), executor=self._executor, work=live_case)
        for done, row in enumerate(lived, start=1):
            if row.status != "done":
                raise RunFailed(f"a run of the evidence failed: {row.cause}\n{row.trace}")
            self._rows[row.cell] = row
            self._on_done(done, len(fresh))
        return {name: [self._rows[one] for one in arm] for name, arm in names.items()}


def live_case(job: Job, /, out: Path | None, limit: float) -> Row:
    """What a worker does for a case; nothing is written.

    Raises:
        TypeError: the job is no case.
    """
    if not isinstance(job, LabRun):
        raise TypeError(f"an evidence lives cases, not {job!r}")
    recorder = MemoryRecorder() if job.labels else NullRecorder()

    def opening(_: object) -> OpenMind:
        return OpenMind(mind_for(job.scenario, job.jitter))

    row = in_memory(job, recorder, opening, Clock(limit))
    if isinstance(recorder, MemoryRecorder):
        tables = recorder.tables()
        rules = rules_of(job.scenario, tables["days"]["richness"])
        row = replace(row, flows={**row.flows, **counts(tables, rules)})
    return row


def mind_for(scenario: Scenario, jitter: int = -1) -> Mind:
    """The scenario's mind; with a jitter, the surrogate with its table's entries moved."""
    from agents.minds.surrogate import Surrogate
    from agents.minds.utilities import table

    mind = mind_of(scenario)
    if jitter < 0:
        return mind
    if not isinstance(mind, Surrogate):
        raise TypeError(f"only the surrogate has a table to jitter, not {scenario.mind}")
    entries = table().entries
    moves = np.random.Generator(np.random.Philox(jitter)).integers(-1, _JITTER, entries.shape)
    return Surrogate(mind.temper, table().shifted(moves.astype(np.float64)), f"jitter:{jitter}")
