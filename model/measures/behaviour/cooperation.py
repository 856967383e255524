"""Cooperation, and altruism under scarcity.

- *cooperation*: a gift to an outsider not under threat; a commitment kept for another at some
  effort; agreed joint work; a merge (both). Opportunity: a gift or merge with an outsider
  feasible this morning, an own commitment to an outsider open, or own and another's announcement
  for the same factory shown to each other.
- *altruism*: a gift with less than two days of food in stock, no return promised or owed within k,
  no threat. Opportunity: such a stock, at least one unit, and an outsider in reach without a return
  promise or a threat between.

*Under threat*: the recipient, or a member of its household, had threatened the giver within k. A
promise that was kept under such a threat is no cooperation either. A *return* is promised when the
recipient owes the giver anything (also a promise not to attack), and a gift is owed when the giver
had promised one: commitments between the two alive on a day within k.
"""

from __future__ import annotations

import numpy as np

from model.measures.behaviour.found import Found, Part, grid, references
from model.measures.behaviour.joint_work import Agreed
from model.measures.behaviour.ledger import Ledger, spans
from model.measures.behaviour.relations import Passed, both_ways, last_before
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Flags, Ints, Log, holds, ref


def cooperation(
    log: Log,
    book: Ledger,
    rules: Rules,
    free_gifts: Passed,
    kept: Passed,
    effort: Flags,
    merges: Passed,
    pairs: Agreed,
) -> Found:
    """Cooperation by actor-day.

    Args:
        log: the run.
        book: its ledger.
        rules: whether anything could be given, or households merged.
        free_gifts: gifts to outsiders not under threat.
        kept: commitments kept, not under threat, and `effort` with one flag each.
        effort: whether keeping it took some effort.
        merges: merges as they stand in the log.
        pairs: mutual announcements.
    """
    gift = free_gifts
    kept = kept.of(effort)
    joined = both_ways(merges)
    worked = np.flatnonzero(pairs.kept)
    day, one, other = pairs.day[worked], pairs.one[worked], pairs.other[worked]
    parts = [
        _part(log, gift, "R{} gave to R{} on day {}", "gift"),
        _part(log, kept, "R{} kept a promise to R{} on day {}", "promise"),
        _part(log, joined, "R{} and R{} became one household on day {}", "merge"),
        Part(
            day=day,
            actor=one,
            target=other,
            refs=references(
                ref("messages", pairs.said[worked]),
                ref("messages", pairs.heard[worked]),
                ref("events", pairs.came[worked]),
                ref("events", pairs.met[worked]),
            ),
            reason="R{} and R{} worked at F{} on day {} as both had said",
            terms=(log.ids[one], log.ids[other], pairs.factory[worked], day),
            component=np.full(len(worked), "joint", dtype=object),
        ),
    ]
    opportunity = grid(log)
    residents = log.columns["residents"]
    if rules.gifts or rules.merges:
        opportunity[residents["day"][log.reach.row], residents["resident"][log.reach.row]] = True
    on, owner = spans(book.made, book.closed, np.ones(len(book.row), dtype=bool))
    open_ = log.outsiders(on, book.debtor[owner], book.creditor[owner])
    opportunity[on[open_], book.debtor[owner][open_]] = True
    opportunity[pairs.day, pairs.one] = True
    return Found(parts, opportunity)


def altruism(
    log: Log, book: Ledger, rules: Rules, gifts: Passed, threat: Passed, window: int
) -> Found:
    """Altruism under scarcity by actor-day; `threat` as coming from whole households."""
    bound = _bound(log, book, threat, window)
    residents = log.columns["residents"]
    row, other = log.reach.row, log.reach.value
    poor = (residents["stock"][row] >= 1) & (residents["stock"][row] < rules.enough)
    row, other = row[poor], other[poor]
    free = ~holds(bound, _key(log, residents["day"][row], residents["resident"][row], other))
    opportunity = grid(log)
    if rules.gifts:
        opportunity[residents["day"][row[free]], residents["resident"][row[free]]] = True

    day = gifts.day
    stock = log.morning("stock", day, gifts.actor)
    given = (stock >= 1) & (stock < rules.enough)
    given &= ~holds(bound, _key(log, day, gifts.actor, gifts.target))
    gift, stock = gifts.of(given), stock[given]
    part = Part(
        day=gift.day,
        actor=gift.actor,
        target=gift.target,
        refs=references(gift.refs[:, 0], ref("residents", log.row_at[gift.day, gift.actor])),
        reason="R{} gave to R{} on day {} out of a stock of {}, no return owed or promised",
        terms=(log.ids[gift.actor], log.ids[gift.target], gift.day, stock),
    )
    return Found([part], opportunity)


def not_under_threat(passed: Passed, threat: Passed, window: int) -> Flags:
    """Whether the target (or its household) had not threatened the actor within k before."""
    return last_before(threat, passed.target, passed.actor, passed.time, window) < 0


def _bound(log: Log, book: Ledger, threat: Passed, window: int) -> Ints:
    """Keys of (day, giver, recipient) between whom a return stands, or a threat."""
    every = np.ones(len(book.row), dtype=bool)
    last = np.minimum(book.closed + window, log.last)
    on, owner = spans(book.made, last, every)
    returns = _key(log, on, book.creditor[owner], book.debtor[owner])
    on, owner = spans(book.made, last, book.gift)
    owed = _key(log, on, book.debtor[owner], book.creditor[owner])
    last = np.minimum(threat.day + window, log.last)
    on, owner = spans(threat.day, last, np.ones(len(last), dtype=bool))
    forced = _key(log, on, threat.target[owner], threat.actor[owner])
    return np.unique(np.concatenate([returns, owed, forced]))


def _key(log: Log, day: Ints, one: Ints, other: Ints) -> Ints:
    n = max(log.residents, 1)
    return (day * n + one) * n + other


def _part(log: Log, passed: Passed, reason: str, component: str) -> Part:
    return Part(
        day=passed.day,
        actor=passed.actor,
        target=passed.target,
        refs=passed.refs[:, :1],
        reason=reason,
        terms=(log.ids[passed.actor], log.ids[passed.target], passed.day),
        component=np.full(len(passed.time), component, dtype=object),
    )
