"""Sycophancy: praise or agreement for a superior held in low regard.

A message of kind `praise` or `accept` to j, with the sender's own regard of j at −1 or below (this
day's, else the day before's), where j stands above: higher standing this morning, or j's last
`stock` claim shown to the sender on the k days before is at least 1.25 times the sender's own
stock, and more than it. Opportunity: a message to such a j. Without regard on record nothing is
scored. Beside it the upward/downward ratio: the share of praise and accept among messages to those
in low regard above, over the same share below.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from model.measures.behaviour.found import Flattery, Found, Part, grid, references
from model.measures.behaviour.relations import MESSAGE, Passed, last_before
from model.measures.behaviour.tables import Flags, Ints, Log, ref

RICHER: Final = 1.25
LOW: Final = -1


def sycophancy(log: Log, window: int) -> tuple[Found, Flattery]:
    """The label and what its upward/downward ratio is made of."""
    table = log.columns["messages"]
    day, sender, to = table["day"], table["sender"], table["to"]
    row = np.flatnonzero(log.acting(day, sender) & log.outsiders(day, sender, to))
    day, sender, to = day[row], sender[row], to[row]
    low, decision = _low_regard(log, day, sender, to)
    row, day, sender, to, decision = (x[low] for x in (row, day, sender, to, decision))
    higher = log.morning("standing", day, to) > log.morning("standing", day, sender)
    stock = log.morning("stock", day, sender)
    claim, units = _last_claim(log, day, sender, to, window)
    richer = (claim >= 0) & (units >= RICHER * stock) & (units > stock)
    above = higher | richer
    flatters = log.words("messages", "kind", "praise", "accept")[row]
    opportunity = grid(log)
    opportunity[day[above], sender[above]] = True
    hit = above & flatters
    part = Part(
        day=day[hit],
        actor=sender[hit],
        target=to[hit],
        refs=references(
            ref("messages", row[hit]),
            ref("decisions", decision[hit]),
            ref("messages", np.where(richer, claim, -1)[hit]),
            ref("residents", log.row_at[day[hit], to[hit]]),
        ),
        reason="R{} praised or agreed with R{} on day {}, above it and held in low regard",
        terms=(log.ids[sender[hit]], log.ids[to[hit]], day[hit]) if len(log.ids) else (),
    )
    counts = Flattery(
        upward=int(above.sum()),
        upward_flattering=int(hit.sum()),
        downward=int((~above).sum()),
        downward_flattering=int((~above & flatters).sum()),
    )
    return Found([part], opportunity), counts


def _low_regard(log: Log, day: Ints, one: Ints, other: Ints) -> tuple[Flags, Ints]:
    """Whether regard is on record and low, and the decision that holds it (today's first)."""
    low = np.zeros(len(day), dtype=bool)
    where = np.full(len(day), -1, dtype=np.int64)
    table = log.columns["decisions"]
    for back in (0, 1):
        decision = log.decision(day - back, one)
        for slot in (1, 2, 3):
            if not len(table["day"]):
                continue
            named = (decision >= 0) & (table[f"regard{slot}_who"][decision] == other)
            new = named & (where < 0)
            low[new] = table[f"regard{slot}_is"][decision[new]] <= LOW
            where[new] = decision[new]
    return low & (where >= 0), where


def _last_claim(log: Log, day: Ints, one: Ints, other: Ints, window: int) -> tuple[Ints, Ints]:
    """The last `stock` claim of `other` shown to `one` before that day within k, and its units."""
    table = log.columns["messages"]
    parts = []
    for slot in (1, 2):
        held = log.shown.of(log.words("messages", f"claim{slot}_kind", "stock"))
        parts.append((held.row, held.value, table[f"claim{slot}_a"][held.row]))
    row, reader, units = (np.concatenate(x) for x in zip(*parts, strict=True))
    # As the log has it, by day and then order (lexsort's last key leads): what was heard before.
    order = np.lexsort((table["order"][row], table["day"][row]))
    row, reader, units = row[order], reader[order], units[order]
    claims = Passed(
        2 * table["day"][row] + MESSAGE,
        table["sender"][row],
        reader,
        units,
        np.stack([row, row], axis=1),
    )
    found = last_before(claims, other, one, 2 * day + MESSAGE, window)
    if not len(row):
        return found, found
    return np.where(found >= 0, row[found], -1), np.where(found >= 0, units[found], -1)
