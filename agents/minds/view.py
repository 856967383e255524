"""Features of a batch of questions, as floats, from which the surrogate computes utilities."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from agents.batch import Batch
from agents.decisions import Ints, Promise
from agents.minds.choice import need_of
from agents.minds.constants import Temper
from agents.minds.mail import Flags, announced_at, own_word, promised_at
from agents.minds.others import Others
from agents.observation import Known, Since
from agents.randomness import Floats

#: Labour that another is believed to bring, in skill points.
WORKER = 100.0


class View:
    """What n residents make of what they are shown.

    Attributes:
        batch: the questions.
        temper: the surrogate's constants.
        noise: of each day's choices (`agents.minds.choice`), (n, 48).
        stock: units per head, (n,).
        need: what a day's food is worth, (n,).
        others: the residents shown.
        factory: ids of the factories known, 0 where none, (n, 6).
    """

    def __init__(
        self, batch: Batch, temper: Temper, rows: dict[str, int], phi: Floats, noise: Floats
    ) -> None:
        self.batch, self.temper, self.noise = batch, temper, noise
        self._rows, self._phi = rows, phi
        self.stock = batch.stock.astype(np.float64)
        self.need = need_of(self.stock)
        self.others = Others(batch)
        self._known = batch.factories.transpose(2, 0, 1).copy()
        self.factory: Ints = self._known[Known.ID]

    def __len__(self) -> int:
        return len(self.batch)

    def means(self, act: str) -> Floats:
        """φ of an act, (n,)."""
        meaning: Floats = self._phi[self._rows[act]]
        return meaning

    # --- whom each could talk to, and live with

    @cached_property
    def hearers(self) -> Ints:
        """How many others hear each."""
        # A count for each row, those with nobody included: without `minlength` the last could be
        # missing.
        shown = np.bincount(self.others.row[self.others.hears], minlength=len(self))
        listed = np.count_nonzero(self.batch.also, axis=1)
        hearing: Ints = shown + listed + self.batch.also_more + self.members
        return hearing

    @cached_property
    def members(self) -> Ints:
        """How many others live with each."""
        others: Ints = np.count_nonzero(self.batch.members, axis=1)
        return others

    @cached_property
    def room(self) -> Flags:
        """Whose household could grow."""
        room: Flags = self.members + 1 < self.batch.rules.max_household
        return room

    @cached_property
    def company(self) -> Flags:
        """Who has somebody within reach."""
        # `minlength`: a last row with nobody near would otherwise be missing.
        return np.bincount(self.others.row[self.others.near], minlength=len(self)) > 0

    # --- where to work

    @cached_property
    def best_seen(self) -> tuple[Ints, Ints]:
        """The factory of the greatest output each has itself seen, and that output; 0, -1."""
        seen = (self.factory > 0) & (self._known[Known.HEARD] == 0)
        greatest = np.where(seen, self._known[Known.MAX], -1)
        rows, column = np.arange(len(self)), greatest.argmax(axis=1)
        return self.factory[rows, column], greatest[rows, column]

    @cached_property
    def days_to(self) -> Ints:
        """Days until one works at each known factory, (n, 6)."""
        days: Ints = -(-self._known[Known.STEPS] // self.batch.rules.walk_secure)
        return np.maximum(days, 1)

    @cached_property
    def expected(self) -> Floats:
        """Others believed at each known factory when planning, (n, 6)."""
        company = self.temper.expectation * self.hearers.astype(np.float64)
        return np.maximum(self._seen, company[:, None])

    @property
    def announced(self) -> Floats:
        """Others believed at each known factory when acting, (n, 6)."""
        company = self.temper.expectation_acting * self.hearers.astype(np.float64)
        said = announced_at(self.batch, self.factory)
        return np.maximum(np.maximum(self._seen, said), company[:, None])

    @cached_property
    def planned(self) -> Floats:
        """Units each expects at each known factory when planning, (n, 6)."""
        return self.share(self.expected)

    @cached_property
    def _seen(self) -> Floats:
        """Others seen at work at each known factory yesterday."""
        fresh = self._known[Known.SEEN] == self.batch.day - 1
        mine = self.factory == self.yesterday[:, None]
        others: Ints = np.maximum(self._known[Known.WORKERS] - mine, 0) * fresh
        return others.astype(np.float64)

    @cached_property
    def yesterday(self) -> Ints:
        """The factory each worked at yesterday, 0 for none."""
        since = self.batch.since
        paid: Ints = (since[:, :, 1] * (since[:, :, 0] == int(Since.PAID))).max(axis=1)
        return paid

    @cached_property
    def word(self) -> Flags:
        """At which known factories each has said or promised to work, (n, 6)."""
        said = own_word(self.batch, self.factory)
        return said | promised_at(self.batch, Promise.SECURE, self.factory)

    def share(self, others: Floats) -> Floats:
        """Units each expects at each known factory with so many others there, (n, 6)."""
        own = self.batch.skill.astype(np.float64)[:, None]
        labour = own + WORKER * others
        most, half = self._law
        return most * labour * own / (half * half + labour * labour)

    @cached_property
    def _law(self) -> tuple[Floats, Floats]:
        """Greatest output and labour at half of it of each known factory."""
        return self._known[Known.MAX].astype(np.float64), self._known[Known.HALF].astype(np.float64)
