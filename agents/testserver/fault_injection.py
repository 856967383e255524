"""Fault injection: what the test server deals in place of an answer, and the record of it.

A reply fault is named as the cause under which a client of this project will file it, so that what
was dealt can be counted against what was noticed. Deals are seeded by the question, not by the
order of arrival: the same run is dealt the same faults however its calls are interleaved.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from agents.errors import InputError

Answer = dict[str, Any]

#: Faults of a reply: the client asks once more, then it is a fault of the resident's day.
REPLY_FAULTS: Final = (
    "truncated",
    "refused",
    "filtered",
    "empty",
    "no_json",
    "several_objects",
    "field_twice",
    "missing_field",
    "wrong_type",
    "unknown_word",
    "out_of_range",
)
#: Faults of an endpoint that a client outlives by trying again.
TRANSIENT: Final = ("rate_limited", "server_error", "overloaded", "connection_reset", "bad_body")
#: Faults of an endpoint that no trying mends; dealt only when named.
PERMANENT: Final = ("bad_key", "quota", "no_model")
EVERY: Final = (*REPLY_FAULTS, *TRANSIENT, *PERMANENT)
#: Status, error type and code of those that are no answer at all.
STATUS: Final[dict[str, tuple[int, str, str]]] = {
    "rate_limited": (429, "requests", "rate_limit_exceeded"),
    "server_error": (500, "server_error", "internal_error"),
    "overloaded": (503, "server_error", "overloaded"),
    "bad_key": (401, "invalid_request_error", "invalid_api_key"),
    "quota": (429, "insufficient_quota", "insufficient_quota"),
    "no_model": (404, "invalid_request_error", "model_not_found"),
}


@dataclass
class FaultMenu:
    """Which faults are dealt, how often, and what was dealt so far.

    Attributes:
        rate: share of requests that are dealt a fault.
        kinds: the faults dealt, equally likely; those that a stage's reply cannot have are
            replaced by the next that it can.
        seed: of the draws.
        dealt: one row a fault: day, stage, resident, attempt, cause.
        requests, answered, unreadable: counts of requests.
    """

    rate: float = 0.0
    kinds: Sequence[str] = (*REPLY_FAULTS, *TRANSIENT)
    seed: int = 0
    dealt: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    answered: int = 0
    unreadable: int = 0
    _seen: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise InputError(f"faults: {self.rate} is no share; use 0 to 1")
        unknown = [kind for kind in self.kinds if kind not in EVERY]
        if unknown or not self.kinds:
            raise InputError(
                f"fault kinds: {', '.join(unknown) or 'none given'}; use some of {', '.join(EVERY)}"
            )

    def draw(self, prompt: str, where: dict[str, Any], possible: Callable[[str], bool]) -> str:
        """The fault dealt to a request, recorded; empty for none.

        Args:
            prompt: everything that was asked; the same prompt's next try is drawn anew.
            where: day, stage, resident and attempt.
            possible: whether a reply to this question can have a fault.
        """
        if not self.rate or where["stage"] == "probe":
            return ""
        digest = sha256(f"{self.seed}\n{prompt}".encode("utf-8", "replace")).digest()
        self._seen[digest] += 1
        lots = sha256(digest + self._seen[digest].to_bytes(4, "little")).digest()
        if int.from_bytes(lots[:8], "little") >= self.rate * 2**64:
            return ""
        first = int.from_bytes(lots[8:16], "little") % len(self.kinds)
        for kind in (*self.kinds[first:], *self.kinds[:first]):
            if possible(kind):
                self.dealt.append({**where, "cause": kind})
                return kind
        return ""

    def summary(self) -> dict[str, Any]:
        """Counts and rows, as `GET /dealt` shows them."""
        counts = Counter(row["cause"] for row in self.dealt)
        return {
            "server": "civa testserver: answers as the surrogate, no language model",
            "requests": self.requests,
            "answered": self.answered,
            "unreadable": self.unreadable,
            "faults": dict(sorted(counts.items())),
            "rows": self.dealt,
        }


def possible_in(text: str) -> Callable[[str], bool]:
    """Which faults a reply with this text can be made to have."""
    found = json.loads(text)

    def possible(kind: str) -> bool:
        if kind == "unknown_word":
            return "main" in found
        if kind == "out_of_range":
            return "regard" in found
        return True

    return possible


def spoil(kind: str, text: str) -> str:
    """The reply's text with one fault in it."""
    found: Answer = json.loads(text)
    first = next(iter(found))
    if kind == "truncated":
        return text[: len(text) // 2]
    if kind == "empty":
        return ""
    if kind == "no_json":
        return "I will think about it."
    if kind == "several_objects":
        return f"{text}\n{json.dumps({**found, first: None})}"
    if kind == "field_twice":
        return f'{{{json.dumps(first)}: "another", {text[1:]}'
    if kind == "missing_field":
        return json.dumps({name: part for name, part in found.items() if name != first})
    if kind == "wrong_type":
        return json.dumps({**found, first: 7})
    if kind == "unknown_word":
        return json.dumps({**found, "main": "wait"})
    return json.dumps({**found, "regard": [{"who": "R1", "is": 9}]})
