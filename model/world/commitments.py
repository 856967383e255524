"""The ledger of commitments: what was promised, to whom, and how it ended.

A promise shown to its addressee becomes a commitment on that day; one in a message to `all` is an
announcement until somebody accepts it. `by` lies within `promise_days` or the promise is void.

- gift N, secure F, merge: due at `by`, kept at the first fulfilment (gifts add up).
- no attack: kept if none happens through `by`, broken by the first.
- `accept` to j agrees to every promise of j shown today or yesterday: announced ones become
  commitments to the acceptor, and what needs two (merge, working at the same factory) is then owed
  by the acceptor too. `refuse` to j releases what j owes.
- At the due day an unfulfilled commitment is *broken* if the debtor could have kept it that day and
  chose otherwise, *impossible* if it could not (fault, removal, out of reach, too poor, void),
  *released* where both have become one household, *unresolved* where the other is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents.decisions import Ints, Promise
from agents.memory import find, pair_codes

#: commitment, day, order, debtor, creditor, what, a, by, status, closed, reason, near, given
Closed = tuple[int, int, int, int, int, int, int, int, str, int, str, bool, int]


@dataclass(slots=True, eq=False)
class Commitment:
    """One open commitment.

    `what` is a code of `Promise`.
    `given` adds up gifts (`last`: day and units of the last day's), `tried` says when the last
    attempt was void and why, `near` whether the creditor ever stood within the debtor's reach: who
    never could attack has not refrained.
    """

    number: int
    day: int
    order: int
    debtor: int
    creditor: int
    what: int
    a: int
    by: int
    given: int = 0
    last: tuple[int, int] = (0, 0)
    tried: tuple[int, str] = (0, "")
    near: bool = False

    @property
    def terms(self) -> tuple[int, int, int, int, int, int]:
        """Debtor, creditor, 1, what, a, by: a line of `Open` for the debtor."""
        return self.debtor, self.creditor, 1, self.what, self.a, self.by

    def give(self, day: int, units: int) -> None:
        """Add a gift."""
        self.last = (day, units + (self.last[1] if self.last[0] == day else 0))
        self.given += units

    def tried_since(self, day: int) -> str:
        """Why an attempt to fulfil, made on a day or later, was void; empty without one."""
        return self.tried[1] if self.tried[0] >= day else ""

    def given_before(self, day: int) -> int:
        """Units given before a day's gifts: what was missing when it could still choose."""
        return self.given - (self.last[1] if self.last[0] == day else 0)


class Ledger:
    """Open commitments, and the closed ones not yet written down."""

    def __init__(self) -> None:
        self.open: dict[int, Commitment] = {}
        self.closed: list[Closed] = []
        self.count = 0
        self._by_pair: dict[tuple[int, int], list[Commitment]] = {}
        self._by_day: dict[int, list[Commitment]] = {}
        self._far: dict[int, Commitment] = {}
        self._gone: set[int] = set()
        self._fresh: list[Commitment] = []
        self._made: dict[tuple[int, int, int, int, int], int] = {}

    def between(self, debtor: int, creditor: int) -> list[Commitment]:
        """What one owes the other, open."""
        return self._by_pair.get((debtor, creditor), [])

    def make(
        self, day: int, order: int, debtor: int, creditor: int, what: int, a: int, by: int
    ) -> bool:
        """Open a commitment; a repeated one (same content, still open) is not made twice."""
        owed = self._by_pair.setdefault((debtor, creditor), [])
        for c in owed:
            if c.a == a and c.by == by and c.what == what:
                return False
        self._made[debtor, creditor, what, a, by] = day
        self.count += 1
        commitment = Commitment(self.count, day, order, debtor, creditor, what, a, by)
        self.open[self.count] = commitment
        self._by_day.setdefault(by, []).append(commitment)
        self._fresh.append(commitment)
        if what == Promise.NO_ATTACK:
            self._far[self.count] = commitment
        owed.append(commitment)
        return True

    def made_since(self, day: int, debtor: int, creditor: int, what: int, a: int, by: int) -> bool:
        """Whether this commitment was opened on a day or later, whatever became of it."""
        return self._made.get((debtor, creditor, what, a, by), -1) >= day

    def close(self, commitment: Commitment, day: int, status: str, reason: str) -> None:
        """Settle one."""
        c = commitment
        self.closed.append(
            (
                *(c.number, c.day, c.order, c.debtor, c.creditor, c.what, c.a, c.by),
                *(status, day, reason, c.near, c.given),
            )
        )
        del self.open[c.number]
        self._far.pop(c.number, None)
        owed = self._by_pair[c.debtor, c.creditor]
        owed.remove(c)
        if not owed:
            del self._by_pair[c.debtor, c.creditor]

    def gave(self, day: int, giver: int, receiver: int, units: int) -> list[Commitment]:
        """A gift happened; returns the commitments it fulfilled."""
        kept = []
        for c in list(self.between(giver, receiver)):
            if c.what == Promise.GIFT:
                c.give(day, units)
                if c.given >= c.a:
                    self.close(c, day, "kept", "given")
                    kept.append(c)
        return kept

    def worked(self, day: int, workers: dict[int, int]) -> list[Commitment]:
        """Who worked where (resident → factory); returns the commitments fulfilled."""
        kept = [
            c
            for c in self.open.values()
            if c.what == Promise.SECURE and workers.get(c.debtor) == c.a
        ]
        for c in kept:
            self.close(c, day, "kept", "worked there")
        return kept

    def merged(self, day: int, one: list[int], other: list[int]) -> list[Commitment]:
        """Two households became one: promises to merge are kept, gifts between them released.

        Returns the commitments kept.
        """
        kept = []
        for a in one:
            for b in other:
                for c in [*self.between(a, b), *self.between(b, a)]:
                    if c.what == Promise.MERGE:
                        self.close(c, day, "kept", "merged")
                        kept.append(c)
                    elif c.what == Promise.GIFT:
                        self.close(c, day, "released", "one household")
        return kept

    def left(self, resident: int) -> None:
        """A resident is gone; what it owed and was owed ends with the next settling."""
        self._gone.add(resident)

    def attacked(self, day: int, attacker: int, victim: int) -> list[Commitment]:
        """An attack happened; returns the commitments it broke."""
        broken = [c for c in self.between(attacker, victim) if c.what == Promise.NO_ATTACK]
        for c in broken:
            self.close(c, day, "broken", "attacked")
        return broken

    def refused(self, day: int, creditor: int, debtor: int) -> int:
        """The creditor releases the debtor; returns how many commitments."""
        released = list(self.between(debtor, creditor))
        for c in released:
            self.close(c, day, "released", "refused")
        return len(released)

    def attempted(self, day: int, debtor: int, creditor: int, what: int, why: str) -> None:
        """An attempt to fulfil was void or found no answer, and why."""
        for c in self.between(debtor, creditor):
            if c.what == what:
                c.tried = (day, why)

    def attempted_work(self, day: int, debtor: int, factory: int, why: str) -> None:
        """An attempt to work somewhere was void, and why."""
        for c in self.open.values():
            if c.debtor == debtor and c.what == Promise.SECURE and c.a == factory:
                c.tried = (day, why)

    def stood_near(self, reach: Ints, index: Ints) -> None:
        """Note which promises not to attack could have been broken today.

        Args:
            reach: sorted pair codes (debtor index, creditor index) of those within reach.
            index: snapshot index by row, −1 for the dead.
        """
        if not self._far:
            return
        far = list(self._far.values())
        debtor, creditor = index[[[c.debtor - 1 for c in far], [c.creditor - 1 for c in far]]]
        for k in np.flatnonzero(find(reach, pair_codes(debtor, creditor))[1]).tolist():
            far[k].near = True
            del self._far[far[k].number]

    def settle(
        self, day: int, judge: Callable[[Commitment], tuple[str, str] | None]
    ) -> list[tuple[Commitment, str]]:
        """Close what is due, new, or has lost a party, as `judge` says (status, reason).

        Returns what was closed and how.
        """
        due = [c for c in self._by_day.pop(day, ()) if c.number in self.open]
        due += [c for c in self._fresh if c.by > day and c.number in self.open]
        self._fresh = []
        self._made = {key: made for key, made in self._made.items() if made >= day}
        if self._gone:
            new = {c.number for c in due}
            lost = [
                c
                for c in self.open.values()
                if c.number not in new and (c.debtor in self._gone or c.creditor in self._gone)
            ]
            due = sorted([*due, *lost], key=lambda c: c.number)
            self._gone.clear()
        settled = []
        for c in due:
            verdict = judge(c)
            if verdict is not None:
                self.close(c, day, *verdict)
                settled.append((c, verdict[0]))
        return settled

    def end(self, day: int) -> None:
        """The run is over: what is not due yet stays unresolved."""
        for c in list(self.open.values()):
            self.close(c, day, "unresolved", "due after the end")
