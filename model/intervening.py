"""Carrying out interventions at the start of a day, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agents.errors import InputError
from agents.randomness import day_keys, draws, uniform
from model.draws import Purpose
from model.effects import look
from model.events import DayLog, EventKind, EventStage
from model.interventions import Intervention
from model.population import leave, newcomer, retrain

if TYPE_CHECKING:
    from agents.decisions import Ints
    from model.community import CommunityModel


class Interventions:
    """The append-only rows of a run: scheduled shocks first, then what was added during it."""

    def __init__(self, shocks: Sequence[Intervention] = ()) -> None:
        self.rows: list[Intervention] = list(shocks)
        self._done: set[int] = set()
        self._ramp: tuple[float, int] | None = None
        self._begun = 0
        #: The day whose questions are out: it can no longer be changed. 0 between days.
        self.asking = 0

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

    def check(self, row: Intervention, today: int) -> None:
        """Refuse what `append` would refuse, for whoever writes a row down before it is appended.

        Raises:
            InputError: its day is over or under way, or nobody can carry it out.
        """
        over = max(today, self.asking)
        if row.day <= over:
            raise InputError(
                f"intervention: day {row.day} has already begun; the next is {over + 1}"
            )
        why = _why_not(row)
        if why:
            raise InputError(f"intervention {row.kind}: {why}")

    def act(self, model: CommunityModel, day: int, log: DayLog) -> None:
        """Do what is due on a day and not done yet, in the order of the rows.

        What happens by itself (arrivals, a ramp under way) comes before the rows, so that a row
        added to a day that was given up finds what it would find in any later execution.
        """
        changed = False
        if self._begun < day:
            self._begun = day
            self._ramp_richness(model)
            changed = _immigrate(model, day, log)
        for number, row in enumerate(self.rows):
            if row.day == day and number not in self._done:
                self._done.add(number)
                log.add(
                    EventStage.MORNING,
                    EventKind.INTERVENTION,
                    0,
                    row.target,
                    round(row.size * (1000 if row.kind in PER_MILLE else 1)),
                    1,
                    row.kind,
                )
                DO[row.kind](model, row, day, log)
                changed = True
        if changed:
            look(model, day - 1, [])

    def ramp(self, model: CommunityModel, size: float, days: int) -> None:
        """Move richness to `size` in equal steps over some days, the first now."""
        self._ramp = (size, days)
        self._ramp_richness(model)

    def _ramp_richness(self, model: CommunityModel) -> None:
        if self._ramp is None:
            return
        goal, left = self._ramp
        model.richness = goal if left == 1 else model.richness + (goal - model.richness) / left
        self._ramp = (goal, left - 1) if left > 1 else None


#: Kinds whose `size` is a share or a factor: their event's amount is in thousandths.
PER_MILLE = ("cull", "richness", "retrain")


def _lots(model: CommunityModel, day: int, purpose: Purpose) -> tuple[Ints, Ints]:
    """The living, in the order of a keyed draw."""
    rows = model.residents.living()
    keys = day_keys(model.seed, day, model.residents.count)[rows]
    order = np.argsort(draws(keys, purpose), kind="stable")
    return rows[order], keys[order]


def _aid(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    homes = model.households
    living = np.flatnonzero(homes.size[: homes.count] > 0)
    given = round(row.size) * homes.size[living]
    homes.store[living] += given
    model.aid_today += int(given.sum())


def _outage(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    _check(row, 1 <= row.target <= len(model.factories), "factory")
    until = model.factories.out_until
    until[row.target - 1] = max(int(until[row.target - 1]), day + row.duration - 1)


def _cull(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    rows, _ = _lots(model, day, Purpose.CULL)
    for gone in rows[: round(row.size * len(rows))].tolist():
        model.lost_today += leave(model, gone, "culled", EventStage.MORNING, log)


def _newcomers(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    for _ in range(round(row.size)):
        newcomer(model, day, log)


def _broadcast(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    model.broadcasts = (*model.broadcasts, row.text)


def _remove(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    people = model.residents
    if 1 <= row.target <= people.count and people.alive[row.target - 1]:
        model.lost_today += leave(model, row.target - 1, "removed", EventStage.MORNING, log)


def _retrain(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    rows, _ = _lots(model, day, Purpose.RETRAIN)
    chosen = rows[: round(row.size * len(rows))]
    if row.target:
        chosen = rows[rows == row.target - 1]
    for one in chosen.tolist():
        retrain(model, one, row.value, row.mode, day)


def _richness(model: CommunityModel, row: Intervention, day: int, log: DayLog) -> None:
    model.interventions.ramp(model, row.size, row.duration)


def _why_not(row: Intervention) -> str:
    """Why nobody could carry a row out; empty if somebody can."""
    if row.kind in ("cull", "retrain") and row.size > 1:
        return f"a share of {row.size:g}; it lies within 0 to 1"
    if row.kind == "retrain" and not row.mode:
        return "names no mode; use with, without, middle, against or original"
    if row.kind == "retrain" and row.mode != "original" and not row.value:
        return f"mode {row.mode} of no value; name the value"
    return ""


def _check(row: Intervention, fits: bool, what: str) -> None:
    if not fits:
        raise InputError(f"intervention {row.kind}: there is no {what} {row.target}")


def _immigrate(model: CommunityModel, day: int, log: DayLog) -> bool:
    """A newcomer arrives by chance."""
    if model.scenario.immigration <= 0:
        return False
    key = day_keys(model.seed, day, 1)
    if float(uniform(draws(key, Purpose.ARRIVAL))[0]) >= model.scenario.immigration:
        return False
    newcomer(model, day, log)
    return True


DO = {
    "aid": _aid,
    "outage": _outage,
    "cull": _cull,
    "newcomers": _newcomers,
    "broadcast": _broadcast,
    "remove": _remove,
    "retrain": _retrain,
    "richness": _richness,
}
