"""What each act does: a pure check `why_not_…` first, then the effect.

Everything is decided on the morning's snapshot and takes effect here, after the last reply of the
day: walking and main acts first, then (after production) the further acts, one by one in keyed
order. What has become impossible is a `void` event with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.decisions import STEP, Acts, Further, Ints, Main, Promise
from agents.memory import Fact, Relation, distinct, find, pair_codes, pair_rows
from agents.observation import Impossible, Since
from agents.purposes import Purpose
from agents.randomness import below, draws
from model.world.events import DayLog, EventKind, EventStage

if TYPE_CHECKING:
    from model.world.ask import Answers
    from model.world.perceive import Snapshot
    from model.world.state import World


@dataclass
class Effects:
    """What the acts of a day have changed so far, for the rest of the day and for tomorrow.

    Attributes:
        log: the day's events.
        facts: what code remembers of it: (row, other row, Relation, amount).
        since: what each is told tomorrow: (row, Since, a, b).
        worked: factory index each worked at, −1 none, by snapshot index.
        paid: units paid to each by its factory, by snapshot index.
        put_in: units put into the store by each, by snapshot index.
        sighted: (row, factory index) sighted on the way.
        destroyed, lost: units that left the world in fights and promotion, and with households.
        promises: commitments opened.
        suspended: snapshot indices whose acts toward others are void today.
        lots: the draw that decides an attack of each, by snapshot index.
    """

    log: DayLog
    worked: Ints
    paid: Ints
    put_in: Ints
    facts: list[Fact] = field(default_factory=list)
    since: list[tuple[int, int, int, int]] = field(default_factory=list)
    sighted: list[tuple[int, int]] = field(default_factory=list)
    destroyed: int = 0
    lost: int = 0
    promises: int = 0
    suspended: frozenset[int] = frozenset()
    lots: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of_morning(cls, log: DayLog, lost: int, n: int) -> Effects:
        """What a day of `n` residents begins with: the morning's events and losses."""
        nothing = np.zeros(n, np.int64)
        return cls(log, np.full(n, -1, np.int64), nothing, nothing.copy(), lost=lost)

    def impossible(
        self, stage: int, what: EventKind, code: Impossible, row: int, target: int, why: str
    ) -> None:
        """Log a void act and tell its actor tomorrow."""
        self.log.void(stage, what, row + 1, target, why)
        self.since.append((row, Since.IMPOSSIBLE, code, 0))


def main_acts(world: World, snapshot: Snapshot, answers: Answers, e: Effects) -> None:
    """Walk, explore, promote, idle: everything that comes before production."""
    acts, does = answers.acts, answers.does()
    # The order of turns is drawn anew each day, so that no id is always first; stable for
    # replays.
    order = snapshot.turns.argsort(kind="stable")
    order = order[does[order] == 1]
    main = acts.main[order]
    secure, explore, promote, idle = (order[main == int(act)] for act in Main)
    _secure(world, snapshot, acts, secure, e)
    _explore(world, snapshot, acts, explore, e)
    for i in promote.tolist():
        _promote(world, int(snapshot.rows[i]), int(acts.spend[i]), e)
    idle = snapshot.rows[idle] + 1
    e.log.add_many(EventStage.ACT, EventKind.IDLE, idle.tolist())


def _secure(world: World, snapshot: Snapshot, acts: Acts, who: Ints, e: Effects) -> None:
    """Walk toward the factory; whoever arrives works there today."""
    if not len(who):
        return
    rows, at = snapshot.rows[who], acts.at[who] - 1
    real = (at >= 0) & (at < len(world.factories))
    known = np.zeros(len(who), np.int64)
    known[real] = world.memory.knows(rows[real], at[real])
    for i in np.flatnonzero(known == 0).tolist():
        why = "factory unknown" if real[i] else "no such factory"
        world.ledger.attempted_work(snapshot.day, int(rows[i]) + 1, int(at[i]) + 1, why)
        e.impossible(
            EventStage.ACT, EventKind.WORK, Impossible.SECURE, int(rows[i]), int(at[i]) + 1, why
        )
    who, rows, at = who[known == 1], rows[known == 1], at[known == 1]
    people, limit = world.residents, world.scenario.walk_secure
    dx, dy = world.factories.x[at] - people.x[rows], world.factories.y[at] - people.y[rows]
    steps = np.maximum(np.abs(dx), np.abs(dy))
    people.x[rows] += dx.clip(-limit, limit)
    people.y[rows] += dy.clip(-limit, limit)
    arrived = steps <= limit
    e.worked[who[arrived]] = at[arrived]
    on = ~arrived
    going, toward = (rows[on] + 1).tolist(), (at[on] + 1).tolist()
    e.log.add_many(EventStage.ACT, EventKind.TRAVEL, going, toward, repeat(limit))


def _explore(world: World, snapshot: Snapshot, acts: Acts, who: Ints, e: Effects) -> None:
    """Walk in a direction as far as the grid goes; sight on the way."""
    if not len(who):
        return
    people, scenario = world.residents, world.scenario
    rows = snapshot.rows[who]
    step = STEP[acts.at[who] % len(STEP)]
    x, y = people.x[rows], people.y[rows]
    start_x, start_y = x.copy(), y.copy()
    passed: list[Ints] = []
    for _ in range(scenario.walk_explore):
        x = (x + step[:, 0]).clip(0, scenario.width - 1)
        y = (y + step[:, 1]).clip(0, scenario.height - 1)
        seen = world.in_sight[x, y]
        i, k = np.nonzero(seen >= 0)
        passed.append(pair_codes(i, seen[i, k]))
    i, factory = pair_rows(distinct(np.concatenate(passed)))
    e.sighted.extend(zip(rows[i].tolist(), factory.tolist(), strict=True))
    # A count for each explorer, those who saw nothing new included (`minlength`).
    new = np.bincount(i[world.memory.knows(rows[i], factory) == 0], minlength=len(rows))
    people.x[rows], people.y[rows] = x, y
    walked = np.maximum(np.abs(x - start_x), np.abs(y - start_y))
    e.log.add_many(
        EventStage.ACT,
        EventKind.EXPLORE,
        (rows + 1).tolist(),
        acts.at[who].tolist(),
        walked.tolist(),
        new.tolist(),
    )


def why_not_promote(stock: int, spend: int, step: int, most: int) -> str:
    """Why this cannot be spent on promotion; empty if it can."""
    if spend < step:
        return "less than one step"
    if spend // step > most:
        return "more than a day allows"
    return "stock too small" if stock < spend // step * step else ""


def _promote(world: World, row: int, spend: int, e: Effects) -> None:
    scenario, people, homes = world.scenario, world.residents, world.households
    home = int(people.household[row])
    step = scenario.promote_step
    why = why_not_promote(int(homes.stock_of(home)), spend, step, scenario.promote_steps)
    if why:
        e.impossible(EventStage.ACT, EventKind.PROMOTE, Impossible.PROMOTE, row, 0, why)
        return
    steps = spend // step
    homes.store[home] -= steps * step
    e.destroyed += steps * step
    for _ in range(steps):
        gap = max(0, scenario.skill_limit - int(people.skill[row]))
        people.skill[row] += gap // scenario.skill_part
        people.standing[row] += scenario.standing_gain
    e.log.add(EventStage.ACT, EventKind.PROMOTE, row + 1, 0, steps * step)


def further_acts(world: World, snapshot: Snapshot, answers: Answers, e: Effects) -> None:
    """Gifts, attacks and merges, one after the other in keyed order."""
    acts, does = answers.acts, answers.does()
    reach = pair_codes(*snapshot.reach(world.scenario.reach, world.morning_household))
    world.ledger.stood_near(reach, snapshot.index)
    who = np.flatnonzero((does == 1) & (acts.further != int(Further.NONE)))
    if not len(who):
        return
    # In the day's drawn order, since one act can make the next impossible.
    who = who[snapshot.turns[who].argsort(kind="stable")]
    e.lots = dict(zip(who.tolist(), _contest_lots(snapshot, acts, who), strict=True))
    on = {further: getattr(world.scenario, one.switch) for further, one in FURTHER.items()}
    columns = (who, snapshot.rows[who], acts.who[who], acts.further[who], acts.amount[who])
    unmet_by = _why_no_target(snapshot, who, acts.who[who], reach)
    turns = zip(*(column.tolist() for column in columns), unmet_by, strict=True)
    for i, row, target, further, amount, unmet in turns:
        why = unmet if on[further] else "switched off"
        if i in e.suspended:
            why = "suspended"
        if not why:
            why = FURTHER[further].do(world, snapshot, i, row, target - 1, amount, e)
        if why:
            one = FURTHER[further]
            e.impossible(EventStage.FURTHER, one.kind, one.code, row, max(target, 0), why)
            if one.promised is not None:
                world.ledger.attempted(snapshot.day, row + 1, target, one.promised, why)


def _contest_lots(snapshot: Snapshot, acts: Acts, who: Ints) -> list[int]:
    """The draw that decides each one's contest with its target, 31 bits."""
    lots = below(draws(snapshot.keys[who], Purpose.CONTEST, acts.who[who]), 1 << 31)
    found: list[int] = lots.tolist()
    return found


_NO_TARGET = ("", "out of reach", "itself", "no longer there", "no such resident")


def _why_no_target(snapshot: Snapshot, who: Ints, target: Ints, reach: Ints) -> list[str]:
    """Why each cannot act toward its target; empty where it can."""
    exists = (target >= 1) & (target <= len(snapshot.index))
    other = snapshot.index[np.where(exists, target - 1, 0)]
    why = np.where(find(reach, pair_codes(who, other))[1] == 1, 0, 1)
    why[other == who] = 2
    why[other < 0] = 3
    why[~exists] = 4
    return [_NO_TARGET[code] for code in why.tolist()]


def why_not_give(stock: int, amount: int, same_household: bool) -> str:
    """Why a gift of `amount` out of one's own share cannot be made; empty if it can."""
    if amount < 1:
        return "nothing to give"
    if same_household:
        return "one household"
    return "stock too small" if stock < amount else ""


def _give(
    world: World, snapshot: Snapshot, i: int, row: int, to: int, amount: int, e: Effects
) -> str:
    people, homes = world.residents, world.households
    home, other = int(people.household[row]), int(people.household[to])
    why = why_not_give(int(homes.stock_of(home)), amount, home == other)
    if why:
        return why
    homes.store[home] -= amount
    homes.store[other] += amount
    e.put_in[snapshot.index[to]] += amount
    e.log.add(
        EventStage.FURTHER,
        EventKind.GIFT,
        row + 1,
        to + 1,
        amount,
        witnesses=_witnesses(world, snapshot, i, to),
    )
    e.facts += [(row, to, Relation.GIFTS_OUT, amount), (to, row, Relation.GIFTS_IN, amount)]
    e.since += [(row, Since.GAVE, to + 1, amount), (to, Since.GOT, row + 1, amount)]
    for c in world.ledger.gave(snapshot.day, row + 1, to + 1, amount):
        e.facts.append((c.creditor - 1, c.debtor - 1, Relation.KEPT, 1))
    return ""


def contest_is_won(strength: int, other: int, lot: int) -> bool:
    """A Tullock contest with exponent 2, decided by a 31-bit draw: p = s²/(s²+o²)."""
    mine, its = strength * strength, other * other
    return (mine + its) > 0 and lot * (mine + its) < mine << 31


def _attack(
    world: World, snapshot: Snapshot, i: int, row: int, to: int, amount: int, e: Effects
) -> str:
    people, homes, scenario = world.residents, world.households, world.scenario
    home, other = int(people.household[row]), int(people.household[to])
    if home == other:
        return "one household"
    mine = 2 * int(people.skill[row]) + int(people.standing[row])
    its = 2 * int(people.skill[to]) + int(people.standing[to])
    won = contest_is_won(mine, its, e.lots[i])
    loot = int(homes.stock_of(other)) * scenario.loot_percent // 100 if won else 0
    homes.store[other] -= loot
    homes.store[home] += loot
    e.put_in[i] += loot
    witnesses = _witnesses(world, snapshot, i, to)
    e.log.add(EventStage.FURTHER, EventKind.ATTACK, row + 1, to + 1, loot, int(won), "", witnesses)
    for side, at in ((home, row), (other, to)):
        loss = min(scenario.fight_loss, int(homes.store[side]))
        homes.store[side] -= loss
        e.destroyed += loss
        e.log.add(EventStage.FURTHER, EventKind.DESTROYED, at + 1, 0, loss)
    e.facts += [(row, to, Relation.ATTACKS_OUT, 1), (to, row, Relation.ATTACKS_IN, 1)]
    seen, saw = int(Relation.SEEN_ATTACKING), int(Since.SAW_ATTACK)
    e.facts += [(w - 1, row, seen, 1) for w in witnesses]
    e.since += [(row, Since.ATTACKED, to + 1, loot), (to, Since.ATTACKED_BY, row + 1, loot)]
    e.since += [(w - 1, saw, row + 1, to + 1) for w in witnesses]
    for c in world.ledger.attacked(snapshot.day, row + 1, to + 1):
        e.facts.append((c.creditor - 1, c.debtor - 1, Relation.BROKEN, 1))
    return ""


def _merge(
    world: World, snapshot: Snapshot, i: int, row: int, to: int, amount: int, e: Effects
) -> str:
    people, homes, scenario = world.residents, world.households, world.scenario
    home, other = int(people.household[row]), int(people.household[to])
    if home == other:
        return "one household"
    if homes.size[home] + homes.size[other] > scenario.max_household:
        return "household too large"
    if (other, home) not in world.asks:
        world.asks.ask((home, other), (snapshot.day, row + 1, to + 1))
        e.log.add(EventStage.FURTHER, EventKind.MERGE_ASK, row + 1, to + 1)
        for a in homes.members[home]:
            for b in homes.members[other]:
                world.ledger.attempted(snapshot.day, a + 1, b + 1, Promise.MERGE, "no answer")
        return ""
    ours, theirs = list(homes.members[home]), list(homes.members[other])
    homes.join(home, other)
    people.household[theirs] = home
    world.asks.forget(home, other)
    e.log.add(EventStage.FURTHER, EventKind.MERGE, row + 1, to + 1, len(ours + theirs))
    e.since += [(r, Since.JOINED, to + 1, 0) for r in ours]
    e.since += [(r, Since.JOINED, row + 1, 0) for r in theirs]
    for c in world.ledger.merged(snapshot.day, [r + 1 for r in ours], [r + 1 for r in theirs]):
        e.facts.append((c.creditor - 1, c.debtor - 1, Relation.KEPT, 1))
    return ""


@dataclass(frozen=True)
class FurtherAct:
    """One further act: how it is switched on, done, and noted where it has become impossible.

    Attributes:
        switch: the scenario's field that allows it.
        kind: the event that a void act would have been.
        code: what its actor is told of a void act.
        promised: the promise that a void act was an attempt to keep; None if there is none.
        do: (world, snapshot, index, row, other row, amount, effects) → why not; empty if done.
    """

    switch: str
    kind: EventKind
    code: Impossible
    promised: Promise | None
    do: Callable[[World, Snapshot, int, int, int, int, Effects], str]


#: All further acts, one entry each. What words a mind has for them: `agents/prompts/words.toml`.
FURTHER: Final[dict[int, FurtherAct]] = {
    Further.GIFT: FurtherAct("gifts", EventKind.GIFT, Impossible.GIFT, Promise.GIFT, _give),
    Further.ATTACK: FurtherAct("attacks", EventKind.ATTACK, Impossible.ATTACK, None, _attack),
    Further.MERGE: FurtherAct(
        "merges", EventKind.MERGE_ASK, Impossible.MERGE, Promise.MERGE, _merge
    ),
}


def _witnesses(world: World, snapshot: Snapshot, i: int, to: int) -> tuple[int, ...]:
    """Ids of others that had the actor in sight this morning."""
    own = slice(snapshot.starts[i], snapshot.starts[i + 1])
    _, b, steps = snapshot.near
    seen = b[own][steps[own] <= world.scenario.sight]
    return tuple((snapshot.rows[seen[seen != snapshot.index[to]]] + 1).tolist())


__all__ = [
    "Effects",
    "contest_is_won",
    "further_acts",
    "main_acts",
    "why_not_give",
    "why_not_promote",
]
