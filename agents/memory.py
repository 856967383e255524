"""What code remembers for a resident, so that no mind can lose it: relations, claims, factories.

Pairs are kept sparse, as sorted 64-bit codes `row << 32 | other`, so that a community of ten
thousand costs what its encounters cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from agents.decisions import Ints
from agents.observation import CLAIM_DAYS, RELATION_DAYS
from agents.sorting import begins

SHIFT = 32
# A pair of ids is one number, the first in the upper half: sorted codes are sorted by row, then
# by other, so that sets of pairs are arrays and a row's pairs a span. Ids stay below 2³¹, or the
# upper half would turn negative and the order break.
_MASK = (1 << SHIFT) - 1


def pair_codes(rows: Ints, others: Ints) -> Ints:
    """One sortable code for each (row, other)."""
    # The order of codes is that of (row, other): searches and spans rely on it.
    return (rows << SHIFT) | others


def pair_rows(codes: Ints) -> tuple[Ints, Ints]:
    """The (row, other) of each code."""
    # The inverse of `pair_codes`; both ids are taken from one code so that they cannot come
    # apart.
    return codes >> SHIFT, codes & _MASK


def distinct(codes: Ints) -> Ints:
    """The codes in order, each once (numpy's own unique hashes first, which is slower here)."""
    ordered = np.sort(codes)
    return ordered[begins(ordered)]


def first_of(codes: Ints) -> tuple[Ints, Ints]:
    """The codes in order, each once, and where each stands first."""
    # Stable, so that the first of equal codes is the one that came first.
    order = codes.argsort(kind="stable")
    ordered = codes[order]
    first = begins(ordered)
    return ordered[first], order[first]


def joined(codes: Ints, others: Ints) -> Ints:
    """Sorted codes with the new ones among `others` added."""
    new = others[find(codes, others)[1] == 0]
    # Kept sorted, for `find` bisects. The two parts are runs in order, which a stable sort (radix
    # or timsort) joins faster than it would sort.
    return np.sort(np.concatenate([codes, distinct(new)]), kind="stable") if len(new) else codes


def find(codes: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Places of `wanted` in the sorted `codes`, and whether each is there (0/1)."""
    if not len(codes):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
    places = codes.searchsorted(wanted)
    places[places == len(codes)] = 0
    return places, (codes[places] == wanted).astype(np.int64)


def among(codes: Ints, code: int) -> bool:
    """Whether one code is among sorted codes: `find` for one, without an array of it."""
    place = int(codes.searchsorted(code))
    return place < len(codes) and bool(codes[place] == code)


class Relation(IntEnum):
    """What is remembered of another for ten days; the columns of `Relations.table`."""

    GIFTS_IN = 0  # units
    GIFTS_OUT = 1
    ATTACKS_IN = 2
    ATTACKS_OUT = 3
    SEEN_ATTACKING = 4
    KEPT = 5
    BROKEN = 6


Fact = tuple[int, int, int, int]
#: What a resident can claim for ever that another did to it.
_LASTING = frozenset({Relation.GIFTS_IN, Relation.ATTACKS_IN, Relation.BROKEN})


class Memory:
    """All that code remembers.

    Attributes:
        met: sorted pair codes of residents that were ever in sight of each other.
        known: sorted codes (row, factory index) with one line each in `about`.
        about: (k, 6): greatest output, half, last day seen, workers, made, heard only.
        ever: sorted-insertion set of (row, other, Relation) that ever happened to a resident.
    """

    def __init__(self) -> None:
        self.met: Ints = np.zeros(0, np.int64)
        self.known: Ints = np.zeros(0, np.int64)
        self.about: Ints = np.zeros((0, 6), np.int64)
        self.ever: set[tuple[int, int, int]] = set()
        self._dead = 0
        self._related: tuple[int, Ints, Ints] | None = None
        self._facts: deque[tuple[int, Ints]] = deque()
        self._claims: deque[tuple[int, Ints]] = deque()

    def meet(self, rows: Ints, others: Ints) -> None:
        """Residents that are in sight of each other have met (both directions given)."""
        self.met = joined(self.met, pair_codes(rows, others))

    def forget(self, alive: Ints) -> None:
        """Drop what the dead knew and that they were met; `alive` is 0/1 by row."""
        dead = len(alive) - int(alive.sum())
        if dead == self._dead:
            return
        self._dead = dead
        rows, others = pair_rows(self.met)
        self.met = self.met[(alive[rows] & alive[others]).astype(bool)]
        # The upper half of a code is the resident; factories, the lower half, do not die.
        keep = alive[self.known >> SHIFT].astype(bool)
        self.known, self.about = self.known[keep], self.about[keep]

    def record(self, day: int, facts: Sequence[Fact]) -> None:
        """Remember facts (row, other, Relation, amount) of a day."""
        self._related = None
        if not facts:
            return
        self._facts.append((day, np.array(facts, np.int64)))
        for row, other, what, _ in facts:
            if what in _LASTING:
                self.ever.add((row, other, what))

    def hear_stock(self, day: int, rows: Ints, others: Ints, stock: Ints) -> None:
        """Remember stocks claimed to readers (rows) by others."""
        if len(rows):
            self._claims.append((day, np.stack([rows, others, stock], axis=1)))

    def relations(self, today: int) -> tuple[Ints, Ints]:
        """Sorted pair codes and their (k, 7) sums over the last ten days."""
        if self._related is None or self._related[0] != today:
            self._related = (today, *self._relations(today))
        return self._related[1:]

    def _relations(self, today: int) -> tuple[Ints, Ints]:
        while self._facts and self._facts[0][0] < today - RELATION_DAYS:
            self._facts.popleft()
        if not self._facts:
            return np.zeros(0, np.int64), np.zeros((0, len(Relation)), np.int64)
        facts = np.concatenate([f for _, f in self._facts])
        pairs = pair_codes(facts[:, 0], facts[:, 1])
        codes = distinct(pairs)
        table = np.zeros(len(codes) * len(Relation), np.int64)
        # `add.at`, not `+=`: of several facts of one pair and relation, `+=` would keep only the
        # last.
        np.add.at(table, codes.searchsorted(pairs) * len(Relation) + facts[:, 2], facts[:, 3])
        return codes, table.reshape(len(codes), len(Relation))

    def claimed_stocks(self, today: int) -> tuple[Ints, Ints]:
        """Sorted pair codes and their (k, 2) latest claimed stock and its day, last five days."""
        while self._claims and self._claims[0][0] < today - CLAIM_DAYS:
            self._claims.popleft()
        if not self._claims:
            return np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
        latest = list(reversed(self._claims))
        claims = np.concatenate([c[::-1] for _, c in latest])
        days = np.repeat([d for d, _ in latest], [len(c) for _, c in latest])
        codes, first = first_of(pair_codes(claims[:, 0], claims[:, 1]))
        return codes, np.stack([claims[first, 2], days[first]], axis=1)

    def sight_factories(self, rows: Ints, factories: Ints, about: Ints) -> int:
        """Write what is seen (k, 6) of factories; returns how many were new to their resident."""
        return self._learn(rows, factories, about, correct=True)

    def hear_factories(self, rows: Ints, factories: Ints, about: Ints) -> int:
        """Write what is heard of factories to those who do not know them."""
        return self._learn(rows, factories, about, correct=False)

    def _learn(self, rows: Ints, factories: Ints, about: Ints, *, correct: bool) -> int:
        if not len(rows):
            return 0
        codes, first = first_of(pair_codes(rows, factories))
        about = about[first]
        place, there = find(self.known, codes)
        old, new = there == 1, there == 0
        if correct and old.any():
            self.about[place[old]] = about[old]
        if new.any():
            self.known = np.concatenate([self.known, codes[new]])
            # Sorted again, for `find` bisects; `about` moves along, or facts would change owners.
            order = self.known.argsort(kind="stable")
            self.known = self.known[order]
            self.about = np.concatenate([self.about, about[new]])[order]
        return int(new.sum())

    def knows(self, rows: Ints, factories: Ints) -> Ints:
        """Whether each row knows each factory index (0/1)."""
        return find(self.known, pair_codes(rows, factories))[1]

    def belief_of_output(self, rows: Ints, factories: Ints) -> Ints:
        """The greatest output each row was last shown of each factory, −1 if never."""
        place, there = find(self.known, pair_codes(rows, factories))
        shown: Ints = np.full(len(rows), -1, np.int64)
        shown[there == 1] = self.about[place[there == 1], 0]
        return shown
