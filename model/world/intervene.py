"""Carrying out interventions at the start of a day, each exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.errors import InputError
from agents.purposes import Purpose
from agents.randomness import day_keys, draws, uniform
from model.world.events import DayLog, EventKind, EventStage
from model.world.intervention_kinds import INTERVENTIONS
from model.world.interventions import CommunityNow, Intervention, absent, before_day_1, why_not
from model.world.population import newcomer
from model.world.remember import look

if TYPE_CHECKING:
    from model.world.state import World


def begin(world: World, day: int) -> None:
    """Let interventions act before the morning, once, however often the day is begun."""
    here = world.here
    if here.opened < day:
        here.opened, here.broadcasts, here.opening = day, (), DayLog()
        here.aid = here.lost = 0
    here.interventions.act(world, day, here.opening)
    world.morning_household = world.residents.household[world.residents.living()]


class Interventions:
    """The append-only rows of a run: scheduled shocks first, then what was added during it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rows: list[Intervention] = list(world.scenario.shocks)
        self._done: set[int] = set()
        self._ramp: tuple[float, int] | None = None
        self._begun = 0
        #: The day whose questions are out: it can no longer be changed. 0 between days.
        self.asking = 0
        #: What the log says of a row that finds nobody: 1, that it was done, as the first logs did.
        self.outcome_if_absent = IMPOSSIBLE

    def append(self, row: Intervention, today: int) -> int:
        """Add a row; returns its id.

        A row for a day that was begun and given up acts when that day is begun again, after those
        that acted then: in the order of the rows, as in any later execution of the run.

        Raises:
            InputError: its day is over or under way, or nobody can carry it out.
        """
        self.check(row, today)
        self.rows.append(row)
        return len(self.rows)

    def take_up(self, rows: Sequence[Intervention], lived: float) -> None:
        """Add the rows of an earlier session of the run, before its first day.

        Args:
            rows: as they were given, in that order.
            lived: days that were lived then: rows of these days acted, and are not judged again;
                infinite to execute a run as it was recorded.

        Raises:
            InputError: nobody can carry out one of a later day.
        """
        for number, row in enumerate(rows, start=1):
            why = why_not(row, self._place(0), self.rows) if row.day > lived else ""
            if why:
                raise InputError(f"interventions, line {number}: {why}")
            self.rows.append(row)

    def check(self, row: Intervention, today: int) -> None:
        """Refuse what `append` would refuse, for whoever writes a row down before it is appended.

        Raises:
            InputError: its day is over or under way, or nobody can carry it out.
        """
        why = why_not(row, self._place(today), self.rows)
        if why:
            raise InputError(f"intervention: {why}")

    def _place(self, today: int) -> CommunityNow:
        people = self._world.residents
        return replace(
            before_day_1(self._world.scenario),
            today=today,
            begun=max(today, self.asking),
            last=self._world.scenario.days,
            residents=people.count,
            gone=frozenset((np.flatnonzero(people.alive[: people.count] == 0) + 1).tolist()),
        )

    @contextmanager
    def closed_for(self, day: int) -> Iterator[None]:
        """While a day's questions are out, nothing can be added to it."""
        self.asking = day
        try:
            yield
        finally:
            self.asking = 0

    def act(self, world: World, day: int, log: DayLog) -> None:
        """Do what is due on a day and not done yet, in the order of the rows.

        What happens by itself (arrivals, a ramp under way) comes before the rows, so that a row
        added to a day that was given up finds what it would find in any later execution.
        """
        changed = False
        if self._begun < day:
            self._begun = day
            self._ramp_richness(world)
            changed = _immigrate(world, day, log)
        for number, row in enumerate(self.rows):
            if row.day == day and number not in self._done:
                self._done.add(number)
                kind = INTERVENTIONS[row.kind]
                missing = absent(row, self._place(day - 1))
                log.add(
                    EventStage.MORNING,
                    EventKind.INTERVENTION,
                    0,
                    row.target,
                    round(row.size * (1000 if kind.per_mille else 1)),
                    self.outcome_if_absent if missing else 1,
                    row.kind,
                )
                if not missing:
                    kind.does(world, row, day, log)
                changed = True
        if changed:
            look(world, day - 1, [])

    def ramp(self, world: World, size: float, days: int) -> None:
        """Move richness to `size` in equal steps over some days, the first now."""
        self._ramp = (size, days)
        self._ramp_richness(world)

    def _ramp_richness(self, world: World) -> None:
        if self._ramp is None:
            return
        goal, left = self._ramp
        here = world.here
        here.richness = goal if left == 1 else here.richness + (goal - here.richness) / left
        self._ramp = (goal, left - 1) if left > 1 else None


#: Outcome of an intervention that found on its day that what it names is not there (any more).
IMPOSSIBLE: Final = -1


def _immigrate(world: World, day: int, log: DayLog) -> bool:
    """A newcomer arrives by chance."""
    if world.scenario.immigration <= 0:
        return False
    key = day_keys(world.here.seed, day, 1)
    if float(uniform(draws(key, Purpose.ARRIVAL))[0]) >= world.scenario.immigration:
        return False
    newcomer(world, day, log)
    return True
