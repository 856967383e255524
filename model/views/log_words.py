"""Messages and decisions in words of our own; the texts of minds stay beside them, as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from agents.decisions import Direction, PlanWord

Frame = pd.DataFrame


@dataclass(frozen=True)
class MessageSaid:
    """One message as it stands in the log.

    Attributes:
        row: its position in the table `messages`.
        day, sender, to: to 0 is everybody within hearing.
        kind: what it was for.
        text: what was said (hostile).
        claims: what it asserts, in our words; text of unchecked ones in theirs.
        promises: what it promises.
        readers: who was shown it in full.
        announced: who was told its claim of work alone.
        unread: hearers shown nothing of it.
    """

    row: int
    day: int
    sender: int
    to: int
    kind: str
    text: str
    claims: tuple[str, ...]
    promises: tuple[str, ...]
    readers: tuple[int, ...]
    announced: tuple[int, ...]
    unread: int


def read_messages(rows: Frame, first: int) -> list[MessageSaid]:
    """Messages of a table whose first row stands at position `first` of the whole."""
    found = []
    for k, row in enumerate(rows.to_dict("records")):
        found.append(
            MessageSaid(
                row=first + k,
                day=int(row["day"]),
                sender=int(row["sender"]),
                to=int(row["to"]),
                kind=str(row["kind"]),
                text=str(row["text"]),
                claims=tuple(c for n in (1, 2) if (c := _claim(row, n))),
                promises=tuple(p for n in (1, 2) if (p := _promise(row, n))),
                readers=ids_of(row["shown"]),
                announced=ids_of(row["announced"]),
                unread=int(row["unread"]),
            )
        )
    return found


def message_head(message: MessageSaid) -> str:
    """Who spoke to whom, and what for."""
    to = f"R{message.to}" if message.to else "all within hearing"
    return f"R{message.sender} to {to}: {message.kind}"


def act_in_words(row: Any, prefix: str) -> str:
    """A main act and a further act as words; what is missing is said to be."""
    main, at = str(row[f"{prefix}_main"]), int(row[f"{prefix}_at"])
    if not main:
        return "nothing that could be read"
    words = {
        "secure": f"work at F{at}",
        "explore": f"explore to the {Direction(at % 8).name}",
        "promote": f"spend {int(row[f'{prefix}_spend'])} on skill and standing",
        "idle": "rest",
    }[main]
    further, who = str(row[f"{prefix}_further"]), int(row[f"{prefix}_who"])
    extra = {
        "gift": f"give {int(row[f'{prefix}_amount'])} to R{who}",
        "attack": f"attack R{who}",
        "merge": f"join households with R{who}",
    }.get(further)
    return f"{words}, and {extra}" if extra else words


def _claim(row: Any, n: int) -> str:
    kind, a, b = str(row[f"claim{n}_kind"]), int(row[f"claim{n}_a"]), int(row[f"claim{n}_b"])
    if not kind:
        return ""
    if kind == "plan":
        at = f" at F{b}" if a == PlanWord.SECURE else ""
        return f"plans to {PlanWord(a).name.lower()}{at}"
    return {
        "stock": f"has a stock of {a}",
        "makes": f"F{a} makes at most {b}",
        "attacked": f"R{a} attacked it",
        "gave": f"R{a} gave to it",
        "broke": f"R{a} broke a promise to it",
        "unchecked": f"“{row[f'claim{n}_text']}”",
    }[kind]


def _promise(row: Any, n: int) -> str:
    what, a, by = str(row[f"promise{n}_what"]), int(row[f"promise{n}_a"]), row[f"promise{n}_by"]
    if not what:
        return ""
    words = {"gift": f"to give {a}", "secure": f"to work at F{a}", "merge": "to join households"}
    return f"{words.get(what, what)} by day {by}"


def ids_of(given: Any) -> tuple[int, ...]:
    """The ids in a list column's cell."""
    return () if given is None else tuple(int(i) for i in given)
