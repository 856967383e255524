"""What passed between two residents: cooperation, hostility, and who saw it; in order of time.

- *coop(x→y)*: a gift; a merge (both ways); a kept commitment (unless under a threat of the
  creditor's); agreed joint work (both ways).
- *hostile(x→y)*: an attack, whatever its outcome; a chosen breach; a threat that y was shown.

Members of one household (that morning) are no targets. **Before**: all acts of a day are decided
on the same morning and their order is drawn afterwards, as are all its messages; so of two rows
the earlier one is *before* the other if its day is earlier, or if it is a message and the other an
act of the same day. An act is *visible* to its target and to its witnesses, a threat to those it
was shown to, a breach to its creditor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.measures.behaviour.ledger import Ledger
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import SHIFT, Flags, Ints, Log, Pairs, Whole, flat, ref

MESSAGE: Final = 0
ACT: Final = 1

#: Kinds of relation rows; the words stand in reasons.
GIFT, MERGE, KEPT, JOINT, ATTACK, BREACH, THREAT = range(7)


@dataclass(frozen=True)
class Passed:
    """Things done by one resident to another, ordered by time, shape [p].

    Attributes:
        time: 2 · day + phase (`MESSAGE` or `ACT`).
        actor: resident number.
        target: resident number, an outsider that morning.
        kind: what it was.
        refs: references to its rows, shape [p, 2].
    """

    time: Ints
    actor: Ints
    target: Ints
    kind: Ints
    refs: Ints

    @property
    def day(self) -> Ints:
        """Day of each row."""
        return self.time // 2

    def of(self, chosen: Flags | Ints) -> Passed:
        """Only the chosen rows."""
        return Passed(
            *(getattr(self, n)[chosen] for n in ("time", "actor", "target", "kind", "refs"))
        )


@dataclass(frozen=True)
class Seen:
    """Who saw whose hostility, ordered by time, shape [s].

    Attributes:
        time: as in `Passed`; visible to acts and messages of a later time.
        viewer: resident number.
        culprit: resident number.
        mine: its victim was the viewer or a member of the viewer's household that morning.
        source: the row of hostility (in `Passed`).
    """

    time: Ints
    viewer: Ints
    culprit: Ints
    mine: Flags
    source: Ints


def event_pairs(log: Log, kind: str, word: int) -> Passed:
    """Acts of one kind between outsiders, from the events."""
    table = log.columns["events"]
    rows = log.rows("events", "kind", kind)
    day, actor = table["day"][rows], table["actor"][rows]
    target = log.number(table["target"][rows])
    keep = log.outsiders(day, actor, target)
    return _passed(day[keep], ACT, actor[keep], target[keep], word, ref("events", rows[keep]))


def threats(log: Log, rules: Rules) -> Passed:
    """Threats, one row a reader that was shown one; a kind that is switched off says nothing."""
    table = log.columns["messages"]
    said = log.words("messages", "kind", "threaten") & ("threaten" in rules.kinds)
    held = log.shown.of(said)
    day, sender = table["day"][held.row], table["sender"][held.row]
    keep = log.outsiders(day, sender, held.value)
    return _passed(
        day[keep], MESSAGE, sender[keep], held.value[keep], THREAT, ref("messages", held.row[keep])
    )


def breaches(book: Ledger) -> Passed:
    """Chosen breaches of commitments to outsiders."""
    rows = np.flatnonzero(book.broken & book.outsiders)
    return _passed(
        book.closed[rows],
        ACT,
        book.debtor[rows],
        book.creditor[rows],
        BREACH,
        ref("commitments", book.row[rows]),
    )


def kept_promises(book: Ledger, threatened: Flags) -> tuple[Passed, Flags]:
    """Kept commitments to outsiders that no threat of the creditor's extorted; their effort.

    Args:
        book: the ledger.
        threatened: by commitment, whether its creditor had threatened the debtor within k.
    """
    rows = np.flatnonzero(book.kept & book.outsiders & ~threatened)
    passed = _passed(
        book.closed[rows],
        ACT,
        book.debtor[rows],
        book.creditor[rows],
        KEPT,
        ref("commitments", book.row[rows]),
    )
    # In time, for it is bisected; stable, so that one day keeps the order of the book.
    order = np.argsort(book.closed[rows], kind="stable")
    return passed, book.effort[rows][order]


def hostile(log: Log, book: Ledger, threat: Passed) -> Passed:
    """Everything hostile, in order of time; `threat` as `threats` gives them."""
    return in_order([event_pairs(log, "attack", ATTACK), breaches(book), threat])


def both_ways(passed: Passed) -> Passed:
    """The same rows read in both directions, ordered by time."""
    back = Passed(passed.time, passed.target, passed.actor, passed.kind, passed.refs)
    return in_order([passed, back])


def in_order(parts: Sequence[Passed]) -> Passed:
    """All rows of some relations, ordered by time; ties keep the order given."""
    joined = Passed(
        *(
            np.concatenate([getattr(p, n) for p in parts])
            for n in ("time", "actor", "target", "kind", "refs")
        )
    )
    # In time, for it is bisected; stable: at one time the first part comes first.
    return joined.of(np.argsort(joined.time, kind="stable"))


def in_the_name_of(log: Log, threat: Passed) -> Passed:
    """Threats read as coming from every member of the speaker's household: it has one store."""
    day, who = np.nonzero(log.household >= 0)
    home = log.household[day, who]
    width = int(home.max(initial=0)) + 1
    key = day * width + home
    # Members of one household on one day stand together, to be found by bisection.
    order = np.argsort(key, kind="stable")
    asked = threat.day * width + log.household[threat.day, threat.actor]
    first = np.searchsorted(key[order], asked)
    length = np.searchsorted(key[order], asked, side="right") - first
    owner = np.repeat(np.arange(len(asked)), length)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    member = who[order][first[owner] + offset]
    spread = threat.of(owner)
    return Passed(spread.time, member, spread.target, spread.kind, spread.refs)


def last_before(passed: Passed, actor: Ints, target: Ints, time: Ints, days: int) -> Ints:
    """The latest row actor→target before a time and at most so many days before its day; or -1."""
    if not len(passed.time):
        return np.full(len(actor), -1, dtype=np.int64)
    n = (
        int(
            max(
                passed.actor.max(), passed.target.max(), actor.max(initial=0), target.max(initial=0)
            )
        )
        + 1
    )
    span = int(max(passed.time.max(), time.max(initial=0))) + 2
    key = (passed.actor * n + passed.target) * span + passed.time
    # By pair, then time in one number: the last before a time is one bisection away.
    order = np.argsort(key, kind="stable")
    pair = actor * n + target
    place = np.searchsorted(key[order], pair * span + time) - 1
    row = order[np.maximum(place, 0)]
    same = (place >= 0) & (passed.actor[row] == actor) & (passed.target[row] == target)
    return np.where(same & (passed.day[row] >= time // 2 - days), row, -1)


def seen(log: Log, hostility: Passed) -> Seen:
    """Who saw which hostility: its target, and the witnesses of an attack."""
    n = len(hostility.time)
    own = np.arange(n)
    events = np.full(len(log.columns["events"]["day"]), -1, dtype=np.int64)
    attacks = np.flatnonzero(hostility.kind == ATTACK)
    events[hostility.refs[attacks, 0] % SHIFT] = attacks
    witnesses = flat(log.tables["events"]["witnesses"])
    source = events[witnesses.row]
    watcher = log.number(witnesses.value)
    keep = (source >= 0) & (watcher >= 0)
    source, watcher = source[keep], watcher[keep]
    keep = log.alive(hostility.day[source], watcher)
    keep &= (watcher != hostility.actor[source]) & (watcher != hostility.target[source])
    source = np.concatenate([own, source[keep]])
    viewer = np.concatenate([hostility.target, watcher[keep]])
    day, victim = hostility.day[source], hostility.target[source]
    mine = log.household[day, viewer] == log.household[day, victim]
    # In time, for it is bisected; stable, so that who suffered it comes before who saw it.
    order = np.argsort(hostility.time[source], kind="stable")
    return Seen(
        time=hostility.time[source][order],
        viewer=viewer[order],
        culprit=hostility.actor[source][order],
        mine=mine[order],
        source=source[order],
    )


#: Columns ordered by day: where each day begins, and the columns.
Days = tuple[Ints, tuple[Whole, ...]]


def by_day(log: Log, pairs: Pairs) -> Days:
    """(resident, neighbour) of a list column of `residents`, ordered by day."""
    residents = log.columns["residents"]
    who = residents["resident"].astype(np.int32)[pairs.row]
    return sorted_by_day(residents["day"].astype(np.int32)[pairs.row], (who, pairs.value), log.last)


def sorted_by_day(day: Whole, columns: Sequence[Whole], last: int) -> Days:
    """Columns ordered by day; as they stand where they are in order already."""
    if np.any(day[1:] < day[:-1]):
        # Days are found by bisection below; stable, so that a day keeps the log's order.
        order = np.argsort(day, kind="stable")
        day, columns = day[order], [c[order] for c in columns]
    return np.searchsorted(day, np.arange(last + 3)), tuple(columns)


def on_day(days: Days, t: int) -> tuple[Whole, ...]:
    """One day's part of the columns."""
    cut, columns = days
    return tuple(c[cut[t] : cut[t + 1]] for c in columns)


def _passed(day: Ints, phase: int, actor: Ints, target: Ints, kind: int, rows: Ints) -> Passed:
    refs = np.stack([rows, np.full(len(rows), -1)], axis=1)
    one = Passed(2 * day + phase, actor, target, np.full(len(day), kind), refs)
    # In time, for it is bisected; stable, so that one time keeps the log's order.
    return one.of(np.argsort(one.time, kind="stable"))
