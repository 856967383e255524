"""Who was shown messages of whom in the last days, for information & communication."""

from __future__ import annotations

import numpy as np

from agents.decisions import Ints
from agents.memory import distinct, find, pair_codes, pair_rows
from model.measures.capacities import message_reach
from model.world.numbers import NAN

#: Days of the window of information & communication.
WINDOW = 7


class MessageReach:
    """Who was shown messages of whom in the last days, for information & communication."""

    def __init__(self) -> None:
        self._codes: Ints = np.zeros(0, np.int64)
        self._last: Ints = np.zeros(0, np.int64)
        self._days = 0

    def add(self, day: int, senders: Ints, readers: Ints) -> None:
        """Note a day's (sender row, reader row) pairs."""
        self._days += 1
        fresh = self._last > day - WINDOW
        codes, last = self._codes[fresh], self._last[fresh]
        shown = distinct(pair_codes(senders, readers))
        place, there = find(codes, shown)
        last[place[there == 1]] = day
        new = shown[there == 0]
        before = codes.searchsorted(new)
        self._codes, self._last = np.insert(codes, before, new), np.insert(last, before, day)

    def value(self, rows: Ints, born: Ints, day: int) -> float:
        """IC on a day among `rows` alive through the window; NaN before it is full."""
        through = rows[born <= day - WINDOW]
        if self._days < WINDOW or len(through) < 2:
            return NAN
        a, b = pair_rows(self._codes)
        index = np.full(int(max(through[-1], a.max(initial=0), b.max(initial=0))) + 1, -1)
        index[through] = np.arange(len(through))
        keep = (index[a] >= 0) & (index[b] >= 0)
        return message_reach(index[a[keep]], index[b[keep]], len(through)).ic
