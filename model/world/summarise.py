"""A day's numbers: one `Day` from what happened, the only source of its scalars."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from model.measures.inequality import gini, top_share
from model.measures.resident_days import per_resident_day
from model.world.act import Effects
from model.world.ask import Answers
from model.world.events import EventKind
from model.world.food import Food
from model.world.numbers import NAN, Day
from model.world.perceive import Snapshot

if TYPE_CHECKING:
    from model.world.state import World

#: A removal within this many days of a fault is flagged.
AFTER_FAULT = 5


def state(world: World, day: int) -> dict[str, float]:
    """The community's state at the end of a day."""
    people, homes = world.residents, world.households
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
        "founders": int((rows < world.scenario.residents).sum()),
        "stock": int(homes.store[: homes.count].sum()),
        "debt": int(debt.sum()),
        "hungry": int((debt > 0).sum()),
        "skill": int(people.skill[rows].sum()) / n if n else NAN,
        "standing": int(people.standing[rows].sum()) / n if n else NAN,
        "gini": gini(stock, unbiased=True),
        "top_share": top_share(stock),
        "richness": world.here.richness,
    }


def summarise(world: World, snapshot: Snapshot, answers: Answers, e: Effects, food: Food) -> Day:
    """The numbers of the day that has just taken effect."""
    day, n = snapshot.day, len(snapshot)
    by_kind = e.log.by_kind()
    kinds = {kind: len(rows) for kind, rows in by_kind.items()}
    removed = by_kind[EventKind.REMOVAL]
    hungry = sum(row[6] == "hunger" for row in removed)
    faulted = world.residents.faulted
    attacks = by_kind[EventKind.ATTACK]
    closed = Counter([row[8] for row in world.ledger.closed])
    delivery = answers.delivery
    said = 0 if delivery is None else len(delivery.messages)
    output = int(world.factories.made.sum())
    faultless = int(answers.judged().sum())
    if delivery is not None:
        message, reader = delivery.shown
        senders = delivery.messages.sender[message] - 1
        world.here.reach.add(day, senders, snapshot.rows[reader])
    now = state(world, day)
    world.here.conduct.judge(world, snapshot, answers, e.worked, by_kind, world.ledger.closed)
    good, bad = world.here.conduct.cooperation, world.here.conduct.betrayal
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
        aid=world.here.aid,
        work=kinds[EventKind.WORK],
        travel=kinds[EventKind.TRAVEL],
        explore=kinds[EventKind.EXPLORE],
        promote=kinds[EventKind.PROMOTE],
        idle=kinds[EventKind.IDLE],
        workers_best=int(world.factories.workers.max(initial=0)),
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
        communication=world.here.reach.value(
            world.residents.living(), world.residents.born[world.residents.living()], day
        ),
        competence=output / n if n else NAN,
    )
