"""Scripted minds: residents that follow a stated rule, for phase diagrams, tests and mean fields.

`crew` works at factory F1 and pairs up, so that arithmetic applies; `spread` works at the factories
in proportion to their output. `hostile=p` attacks a shown resident in reach with probability p a
day, `generous=p` gives a day's food to one. They say nothing unless `announce` is 1, and then say
truly where they will work.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from agents.batch import Batch
from agents.decisions import (
    ALL,
    Acts,
    Claim,
    Further,
    Ints,
    Kind,
    Main,
    Messages,
    PlanWord,
    Regard,
    Replies,
)
from agents.errors import InputError
from agents.observation import Known, Near, Stage
from agents.purposes import Purpose
from agents.randomness import below, draws, uniform

RULES = ("crew", "spread")


@dataclass(frozen=True)
class Script:
    """What a scripted resident does.

    Attributes:
        work: `crew` (all at F1) or `spread` (in proportion to output over the known factories).
        hostile: probability a day of attacking one of those in reach.
        generous: probability a day of giving `gift` units to one of those in reach.
        gift: units given.
        pair: 1 to form households of two (R1 with R2, R3 with R4 …), 0 to stay alone.
        announce: 1 to say truly where it will work.
    """

    work: str = "crew"
    hostile: float = 0.0
    generous: float = 0.0
    gift: int = 10
    pair: int = 1
    announce: int = 0

    @classmethod
    def parse(cls, text: str) -> Script:
        """A script from words such as `crew,hostile=.2,generous=.1,pair=0`.

        Raises:
            InputError: an unknown rule or word, or a number out of range.
        """
        work, *settings = (part.strip() for part in text.split(","))
        if work not in RULES:
            raise InputError(f"scripted: no rule {work!r}; use one of {', '.join(RULES)}")
        given: dict[str, float] = {}
        kinds = {f.name: f.type for f in fields(cls) if f.name != "work"}
        for setting in settings:
            name, _, value = setting.partition("=")
            if name not in kinds:
                raise InputError(f"scripted: no setting {name!r}; use {', '.join(kinds)}")
            try:
                given[name] = int(value) if kinds[name] == "int" else float(value)
            except ValueError:
                raise InputError(f"scripted: {name}={value!r} is not a number") from None
            if not 0 <= given[name] <= (1000 if name == "gift" else 1):
                raise InputError(f"scripted: {name}={value} lies outside its range")
        return cls(work, **given)  # type: ignore[arg-type]


class Scripted:
    """The mind that follows a `Script`."""

    def __init__(self, script: Script, name: str = "scripted") -> None:
        self.script = script
        self.name = name

    async def areply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        n = len(batch)
        replies = Replies.faultless(n)
        if batch.stage not in (Stage.COMMUNICATE, Stage.REMEMBER):
            replies.acts = self._acts(batch)
            replies.reasons = [""] * n
            replies.regard = Regard.none(n)
        if batch.stage in (Stage.COMMUNICATE, Stage.MORNING):
            replies.said = self._announce(batch)
        if batch.stage in (Stage.REMEMBER, Stage.EVENING):
            replies.notes = [""] * n
        return replies

    def _acts(self, batch: Batch) -> Acts:
        acts = Acts.idle(len(batch))
        at = self._place(batch)
        acts.main = np.where(at > 0, Main.SECURE, Main.EXPLORE).astype(np.int64)
        acts.at = np.where(at > 0, at, below(draws(batch.key, Purpose.SCRIPT_PLACE, 1), 8))
        self._pair(batch, acts)
        self._now_and_then(batch, acts, Further.GIFT, Purpose.SCRIPT_GIVE, self.script.generous)
        self._now_and_then(batch, acts, Further.ATTACK, Purpose.SCRIPT_ATTACK, self.script.hostile)
        return acts

    def _place(self, batch: Batch) -> Ints:
        """Where each works: F1, or a known factory drawn in proportion to its output."""
        known = batch.factories
        ids = known[:, :, Known.ID]
        if self.script.work == "crew":
            return np.where((ids == 1).any(axis=1), 1, 0)
        output = np.where(ids > 0, known[:, :, Known.MAX], 0)
        total = output.sum(axis=1)
        lot = below(draws(batch.id, Purpose.SCRIPT_PLACE), np.maximum(total, 1))
        # By id, unknown places last: the lot then falls on the same factory whatever the order in
        # which a resident came to know them.
        order = np.argsort(np.where(ids > 0, ids, 1 << 40), axis=1, kind="stable")
        cumulative = np.cumsum(np.take_along_axis(output, order, axis=1), axis=1)
        slot = (lot[:, None] >= cumulative).sum(axis=1)
        chosen = np.take_along_axis(ids, order, axis=1)[
            np.arange(len(batch)), np.minimum(slot, ids.shape[1] - 1)
        ]
        return np.where(total > 0, chosen, 0)

    def _pair(self, batch: Batch, acts: Acts) -> None:
        """Whoever is alone asks its partner: odd ids the next, even ids the one before."""
        if not self.script.pair or not batch.rules.merges:
            return
        partner = np.where(batch.id % 2 == 1, batch.id + 1, batch.id - 1)
        alone = ~(batch.members > 0).any(axis=1)
        acts.further = np.where(alone, Further.MERGE, acts.further)
        acts.who = np.where(alone, partner, acts.who)

    def _now_and_then(
        self, batch: Batch, acts: Acts, what: Further, purpose: int, share: float
    ) -> None:
        near = batch.residents
        reach = (near[:, :, Near.ID] > 0) & (near[:, :, Near.STEPS] <= batch.rules.reach)
        count = reach.sum(axis=1)
        # A purpose for each act: with one for both, whoever gives would also be the one who
        # attacks.
        does = (uniform(draws(batch.key, purpose)) < share) & (count > 0)
        does &= batch.rules.gifts if what == Further.GIFT else batch.rules.attacks
        if what == Further.GIFT:
            does &= batch.stock >= self.script.gift
        # Those in reach come first in their own order (stable): a lot below their number picks
        # one.
        order = np.argsort(~reach, axis=1, kind="stable")
        ids = np.take_along_axis(near[:, :, Near.ID], order, axis=1)
        lot = below(draws(batch.key, Purpose.SCRIPT_WHOM, int(what)), np.maximum(count, 1))
        acts.further = np.where(does, int(what), acts.further)
        acts.who = np.where(does, ids[np.arange(len(batch)), lot], acts.who)
        gift = what == Further.GIFT
        acts.amount = np.where(does, self.script.gift if gift else 0, acts.amount)

    def _announce(self, batch: Batch) -> Messages:
        if not self.script.announce or not batch.rules.messages:
            return Messages.empty()
        at = self._place(batch)
        rows = np.flatnonzero(at > 0)
        messages = Messages.empty(len(rows))
        messages.sender = batch.id[rows]
        messages.to[:] = ALL
        messages.kind[:] = Kind.INFORM
        messages.text = [f"I will work at F{f} today." for f in at[rows].tolist()]
        messages.claims[:, 0, 0] = Claim.PLAN
        messages.claims[:, 0, 1] = PlanWord.SECURE
        messages.claims[:, 0, 2] = at[rows]
        return messages
