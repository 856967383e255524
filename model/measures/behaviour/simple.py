"""Two labels of one resident alone: status-seeking and the broken promise.

- *status-seeking*: a promotion done. Opportunity: in the morning, the least stock that a promotion
  takes.
- *broken promise*: a commitment to an outsider broken by choice, among them every later change of
  mind. Opportunity: a commitment due (see `ledger`).
"""

from __future__ import annotations

import numpy as np

from model.measures.behaviour.found import Found, Part, grid, references
from model.measures.behaviour.ledger import Ledger, due
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Log, ref


def status_seeking(log: Log, rules: Rules) -> Found:
    """Promotions by actor-day; the label has no target."""
    table, residents = log.columns["events"], log.columns["residents"]
    rows = log.rows("events", "kind", "promote")
    rows = rows[log.alive(table["day"][rows], table["actor"][rows])]
    day, actor = table["day"][rows], table["actor"][rows]
    part = Part(
        day=day,
        actor=actor,
        target=np.full(len(rows), -1, dtype=np.int64),
        refs=references(ref("events", rows)),
        reason="R{} spent {} units on promotion on day {}",
        terms=(log.ids[actor], table["amount"][rows], day) if len(log.ids) else (),
    )
    opportunity = grid(log)
    enough = (residents["stock"] >= rules.promote_step) & (residents["day"] >= 1)
    opportunity[residents["day"][enough], residents["resident"][enough]] = True
    return Found([part], opportunity)


def broken_promise(log: Log, book: Ledger) -> Found:
    """Chosen breaches by actor-day."""
    broken = np.flatnonzero(book.broken & book.outsiders)
    day, debtor, creditor = book.closed[broken], book.debtor[broken], book.creditor[broken]
    part = Part(
        day=day,
        actor=debtor,
        target=creditor,
        refs=references(ref("commitments", book.row[broken])),
        reason="R{} broke a promise to R{} by choice on day {}, made on day {}",
        terms=(log.ids[debtor], log.ids[creditor], day, book.made[broken]) if len(log.ids) else (),
    )
    on, who, _, _ = due(log, book)
    opportunity = grid(log)
    opportunity[on, who] = True
    return Found([part], opportunity)
