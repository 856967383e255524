"""What becomes of the day's promises: shown to their addressee they bind, and answers settle them.

An offer is a promise as somebody was shown it, today or yesterday; only `accept` looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Ints, Kind, Messages, Promise
from model.world.events import EventKind, EventStage

if TYPE_CHECKING:
    from model.world.act import Effects
    from model.world.perceive import Snapshot
    from model.world.state import World

#: (message, what, a, by), by (who promised, who was shown it).
DayOffers = dict[tuple[int, int], list[tuple[int, int, int, int]]]


class Offers:
    """The offers of today and yesterday, by day."""

    def __init__(self) -> None:
        self._days: list[tuple[int, DayOffers]] = []

    def begin(self, day: int) -> DayOffers:
        """Forget what is older than yesterday; returns the book of a day, to be written."""
        today: DayOffers = {}
        self._days = [(t, made) for t, made in self._days if t == day - 1]
        self._days.append((day, today))
        return today

    def between(self, maker: int, hearer: int) -> list[tuple[int, int, int, int]]:
        """What one offered another, the oldest first: (day, what, a, by)."""
        return [
            (day, what, a, by)
            for day, made in self._days
            for _, what, a, by in made.get((maker, hearer), ())
        ]


def promise(
    world: World,
    snapshot: Snapshot,
    said: Messages,
    shown: tuple[Ints, Ints],
    e: Effects,
) -> None:
    """Promises shown become commitments; acceptances and refusals settle what they answer.

    Args:
        world: the community's state.
        snapshot: the morning.
        said: the day's messages.
        shown: (message, reader index) of those shown in full.
        e: what the day has done so far.
    """
    promised = said.promises[:, :, 0] != int(Promise.NONE)
    answers = (said.kind == int(Kind.ACCEPT)) | (said.kind == int(Kind.REFUSE))
    offers = world.offers.begin(snapshot.day)
    todo = promised.any(axis=1) | answers
    if not todo.any():
        return
    message, reader = shown
    reads = todo[message]
    reached: dict[int, list[int]] = {}
    hearers = snapshot.rows[reader[reads]] + 1
    for m, hearer in zip(message[reads].tolist(), hearers.tolist(), strict=True):
        reached.setdefault(m, []).append(hearer)
    _bind(world, snapshot.day, said, promised, reached, offers, e)
    _answer(world, snapshot.day, said, answers, reached, e)


def _bind(
    world: World,
    day: int,
    said: Messages,
    promised: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    reached: dict[int, list[int]],
    offers: DayOffers,
    e: Effects,
) -> None:
    """Promises shown to their addressee become commitments."""
    days, factories = world.scenario.promise_days, len(world.factories)
    message, slot = promised.nonzero()
    terms = said.promises[message, slot].tolist()
    columns = (message, said.sender[message], said.to[message])
    lines = zip(*(column.tolist() for column in columns), terms, strict=True)
    for m, sender, to, (what, a, by) in lines:
        why = why_not_bound(what, a, by, day, days, factories)
        if why:
            e.log.add(EventStage.COMMUNICATE, EventKind.VOID_PROMISE, sender, to, 0, -1, why)
            continue
        for hearer in reached.get(m, ()):
            offers.setdefault((sender, hearer), []).append((m, what, a, by))
            if hearer == to:
                e.promises += world.ledger.make(day, m, sender, to, what, a, by)


def why_not_bound(what: int, a: int, by: int, day: int, days: int, factories: int) -> str:
    """Why a promise binds nobody; empty if it does."""
    if not day <= by <= day + days:
        return "due date out of range"
    if what == Promise.SECURE and not 1 <= a <= factories:
        return "no such factory"
    return "nothing promised" if what == Promise.GIFT and a < 1 else ""


def _answer(
    world: World,
    day: int,
    said: Messages,
    answers: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    reached: dict[int, list[int]],
    e: Effects,
) -> None:
    """Acceptances and refusals that reached whom they answer."""
    rows = np.flatnonzero(answers)
    columns = (rows, said.sender[rows], said.to[rows], said.kind[rows])
    for m, sender, to, kind in zip(*(column.tolist() for column in columns), strict=True):
        if to not in reached.get(m, ()):
            continue
        if kind == Kind.REFUSE:
            world.ledger.refused(day, sender, to)
            continue
        for when, what, a, by in world.offers.between(to, sender):
            if by < day:
                continue
            both = what in (Promise.MERGE, Promise.SECURE)
            for one, other in ((to, sender), (sender, to))[: 1 + both]:
                if not world.ledger.made_since(when, one, other, what, a, by):
                    e.promises += world.ledger.make(day, m, one, other, what, a, by)
