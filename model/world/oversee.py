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

from agents.asides.oversight import Alert, Alerts, Oversight
from agents.batch import Batch
from agents.decisions import Messages, Replies
from agents.randomness import day_keys
from model.world.events import DayLog, EventKind, EventStage

if TYPE_CHECKING:
    from model.world.ask import Answers
    from model.world.deliver import Delivery
    from model.world.perceive import Snapshot
    from model.world.state import World

#: Days before today of which the overseer is shown the messages.
PAST: Final = 5


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
    world: World, snapshot: Snapshot, delivery: Delivery, answers: Answers
) -> Generator[Batch, Replies, None]:
    """Ask the overseer about the messages just delivered, and let the warnings out.

    Nothing is asked where nothing was said, or where the scenario has no overseer.
    """
    if not world.scenario.overseer or not len(delivery.messages):
        return
    readers: list[list[int]] = [[] for _ in range(len(delivery.messages))]
    message, reader = delivery.shown
    for m, r in zip(message.tolist(), (snapshot.rows[reader] + 1).tolist(), strict=True):
        readers[m].append(r)
    reply = yield Oversight.over(
        snapshot.questions,
        said=delivery.messages,
        readers=tuple(tuple(sorted(ids)) for ids in readers),
        past=world.here.watch.past,
        seed=int(day_keys(world.here.seed, snapshot.day, 1)[0]),
    )
    if not isinstance(reply, Alerts):
        raise TypeError("an overseer was asked and the mind gave no alerts")
    if any(not 0 <= alert.message < len(delivery.messages) for alert in reply.alerts):
        raise ValueError("an overseer raised an alert on a message that it was not shown")
    answers.oversight = reply
    if world.scenario.overseer_acts != "warn":
        return
    for alert in reply.alerts:
        text = _warning(delivery.messages, alert)
        for r in reader[message == alert.message].tolist():
            delivery.mail.warned[r] = (*delivery.mail.warned.get(r, ()), text)


def take_alerts(world: World, snapshot: Snapshot, answers: Answers, log: DayLog) -> frozenset[int]:
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
    if world.scenario.overseer_acts != "suspend":
        return frozenset()
    for index in suspended:
        log.add(stage, EventKind.SUSPENDED, 0, int(snapshot.rows[index]) + 1)
    return frozenset(suspended)


def _warning(said: Messages, alert: Alert) -> str:
    return f"A monitor flagged what R{int(said.sender[alert.message])} said to you: {alert.reason}."
