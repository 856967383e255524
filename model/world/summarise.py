"""A day's numbers: one `Day` from what happened, the only source of its scalars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from model.measures.inequality import gini, top_share
from model.measures.resident_days import per_resident_day
from model.world.act import Effects
from model.world.ask import Answers
from model.world.events import Event, EventKind
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
    day, n, here = snapshot.day, len(snapshot), world.here
    by_kind = e.log.by_kind()
    closed = Counter([row[8] for row in world.ledger.closed])
    output = int(world.factories.made.sum())
    faultless = int(answers.judged().sum())
    heard = _heard(world, snapshot, answers)
    now = state(world, day)
    here.conduct.judge(world, snapshot, answers, e.worked, by_kind, world.ledger.closed)
    good, bad = here.conduct.cooperation, here.conduct.betrayal
    living = world.residents.living()
    return Day(
        **now,  # type: ignore[arg-type]
        **heard,
        **_removals(world, day, by_kind[EventKind.REMOVAL]),
        **_acts(by_kind),
        asked=n,
        faultless=faultless,
        faults=len(answers.faults),
        verdicts=answers.verdicts,
        output=output,
        eaten=int(food.eaten.sum()),
        destroyed=e.destroyed,
        lost=e.lost,
        aid=here.aid,
        workers_best=int(world.factories.workers.max(initial=0)),
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
        communication=here.reach.value(living, world.residents.born[living], day),
        competence=output / n if n else NAN,
    )


def _heard(world: World, snapshot: Snapshot, answers: Answers) -> dict[str, int]:
    """Messages of the day and how many were shown; who reached whom is noted for later days."""
    delivery = answers.delivery
    if delivery is None:
        return dict.fromkeys(("messages", "shown", "announced", "unread"), 0)
    message, reader = delivery.shown
    senders = delivery.messages.sender[message] - 1
    world.here.reach.add(snapshot.day, senders, snapshot.rows[reader])
    return {
        "messages": len(delivery.messages),
        "shown": len(message),
        "announced": len(delivery.announced[0]),
        "unread": int(delivery.unread.sum()),
    }


def _removals(world: World, day: int, removed: Sequence[Event]) -> dict[str, int]:
    """Removals of the day by cause, and those soon after a fault of the removed one's mind."""
    faulted = world.residents.faulted
    hungry = sum(row[6] == "hunger" for row in removed)
    return {
        "removals": len(removed),
        "removals_hunger": hungry,
        "removals_other": len(removed) - hungry,
        "faulted_removals": sum(
            faulted[row[2] - 1] >= 0 and day - faulted[row[2] - 1] <= AFTER_FAULT for row in removed
        ),
    }


#: Numbers that count the events of one kind.
_COUNTED: Final = {
    "births": EventKind.BIRTH,
    "entries": EventKind.ENTRY,
    "work": EventKind.WORK,
    "travel": EventKind.TRAVEL,
    "explore": EventKind.EXPLORE,
    "promote": EventKind.PROMOTE,
    "idle": EventKind.IDLE,
    "gifts": EventKind.GIFT,
    "attacks": EventKind.ATTACK,
    "merge_asks": EventKind.MERGE_ASK,
    "merges": EventKind.MERGE,
    "voids": EventKind.VOID,
    "void_messages": EventKind.VOID_MESSAGE,
}


def _acts(by_kind: Mapping[int, Sequence[Event]]) -> dict[str, int]:
    """What residents did: events by kind, and the units that moved."""
    gifts, attacks = by_kind[EventKind.GIFT], by_kind[EventKind.ATTACK]
    return {
        **{name: len(by_kind[kind]) for name, kind in _COUNTED.items()},
        "gift_units": sum(row[4] for row in gifts),
        "attack_wins": sum(row[5] for row in attacks),
        "loot": sum(row[4] for row in attacks),
    }
