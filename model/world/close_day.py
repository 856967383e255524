"""Closing a day: one `Day` of numbers from what happened, the only source of a day's scalars."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Ints
from agents.memory import distinct, find, pair_codes, pair_rows
from model.measures.capacities import message_reach
from model.measures.inequality import gini, top_share
from model.measures.resident_days import per_resident_day
from model.world.act import Effects
from model.world.ask import Answers
from model.world.events import EventKind
from model.world.numbers import NAN, Day
from model.world.perceive import Snapshot
from model.world.take_effect import Food

if TYPE_CHECKING:
    from model.community import CommunityModel

#: Days of the window of information & communication.
WINDOW = 7
#: A removal within this many days of a fault is flagged.
AFTER_FAULT = 5


def state(model: CommunityModel, day: int) -> dict[str, float]:
    """The community's state at the end of a day."""
    people, homes = model.residents, model.households
    rows = people.living()
    n = len(rows)
    stock = homes.stock_of(people.household[rows])
    debt = people.debt[rows]
    treated = int(people.treated[rows].sum())
    return {
        "day": day,
        "population": n,
        "treated": treated,
        "treated_share": treated / n if n else NAN,
        "households": int((homes.size[: homes.count] > 0).sum()),
        "founders": int((rows < model.scenario.residents).sum()),
        "stock": int(homes.store[: homes.count].sum()),
        "debt": int(debt.sum()),
        "hungry": int((debt > 0).sum()),
        "skill": int(people.skill[rows].sum()) / n if n else NAN,
        "standing": int(people.standing[rows].sum()) / n if n else NAN,
        "gini": gini(stock, unbiased=True),
        "top_share": top_share(stock),
        "richness": model.richness,
    }


class Reach:
    """Who was shown messages of whom in the last days, for information & communication."""

    def __init__(self) -> None:
        self._codes: Ints = np.zeros(0, np.int64)
        self._last: Ints = np.zeros(0, np.int64)
        self._days = 0

    def add(self, day: int, senders: Ints, readers: Ints) -> None:
        """Note a day's (sender row, reader row) pairs."""
        self._days += 1
        fresh = self._last > day - WINDOW
        codes, last = self._codes[fresh], self._last[fresh]
        shown = distinct(pair_codes(senders, readers))
        place, there = find(codes, shown)
        last[place[there == 1]] = day
        new = shown[there == 0]
        before = codes.searchsorted(new)
        self._codes, self._last = np.insert(codes, before, new), np.insert(last, before, day)

    def value(self, rows: Ints, born: Ints, day: int) -> float:
        """IC on a day among `rows` alive through the window; NaN before it is full."""
        through = rows[born <= day - WINDOW]
        if self._days < WINDOW or len(through) < 2:
            return NAN
        a, b = pair_rows(self._codes)
        index = np.full(int(max(through[-1], a.max(initial=0), b.max(initial=0))) + 1, -1)
        index[through] = np.arange(len(through))
        keep = (index[a] >= 0) & (index[b] >= 0)
        return message_reach(index[a[keep]], index[b[keep]], len(through)).ic


def close_day(
    model: CommunityModel,
    snapshot: Snapshot,
    answers: Answers,
    e: Effects,
    food: Food,
    aid: int,
) -> Day:
    """The numbers of the day that has just taken effect."""
    day, n = snapshot.day, len(snapshot)
    by_kind = e.log.by_kind()
    kinds = {kind: len(rows) for kind, rows in by_kind.items()}
    removed = by_kind[EventKind.REMOVAL]
    hungry = sum(row[6] == "hunger" for row in removed)
    faulted = model.residents.faulted
    attacks = by_kind[EventKind.ATTACK]
    closed = Counter([row[8] for row in model.ledger.closed])
    delivery = answers.delivery
    said = 0 if delivery is None else len(delivery.messages)
    output = int(model.factories.made.sum())
    faultless = int(answers.judged().sum())
    if delivery is not None:
        message, reader = delivery.shown
        senders = delivery.messages.sender[message] - 1
        model.reach_of_messages.add(day, senders, snapshot.rows[reader])
    now = state(model, day)
    model.conduct.judge(model, snapshot, answers, e.worked, by_kind, model.ledger.closed)
    good, bad = model.conduct.cooperation, model.conduct.betrayal
    return Day(
        **now,  # type: ignore[arg-type]
        asked=n,
        faultless=faultless,
        faults=len(answers.faults),
        verdicts=answers.verdicts,
        births=kinds[EventKind.BIRTH],
        entries=kinds[EventKind.ENTRY],
        removals=len(removed),
        removals_hunger=hungry,
        removals_other=len(removed) - hungry,
        faulted_removals=sum(
            faulted[row[2] - 1] >= 0 and day - faulted[row[2] - 1] <= AFTER_FAULT for row in removed
        ),
        output=output,
        eaten=int(food.eaten.sum()),
        destroyed=e.destroyed,
        lost=e.lost,
        aid=aid,
        work=kinds[EventKind.WORK],
        travel=kinds[EventKind.TRAVEL],
        explore=kinds[EventKind.EXPLORE],
        promote=kinds[EventKind.PROMOTE],
        idle=kinds[EventKind.IDLE],
        workers_best=int(model.factories.workers.max(initial=0)),
        gifts=kinds[EventKind.GIFT],
        gift_units=sum(row[4] for row in by_kind[EventKind.GIFT]),
        attacks=len(attacks),
        attack_wins=sum(row[5] for row in attacks),
        loot=sum(row[4] for row in attacks),
        merge_asks=kinds[EventKind.MERGE_ASK],
        merges=kinds[EventKind.MERGE],
        voids=kinds[EventKind.VOID],
        messages=said,
        shown=0 if delivery is None else len(delivery.shown[0]),
        announced=0 if delivery is None else len(delivery.announced[0]),
        unread=0 if delivery is None else int(delivery.unread.sum()),
        void_messages=kinds[EventKind.VOID_MESSAGE],
        promises=e.promises,
        kept=closed["kept"],
        broken=closed["broken"],
        released=closed["released"],
        impossible=closed["impossible"],
        unresolved=closed["unresolved"],
        cooperation=good,
        betrayal=bad,
        social_capital=per_resident_day(good - bad, faultless),
        development=1 - now["gini"],
        communication=model.reach_of_messages.value(
            model.residents.living(), model.residents.born[model.residents.living()], day
        ),
        competence=output / n if n else NAN,
    )
