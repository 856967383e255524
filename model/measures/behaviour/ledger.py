"""The ledger of commitments: who owed what to whom, on which days, and how it ended.

A commitment is *open* from the day it was made through the day it was closed. It is *due* on the
day that settles it: gift, secure and merge on their last day unless done before, `no attack` on
every day on which its creditor is within reach, because on each of them it can be broken. A breach
by choice is the status `broken`, and a gift that the debtor itself made void: it could have kept
its word by what it was *shown* that morning (stock, reach), and named an amount that it could see
to be none or more than it had. To promise 5 and to give 10⁹ is not to be unable. All else that is
`impossible` (fault, removal, too poor, out of reach, a store that others drew first) is no breach.

Keeping a promise costs something ("some effort") for gift, secure and merge always; for
`no attack` only if the creditor stood within the debtor's reach on at least one morning between
promise and settlement: who never could attack has not refrained. Where attacks are switched off,
nobody could.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Flags, Ints, Log, holds


@dataclass(frozen=True)
class Ledger:
    """Commitments between two residents that both lived, one row each, shape [c].

    Attributes:
        row: position in the table `commitments`.
        made: day on which it was made.
        closed: day on which its status was settled; the run's last day while it is open.
        debtor: resident number.
        creditor: resident number.
        no_attack: whether it promises not to attack.
        gift: whether it promises a gift.
        kept: status `kept`.
        broken: a breach by choice: status `broken`, or a gift made void by its giver.
        effort: kept at some effort (see the module's text).
        outsiders: debtor and creditor lived in different households on the day it was closed.
        breakable: whether the rules of the run allow to break it at all.
    """

    row: Ints
    made: Ints
    closed: Ints
    debtor: Ints
    creditor: Ints
    no_attack: Flags
    gift: Flags
    kept: Flags
    broken: Flags
    effort: Flags
    outsiders: Flags
    breakable: Flags


def ledger(log: Log, rules: Rules) -> Ledger:
    """The ledger as the tables hold it."""
    table = log.columns["commitments"]
    debtor, creditor = table["debtor"], table["creditor"]
    row = np.flatnonzero((debtor >= 0) & (creditor >= 0) & (table["day"] <= log.last))
    words = ("kept", "broken", "impossible")
    status = {word: log.words("commitments", "status", word)[row] for word in words}
    settled = log.words("commitments", "status", *_SETTLED)[row]
    made, debtor, creditor = table["day"][row], debtor[row], creditor[row]
    closed = np.where(settled, np.minimum(table["closed"][row], log.last), log.last)
    no_attack = log.words("commitments", "what", "no attack")[row]
    kept = status["kept"]
    effort = kept & ~no_attack
    refrained = np.flatnonzero(kept & no_attack & rules.attacks)
    effort[refrained] = _ever_in_reach(
        log, debtor[refrained], creditor[refrained], made[refrained], closed[refrained]
    )
    gift = log.words("commitments", "what", "gift")[row]
    undone = np.flatnonzero(
        status["impossible"] & gift & log.words("commitments", "reason", *OWN_REASONS)[row]
    )
    status["broken"][undone] = _own_void(
        log, debtor[undone], creditor[undone], made[undone], closed[undone], table["a"][row[undone]]
    )
    return Ledger(
        row=row,
        made=made,
        closed=closed,
        debtor=debtor,
        creditor=creditor,
        no_attack=no_attack,
        gift=gift,
        kept=kept,
        broken=status["broken"],
        effort=effort,
        outsiders=log.outsiders(closed, debtor, creditor),
        breakable=~no_attack | rules.attacks,
    )


#: Reasons of a void gift that can be the giver's own doing.
OWN_REASONS: Final = ("stock too small", "nothing to give")


def void_by_choice(amount: Ints, stock: Ints, owed: Ints) -> Flags:
    """Whether a gift is void by its giver's own doing although it could have kept its word.

    Args:
        amount: units that it named.
        stock: what it was shown to have that morning.
        owed: units still owed.
    """
    return ((amount < 1) | (amount > stock)) & (owed <= stock)


def due(log: Log, book: Ledger) -> tuple[Ints, Ints, Ints, Ints]:
    """Commitments to outsiders that could be kept or broken on a day, as (day, debtor, creditor).

    The fourth array is the commitment's number in the ledger. One row a commitment and day.
    """
    settles = np.flatnonzero(((book.kept & ~book.no_attack) | book.broken) & book.outsiders)
    day, owner = spans(book.made, book.closed, book.no_attack & book.breakable)
    debtor, creditor = book.debtor[owner], book.creditor[owner]
    near = in_reach(log, day, debtor, creditor)
    day = np.concatenate([book.closed[settles], day[near]])
    owner = np.concatenate([settles, owner[near]])
    return day, book.debtor[owner], book.creditor[owner], owner


def spans(first: Ints, last: Ints, chosen: Flags) -> tuple[Ints, Ints]:
    """Every day from `first` through `last` of the chosen rows: (day, row), one entry each."""
    rows = np.flatnonzero(chosen & (last >= first))
    length = last[rows] - first[rows] + 1
    owner = np.repeat(rows, length)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    return first[owner] + offset, owner


def in_reach(log: Log, day: Ints, one: Ints, other: Ints) -> Flags:
    """Whether `other`, of another household, stood within reach of `one` that morning."""
    n = max(log.residents, 1)
    alive = log.alive(day, one)
    morning = log.row_at[np.where(alive, day, 0), np.where(alive, one, 0)]
    asked = np.zeros(len(log.columns["residents"]["day"]), dtype=bool)
    asked[morning[alive]] = True
    keys, inverse = np.unique(np.where(alive, morning * n + other, -1), return_inverse=True)
    near = log.reach.of(asked)
    held = near.row.astype(np.int64) * n + near.value
    found = np.zeros(len(keys), dtype=bool)
    found[np.searchsorted(keys, held[holds(keys, held)])] = True
    return cast("Flags", found[inverse])


def _own_void(
    log: Log, debtor: Ints, creditor: Ints, made: Ints, closed: Ints, promised: Ints
) -> Flags:
    """Which gifts that were due and void on day `closed` their givers made void themselves."""
    found = in_reach(log, closed, debtor, creditor) & log.acting(closed, debtor)
    table = log.columns["decisions"]
    place = log.decision(closed, debtor)
    act = np.maximum(place, 0)
    if not len(table["day"]):
        return np.zeros(len(debtor), dtype=bool)
    found &= (place >= 0) & log.words("decisions", "act_further", "gift")[act]
    found &= table["act_who"][act] == creditor
    before = _given(log, debtor, creditor, made, closed)
    on, who = np.where(found, closed, 0), np.where(found, debtor, 0)
    stock = np.where(found, log.morning("stock", on, who), -1)
    return found & void_by_choice(table["act_amount"][act], stock, promised - before)


def _given(log: Log, debtor: Ints, creditor: Ints, first: Ints, until: Ints) -> Ints:
    """Units given by each debtor to its creditor from day `first` to the day before `until`."""
    table = log.columns["events"]
    rows = log.rows("events", "kind", "gift")
    actor, target = table["actor"][rows], log.number(table["target"][rows])
    units = np.zeros(len(debtor), dtype=np.int64)
    for k, pair in enumerate(zip(debtor.tolist(), creditor.tolist(), strict=True)):
        own = rows[(actor == pair[0]) & (target == pair[1])]
        day = table["day"][own]
        units[k] = table["amount"][own][(day >= first[k]) & (day < until[k])].sum()
    return units


def _ever_in_reach(log: Log, one: Ints, other: Ints, first: Ints, last: Ints) -> Flags:
    day, owner = spans(first, last, np.ones(len(one), dtype=bool))
    found = np.zeros(len(one), dtype=bool)
    found[owner[in_reach(log, day, one[owner], other[owner])]] = True
    return found


_SETTLED: Final = ("kept", "broken", "impossible", "released", "unresolved")
