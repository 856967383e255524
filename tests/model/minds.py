"""Minds for the tests of the world: one that does as it is told, one that tries everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.batch import Batch, messages_of
from agents.decisions import ALL, Acts, Claim, Fault, Further, Main, Messages, Promise, Replies
from agents.observation import Known, Near, OneAct, OneMessage, Stage

IDLE = OneAct(Main.IDLE, 0, 0, Further.NONE, 0, 0)
PLANS = (Stage.PERCEIVE, Stage.MORNING)
TALKS = (Stage.COMMUNICATE, Stage.MORNING)
DOES = (Stage.ACT, Stage.EVENING)
NOTES = (Stage.REMEMBER, Stage.EVENING)


def secure(factory: int) -> OneAct:
    return OneAct(Main.SECURE, factory, 0, Further.NONE, 0, 0)


def promote(spend: int) -> OneAct:
    return OneAct(Main.PROMOTE, 0, spend, Further.NONE, 0, 0)


def explore(way: int) -> OneAct:
    return OneAct(Main.EXPLORE, way, 0, Further.NONE, 0, 0)


def gift(who: int, amount: int) -> OneAct:
    return OneAct(Main.IDLE, 0, 0, Further.GIFT, who, amount)


def attack(who: int) -> OneAct:
    return OneAct(Main.IDLE, 0, 0, Further.ATTACK, who, 0)


def merge(who: int) -> OneAct:
    return OneAct(Main.IDLE, 0, 0, Further.MERGE, who, 0)


def say(
    sender: int,
    to: int,
    kind: int,
    *,
    text: str = "",
    claims: tuple[tuple[int, int, int], ...] = (),
    promises: tuple[tuple[int, int, int], ...] = (),
    loose: tuple[str, ...] = (),
) -> OneMessage:
    return OneMessage(sender, to, int(kind), text, claims, promises, loose)


@dataclass
class Puppet:
    """Does and says what the test wrote down for (day, resident) and idles otherwise.

    Attributes:
        acts: by day and id.
        says: messages by day.
        faults: (day, stage, id) of replies that cannot be used.
        notes: by day and id.
        asked: every batch that was put to it.
    """

    acts: Mapping[int, Mapping[int, OneAct]] = field(default_factory=dict)
    says: Mapping[int, Sequence[OneMessage]] = field(default_factory=dict)
    faults: frozenset[tuple[int, Stage, int]] = frozenset()
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    asked: list[Batch] = field(default_factory=list)
    name: str = "puppet"

    async def areply(self, batch: Batch) -> Replies:
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        self.asked.append(batch)
        ids = batch.id.tolist()
        replies = Replies.faultless(len(ids))
        for row, who in enumerate(ids):
            if (batch.day, batch.stage, who) in self.faults:
                replies.fault[row] = Fault.ACT
                replies.causes[row] = "no_json"
        if batch.stage in (*PLANS, *DOES):
            today = self.acts.get(batch.day, {})
            replies.acts = acts_of([today.get(who, IDLE) for who in ids])
            replies.reasons = [""] * len(ids)
        if batch.stage in TALKS:
            here = [m for m in self.says.get(batch.day, ()) if m.sender in ids]
            replies.said = messages_of(here)
        if batch.stage in NOTES:
            replies.notes = [self.notes.get((batch.day, who)) for who in ids]
        return replies


def acts_of(acts: Sequence[OneAct]) -> Acts:
    names = ("main", "at", "spend", "further", "who", "amount")
    return Acts(*(np.array([int(getattr(a, n)) for a in acts], np.int64) for n in names))


@dataclass
class Wild:
    """Tries everything, possible and impossible: any act, id, amount, claim, promise and fault.

    Its choices are drawn from the question's key, so that it answers each row from that row alone.

    Attributes:
        salt: another salt, another mind.
        fault_share: of replies that are faults.
        sane: share of numbers that could make sense.
    """

    salt: int = 0
    fault_share: float = 0.03
    sane: float = 0.7
    name: str = "wild"

    async def areply(self, batch: Batch) -> Replies:
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        n = len(batch)
        replies = Replies.faultless(n)
        acts, reasons, said, notes = [], [], [], []
        for row in range(n):
            key = np.array([batch.key[row], (self.salt << 8) + int(batch.stage)], np.uint64)
            lots = np.random.Generator(np.random.Philox(key=key))
            if lots.random() < self.fault_share:
                replies.fault[row] = Fault.PERCEIVE
                replies.causes[row] = "no_json"
            acts.append(self._act(batch, row, lots))
            reasons.append("because")
            said += self._messages(batch, row, lots)
            notes.append(None if lots.random() < 0.5 else f"note {lots.integers(100)}")
        if batch.stage in (*PLANS, *DOES):
            replies.acts, replies.reasons = acts_of(acts), reasons
        if batch.stage in TALKS:
            replies.said = messages_of(said)
        if batch.stage in NOTES:
            replies.notes = notes
        return replies

    def _number(self, lots: np.random.Generator, low: int, high: int) -> int:
        if lots.random() < self.sane:
            return int(lots.integers(low, high + 1))
        return int(lots.choice([-1, 0, 1, 7, 10_000, 999_999_999, -999_999_999]))

    def _one_of(self, lots: np.random.Generator, ids: list[int]) -> int:
        if ids and lots.random() < self.sane:
            return ids[int(lots.integers(len(ids)))]
        return self._number(lots, 0, 40)

    def _act(self, batch: Batch, row: int, lots: np.random.Generator) -> OneAct:
        known = [f for f in batch.factories[row, :, Known.ID].tolist() if f]
        near = [r for r in batch.residents[row, :, Near.ID].tolist() if r]
        works = lots.random() < 0.5
        main = Main.SECURE if works else Main(int(lots.integers(4)))
        at = self._one_of(lots, known) if main == Main.SECURE else self._number(lots, 0, 7)
        further = Further(int(lots.integers(4)))
        whom = [min(near)] if near and further == Further.MERGE else near
        amounts = self._number(lots, 1, 30), self._number(lots, 0, 25)
        return OneAct(main, at, amounts[1], further, self._one_of(lots, whom), amounts[0])

    def _messages(self, batch: Batch, row: int, lots: np.random.Generator) -> list[OneMessage]:
        near = [r for r in batch.residents[row, :, Near.ID].tolist() if r]
        near += [r for r in batch.also[row].tolist() if r]
        said = []
        for _ in range(int(lots.integers(3))):
            kinds = [int(k) for k in lots.integers(0, len(Claim) - 1, int(lots.integers(3)))]
            claims = [
                (k, self._number(lots, 0, 40), self._number(lots, 0, 3)) for k in sorted(kinds)
            ]
            loose = tuple("something else" for k, _, _ in claims if k == Claim.UNCHECKED)
            what = [int(k) for k in lots.integers(0, len(Promise) - 1, int(lots.integers(3)))]
            promises = [
                (k, self._number(lots, 1, 20), batch.day + self._number(lots, 0, 4)) for k in what
            ]
            to = ALL if lots.random() < 0.4 else self._one_of(lots, near)
            kind = int(lots.integers(9))
            words = "wörds\u0000 {x}"
            said.append(
                OneMessage(
                    int(batch.id[row]), to, kind, words, tuple(claims), tuple(promises), loose
                )
            )
        return said


class Shuffled:
    """Asks another mind row by row, in a drawn order, and gives the messages in that order too."""

    def __init__(self, mind: Wild | Puppet, seed: int) -> None:
        self.mind, self.name = mind, mind.name
        self._lots = np.random.Generator(np.random.Philox(seed))

    async def areply(self, batch: Batch) -> Replies:
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        order = self._lots.permutation(len(batch))
        parts = [(int(row), self.mind.reply(batch.take(np.array([row])))) for row in order]
        return together(len(batch), parts)


def together(n: int, parts: Sequence[tuple[int, Replies]]) -> Replies:
    """Replies of one row each, as the replies of a batch; messages as they arrive."""
    whole = Replies.faultless(n)
    first = parts[0][1]
    whole.acts = None if first.acts is None else Acts.idle(n)
    whole.reasons = None if first.reasons is None else [""] * n
    whole.notes = None if first.notes is None else [None] * n
    for row, part in parts:
        whole.fault[row] = part.fault[0]
        whole.causes |= dict.fromkeys([row], *part.causes.values()) if part.causes else {}
        whole.flags |= dict.fromkeys([row], *part.flags.values()) if part.flags else {}
        if whole.acts is not None and part.acts is not None:
            whole.acts.put(np.array([row]), part.acts)
        if whole.reasons is not None and part.reasons is not None:
            whole.reasons[row] = part.reasons[0]
        if whole.notes is not None and part.notes is not None:
            whole.notes[row] = part.notes[0]
    if first.said is not None:
        whole.said = Messages.join([p.said for _, p in parts if p.said is not None])
    return whole
