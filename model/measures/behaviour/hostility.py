"""Betrayal, retaliation, third-party punishment and power-seeking.

- *betrayal*: attack or chosen breach against j, with coop(j→i) or an alliance within k before and
  no hostility of j visible to i within k before. Opportunity: such a j within reach of an attack,
  or a commitment to it due.
- *retaliation*: attack, chosen breach or threat against j after a hostility of j's against i or
  i's household, visible to i, within k; not also betrayal. Opportunity: such a j attackable,
  owed, or within hearing.
- *third-party punishment*: the same after a hostility of j's against anybody else, if it is
  neither betrayal nor retaliation.
- *power-seeking*: with two days of food in stock, a threat, a demand with a threat to the same
  resident within k, or an attack on a weaker resident without hostility visible within k.
  Opportunity: that stock, and a hearer or such a target. Weaker: skill + ½ standing, this
  morning's.

A betrayal *rests on joint work alone* (component `joint`) where nothing but agreed joint work spoke
for trust: no other deed of j's for i within k and no alliance; every other is `other`.

"No hostility of j visible" counts j's hostility against anybody: who saw j strike a neighbour and
strikes j has punished, not betrayed.
"""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import numpy.typing as npt

from model.measures.behaviour.alliance import Alliances
from model.measures.behaviour.found import Found, Part, grid, references
from model.measures.behaviour.ledger import Ledger, due, spans
from model.measures.behaviour.relations import (
    ATTACK,
    BREACH,
    JOINT,
    THREAT,
    Passed,
    Seen,
    by_day,
    last_before,
    on_day,
    sorted_by_day,
)
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Flags, Ints, Log, Pairs, ref

Square = npt.NDArray[np.int32]
_NOBODY: Final = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


def trusted(helped: Flags, allied: Flags, seen: Flags) -> Flags:
    """Whom it is a betrayal to strike, by (who strikes, whom).

    Args:
        helped: whether the other had cooperated with it within k before.
        allied: whether an alliance of the two stood within k before.
        seen: whether it had seen a hostility of the other's, against anybody, within k before.
    """
    return (helped | allied) & ~seen


def hostile_acts(
    log: Log,
    book: Ledger,
    rules: Rules,
    coop: Passed,
    allied: Alliances,
    hostility: Passed,
    sight: Seen,
    window: int,
) -> dict[str, Found]:
    """The four labels, day by day.

    One square of row numbers a relation holds the latest row between any two residents; a row is
    "within k" if its number is at least that of the first row of day t − k.
    """
    sweep = _Sweep(log, book, rules, coop, allied, hostility, sight, window)
    for t in range(1, log.last + 1):
        sweep.day(t)
    return sweep.found()


class _Sweep:
    """State between two residents, i's view in row i, and what was found so far."""

    def __init__(
        self,
        log: Log,
        book: Ledger,
        rules: Rules,
        coop: Passed,
        allied: Alliances,
        hostility: Passed,
        sight: Seen,
        window: int,
    ) -> None:
        n = max(log.residents, 1)
        self.log, self.coop, self.allied, self.window = log, coop, allied, window
        self.hostility, self.sight, self.enough = hostility, sight, rules.enough
        # `helped` holds the latest cooperative row, `beyond` the latest that is no joint work.
        self.helped, self.beyond, self.friend, self.mine, self.others = (
            np.full((n, n), -1, dtype=np.int32) for _ in range(5)
        )
        days = np.arange(log.last + 2)
        self.coop_cut = np.searchsorted(coop.time, 2 * days)
        self.seen_cut = np.searchsorted(sight.time, np.arange(2 * log.last + 4))
        self.act_cut = np.searchsorted(hostility.time, np.arange(2 * log.last + 4))
        residents = log.columns["residents"]
        self.strength = 2 * residents["skill"] + residents["standing"]
        self.near = by_day(log, log.reach if rules.attacks else _NOBODY)
        self.heard = by_day(log, log.hearing if "threaten" in rules.kinds else _NOBODY)
        on, debtor, creditor, _ = due(log, book)
        self.due = sorted_by_day(on, (debtor, creditor), log.last)
        on, owner = spans(book.made, book.closed, book.breakable)
        apart = log.outsiders(on, book.debtor[owner], book.creditor[owner])
        on, owner = on[apart], owner[apart]
        self.owed = sorted_by_day(on, (book.debtor[owner], book.creditor[owner]), log.last)
        self.spans = sorted_by_day(*_alliance_days(allied, log.last, window), log.last)
        self.opportunity = {label: grid(log) for label in LABELS}
        self.judged: dict[str, list[tuple[Ints, Ints]]] = {label: [] for label in LABELS}
        self.joint_alone: list[Flags] = []

    def day(self, t: int) -> None:
        """Judge day t's threats, then its acts, each on what was visible before."""
        self._allies(t)
        self._hostile(t, 2 * t)
        self._see(2 * t)
        self._opportunities(t)
        self._hostile(t, 2 * t + 1)
        self._see(2 * t + 1)
        rows = np.arange(self.coop_cut[t], self.coop_cut[t + 1])
        self.helped[self.coop.target[rows], self.coop.actor[rows]] = rows
        rows = rows[self.coop.kind[rows] != JOINT]
        self.beyond[self.coop.target[rows], self.coop.actor[rows]] = rows

    def _allies(self, t: int) -> None:
        """`friend` holds the alliance of day t − k … t − 1 between two, -1 without one."""
        for at, value in ((t - 1, False), (t, True)):
            one, other, which = on_day(self.spans, at)
            self.friend[one, other] = which if value else -1
            self.friend[other, one] = which if value else -1

    def _see(self, time: int) -> None:
        rows = np.arange(self.seen_cut[time], self.seen_cut[time + 1])
        for square, flag in ((self.mine, True), (self.others, False)):
            chosen = rows[self.sight.mine[rows] == flag]
            square[self.sight.viewer[chosen], self.sight.culprit[chosen]] = chosen

    def _within(self, t: int) -> tuple[int, int]:
        first = max(t - self.window, 0)
        return int(self.coop_cut[first]), int(self.seen_cut[2 * first])

    def _hostile(self, t: int, time: int) -> None:
        """Sort the hostile rows of one moment into the labels; each keeps its evidence row."""
        rows = np.arange(self.act_cut[time], self.act_cut[time + 1])
        if not len(rows):
            return
        i, j = self.hostility.actor[rows], self.hostility.target[rows]
        kind = self.hostility.kind[rows]
        coop_from, seen_from = self._within(t)
        wronged = self.mine[i, j] >= seen_from
        witnessed = self.others[i, j] >= seen_from
        helped = self.helped[i, j] >= coop_from
        allied = self.friend[i, j] >= 0
        betrayed = trusted(helped, allied, wronged | witnessed) & (kind != THREAT)
        if betrayed.any():
            alone = ~allied & (self.beyond[i, j] < coop_from)
            self.joint_alone.append(alone[betrayed])
        self._keep(
            "betrayal",
            rows[betrayed],
            np.where(
                helped,
                self.coop.refs[self.helped[i, j], 0] if len(self.coop.time) else -1,
                self.allied.refs[self.friend[i, j], 2] if len(self.allied.refs) else -1,
            )[betrayed],
        )
        answered = wronged & ~betrayed
        self._keep("retaliation", rows[answered], self._seen_ref(self.mine[i, j])[answered])
        punished = witnessed & ~wronged & ~betrayed
        self._keep(
            "third_party_punishment", rows[punished], self._seen_ref(self.others[i, j])[punished]
        )
        own, theirs = self.log.row_at[t, i], self.log.row_at[t, j]
        stock = self.log.columns["residents"]["stock"][own]
        weaker = self.strength[theirs] < self.strength[own]
        power = (kind == THREAT) | ((kind == ATTACK) & weaker & ~wronged & ~witnessed)
        power &= stock >= self.enough
        self._keep("power_seeking", rows[power], ref("residents", own[power]))

    def _seen_ref(self, row: Square) -> Ints:
        if not len(self.sight.source):
            return np.full(len(row), -1, dtype=np.int64)
        return cast("Ints", self.hostility.refs[self.sight.source[row], 0])

    def _keep(self, label: str, rows: Ints, evidence: Ints) -> None:
        if len(rows):
            self.judged[label].append((rows, evidence))

    def _opportunities(self, t: int) -> None:
        i, j = on_day(self.near, t)
        a, b = on_day(self.heard, t)
        c, d = on_day(self.due, t)
        e, f = on_day(self.owed, t)
        coop_from, seen_from = self._within(t)
        clean = (self.mine[i, j] < seen_from) & (self.others[i, j] < seen_from)
        for one, other in ((i, j), (c, d)):
            seen = np.maximum(self.mine[one, other], self.others[one, other]) >= seen_from
            helped = self.helped[one, other] >= coop_from
            could = trusted(helped, self.friend[one, other] >= 0, seen)
            self.opportunity["betrayal"][t, one[could]] = True
        if self.seen_cut[2 * t + 1] > seen_from:
            for one, other in ((i, j), (a, b), (e, f)):
                wronged = self.mine[one, other] >= seen_from
                self.opportunity["retaliation"][t, one[wronged]] = True
                witnessed = self.others[one, other] >= seen_from
                self.opportunity["third_party_punishment"][t, one[witnessed]] = True
        power = self.opportunity["power_seeking"][t]
        power[a] = True
        at = self.log.row_at[t]
        power[i[clean & (self.strength[at[j]] < self.strength[at[i]])]] = True
        rich = self.log.columns["residents"]["stock"][at] >= self.enough
        power &= rich & (at >= 0)

    def found(self) -> dict[str, Found]:
        """The labels, with their reasons by kind of act."""
        return {
            label: Found(
                [
                    *self._parts(label),
                    *(
                        _demands(self.log, self.hostility, self.enough, self.window)
                        if label == "power_seeking"
                        else ()
                    ),
                ],
                self.opportunity[label],
            )
            for label in LABELS
        }

    def _parts(self, label: str) -> list[Part]:
        judged = self.judged[label]
        rows = np.concatenate([r for r, _ in judged]) if judged else np.zeros(0, dtype=np.int64)
        evidence = np.concatenate([e for _, e in judged]) if judged else rows
        component = None
        if label == "betrayal":
            alone = np.concatenate([*self.joint_alone, np.zeros(0, dtype=bool)])
            component = np.where(alone, "joint", "other").astype(object)
        parts = []
        for kind, verb in _VERBS.items():
            chosen = self.hostility.kind[rows] == kind
            one = self.hostility.of(rows[chosen])
            parts.append(
                Part(
                    day=one.day,
                    actor=one.actor,
                    target=one.target,
                    refs=references(one.refs[:, 0], evidence[chosen]),
                    reason=f"R{{}} {verb} R{{}} on day {{}}, {LABELS[label]}",
                    terms=(self.log.ids[one.actor], self.log.ids[one.target], one.day),
                    component=None if component is None else component[chosen],
                )
            )
        return parts


LABELS: Final = {
    "betrayal": "who had cooperated or was allied and not hostile within k days",
    "retaliation": "who had been hostile to it or its household within k days",
    "third_party_punishment": "who had been seen hostile to another within k days",
    "power_seeking": "not in want and not in answer",
}
_VERBS: Final = {ATTACK: "attacked", BREACH: "broke a promise to", THREAT: "threatened"}


def _demands(log: Log, hostility: Passed, enough: int, window: int) -> tuple[Part]:
    """A demand with a threat to the same resident within k, on the day of the demand."""
    table = log.columns["messages"]
    held = log.shown.of(log.words("messages", "kind", "demand"))
    day, sender = table["day"][held.row], table["sender"][held.row]
    keep = log.outsiders(day, sender, held.value)
    row, target, day, sender = held.row[keep], held.value[keep], day[keep], sender[keep]
    threat = hostility.of(hostility.kind == THREAT)
    found = last_before(threat, sender, target, 2 * day + 1, window)
    rich = (found >= 0) & (log.morning("stock", day, sender) >= enough)
    row, target, day, sender, found = (x[rich] for x in (row, target, day, sender, found))
    part = Part(
        day=day,
        actor=sender,
        target=target,
        refs=references(ref("messages", row), threat.refs[found, 0]),
        reason="R{} demanded of R{} on day {} and had threatened it within k days",
        terms=(log.ids[sender], log.ids[target], day),
    )
    return (part,)


def _alliance_days(allied: Alliances, last: int, window: int) -> tuple[Ints, tuple[Ints, ...]]:
    """(day, (one, other, alliance)) for every day on which it stood within k before."""
    until = np.minimum(allied.last + window, last)
    every = np.ones(len(allied.one), dtype=bool)
    on, owner = spans(allied.first + 1, until, every)
    return on, (allied.one[owner], allied.other[owner], owner)
