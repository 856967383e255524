"""Closing a day: its numbers, its tables' rows and its part of the hash. Also founds day 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from model.world.act import Effects
from model.world.ask import Answers
from model.world.events import EventColumns
from model.world.food import Food
from model.world.numbers import Day
from model.world.perceive import Snapshot
from model.world.population import enter_founders
from model.world.record import decision_columns, entry_tables, event_columns, resident_columns
from model.world.remember import look
from model.world.summarise import state, summarise

if TYPE_CHECKING:
    from model.world.state import World


class Lived(NamedTuple):
    """A day that took effect: its numbers, and the rows of its tables as columns."""

    day: Day
    tables: dict[str, Any]


def found(world: World) -> None:
    """Put the founders into a new world and count it as day 0."""
    enter_founders(world)
    look(world, 0, [])
    world.here.days.append(Day(**cast("Any", state(world, 0))))


def close_day(
    world: World,
    morning: Snapshot,
    answers: Answers,
    e: Effects,
    food: Food,
    messages: dict[str, Any],
) -> Lived:
    """Count, record and hash the day that has just taken effect."""
    here, day = world.here, morning.day
    here.verdicts += answers.verdicts
    here.faults += len(answers.faults)
    if world.scenario.overseer and answers.delivery is not None:
        here.watch.remember(day, answers.delivery.messages)
    here.days.append(summarise(world, morning, answers, e, food))
    notes = [world.residents.note[row] for row in morning.rows.tolist()]
    events = EventColumns(e.log.rows)
    tables = {
        "residents": resident_columns(world, morning, answers, e, food),
        "events": event_columns(day, events),
        "messages": messages,
        "decisions": decision_columns(morning, answers, notes),
        **entry_tables(world),
    }
    here.fingerprint.add(day, events, messages)
    return Lived(here.latest, tables)
