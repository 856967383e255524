"""The typed log of all that happened: a column appender, one method a kind of row.

Rows are appended as blocks of columns; within a day `order` numbers them, so that "before" means a
lower (day, order). Codes are integers here and words in the tables.
"""

from __future__ import annotations

from enum import IntEnum


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
    VOID = 16  # target as in the act; amount = EventKind or code of what was void; reason
    INTERVENTION = 17  # target, amount as its kind says; reason = kind
    DESTROYED = 18  # actor = resident; amount = units destroyed in a fight
    VOID_MESSAGE = 19  # target = addressee; reason
    VOID_PROMISE = 20  # target = addressee; reason
