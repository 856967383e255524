"""The other residents that questions show, one entry for each resident shown to each that asks.

Most places of a question's list are empty where residents are few or far: entries cost what is
shown, and a target is sought for many purposes at once.
"""

from __future__ import annotations

import numpy as np

from agents.batch import Batch
from agents.decisions import Ints, Promise
from agents.minds.choice import DAY, NEVER, ties
from agents.minds.mail import Flags, claimed_today
from agents.observation import Near, Open
from agents.randomness import Floats

#: Days over which a claimed stock fades from certain to worthless.
FADES = 6.0


class Others:
    """The residents shown by a batch of n questions, k in all.

    Attributes:
        row: the question, (k,), ascending.
        id, standing: of the resident shown, (k,).
        strength: in a fight, (k,).
        force: what makes it feared, skill and standing, (k,).
        near: within reach, (k,).
        hears: hears who asks, (k,).
        trust: −4 … 4, from what the question shows of the last ten days, (k,).
        claimed: units it last claimed to have, 0 where it claimed nothing, (k,).
        fresh: how fresh that claim is, 1 today … 0, (k,).
    """

    def __init__(self, batch: Batch) -> None:
        self._there = batch.residents[:, :, Near.ID] > 0
        self.row: Ints = self._there.nonzero()[0]
        shown = np.ascontiguousarray(batch.residents[self._there].T)
        self.id: Ints = shown[Near.ID]
        self.standing: Ints = shown[Near.STANDING]
        self.strength: Ints = 2 * shown[Near.SKILL] + self.standing
        self.force: Ints = self.standing + shown[Near.SKILL]
        self.near: Flags = shown[Near.STEPS] <= batch.rules.reach
        self.hears: Flags = shown[Near.HEARS] == 1
        self.trust = _trust(shown)
        self.claimed, self.fresh = _claims(batch, shown, self.row)
        self._tie = ties(batch.key, self.row, self.id)
        self._place = np.full(self._there.shape, -1)
        self._place[self._there] = np.arange(len(self.row))
        self._owed = self._open_promises(batch)

    def __len__(self) -> int:
        return len(self.row)

    def owed_by_me(self, what: Promise) -> Flags:
        """To whom something is owed, (k,)."""
        owed: Flags = self._owed[what, 1]
        return owed

    def owed_to_me(self, what: Promise) -> Flags:
        """Who owes something, (k,)."""
        owed: Flags = self._owed[what, 0]
        return owed

    @property
    def owing(self) -> Flags:
        """Who owes something that needs no factory, (k,)."""
        gift, peace, merge = (Promise.GIFT, Promise.NO_ATTACK, Promise.MERGE)
        return self.owed_to_me(gift) | self.owed_to_me(peace) | self.owed_to_me(merge)

    def best(self, able: list[Flags], worth: list[Floats]) -> tuple[Ints, Floats]:
        """The best target of each question for each of t purposes; a keyed lot between equals.

        Args:
            able: for each purpose who can be its target, (k,).
            worth: for each purpose what each is worth, (k,).

        Returns:
            Ids and worths, (t, n); 0 and `NEVER` where a question shows no target.
        """
        if not len(self):
            none = (len(able), len(self._there))
            return np.zeros(none, np.int64), np.full(none, NEVER)
        value = np.where(able, worth, NEVER)
        places = np.full((len(able), *self._there.shape), NEVER)
        places[:, self._there] = value + self._tie
        column = places.argmax(axis=2)
        at = self._place[np.arange(len(self._there)), column]
        found = value[np.arange(len(able))[:, None], at]
        reached = (at >= 0) & (found > NEVER)
        return np.where(reached, self.id[at], 0), np.where(reached, found, NEVER)

    def listed(self, what: Ints) -> tuple[Ints, Ints]:
        """A number and an id for each place of each question's list, (n, 8); 0 where it is free."""
        numbers, ids = np.zeros((2, *self._there.shape), np.int64)
        numbers[self._there], ids[self._there] = what, self.id
        return numbers, ids

    def _open_promises(self, batch: Batch) -> Flags:
        """Whether something is open with each: (promise, 1 owed by me or 0 to me, k)."""
        table = np.zeros((len(Promise), 2, len(self)), bool)
        row, slot = batch.promises[:, :, Open.OTHER].nonzero()
        promise = batch.promises[row, slot]
        line, column = (batch.residents[row, :, Near.ID] == promise[:, :1]).nonzero()
        if len(line):
            at = self._place[row[line], column]
            table[promise[line, Open.WHAT], promise[line, Open.MINE], at] = True
        return table


def _trust(shown: Ints) -> Floats:
    trust = (
        shown[Near.GIFTS_IN] / DAY
        + 0.1 * shown[Near.KEPT]
        - 2.0 * shown[Near.ATTACKS_IN]
        - 0.5 * shown[Near.SEEN_ATTACKING]
        - 0.5 * shown[Near.BROKEN]
    )
    limited: Floats = trust.clip(-4.0, 4.0)
    return limited


def _claims(batch: Batch, shown: Ints, row: Ints) -> tuple[Floats, Floats]:
    """The stock each claimed and how fresh the claim is."""
    stock = shown[Near.CLAIMED].astype(np.float64)
    age = batch.day - shown[Near.CLAIMED_DAY]
    fresh = np.where(stock >= 0, (1.0 - age / FADES).clip(0.0, 1.0), 0.0)
    mail = batch.mail
    if mail is not None and len(mail.messages):
        claimed_today(mail, row, shown[Near.ID], stock, fresh)
    return np.maximum(stock, 0.0), fresh
