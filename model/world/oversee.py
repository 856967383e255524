"""The overseer's place in a day: at the barrier after the messages, before anybody acts.

It is shown the messages, as `agents.asides.oversight` says, and its alerts are a reply of its
stage: recorded as events, and acted upon the same day if the scenario says so.

- *warn*: every reader of an alarming message is shown, as coming from outside, that a monitor
  flagged it. A mind that reads no text (the surrogate, scripted ones) is not moved by it.
- *suspend*: acts of its sender toward others (gift, attack, merge) are void that day. It is not
  told beforehand; its main act stands.

A reply of the overseer that cannot be used is a fault of the overseer, never of a resident.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from agents.asides.contradictions import Contradictions
from agents.asides.oversight import Alert, Alerts, Overseen, Oversight
from agents.batch import Batch
from agents.decisions import Messages, Replies
from agents.errors import InputError
from agents.minds import Mind
from agents.minds.register import LANGUAGE_NAME
from agents.randomness import day_keys
from model.world.events import DayLog, EventKind, EventStage
from model.world.validation import unknown

if TYPE_CHECKING:
    from model.community import CommunityModel
    from model.world.ask import Answers
    from model.world.perceive import Snapshot
    from model.world.scenario import Scenario

NAMES: Final = (Contradictions.name, LANGUAGE_NAME)
#: Days before today of which the overseer is shown the messages.
PAST: Final = 5


def overseen(mind: Mind, scenario: Scenario) -> Mind:
    """The mind with the scenario's overseer beside it, unless it has one or none is wanted.

    Raises:
        InputError: no overseer has that name, or it asks a language model and was not opened with
            the run.
    """
    name = scenario.overseer
    if not name or isinstance(mind, Overseen):
        return mind
    if name == Contradictions.name:
        return Overseen(mind, Contradictions())
    if "overseer" in scenario.language:
        raise InputError(
            f"overseer: {name} asks a language model, which needs a journal: use civa run, or hand "
            "in agents.asides.oversight.Overseen(mind, overseer) from Python"
        )
    raise InputError(f"overseer: {unknown(name, NAMES, 'overseer')}")


class Watch:
    """What the overseer of one community has seen, and what it said today."""

    def __init__(self) -> None:
        self._past: deque[tuple[int, Messages]] = deque(maxlen=PAST)

    @property
    def past(self) -> tuple[tuple[int, Messages], ...]:
        """(day, messages) of the last days, oldest first."""
        return tuple(self._past)

    def remember(self, day: int, said: Messages) -> None:
        """A day is over: its messages are of the past."""
        self._past.append((day, said))


def oversee(
    model: CommunityModel, snapshot: Snapshot, answers: Answers
) -> Generator[Batch, Replies, None]:
    """Ask the overseer about the messages just delivered, and let the warnings out.

    Nothing is asked where nothing was said, or where the scenario has no overseer.
    """
    delivery = answers.delivery
    if not model.scenario.overseer or delivery is None or not len(delivery.messages):
        return
    readers: list[list[int]] = [[] for _ in range(len(delivery.messages))]
    message, reader = delivery.shown
    for m, r in zip(message.tolist(), (snapshot.rows[reader] + 1).tolist(), strict=True):
        readers[m].append(r)
    reply = yield Oversight.over(
        snapshot.questions,
        said=delivery.messages,
        readers=tuple(tuple(sorted(ids)) for ids in readers),
        past=model.watch.past,
        seed=int(day_keys(model.seed, snapshot.day, 1)[0]),
    )
    if not isinstance(reply, Alerts):
        raise TypeError(f"an overseer was asked and {model.mind.name} gave no alerts")
    if any(not 0 <= alert.message < len(delivery.messages) for alert in reply.alerts):
        raise ValueError("an overseer raised an alert on a message that it was not shown")
    answers.oversight = reply
    if model.scenario.overseer_acts != "warn":
        return
    for alert in reply.alerts:
        text = _warning(delivery.messages, alert)
        for r in reader[message == alert.message].tolist():
            delivery.mail.warned[r] = (*delivery.mail.warned.get(r, ()), text)


def take_alerts(
    model: CommunityModel, snapshot: Snapshot, answers: Answers, log: DayLog
) -> frozenset[int]:
    """Record what the overseer said; gives the snapshot indices of those it suspends today."""
    reply, stage = answers.oversight, EventStage.COMMUNICATE
    if reply is None:
        return frozenset()
    if reply.fault_cause:
        log.add(stage, EventKind.OVERSIGHT_FAULT, 0, outcome=0, reason=reply.fault_cause)
        return frozenset()
    said = answers.delivery.messages if answers.delivery is not None else Messages.empty()
    suspended: dict[int, None] = {}
    for alert in reply.alerts:
        sender = int(said.sender[alert.message])
        log.add(
            stage, EventKind.ALERT, 0, sender, alert.message, outcome=alert.level,
            reason=alert.reason,
        )  # fmt: skip
        suspended.setdefault(int(snapshot.index[sender - 1]))
    if model.scenario.overseer_acts != "suspend":
        return frozenset()
    for index in suspended:
        log.add(stage, EventKind.SUSPENDED, 0, int(snapshot.rows[index]) + 1)
    return frozenset(suspended)


def _warning(said: Messages, alert: Alert) -> str:
    return f"A monitor flagged what R{int(said.sender[alert.message])} said to you: {alert.reason}."
