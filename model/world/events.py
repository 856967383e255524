"""The typed log of all that happened: rows of codes here, words in the tables.

Within a day `order` numbers the rows, so that "before" means a lower (day, order).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import repeat

import numpy as np

#: stage, kind, actor, target, amount, outcome, reason, witnesses
Event = tuple[int, int, int, int, int, int, str, tuple[int, ...]]


class EventStage(IntEnum):
    """The part of the day in which something happened."""

    MORNING = 0
    PERCEIVE = 1
    COMMUNICATE = 2
    ACT = 3
    PRODUCE = 4
    FURTHER = 5
    FOOD = 6
    BIRTH = 7
    REMEMBER = 8


class EventKind(IntEnum):
    """What happened; the meaning of `target` and `amount` beside each."""

    WORK = 0  # target factory; amount = units paid into the store; stage produce
    TRAVEL = 1  # on the way to a factory (target); amount = cells walked
    EXPLORE = 2  # amount = cells walked; outcome = factories newly sighted
    PROMOTE = 3  # amount = units spent
    IDLE = 4
    PRODUCE = 5  # actor 0, target factory; amount = output; outcome = workers
    GIFT = 6  # target resident; amount = units
    ATTACK = 7  # target resident; amount = units taken; outcome = success
    MERGE_ASK = 8  # target resident
    MERGE = 9  # target resident; both now one household; amount = its members
    BIRTH = 10  # actor, target = parents' household's parent and child; amount = stock given
    REMOVAL = 11  # actor = who is gone; reason = hunger, mortality, culled, removed
    LOST = 12  # actor = last member; amount = store lost with the household
    ENTRY = 13  # actor = newcomer; amount = stock brought
    SHORT = 14  # actor = resident whose debt grew; amount = units missing now
    FAULT = 15  # actor; stage = where; reason = cause
    VOID = 16  # target as in the act; reason = what was void, and why
    INTERVENTION = 17  # target, amount as its kind says; reason = kind; outcome −1: impossible
    DESTROYED = 18  # actor = resident; amount = units destroyed in a fight
    VOID_MESSAGE = 19  # target = addressee; reason
    VOID_PROMISE = 20  # target = addressee; reason
    ALERT = 21  # target = sender; amount = order of the message; outcome = level; reason
    SUSPENDED = 22  # target = whose acts toward others are void today
    OVERSIGHT_FAULT = 23  # the overseer's reply could not be used; reason = cause


#: The words of the kinds, in the order of their codes.
KINDS = [kind.name.lower() for kind in EventKind]


class EventColumns:
    """A day's events as columns of codes."""

    def __init__(self, rows: Sequence[Event]) -> None:
        self.reason: Sequence[str]
        self.witnesses: Sequence[tuple[int, ...]]
        columns = zip(*rows, strict=True) if rows else [()] * 8
        stage, kind, actor, target, amount, outcome, self.reason, self.witnesses = columns
        numbers = (stage, kind, actor, target, amount, outcome)
        self.stage, self.kind, self.actor, self.target, self.amount, self.outcome = (
            np.array(column, np.int64) for column in numbers
        )

    def __len__(self) -> int:
        return len(self.reason)


class DayLog:
    """What happened on one day, in order."""

    def __init__(self) -> None:
        self.rows: list[Event] = []

    def add(
        self,
        stage: int,
        kind: int,
        actor: int,
        target: int = 0,
        amount: int = 0,
        outcome: int = 1,
        reason: str = "",
        witnesses: tuple[int, ...] = (),
    ) -> None:
        """Append one row; its codes as plain integers, of which arrays are made faster."""
        row = (int(stage), int(kind), actor, target, amount, outcome, reason, witnesses)
        self.rows.append(row)

    def void(self, stage: int, what: int, actor: int, target: int, reason: str) -> None:
        """Append an act that had become impossible; `what` is its `EventKind`."""
        self.add(stage, EventKind.VOID, actor, target, 0, -1, f"{KINDS[what]}: {reason}")

    def by_kind(self) -> dict[int, list[Event]]:
        """The rows of each kind that happened, in order; none for the others."""
        found: dict[int, list[Event]] = {int(kind): [] for kind in EventKind}
        for row in self.rows:
            found.setdefault(row[1], []).append(row)  # a plug-in's kind is none of ours
        return found

    def add_many(
        self,
        stage: int,
        kind: int,
        actors: Sequence[int],
        targets: Iterable[int] | None = None,
        amounts: Iterable[int] | None = None,
        outcomes: Iterable[int] | None = None,
        reason: str = "",
    ) -> None:
        """Append one row an actor."""
        self.rows.extend(
            zip(
                repeat(int(stage), len(actors)),
                repeat(int(kind)),
                actors,
                repeat(0) if targets is None else targets,
                repeat(0) if amounts is None else amounts,
                repeat(1) if outcomes is None else outcomes,
                repeat(reason),
                repeat(()),
                strict=False,
            )
        )
