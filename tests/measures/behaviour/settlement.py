"""An independent reading of the law of promises: the ledger rebuilt from what was said and done.

The law itself is the world's (`model.world.promises`, `model.world.commitments`,
`model.world.take_effect`); this says it again from the log alone, so that tests can hold the one
against the other.

The rules, day after day; the day's promises first, then its answers, then its acts:

- a promise to one resident becomes a commitment on the day it is shown to it; one to all is an
  announcement. Its last day lies in today … today + `promise_days`, it promises at least one unit
  and an existing factory, else it is void. Repeating an open promise makes no second one;
- `accept` shown to j agrees to every promise of j that was shown to the acceptor today or
  yesterday: an announced one becomes a commitment, and what needs two (merge, work at the same
  factory) is then owed by the acceptor too. What was already kept or broken is not owed again;
- `refuse` shown to j releases what j owes the refuser;
- gift (gifts add up), secure and merge are kept at the first fulfilment; `no attack` is broken by
  the first attack on its creditor, and kept at the end of its last day;
- due and not done: *impossible* after a fault (perceive, act), out of reach, with too small a
  stock this morning, with the factory beyond a day's walk, after an attempt that was void that day,
  or with an ask to merge still unanswered; else *broken*;
- gift and merge between two that have become one household are *released*; a debtor that is gone
  makes it *impossible*, a creditor that is gone or a day after the last *unresolved*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from model.measures.behaviour.free_riding import Places, places_seen
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Tables

COLUMNS: Final = (
    *("commitment", "day", "order", "debtor", "creditor", "what", "a", "by", "status", "closed"),
    "reason",
)
_WORDS: Final = ("gift", "secure", "no attack", "merge")
_FOR_TWO: Final = ("merge", "secure")

Row = dict[str, Any]
Content = tuple[str, int, int]


@dataclass
class _Owed:
    """One commitment while the days are replayed.

    `given` adds up gifts by day; `tried` says until when an attempt excuses it, and why it failed.
    """

    day: int
    order: int
    debtor: int
    creditor: int
    what: str
    a: int
    by: int
    status: str = ""
    closed: int = 0
    reason: str = ""
    given: dict[int, int] = field(default_factory=dict)
    tried: tuple[int, str] = (0, "")

    def close(self, day: int, status: str, reason: str) -> None:
        self.status, self.closed, self.reason = status, day, reason


@dataclass
class _Book:
    """All commitments so far, those open by debtor, and what was promised lately."""

    every: list[_Owed] = field(default_factory=list)
    debts: dict[int, list[_Owed]] = field(default_factory=lambda: defaultdict(list))
    latest: dict[tuple[int, int, Content], _Owed] = field(default_factory=dict)
    offers: dict[tuple[int, int], list[tuple[int, Content]]] = field(default_factory=dict)

    def make(
        self, day: int, order: int, debtor: int, creditor: int, content: Content, agreed: bool
    ) -> None:
        """Open a commitment, unless it is open already or, agreed to only now, was settled."""
        before = self.latest.get((debtor, creditor, content))
        if before and (not before.status or (agreed and before.status in {"kept", "broken"})):
            return
        one = _Owed(day, order, debtor, creditor, *content)
        self.every.append(one)
        self.debts[debtor].append(one)
        self.latest[debtor, creditor, content] = one

    def owed(self, debtor: int, creditor: int, *what: str) -> list[_Owed]:
        """What one owes the other, open."""
        return [
            c
            for c in self.debts[debtor]
            if not c.status and c.creditor == creditor and (not what or c.what in what)
        ]

    def open(self) -> list[_Owed]:
        """All that is open."""
        return [c for owed in self.debts.values() for c in owed if not c.status]

    def clear(self) -> None:
        """Forget what was settled among the open ones."""
        self.debts = defaultdict(
            list,
            {k: left for k, v in self.debts.items() if (left := [c for c in v if not c.status])},
        )


def settle(tables: Tables, rules: Rules, merge_days: int = 3) -> pd.DataFrame:
    """The commitments of a run, from what was said and done.

    Args:
        tables: `residents`, `events`, `messages`, and `decisions` for what a void act had been.
        merge_days: days for which an ask to merge waits for its answer.
        rules: what held in this run. Without places a factory nobody ever worked at has none, and
            who promised to work there was not able to.

    Returns:
        The columns `COLUMNS`, in the order in which the commitments were made.
    """
    mornings = _mornings(tables["residents"])
    messages, events = _messages(tables["messages"]), _events(tables)
    cells = places_seen(tables) if rules.places is None else rules.places
    last = max(mornings, default=0)
    book = _Book()
    for t in range(1, last + 1):
        morning = mornings.get(t, {})
        _say(t, messages[t], book, rules)
        home = {who: row["household"] for who, row in morning.items()}
        void = _act(t, events[t], book, home, merge_days)
        for one in book.open():
            _judge(t, one, morning, home, void, cells, rules.walk)
        book.clear()
    for one in book.open():
        one.close(last, "unresolved", "due after the end")
    return _table(book.every)


def _say(t: int, messages: list[Row], book: _Book, rules: Rules) -> None:
    """The day's promises, then its answers."""
    for one in messages:
        for n in (1, 2):
            what, a, by = (one[f"promise{n}_{x}"] for x in ("what", "a", "by"))
            if not _binding(t, what, a, by, rules):
                continue
            for reader in one["shown"]:
                offers = book.offers.setdefault((one["sender"], reader), [])
                offers.append((t, (what, a, by)))
                if reader == one["to"]:
                    book.make(t, one["order"], one["sender"], reader, (what, a, by), False)
    for one in messages:
        sender, to = one["sender"], one["to"]
        if to not in one["shown"]:
            continue
        if one["kind"] == "refuse":
            for owed in book.owed(to, sender):
                owed.close(t, "released", "refused")
        if one["kind"] == "accept":
            for when, content in book.offers.get((to, sender), []):
                if when >= t - 1 and content[2] >= t:
                    book.make(t, one["order"], to, sender, content, True)
                    if content[0] in _FOR_TWO:
                        book.make(t, one["order"], sender, to, content, True)


def _binding(t: int, what: str, a: int, by: int, rules: Rules) -> bool:
    if what not in _WORDS or not t <= by <= t + rules.promise_days:
        return False
    if what == "secure":
        return a >= 1 and (rules.places is None or a in rules.places)
    return what != "gift" or a >= 1


def _act(
    t: int, events: list[Row], book: _Book, home: dict[int, int], merge_days: int
) -> set[tuple[int, int]]:
    """What the day's acts keep, break and try; `home` follows the merges.

    Returns:
        (resident, factory) of void attempts to work.
    """
    void = set()
    for one in events:
        actor, target, kind = one["actor"], one["target"], one["kind"]
        if kind == "work":
            for owed in book.debts[actor]:
                if (owed.what, owed.a, owed.status) == ("secure", target, ""):
                    owed.close(t, "kept", "worked there")
        elif kind == "gift":
            for owed in book.owed(actor, target, "gift"):
                owed.given[t] = owed.given.get(t, 0) + one["amount"]
                if sum(owed.given.values()) >= owed.a:
                    owed.close(t, "kept", "given")
        elif kind == "attack":
            for owed in book.owed(actor, target, "no attack"):
                owed.close(t, "broken", "attacked")
        elif kind in {"merge", "merge_ask"} and actor in home and target in home:
            ours, theirs = ({w for w, h in home.items() if h == home[x]} for x in (actor, target))
            for owed in [c for who in ours | theirs for c in book.debts[who]]:
                if owed.status or owed.what != "merge":
                    continue
                if kind == "merge_ask" and owed.debtor in ours and owed.creditor in theirs:
                    owed.tried = (t + merge_days, "no answer")
                elif kind == "merge" and (
                    (owed.debtor in ours and owed.creditor in theirs)
                    or (owed.debtor in theirs and owed.creditor in ours)
                ):
                    owed.close(t, "kept", "merged")
            if kind == "merge":
                home.update(dict.fromkeys(theirs, home[actor]))
        elif kind == "void" and one["stage"] == "act":
            void.add((actor, target))
        elif kind == "void" and one["stage"] == "further" and one["tried"] in {"gift", "merge"}:
            for owed in book.owed(actor, target, one["tried"]):
                wait = merge_days if owed.what == "merge" else 0
                owed.tried = (t + wait, one["reason"])
    return void


def _judge(
    t: int,
    one: _Owed,
    morning: dict[int, Row],
    home: dict[int, int],
    void: set[tuple[int, int]],
    cells: Places,
    walk: int,
) -> None:
    """Close what is settled at the end of day t."""
    own = morning.get(one.debtor)
    if own is None:
        one.close(t, "impossible", "removed")
    elif one.creditor not in morning:
        one.close(t, "unresolved", "beneficiary gone")
    elif home[one.debtor] == home[one.creditor] and one.what in {"merge", "gift"}:
        one.close(t, "released", "one household")
    elif one.by > t:
        return
    elif one.what == "no attack":
        one.close(t, "kept", "no attack")
    else:
        why = _why_not_able(t, one, own, void, cells, walk)
        one.close(t, "impossible" if why else "broken", why or f"no {one.what}")


def _why_not_able(
    t: int, one: _Owed, own: Row, void: set[tuple[int, int]], cells: Places, walk: int
) -> str:
    if own["fault"] in {"perceive", "act"}:
        return "fault"
    if one.what == "secure":
        if one.a not in cells or (one.debtor, one.a) in void:
            return "void"
        x, y = cells[one.a]
        return "too far" if max(abs(own["x"] - x), abs(own["y"] - y)) > walk else ""
    if one.creditor not in own["in_reach"]:
        return "out of reach"
    before = sum(units for day, units in one.given.items() if day < t)
    if one.what == "gift" and own["stock"] < one.a - before:
        return "stock too small"
    return one.tried[1] if one.tried[0] >= t else ""


def _mornings(residents: pd.DataFrame) -> dict[int, dict[int, Row]]:
    names = ["day", "resident", "x", "y", "stock", "household", "fault", "in_reach"]
    days: dict[int, dict[int, Row]] = defaultdict(dict)
    for row in _rows(residents, names):
        if row["day"] >= 1:
            days[row["day"]][row["resident"]] = row
    return days


def _messages(messages: pd.DataFrame) -> dict[int, list[Row]]:
    names = ["day", "order", "sender", "to", "kind", "shown"]
    names += [f"promise{n}_{x}" for n in (1, 2) for x in ("what", "a", "by")]
    days: dict[int, list[Row]] = defaultdict(list)
    for row in _rows(messages.sort_values(["day", "order"], kind="stable"), names):
        days[row["day"]].append(row)
    return days


def _events(tables: Tables) -> dict[int, list[Row]]:
    events, decisions = tables["events"], tables["decisions"]
    tried = {
        (row["day"], row["resident"]): row["act_further"]
        for row in _rows(decisions, ["day", "resident", "act_further"])
    }
    names = ["day", "stage", "actor", "target", "kind", "amount", "reason"]
    days: dict[int, list[Row]] = defaultdict(list)
    chosen = events[events["kind"].isin(_KINDS)].sort_values(["day", "order"], kind="stable")
    for row in _rows(chosen, names):
        days[row["day"]].append(row | {"tried": tried.get((row["day"], row["actor"]), "")})
    return days


def _rows(table: pd.DataFrame, names: list[str]) -> Iterator[Row]:
    columns = [table[name].tolist() for name in names]
    for line in zip(*columns, strict=True):
        yield {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in zip(names, line, strict=True)
        }


def _table(book: list[_Owed]) -> pd.DataFrame:
    rows = [
        (k, c.day, c.order, c.debtor, c.creditor, c.what, c.a, c.by, c.status, c.closed, c.reason)
        for k, c in enumerate(book, start=1)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    words = {"what", "status", "reason"}
    return table.astype({c: (object if c in words else np.int64) for c in COLUMNS})


_KINDS: Final = ("work", "gift", "attack", "merge_ask", "merge", "void")
