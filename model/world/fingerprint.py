"""The hash of a run: SHA-256 over its events, then its messages, in the order of (day, order).

Two streams are fed day by day and joined at the end: SHA-256(SHA-256(events) ‖ SHA-256(messages)).
A day's events enter as little-endian int64 rows (day, stage, order, actor, target, kind, amount,
outcome) followed by reasons and witnesses; its messages as rows of `MESSAGE_COLUMNS` followed by
texts, unchecked claims and reader lists. No mind's name, private thought, latency or token enters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from model.world.events import EventColumns

MESSAGE_COLUMNS = (
    "day",
    "order",
    "sender",
    "to",
    "unread",
    "claim1_a",
    "claim1_b",
    "claim1_belief",
    "claim2_a",
    "claim2_b",
    "claim2_belief",
    "promise1_a",
    "promise1_by",
    "promise2_a",
    "promise2_by",
)
MESSAGE_WORDS = (
    "kind",
    "claim1_kind",
    "claim2_kind",
    "promise1_what",
    "promise2_what",
    "claim1_text",
    "claim2_text",
    "text",
)
MESSAGE_LISTS = ("shown", "announced")


class Fingerprint:
    """The running hash of a run.

    It can be copied; a SHA-256 under way cannot be pickled. A pickle carries the hash so far, from
    which the days after it begin another one, and `hexdigest` then says with which day.
    """

    def __init__(self) -> None:
        self._events = hashlib.sha256()
        self._messages = hashlib.sha256()
        self._before, self._anew = "", 0

    def __deepcopy__(self, _memo: dict[int, Any]) -> Fingerprint:
        """A hash that goes on by itself."""
        twin = Fingerprint()
        twin._events, twin._messages = self._events.copy(), self._messages.copy()
        twin._before, twin._anew = self._before, self._anew
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """The hash so far, for pickle."""
        return {"before": self.hexdigest()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """From the hash so far, as a pickle carries it."""
        Fingerprint.__init__(self)
        self._before = state["before"]
        self._events.update(self._before.encode("ascii"))

    def add(self, day: int, events: EventColumns, messages: dict[str, Any]) -> None:
        """Take in one day."""
        if self._before and not self._anew:
            self._anew = day
        n = len(events)
        if n:
            head = (np.full(n, day), events.stage, np.arange(n), events.actor, events.target)
            self._events.update(_rows((*head, events.kind, events.amount, events.outcome)))
            self._events.update(_texts(events.reason))
            self._events.update(_numbers([x for w in events.witnesses for x in (len(w), *w)]))
        if len(messages["day"]):
            self._messages.update(_rows([messages[name] for name in MESSAGE_COLUMNS]))
            for name in MESSAGE_WORDS:
                self._messages.update(_texts(messages[name]))
            for name in MESSAGE_LISTS:
                offsets, ids = messages[name]
                self._messages.update(_numbers(offsets) + _numbers(ids))

    def hexdigest(self) -> str:
        """The hash so far."""
        if self._before and not self._anew:
            return self._before
        whole = hashlib.sha256(self._events.digest() + self._messages.digest()).hexdigest()
        return f"from day {self._anew}: {whole}" if self._anew else whole


def _rows(columns: Sequence[Any]) -> bytes:
    """Columns of numbers, row after row."""
    return np.array(columns, "<i8").T.tobytes()


def _texts(texts: Sequence[str]) -> bytes:
    """Texts as lengths and bytes, so that no boundary can be forged; lone surrogates survive."""
    whole = "".join(texts)
    if whole.isascii():  # a byte a character
        return _numbers([len(text) for text in texts]) + whole.encode("ascii")
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    return _numbers([len(part) for part in parts]) + b"".join(parts)


def _numbers(numbers: Any) -> bytes:
    return np.asarray(numbers, dtype="<i8").tobytes()
