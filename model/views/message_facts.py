"""The message board's facts: every message, and what the log says of its claims and promises.

A claim is *false* where it contradicts what its sender had itself been shown, or its plan;
*mistaken* where it agrees with that and the log says otherwise; *unfounded* where its sender had
been shown nothing. The log shows contradiction, not intent. A promise is marked by what became of
the commitments that its message made. An *alert* is the overseer's, who saw the messages alone: it
may be wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.asides.oversight import LEVELS
from model.analysis.alerts import alerts
from model.measures.behaviour.beliefs import statements
from model.measures.behaviour.tables import read
from model.report.text import visible
from model.store.columns import TYPES
from model.views.log_words import MessageSaid, read_messages
from model.views.story import Story

#: How far a claimed number may be off: units, and a share of what was believed.
TOLERANCE: Final = (5.0, 0.10)
MARKS: Final = (
    *("false claim", "mistaken claim", "unfounded claim", "broken", "kept", "promises"),
    "alert",
)


@dataclass(frozen=True)
class Mark:
    """What the log says of a message: a word of `MARKS`, and why."""

    word: str
    reason: str

    @property
    def bad(self) -> bool:
        """Whether it contradicts what was said."""
        return self.word in ("false claim", "broken")


@dataclass(frozen=True)
class Wanted:
    """Which messages to show; what is empty or 0 does not choose.

    Attributes:
        text: that is in their words, in any case.
        resident: that sent it, was addressed or was shown it.
        day: on which it was said.
        kind: what it was for.
        mark: a word of `MARKS`.
    """

    text: str = ""
    resident: int = 0
    day: int = 0
    kind: str = ""
    mark: str = ""


def chosen(story: Story, wanted: Wanted) -> list[int]:
    """Positions of the messages that are wanted, the newest first."""
    rows = story.whole("messages")
    keep = np.ones(len(rows), dtype=bool)
    if wanted.text:
        folded = wanted.text.casefold()
        keep &= np.array([folded in str(text).casefold() for text in rows["text"]], dtype=bool)
    if wanted.resident:
        keep &= (
            (rows["sender"] == wanted.resident)
            | (rows["to"] == wanted.resident)
            | np.array([wanted.resident in shown for shown in rows["shown"]], dtype=bool)
        ).to_numpy()
    if wanted.day:
        keep &= (rows["day"] == wanted.day).to_numpy()
    if wanted.kind:
        keep &= (rows["kind"].astype(str) == wanted.kind).to_numpy()
    if wanted.mark:
        known = marks(story)
        having = [row for row, found in known.items() if any(m.word == wanted.mark for m in found)]
        keep &= np.isin(np.arange(len(rows)), having)
    return [int(position) for position in np.flatnonzero(keep)[::-1]]


def at(story: Story, positions: Sequence[int]) -> list[MessageSaid]:
    """The messages at some positions, in that order."""
    rows = story.whole("messages")
    return [read_messages(rows.iloc[p : p + 1], p)[0] for p in positions]


def marks(story: Story) -> dict[int, tuple[Mark, ...]]:
    """What the log says of messages, by their position in the table; those without are left out."""
    found: dict[int, tuple[Mark, ...]] = story.once("marks", lambda: _marks(story))
    return found


def _marks(story: Story) -> dict[int, tuple[Mark, ...]]:
    found: dict[int, list[Mark]] = defaultdict(list)
    log = read({name: story.whole(name) for name in TYPES})
    for one in statements(log, TOLERANCE, story.rules()):
        for word, flags in (
            ("false claim", one.false),
            ("mistaken claim", one.mistaken),
            ("unfounded claim", one.unfounded),
        ):
            for k in np.flatnonzero(flags).tolist():
                reason = _why(word, one.name, int(one.said[k]), int(one.held[k]))
                found[int(one.message[k])].append(Mark(word, reason))
    messages = story.whole("messages")
    place = dict(
        zip(zip(messages["day"], messages["order"], strict=True), range(len(messages)), strict=True)
    )
    for row in story.whole("commitments").to_dict("records"):
        position = place.get((row["day"], row["order"]))
        if position is not None:
            word = str(row["status"]) if row["status"] in ("kept", "broken") else "promises"
            found[position].append(
                Mark(
                    word,
                    f"R{row['debtor']} owed R{row['creditor']}: {row['what']} by day {row['by']}; "
                    f"{row['status']} on day {row['closed']}"
                    + (f" ({row['reason']})" if row["reason"] else ""),
                )
            )
    for row in alerts({"events": story.whole("events")}).to_dict("records"):
        position = place.get((row["day"], row["message"]))
        if position is not None:
            why, level = visible(str(row["reason"])), row["level"]
            reason = f"the overseer: {why}, level {level} of {LEVELS[-1]}"
            found[position].append(Mark("alert", reason))
    return {position: tuple(dict.fromkeys(many)) for position, many in found.items()}


def _why(word: str, name: str, said: int, held: int) -> str:
    if word == "unfounded claim":
        return f"{name}: says {said} and had been shown nothing"
    if name in ("stock", "makes"):
        if word == "mistaken claim":
            return f"{name}: says {said}, as it had been shown, and it is not so"
        return f"{name}: says {said}, had itself been shown {held}"
    if name in ("attacked", "gave", "broke"):
        return f"{name}: says so of R{said}; the log knows of no such thing that it was shown"
    return f"{name}: its own plan of that morning says otherwise"
