"""The order of a day, on one screen."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from agents.batch import Batch
from agents.decisions import Replies
from model.world.act import Effects, further_acts, main_acts
from model.world.ask import Answers, ask_evening, ask_morning, note_faults
from model.world.close_day import Lived, close_day
from model.world.deliver import deliver_messages
from model.world.food import eat
from model.world.intervene import begin
from model.world.oversee import oversee, take_alerts
from model.world.perceive import perceive
from model.world.population import births
from model.world.record import message_columns
from model.world.remember import hear, look, remember
from model.world.settle import close_asks, settle_commitments
from model.world.work import work

if TYPE_CHECKING:
    from model.world.state import World


def live(world: World) -> Generator[Batch, Replies, Lived]:
    """One day: yields questions, is sent replies, returns its numbers and its tables' rows."""
    day = world.today + 1
    begin(world, day)  # interventions act, once, however often the day is begun
    morning = perceive(world, day)
    answers = Answers.silent(len(morning))
    with world.here.interventions.closed_for(day):
        yield from ask_morning(world, morning, answers)  # plans and messages
        delivery = deliver_messages(world, morning, answers)
        yield from oversee(world, morning, delivery, answers)  # warnings are read before acting
        yield from ask_evening(world, morning, delivery, answers)  # acts and notes

    # Nothing has changed before this line: a day that is abandoned above leaves no trace.
    messages = message_columns(world, morning, delivery)  # while beliefs are still the morning's
    e = Effects.of_morning(world.here.opening, world.here.lost, len(morning))
    e.suspended = take_alerts(world, morning, answers, e.log)
    note_faults(world, morning, answers, e)
    hear(world, morning, delivery, e)  # claims are remembered, promises become commitments
    main_acts(world, morning, answers, e)  # walk, explore, promote, idle
    work(world, morning, e)  # production, and the sharing of output
    further_acts(world, morning, answers, e)  # gifts, attacks, asks to merge
    settle_commitments(world, morning, answers, e)
    food = eat(world, morning, e)  # and removal of who owes too much
    births(world, morning, e)
    close_asks(world, day, e)
    look(world, day, e.sighted)  # sight at nightfall
    remember(world, morning, answers, e)  # notes, relations, what each is told tomorrow
    return close_day(world, morning, answers, e, food, messages)
