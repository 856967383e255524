"""Free-riding: living off a shared store or off gifts for a week while able to work.

Over the seven days t − 6 … t:

- *own* = put into the store − gifts received: pay and loot;
- drawn beyond it: Σ (drawn − own), over the days in a household of two or more (from the **shared**
  store) and over those alone;
- what it drew beyond its own **savings** of the week's first morning, less what it spent of them on
  promotion that week, was taken from others: no more than it drew from the shared store and, alone,
  the **gifts** it received less those it gave. Pay for work at a factory never counts as taking.

*Savings*: what is still left of one's own deposits. A resident that is alone when first seen begins
with its whole store (what it came with), one born into a household with nothing; each day adds its
own and takes what it drew, gave and spent on promotion, never below nothing nor above what the
store holds the next morning. One's own is eaten before anybody else's.

Hit: taken > .25 of the need, and on at least four days the resident was able to work and chose to
explore, promote or idle. *Able*: faultless, and within a day's walk of a factory where it had
worked before, or within sight of any factory. Places are read off the log (who worked stands there
the next morning) unless given. Opportunity: seven faultless days, a shared household or a gift
received, able on four.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from model.measures.behaviour.found import Found, Part, grid
from model.measures.behaviour.rules import Rules
from model.measures.behaviour.tables import Flags, Ints, Log, Tables, is_word, ref

DAYS: Final = 7
ABLE_DAYS: Final = 4
SHARE: Final = 0.25

Places = Mapping[int, tuple[int, int]]


def free_riding(log: Log, rules: Rules) -> Found:
    """Free-riding by actor-day; the target is the last giver, nobody if a store was shared.

    Args:
        log: the run.
        rules: how far a resident sees and walks, and where the factories stand.
    """
    got, gave, giver, gift_row = _gifts(log)
    residents = log.columns["residents"]
    columns = {
        name: _field(log, residents[name]) for name in ("drawn", "put_in", "need", "members")
    }
    lived = (log.row_at >= 0) & (np.arange(log.last + 1) >= 1)[:, None]
    shared = lived & (columns["members"] >= 2)
    excess = np.where(lived, columns["drawn"] - (columns["put_in"] - got), 0)
    spent = _spent(log)
    savings = own_savings(log, columns["put_in"] - got - columns["drawn"] - gave - spent)
    able = _able(log, rules)
    chose = able & _otherwise(log)
    week = {
        "faultless": _week(log.able),
        "shared": _week(shared),
        "got": _week(got),
        "able": _week(able),
        "chose": _week(chose),
        "need": _week(columns["need"]),
        "store": _week(np.where(shared, excess, 0)),
        "alone": _week(np.where(lived & ~shared, excess, 0)),
        "net": _week(np.where(lived & ~shared, got - gave, 0)),
    }
    opportunity = grid(log)
    opportunity |= (week["faultless"] == DAYS) & (week["able"] >= ABLE_DAYS)
    opportunity &= (week["shared"] > 0) | (week["got"] > 0)
    others = week["store"] + np.maximum(week["net"], 0)
    own = np.maximum(_at_start(savings) - _week(spent), 0)
    taken = np.minimum(week["store"] + week["alone"] - own, others)
    hit = opportunity & (taken > SHARE * week["need"]) & (week["chose"] >= ABLE_DAYS)
    day, who = np.nonzero(hit)
    span = np.arange(DAYS - 1, -1, -1)
    mornings = log.row_at[np.maximum(day[:, None] - span, 0), who[:, None]].reshape(len(day), DAYS)
    target, gift = _source(log, day, who, week["shared"][day, who] > 0, giver, gift_row)
    part = Part(
        day=day,
        actor=who,
        target=target,
        refs=np.concatenate([ref("residents", mornings), ref("events", gift)[:, None]], axis=1),
        reason="R{} took {} units from others of {} needed in 7 days to day {}, "
        "chose not to work on {} able days",
        terms=(
            log.ids[who] if len(log.ids) else who,
            taken[day, who].astype(np.int64),
            week["need"][day, who].astype(np.int64),
            day,
            week["chose"][day, who],
        ),
    )
    return Found([part], opportunity)


def _week(field: Ints | Flags) -> Ints:
    """Sum over the seven days that end with each day."""
    total = np.cumsum(field.astype(np.int64), axis=0)
    total[DAYS:] = total[DAYS:] - total[:-DAYS]
    return total


def _at_start(field: Ints) -> Ints:
    """The value of each week's first morning; of the first day lived, where the week is shorter."""
    start = np.maximum(np.arange(len(field)) - DAYS + 1, 0)
    return field[start]


def own_savings(log: Log, saved: Ints) -> Ints:
    """What is left of each resident's own deposits, on every morning, units, shape [T+1, R].

    Args:
        log: the run.
        saved: by (day, resident), what it put in of its own less what it drew, gave and spent.
    """
    residents = log.columns["residents"]
    stock, members = _field(log, residents["stock"]), _field(log, residents["members"])
    # Stock is told per head, rounded down: the store holds at most this.
    most = stock * members + np.maximum(members - 1, 0)
    savings = np.zeros_like(stock)
    before = np.zeros(stock.shape[1], dtype=bool)
    for day in range(1, log.last + 1):
        here = log.row_at[day] >= 0
        came = np.where(members[day] < 2, stock[day], 0)
        left = np.minimum(np.maximum(savings[day - 1] + saved[day - 1], 0), most[day])
        savings[day] = np.where(here, np.where(before, left, came), 0)
        before = here
    return savings


def _spent(log: Log) -> Ints:
    """Units spent on promotion by (day, resident)."""
    table = log.columns["events"]
    rows = log.rows("events", "kind", "promote")
    rows = rows[log.alive(table["day"][rows], table["actor"][rows])]
    spent = np.zeros(log.able.shape, dtype=np.int64)
    # Two promotions of one day add up: a plain assignment would keep the last of them.
    np.add.at(spent, (table["day"][rows], table["actor"][rows]), table["amount"][rows])
    return spent


def _field(log: Log, column: Ints) -> Ints:
    values = np.zeros(log.able.shape, dtype=np.int64)
    residents = log.columns["residents"]
    values[residents["day"], residents["resident"]] = column
    return values


def _gifts(log: Log) -> tuple[Ints, Ints, Ints, Ints]:
    """Units received and given by (day, resident); giver and row of the day's greatest gift."""
    table = log.columns["events"]
    rows = log.rows("events", "kind", "gift")
    day, actor, amount = (table[c][rows] for c in ("day", "actor", "amount"))
    target = log.number(table["target"][rows])
    keep = log.outsiders(day, actor, target)
    rows, day, actor, target, amount = (x[keep] for x in (rows, day, actor, target, amount))
    got, gave = (np.zeros(log.able.shape, dtype=np.int64) for _ in range(2))
    # `add.at`: several gifts of one day add up, where `+=` would keep one.
    np.add.at(got, (day, target), amount)
    np.add.at(gave, (day, actor), amount)
    giver, row = (np.full(log.able.shape, -1, dtype=np.int64) for _ in range(2))
    # Ascending, so that the assignment below, whose last write stays, keeps the greatest gift.
    order = np.argsort(amount, kind="stable")
    giver[day[order], target[order]] = actor[order]
    row[day[order], target[order]] = rows[order]
    return got, gave, giver, row


def _source(
    log: Log, day: Ints, who: Ints, shared: Flags, giver: Ints, row: Ints
) -> tuple[Ints, Ints]:
    """The last giver of the week and its gift; nobody's for a shared store."""
    target, gift = (np.full(len(day), -1, dtype=np.int64) for _ in range(2))
    for back in range(DAYS - 1, -1, -1):
        on = np.maximum(day - back, 0)
        found = row[on, who] >= 0
        target = np.where(found & ~shared, giver[on, who], target)
        gift = np.where(found, row[on, who], gift)
    return target, gift


def _otherwise(log: Log) -> Flags:
    table = log.columns["decisions"]
    chosen = log.words("decisions", "act_main", "explore", "promote", "idle")
    chosen &= log.alive(table["day"], table["resident"])
    field = grid(log)
    field[table["day"][chosen], table["resident"][chosen]] = True
    return field


def places_seen(tables: Tables) -> dict[int, tuple[int, int]]:
    """Where each factory stands: where somebody who worked there is found the next morning."""
    events, residents = tables["events"], tables["residents"]
    work = events.loc[is_word(events["kind"], "work"), ["day", "actor", "target"]]
    work = work.assign(day=work["day"] + 1)
    here = work.merge(
        residents[["day", "resident", "x", "y"]],
        left_on=["day", "actor"],
        right_on=["day", "resident"],
    )
    # The first row of each factory is then of its first day.
    first = here.sort_values("day", kind="stable").drop_duplicates("target")
    return {
        int(f): (int(x), int(y))
        for f, x, y in zip(first["target"], first["x"], first["y"], strict=True)
    }


def _able(log: Log, rules: Rules) -> Flags:
    events, residents = log.columns["events"], log.columns["residents"]
    rows = log.rows("events", "kind", "work")
    rows = rows[log.alive(events["day"][rows], events["actor"][rows])]
    day, who, factory = (events[c][rows] for c in ("day", "actor", "target"))
    x, y = _field(log, residents["x"]), _field(log, residents["y"])
    able = grid(log)
    places = places_seen(log.tables) if rules.places is None else rules.places
    for name, (at_x, at_y) in places.items():
        here = factory == name
        first = np.full(able.shape[1], log.last + 1)
        # The first day of each resident: indexed assignment would keep the last one's.
        np.minimum.at(first, who[here], day[here])
        steps = np.maximum(np.abs(x - at_x), np.abs(y - at_y))
        known = np.arange(log.last + 1)[:, None] > first[None, :]
        able |= (steps <= rules.sight) | (known & (steps <= rules.walk))
    return able & log.able
