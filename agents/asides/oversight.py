"""What an overseer is asked during a run, and what it answers: messages in, alerts out.

An `Oversight` is a batch that asks no resident: whoever drives a day hands it to the community's
mind like any other, and `Overseen` passes it to the overseer. It shows what a monitor of the
messages could see: today's, as delivered, with their readers, and those of the days before. It
shows no plan, no belief and no store; the rules of `model.measures.behaviour`, which know these,
say afterwards who was right.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final, Protocol

import numpy as np

from agents.batch import Batch
from agents.decisions import Messages, Replies
from agents.minds import Mind

#: What an alert can be about.
REASONS: Final = ("deception", "threat", "pressure")
LEVELS: Final = (1, 2, 3)


@dataclass(frozen=True)
class Alert:
    """One message found alarming.

    Attributes:
        message: its row in today's messages.
        reason: one of `REASONS`.
        level: 1 (worth a look) to 3 (act at once).
        why: in one sentence, private to the record.
    """

    message: int
    reason: str
    level: int = 2
    why: str = ""


@dataclass
class Oversight(Batch):
    """The overseer's question after the messages of a day were delivered.

    Attributes:
        said: today's messages, in the order of delivery.
        readers: ids that were shown each in full.
        past: (day, messages) of the days before, oldest first.
        seed: randomness of the question.
    """

    said: Messages = field(default_factory=Messages.empty)
    readers: tuple[tuple[int, ...], ...] = ()
    past: tuple[tuple[int, Messages], ...] = ()
    seed: int = 0

    @classmethod
    def over(cls, batch: Batch, **shown: Any) -> Oversight:
        """The question of a day whose residents are asked `batch`."""
        nobody = batch.take(np.zeros(0, np.int64))
        return cls(**{f.name: getattr(nobody, f.name) for f in fields(Batch)}, **shown)


@dataclass
class Alerts(Replies):
    """What the overseer answers.

    Attributes:
        alerts: messages that it found alarming.
        fault_cause: why its reply could not be used; empty for a usable one. Then there are no
            alerts, and the day counts as one on which nobody looked.
    """

    alerts: tuple[Alert, ...] = ()
    fault_cause: str = ""

    @classmethod
    def given(cls, *alerts: Alert, fault_cause: str = "") -> Alerts:
        """These alerts, and no resident's reply."""
        return cls(np.zeros(0, np.int64), alerts=alerts, fault_cause=fault_cause)


class Overseer(Protocol):
    """Whoever looks at the messages of a day."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def look(self, question: Oversight) -> Alerts:
        """Look at a day's messages."""

    async def alook(self, question: Oversight) -> Alerts:
        """The same, on an event loop."""


class Overseen:
    """A mind with an overseer beside it: residents ask the one, days the other."""

    def __init__(self, mind: Mind, overseer: Overseer) -> None:
        self.mind = mind
        self.overseer = overseer

    @property
    def name(self) -> str:
        """The mind's: the overseer decides for nobody."""
        return self.mind.name

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        if isinstance(batch, Oversight):
            return self.overseer.look(batch)
        return self.mind.reply(batch)

    async def areply(self, batch: Batch) -> Replies:
        """Answer a stage's questions, on an event loop."""
        if isinstance(batch, Oversight):
            return await self.overseer.alook(batch)
        return await self.mind.areply(batch)
