"""A day's conversation with the minds: the barriers, what was answered, what went wrong.

`ask_morning` and `ask_evening` are the parts of the day's generator that yield batches and are sent
replies; they change nothing in the world. A resident whose perceive reply is a fault is asked no
more that day; one whose communicate reply is a fault says nothing and may still act; one whose act
reply is a fault does nothing and is still asked for its note. In fused cognition a morning fault is
a perceive fault, an evening fault an act fault that keeps the old note.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from agents.asides.oversight import Alerts
from agents.batch import Batch
from agents.decisions import MESSAGES_A_DAY, Acts, Fault, Ints, Messages, Regard, Replies
from agents.errors import RunFailed
from agents.observation import Stage
from model.world.events import EventKind, EventStage
from model.world.perceive import Flags, Snapshot, evening

if TYPE_CHECKING:
    from model.world.act import Effects
    from model.world.deliver import Delivery
    from model.world.state import World

#: The part of the day in which a fault of each stage stands in the log.
_STAGE_OF: Final = {
    Fault.PERCEIVE: EventStage.PERCEIVE,
    Fault.COMMUNICATE: EventStage.COMMUNICATE,
    Fault.ACT: EventStage.ACT,
    Fault.REMEMBER: EventStage.REMEMBER,
}
Asking = Generator[Batch, Replies, None]

#: By code of `Fault`: who acts today, and whose conduct of the day can be judged.
_ACTS = np.array([fault not in (Fault.PERCEIVE, Fault.ACT) for fault in Fault], np.int64)
_JUDGED = np.array([fault in (Fault.NONE, Fault.REMEMBER) for fault in Fault])


@dataclass
class Answers:
    """What the minds answered on a day, one row a living resident.

    Attributes:
        fault: the first fault's `Fault` code, 0 for none.
        faults: every fault: (index, stage code, cause).
        verdicts: how many replies were asked for.
        plan, acts: what was planned and is done; rows with a fault there are never read.
        views, whys: private reasons.
        regard: private assessments.
        delivery: the day's messages and their readers.
        notes: new notes; None keeps the old one.
        flags: lenient readings, by index.
        oversight: what the overseer said of the day's messages; None if nobody was asked.
    """

    fault: Ints
    plan: Acts
    acts: Acts
    views: list[str]
    whys: list[str]
    regard: Regard
    notes: list[str | None]
    faults: list[tuple[int, int, str]] = field(default_factory=list)
    flags: dict[int, tuple[str, ...]] = field(default_factory=dict)
    verdicts: int = 0
    said: Messages = field(default_factory=Messages.empty)
    delivery: Delivery | None = None
    oversight: Alerts | None = None

    @classmethod
    def silent(cls, n: int) -> Answers:
        """N residents that have not answered yet."""
        return cls(
            np.zeros(n, np.int64),
            Acts.idle(n),
            Acts.idle(n),
            [""] * n,
            [""] * n,
            Regard.none(n),
            [None] * n,
        )

    def asked(self, *so_far: Fault) -> Ints:
        """Indices of those without one of these faults."""
        faulted = np.zeros(len(Fault), bool)
        faulted[list(so_far)] = True
        return np.flatnonzero(~faulted[self.fault])

    def does(self) -> Ints:
        """1 for those that act today."""
        return _ACTS[self.fault]

    def judged(self) -> Flags:
        """Those without a fault that leaves no conduct to judge."""
        return _JUDGED[self.fault]

    def take_in(self, replies: Replies, rows: Ints, as_fault: Fault) -> Ints:
        """Count a stage's replies and note its faults; returns which of `rows` are usable."""
        self.verdicts += len(rows)
        for i, flags in replies.flags.items():
            where = int(rows[i])
            self.flags[where] = self.flags.get(where, ()) + flags
        bad = np.flatnonzero(replies.fault)
        for i in bad.tolist():
            where = int(rows[i])
            self.faults.append((where, int(as_fault), replies.causes.get(i, "unnamed")))
            if self.fault[where] == Fault.NONE or as_fault == Fault.ACT:
                self.fault[where] = as_fault
        return np.flatnonzero(replies.fault == 0)


def ask_morning(world: World, morning: Snapshot, answers: Answers) -> Asking:
    """Ask what residents plan and say; in fused cognition both at once."""
    batch, everyone = morning.questions, np.arange(len(morning))
    replies = yield batch
    good = answers.take_in(replies, everyone, Fault.PERCEIVE)
    _plans(answers, replies, everyone, good)
    if world.scenario.cognition == "fused":
        _messages(answers, batch, replies, everyone, good)
        return
    rows = answers.asked(Fault.PERCEIVE)
    if len(rows) and world.scenario.messages:
        replies = yield _for(rows, replace(batch, stage=Stage.COMMUNICATE, plan=answers.plan))
        good = answers.take_in(replies, rows, Fault.COMMUNICATE)
        _messages(answers, batch, replies, rows, good)


def ask_evening(world: World, morning: Snapshot, delivery: Delivery, answers: Answers) -> Asking:
    """Ask what residents do, having read their mail, and what they note."""
    fused = world.scenario.cognition == "fused"
    stage = Stage.EVENING if fused else Stage.ACT
    later = evening(replace(morning.questions, stage=stage, plan=answers.plan), delivery.mail)
    rows = answers.asked(Fault.PERCEIVE)
    if not len(rows):
        return
    replies = yield _for(rows, later)
    good = answers.take_in(replies, rows, Fault.ACT)
    _acts(answers, replies, rows, good)
    if not fused:
        if not world.scenario.memory:
            return
        replies = yield _for(rows, replace(later, stage=Stage.REMEMBER, doing=answers.acts))
        good = answers.take_in(replies, rows, Fault.REMEMBER)
    _notes(answers, replies, rows, good)


def _for(rows: Ints, batch: Batch) -> Batch:
    """The questions of some residents; the batch itself where they are all."""
    return batch if len(rows) == len(batch) else batch.take(rows)


def _plans(answers: Answers, replies: Replies, rows: Ints, good: Ints) -> None:
    if replies.acts is not None:
        answers.plan.put(rows[good], replies.acts.take(good))
    if replies.reasons is not None:
        _spread(answers.views, rows, good, replies.reasons)
    if replies.regard is not None:
        answers.regard.who[rows[good]] = replies.regard.who[good]
        answers.regard.grade[rows[good]] = replies.regard.grade[good]


def _messages(answers: Answers, batch: Batch, replies: Replies, rows: Ints, good: Ints) -> None:
    said = replies.said
    if said is None or not len(said):
        return
    _check_senders(said, batch.id[rows])
    if len(good) < len(rows):
        said = said.take(np.flatnonzero(np.isin(said.sender, batch.id[rows[good]])))
    answers.said = said


def _check_senders(said: Messages, asked: Ints) -> None:
    """A mind speaks for those it was asked about, and no more than a day allows.

    Raises:
        RunFailed: the mind broke the protocol; nothing of it is guessed at.
    """
    # `asked` ascends, as rows of the living do.
    place = np.minimum(np.searchsorted(asked, said.sender), len(asked) - 1)
    strangers = said.sender[asked[place] != said.sender]
    if len(strangers):
        raise RunFailed(f"mind: a message from R{strangers[0]}, whom it was not asked about")
    # How many messages each sender has; the greatest alone decides.
    count = np.bincount(place)
    if count.max() > MESSAGES_A_DAY:
        who = int(asked[count.argmax()])
        raise RunFailed(f"mind: R{who} sends {count.max()} messages; a day allows {MESSAGES_A_DAY}")


def _acts(answers: Answers, replies: Replies, rows: Ints, good: Ints) -> None:
    if replies.acts is not None:
        answers.acts.put(rows[good], replies.acts.take(good))
    if replies.reasons is not None:
        _spread(answers.whys, rows, good, replies.reasons)


def _notes(answers: Answers, replies: Replies, rows: Ints, good: Ints) -> None:
    if replies.notes is not None:
        _spread(answers.notes, rows, good, replies.notes)


def _spread(into: list[Any], rows: Ints, good: Ints, given: list[Any]) -> None:
    """Put what was given in some good rows where those rows stand."""
    for at, i in zip(rows[good].tolist(), good.tolist(), strict=True):
        into[at] = given[i]


def note_faults(world: World, morning: Snapshot, answers: Answers, e: Effects) -> None:
    """Log every fault, and on which day each resident had its last one."""
    for i, stage, cause in answers.faults:
        row = int(morning.rows[i])
        e.log.add(_STAGE_OF[Fault(stage)], EventKind.FAULT, row + 1, 0, 0, 0, cause)
        world.residents.faulted[row] = morning.day
