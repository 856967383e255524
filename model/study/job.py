"""One run of a study: what is to be lived, living it, and the row that it becomes.

`live` is what a worker executes, wherever the worker is: it takes plain data and gives plain data
back, leaves at most one folder behind, and keeps no model alive after it.
"""

from __future__ import annotations

import math
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from agents.errors import CivaError, InputError
from agents.owned import check_folder
from model.analysis.row import Row, read_row, write_row
from model.run.identity import digest, identity_of
from model.store.places import ROW, remove_run
from model.study.rows import row_of
from model.world.inputs import Inputs, read_inputs
from model.world.scenario import Scenario
from model.world.settings import Settings

if TYPE_CHECKING:
    from model.community import CommunityModel
    from model.world.minds import GroupOf, OpenMind
    from model.world.recorder import Recorder

    Opening = Callable[[GroupOf], OpenMind]

#: Beginning of the names of folders that are being written; no reader looks into them.
UNFINISHED: Final = ".unfinished-"


class TimedOut(CivaError):
    """A run took longer than a run may take."""


@dataclass(frozen=True)
class Job:
    """One run to be lived.

    Attributes:
        scenario: the community, its mind's name included.
        seed: its seed.
        cell: label of the cell it belongs to.
        settings: operational settings, outside its identity.
        daily: bring the daily numbers back too.
    """

    scenario: Scenario
    seed: int
    cell: str = ""
    settings: Settings = field(default_factory=Settings)
    daily: bool = False

    @cached_property
    def key(self) -> str:
        """Digest of the run's identity: two jobs of one key are the same run."""
        return digest(identity_of(self.scenario, self.seed))

    def inputs(self) -> Inputs:
        """What is read of the files that its scenario names, once a run.

        Raises:
            InputError: one cannot be read, or is not the one that the run was planned with.
        """
        found = read_inputs(self.scenario)
        if found.hashes and digest(identity_of(self.scenario, self.seed, found)) != self.key:
            raise InputError(
                f"population_file: {self.scenario.population_file} has changed since the run was "
                "planned; bring it back, or begin the study in a new folder"
            )
        return found

    @property
    def folder(self) -> str:
        """Name of its folder within a study."""
        return folder_name(self.key)


def folder_name(key: str) -> str:
    """Name of the folder of the run with this key."""
    return key[:24]


def unfinished_name(folder: str) -> str:
    """Name of a folder that this process alone writes, until it is over."""
    me = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return f"{UNFINISHED}{folder}-{me}"


def resumed_name(folder: str) -> str:
    """Name of the folder of a run that pays for replies, until it is over.

    It is always the same, so that a later start finds the journal and pays for no reply twice.
    """
    return f"{UNFINISHED}{folder}"


def writer_of(name: str) -> tuple[str, int]:
    """Machine and process that write a folder of this name; empty and 0 if it names none."""
    parts = name.removeprefix(UNFINISHED).split("-", 1)[-1].rsplit("-", 2)
    return (parts[0], int(parts[1])) if len(parts) == 3 and parts[1].isdecimal() else ("", 0)


def live(job: Job, out: Path | None = None, limit: float = math.inf) -> Row:
    """Live one run; into a folder of its own below `out`, if given.

    The folder is written under a name of its own and renamed when the run is over. If somebody
    else was first, theirs is kept and read: it is the same run. What a run that pays for replies
    has written when it stops stays, and is taken up by the next try.

    Args:
        job: what to live.
        out: folder of run folders.
        limit: seconds it may take, checked after every day.

    Raises:
        InputError: the scenario's files or the folder cannot be used.
        TimedOut: it took too long.
    """
    on_day = Clock(limit)
    if out is None:
        from model.run.open_minds import open_mind
        from model.world.recorder import NullRecorder

        def opening(group_of: GroupOf) -> OpenMind:
            return open_mind(job.scenario, job.settings, None, group_of=group_of)

        return in_memory(job, NullRecorder(), opening, on_day)
    final = out / job.folder
    if (final / ROW).exists():
        return found(final, job)
    return _into(final, job, on_day)


def _into(final: Path, job: Job, on_day: Clock) -> Row:
    from model.run.runs import run_into

    paid = job.scenario.asks_language
    part = final.with_name((resumed_name if paid else unfinished_name)(final.name))
    try:
        outcome = run_into(part, job.scenario, job.seed, job.settings, on_day, inputs=job.inputs())
        return keep(part, final, job, row_of(job, outcome, on_day.model, on_day.seconds))
    finally:
        if not paid:
            remove_run(part)


def keep(part: Path, final: Path, job: Job, row: Row) -> Row:
    """Give a run that is over its name, unless the same run has it already.

    A run that stopped gets no name: it is to be lived again.
    """
    if row.status == "stopped":
        return row
    write_row(part, row)
    try:
        check_folder(final)
        part.rename(final)
    except OSError:
        if not (final / ROW).exists():
            raise
        return found(final, job)
    return replace(row, path=str(final))


def found(final: Path, job: Job) -> Row:
    """The row of a run that was lived before."""
    row = read_row(final)
    if row.key != job.key:
        raise InputError(
            f"{final}: holds another run than its name says; remove that folder and run again"
        )
    row = replace(row, cell=job.cell)
    if not job.daily or row.status != "done":
        return row
    from model.store import load_run

    days = load_run(final).days
    return replace(row, daily={name: days[name].astype(float).tolist() for name in days.columns})


def in_memory(job: Job, recorder: Recorder, opening: Opening, on_day: Clock) -> Row:
    """Live one run without a folder.

    Args:
        job: what to live.
        recorder: who keeps its rows, if anybody.
        opening: opens its mind; is given what tells which group a resident belongs to.
        on_day: called after every day.

    Raises:
        RunFailed: too many replies were faults.
    """
    from model.community import CommunityModel
    from model.run.runs import check_faults, outcome_of

    model: CommunityModel
    opened = opening(lambda ids: model.residents.group[ids - 1])
    try:
        model = CommunityModel(
            job.scenario, rng=job.seed, mind=opened.mind, recorder=recorder, inputs=job.inputs()
        )
        while model.running:
            model.step()
            on_day(model)
            check_faults(model, job.scenario.fault_limit_from)
        check_faults(model, 1)
        model.finish()
        outcome = outcome_of("", model, opened, "done", "")
    finally:
        opened.close()
    return row_of(job, outcome, model, on_day.seconds)


class Clock:
    """Watches a run's time, and holds on to its model while it lives."""

    def __init__(self, limit: float) -> None:
        self.model: CommunityModel | None = None
        self._limit, self._began = limit, time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def __call__(self, model: CommunityModel) -> None:
        """After a day: is there time for another?"""
        self.model = model
        if self.seconds > self._limit:
            raise TimedOut(
                f"the run took more than {self._limit:g} s (it was at day {model.today} of "
                f"{model.scenario.days}); allow more time, or make it smaller"
            )


class Work(Protocol):
    """What a worker does for a job: `live`, or whatever stands in for it."""

    def __call__(self, job: Job, /, out: Path | None, limit: float) -> Row:
        """Do it."""
