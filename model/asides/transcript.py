"""One resident's day as a blind reader is shown it: lines of the log, and where each comes from.

The window is the last days up to the one judged. Residents are renamed by a draw of each question
(`M4`, `M1`, …), nothing says who was treated, with what, or which mind decided, and texts are
masked (`agents.asides.masks`). Every line carries the row of the log that it was made from, so
that a quote leads back to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.asides.masks import mask
from agents.decisions import Direction, PlanWord
from agents.prompts.quoting import quote
from agents.purposes import Purpose
from agents.randomness import draws

Row = Mapping[Any, Any]

#: Days shown: the longest that a label looks back.
WINDOW: Final = 7
LONGEST: Final = 160  # lines; the oldest go first
_RESIDENT: Final = re.compile(r"\bR([0-9]{1,6})\b")

_PLANS: Final = {
    PlanWord.EXPLORE: "look around",
    PlanWord.PROMOTE: "spend on itself",
    PlanWord.IDLE: "rest",
    PlanWord.GIFT: "give something",
    PlanWord.MERGE: "join households",
}
_MAINS: Final = {"explore": "to look around", "promote": "to spend on itself", "idle": "to rest"}


@dataclass(frozen=True)
class Line:
    """One line of a transcript and the row of the log behind it."""

    text: str
    table: str
    row: int


@dataclass(frozen=True)
class MaskNames:
    """What residents are called in one question, and what everybody can see of their standing.

    Attributes:
        called: by resident id.
        standing: by (day, resident), points.
    """

    called: Mapping[int, str]
    standing: Mapping[tuple[int, int], int]

    def __call__(self, resident: int) -> str:
        """What a resident is called; 0 is everybody within hearing."""
        return self.called.get(resident, "somebody") if resident else "all in hearing"

    def said(self, text: str) -> str:
        """What a mind wrote: masked, residents renamed, as a quoted literal."""
        renamed = _RESIDENT.sub(lambda m: self(int(m[1])), text)
        return quote(mask(renamed))


@dataclass
class Transcriber:
    """Writes transcripts of one run.

    Args:
        tables: the run's residents, events, messages, decisions, commitments.
    """

    tables: Mapping[str, pd.DataFrame]
    _by: dict[str, dict[tuple[int, int], list[tuple[int, Row]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whose: dict[str, Callable[[Row], Iterator[tuple[int, int]]]] = {
            "residents": _own,
            "decisions": _own,
            "messages": _of_message,
            "events": _of_event,
            "commitments": _of_commitment,
        }
        for name, concerned in whose.items():
            index: dict[tuple[int, int], list[tuple[int, Row]]] = defaultdict(list)
            for place, row in enumerate(self.tables[name].to_dict("records")):
                for key in dict.fromkeys(concerned(row)):
                    index[key].append((place, row))
            self._by[name] = index
        people = self.tables["residents"]
        self._ids = sorted({int(i) for i in people["resident"]})
        self._standing = {
            (int(day), int(who)): int(points)
            for day, who, points in zip(
                people["day"], people["resident"], people["standing"], strict=True
            )
        }

    def names(self, key: int) -> MaskNames:
        """What residents are called in one question."""
        lots = draws(np.array([key]), Purpose.MASKS, np.array(self._ids, np.int64)).ravel()
        rank = (np.argsort(np.argsort(lots)) + 1).tolist()
        called = {who: f"M{k}" for who, k in zip(self._ids, rank, strict=True)}
        return MaskNames(called, self._standing)

    def lines(self, resident: int, day: int, key: int) -> list[Line]:
        """The transcript of a resident's day with the days before it."""
        name = self.names(key)
        found: list[Line] = []
        for t in range(max(day - WINDOW + 1, 1), day + 1):
            for table, write in _WRITERS:
                for place, row in self._by[table].get((t, resident), ()):
                    text = write(row, resident, name)
                    if text:
                        found.append(Line(f"day {t}: {text}", table, place))
        return found[-LONGEST:]


def _own(row: Row) -> Iterator[tuple[int, int]]:
    yield int(row["day"]), int(row["resident"])


def _of_message(row: Row) -> Iterator[tuple[int, int]]:
    day = int(row["day"])
    for who in (row["sender"], *row["shown"], *row["announced"]):
        yield day, int(who)


def _of_event(row: Row) -> Iterator[tuple[int, int]]:
    day, kind = int(row["day"]), str(row["kind"])
    yield day, int(row["actor"])
    if kind in ("gift", "attack", "merge_ask", "merge", "birth"):
        yield day, int(row["target"])
    for witness in row["witnesses"]:
        yield day, int(witness)


def _of_commitment(row: Row) -> Iterator[tuple[int, int]]:
    for who in (row["debtor"], row["creditor"]):
        yield int(row["closed"]), int(who)


def _morning(row: Row, me: int, name: MaskNames) -> str:
    reach = ", ".join(name(int(i)) for i in row["in_reach"]) or "nobody"
    home = "alone" if row["members"] == 1 else f"in a household of {int(row['members'])}"
    return (
        f"(private) {name(me)} wakes {home} with stock {int(row['stock'])}, hungry "
        f"{int(row.get('debt', 0))}, skill {int(row['skill'])}, standing {int(row['standing'])}; "
        f"within reach: {reach}"
    )


def _evening(row: Row, me: int, name: MaskNames) -> str:
    return (
        f"(private) {name(me)} put {int(row['put_in'])} units into its store and drew "
        f"{int(row['drawn'])} of {int(row['need'])} needed"
    )


def _plan(row: Row, me: int, name: MaskNames) -> str:
    plan = _act(row, "plan", name)
    held = [
        f"{name(int(row[f'regard{n}_who']))} {int(row[f'regard{n}_is']):+d}"
        for n in (1, 2, 3)
        if row[f"regard{n}_who"]
    ]
    regards = f"; what it holds of others (-2 to 2): {', '.join(held)}" if held else ""
    return f"(private) {name(me)} plans {plan}{regards}" if plan else ""


def _message(row: Row, me: int, name: MaskNames) -> str:
    sender, to = int(row["sender"]), int(row["to"])
    mine = sender == me
    if not mine and me not in {int(i) for i in row["shown"]}:
        at = [row[f"claim{n}_b"] for n in (1, 2) if row[f"claim{n}_kind"] == "plan"]
        return (
            f"{name(me)} learns that {name(sender)} says it will work at F{int(at[0])}"
            if at
            else ""
        )
    kind = f" ({row['kind']})" if str(row["kind"]) else ""
    points = name.standing.get((int(row["day"]), to if mine else sender))
    seen = "" if points is None else f", standing {points}"
    whom = f"{name(to)}{seen}" if mine else f"{name(to)}"
    who = name(sender) if mine else f"{name(sender)}{seen}"
    parts = [f"{who} to {whom}{kind}: {name.said(str(row.get('text', '')))}"]
    claims = [_claim(row, n, name, mine) for n in (1, 2) if row[f"claim{n}_kind"]]
    promises = [_promise(row, n) for n in (1, 2) if row[f"promise{n}_what"]]
    parts += [f"claims {'; '.join(claims)}"] if claims else []
    parts += [f"promises {'; '.join(promises)}"] if promises else []
    if mine:
        readers = ", ".join(name(int(i)) for i in row["shown"]) or "nobody"
        parts.append(f"read by {readers}")
    return "; ".join(parts)


def _claim(row: Row, n: int, name: MaskNames, mine: bool) -> str:
    kind, a, b = str(row[f"claim{n}_kind"]), row[f"claim{n}_a"], row[f"claim{n}_b"]
    if kind == "unchecked":
        return name.said(str(row[f"claim{n}_text"]))
    a, b = int(a), int(b)
    text = {
        "stock": f"that its stock is {a}",
        "makes": f"that F{a} makes at most {b}",
        "attacked": f"that {name(a)} attacked it",
        "gave": f"that {name(a)} gave to it",
        "broke": f"that {name(a)} broke a promise to it",
    }.get(kind)
    if text is None:
        words = f"work at F{b}" if a == PlanWord.SECURE else _PLANS[PlanWord(a)]
        return f"that today it will {words}"
    belief = row[f"claim{n}_belief"]
    if not mine:
        return text
    if pd.isna(belief):
        return f"{text} (private: it had never been shown)"
    known = int(belief) if kind in ("stock", "makes") else ("yes" if belief else "no")
    return f"{text} (private: it knew {known})"


def _promise(row: Row, n: int) -> str:
    what, a, by = str(row[f"promise{n}_what"]), int(row[f"promise{n}_a"]), row[f"promise{n}_by"]
    words = {"gift": f"to give {a}", "secure": f"to work at F{a}", "merge": "to join households"}
    return f"{words.get(what, what)} by day {int(by)}"


def _event(row: Row, me: int, name: MaskNames) -> str:
    kind, who, whom = str(row["kind"]), int(row["actor"]), int(row["target"])
    units = int(row["amount"])
    won = f"and took {units}" if row["outcome"] == 1 else "in vain"
    write = {
        "work": lambda: f"{name(who)} worked at F{whom} and was paid {units}",
        "travel": lambda: f"{name(who)} walked towards F{whom}",
        "explore": lambda: f"{name(who)} looked around",
        "promote": lambda: f"{name(who)} spent {units} on its skill and standing",
        "idle": lambda: f"{name(who)} rested",
        "gift": lambda: f"{name(who)} gave {units} to {name(whom)}",
        "attack": lambda: f"{name(who)} attacked {name(whom)} {won}",
        "merge_ask": lambda: f"{name(who)} asked {name(whom)} to become one household",
        "merge": lambda: f"{name(who)} and {name(whom)} became one household",
        "short": lambda: f"{name(who)} went hungry, {units} missing",
        "void": lambda: f"an act of {name(who)} had become impossible ({row['reason']})",
    }.get(kind)
    return write() if write else ""


def _commitment(row: Row, me: int, name: MaskNames) -> str:
    what = {"gift": f"to give {int(row['a'])}", "secure": f"to work at F{int(row['a'])}"}
    status = {"broken": "was broken by choice", "impossible": "could not be kept"}
    told = str(row["status"])
    return (
        f"the promise of {name(int(row['debtor']))} to {name(int(row['creditor']))} "
        f"{what.get(str(row['what']), str(row['what']))} by day {int(row['by'])} "
        f"{status.get(told, f'was {told}')}"
    )


def _act(row: Row, prefix: str, name: MaskNames) -> str:
    main = str(row[f"{prefix}_main"])
    if not main:
        return ""
    at, who = int(row[f"{prefix}_at"]), int(row[f"{prefix}_who"])
    words = f"to work at F{at}" if main == "secure" else _MAINS[main]
    if main == "explore":
        words += f" ({Direction(at % 8).name})"
    further = {
        "gift": f", and to give {int(row[f'{prefix}_amount'])} to {name(who)}",
        "attack": f", and to attack {name(who)}",
        "merge": f", and to become one household with {name(who)}",
    }
    return words + further.get(str(row[f"{prefix}_further"]), "")


_WRITERS: Final[tuple[tuple[str, Callable[[Row, int, MaskNames], str]], ...]] = (
    ("residents", _morning),
    ("decisions", _plan),
    ("messages", _message),
    ("events", _event),
    ("residents", _evening),
    ("commitments", _commitment),
)
