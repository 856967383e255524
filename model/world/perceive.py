"""What each resident can know on a morning: one snapshot of the world, as the day's questions.

Nothing here changes anything: an abandoned day leaves no trace. The world's acts and logs of the
day refer to this snapshot (who was within reach, who could hear whom).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from agents.batch import Batch, Mail
from agents.decisions import Ints, direction_of
from agents.memory import Relation, distinct, find, joined, pair_codes, pair_rows
from agents.observation import (
    ALSO_SHOWN,
    FACTORIES_SHOWN,
    MEMBERS_SHOWN,
    PROMISES_SHOWN,
    RESIDENTS_SHOWN,
    SINCE_SHOWN,
    Known,
    Near,
    Open,
    Since,
    Stage,
)
from agents.purposes import Purpose
from agents.randomness import Words, day_keys, drawn, draws, seeds
from agents.sorting import stable_order

if TYPE_CHECKING:
    from model.world.scheduler import Households
    from model.world.state import World

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

#: What a resident is told first when more happened than it can be shown.
_SINCE_FIRST = np.array([1, 5, 2, 0, 4, 6, 3, 7, 8])


@dataclass
class Snapshot:
    """The morning, in columns over the living (indices 0 … n−1 in the order of `rows`).

    Attributes:
        day: today.
        rows: row of each living resident in `Residents`; ids are rows + 1.
        index: index of each row, −1 for the dead.
        keys: the 31-bit key of each resident's day; `all_keys` the same by row.
        stock: units per head of the household.
        near: (a, b, steps) of all within earshot or sight.
        hearing: (a, b): b hears a; `hearing_codes` the same as pair codes of rows.
        questions: the first stage's batch.
    """

    day: int
    rows: Ints
    index: Ints
    keys: Ints
    all_keys: Ints
    stock: Ints
    near: tuple[Ints, Ints, Ints]
    hearing: tuple[Ints, Ints]
    hearing_codes: Ints
    questions: Batch

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def turns(self) -> Words:
        """The lots by which residents take turns today, (n,)."""
        return draws(self.keys, Purpose.ORDER)

    @cached_property
    def starts(self) -> list[int]:
        """Where in `near` each resident's own pairs begin, and where the last one's end."""
        begins: list[int] = self.near[0].searchsorted(np.arange(len(self) + 1)).tolist()
        return begins

    def reach(self, distance: int, household: Ints) -> tuple[Ints, Ints]:
        """Pairs (a, b) of different households within a distance."""
        a, b, steps = self.near
        keep = (steps <= distance) & (household[a] != household[b])
        return a[keep], b[keep]


def perceive(world: World, day: int, keys: Ints | None = None) -> Snapshot:
    """The snapshot of a morning.

    Args:
        world: its state; nothing of it changes.
        day: the day that begins.
        keys: of the residents' draws, by row; by default those of this seed and day.
    """
    if keys is None:
        keys = day_keys(world.here.seed, day, world.residents.count)
    scenario, people = world.scenario, world.residents
    rows = people.living()
    n = len(rows)
    index = np.full(people.count, -1, np.int64)
    index[rows] = np.arange(n)
    x, y = people.x[rows], people.y[rows]
    near = world.neighbours(x, y)
    hearing_codes = _hearing(world, rows, near)
    hearing = _indices(hearing_codes, index)
    household = people.household[rows]
    stock = world.households.stock_of(household)
    key = keys[rows]
    shown, residents = _residents(world, day, rows, key, near, household, hearing_codes)
    also, also_more = _also(rows + 1, hearing, shown, household)
    batch = Batch(
        stage=Stage.MORNING if scenario.cognition == "fused" else Stage.PERCEIVE,
        day=day,
        rules=world.rules,
        id=rows + 1,
        key=key,
        x=x,
        y=y,
        skill=people.skill[rows],
        standing=people.standing[rows],
        stock=stock,
        hungry=people.debt[rows],
        members=_members(world.households, household, rows),
        since=_since(world, n, index),
        factories=_factories(world, n, index, x, y),
        residents=residents,
        also=also,
        also_more=also_more,
        promises=_promises(world, n, index),
        note=[people.note[row] for row in rows.tolist()] if scenario.memory else [""] * n,
        told=people.told[rows],
        value=people.value[rows],
        mode=people.mode[rows],
        paraphrase=people.paraphrase[rows],
    )
    return Snapshot(day, rows, index, key, keys, stock, near, hearing, hearing_codes, batch)


def evening(batch: Batch, mail: Mail) -> Batch:
    """The later question: the mail, and of the residents only those in reach or spoken with."""
    block = batch.residents
    ids = block[:, :, Near.ID]
    partners = _partners(batch, mail)
    codes = pair_codes(np.repeat(np.arange(len(batch)), RESIDENTS_SHOWN), ids.ravel())
    spoken = find(partners, codes)[1].reshape(ids.shape)
    keep = (ids > 0) & ((block[:, :, Near.STEPS] <= batch.rules.reach) | (spoken == 1))
    # Those that stay move to the front and keep their order (stable): prompts read it as
    # nearness.
    order = (~keep).argsort(axis=1, kind="stable")
    packed = (block * keep[:, :, None])[np.arange(len(batch))[:, None], order]
    dropped = ((block[:, :, Near.HEARS] == 1) & ~keep & (ids > 0)).sum(axis=1)
    return replace(
        batch,
        residents=packed,
        also=np.zeros((len(batch), ALSO_SHOWN), np.int64),
        also_more=batch.also_more + (batch.also > 0).sum(axis=1) + dropped,
        mail=mail,
    )


def _partners(batch: Batch, mail: Mail) -> Ints:
    """Sorted codes (batch row, id) of whom each wrote to or was shown a message of today."""
    messages = mail.messages
    if not len(messages):
        return np.zeros(0, np.int64)
    heard_row, slot = np.nonzero(mail.heard >= 0)
    sent_row, sent_slot = np.nonzero(mail.said >= 0)
    return distinct(
        np.concatenate(
            [
                pair_codes(heard_row, messages.sender[mail.heard[heard_row, slot]]),
                pair_codes(sent_row, messages.to[mail.said[sent_row, sent_slot]]),
            ]
        )
    )


def ranked(groups: Ints, n: int, most: int) -> tuple[Ints, Flags]:
    """For entries sorted by group: which of each group's first `most` they are, and which stay."""
    # Where each group begins is the sum of the sizes before it, empty groups included.
    size = np.bincount(groups, minlength=n)
    rank = np.arange(len(groups)) - (size.cumsum() - size)[groups]
    return rank, rank < most


def _hearing(world: World, rows: Ints, near: tuple[Ints, Ints, Ints]) -> Ints:
    """Sorted row codes (a, b): b hears a."""
    if not world.scenario.messages:
        return np.zeros(0, np.int64)
    if world.edges is None:
        a, b, steps = near
        close = steps <= world.scenario.earshot
        codes = pair_codes(rows[a[close]], rows[b[close]])
        return joined(world.memory.met, codes)
    a, b = pair_rows(world.edges)
    alive = world.residents.alive
    living: Ints = world.edges[(alive[a] & alive[b]).astype(bool)]
    return living


def _indices(codes: Ints, index: Ints) -> tuple[Ints, Ints]:
    a, b = pair_rows(codes)
    return index[a], index[b]


def _residents(
    world: World,
    day: int,
    rows: Ints,
    key: Ints,
    near: tuple[Ints, Ints, Ints],
    household: Ints,
    hearing: Ints,
) -> tuple[tuple[Ints, Ints], Ints]:
    """Up to eight others near each: in reach first, then with a history, then by keyed draw."""
    scenario, people = world.scenario, world.residents
    n = len(rows)
    block = np.zeros((n, RESIDENTS_SHOWN, len(Near)), np.int64)
    a, b, steps = near
    keep = (steps <= max(scenario.earshot, scenario.reach)) & (household[a] != household[b])
    a, b, steps = a[keep], b[keep], steps[keep]
    codes = pair_codes(rows[a], rows[b])
    known, table = world.memory.relations(day) if scenario.memory else (codes[:0], None)
    place, history = find(known, codes)
    # The upper 30 bits: the lot is packed into one number with what goes before it in the order.
    lot = (drawn(seeds(key, Purpose.SHOWN)[a], rows[b] + 1) >> np.uint64(34)).astype(np.int64)
    first = (a << 32) | ((steps > scenario.reach).astype(np.int64) << 31) | ((1 - history) << 30)
    order = stable_order(first | lot, 32 + n.bit_length())
    rank, shown = ranked(a[order], n, RESIDENTS_SHOWN)
    order, rank = order[shown], rank[shown]
    a, b, steps, codes = a[order], b[order], steps[order], codes[order]
    other = rows[b]
    line = np.zeros((len(Near), len(a)), np.int64)
    line[Near.ID] = other + 1
    line[Near.STEPS] = steps
    line[Near.SKILL] = people.skill[other]
    line[Near.STANDING] = people.standing[other]
    if table is not None and len(known):
        first_column, last_column = Near.GIFTS_IN, Near.GIFTS_IN + len(Relation)
        line[first_column:last_column] = (table[place[order]] * history[order, None]).T
    claims, stocks = world.memory.claimed_stocks(day) if scenario.memory else (codes[:0], None)
    line[Near.CLAIMED] = -1
    if stocks is not None and len(claims):
        where, there = find(claims, codes)
        told = there == 1
        line[Near.CLAIMED : Near.CLAIMED_DAY + 1, told] = stocks[where[told]].T
    line[Near.HEARS] = find(hearing, codes)[1]
    block[a, rank] = line.T
    return (a, b), block


def _also(
    ids: Ints, hearing: tuple[Ints, Ints], shown: tuple[Ints, Ints], household: Ints
) -> tuple[Ints, Ints]:
    """Others that hear each, by id, and how many more."""
    n = len(ids)
    a, b = hearing
    listed = np.sort(pair_codes(*shown))
    rest = (find(listed, pair_codes(a, b))[1] == 0) & (household[a] != household[b])
    a, b = a[rest], b[rest]
    rank, kept = ranked(a, n, ALSO_SHOWN)
    also = np.zeros((n, ALSO_SHOWN), np.int64)
    also[a[kept], rank[kept]] = ids[b[kept]]
    # `minlength`: a last resident that hears nobody has a count of 0.
    more = np.maximum(np.bincount(a, minlength=n) - ALSO_SHOWN, 0)
    return also, more


def _members(homes: Households, household: Ints, rows: Ints) -> Ints:
    """Ids of the other members of each household."""
    block = np.zeros((len(rows), MEMBERS_SHOWN), np.int64)
    for i in np.flatnonzero(homes.size[household] > 1).tolist():
        others = [row + 1 for row in homes.members[household[i]] if row != rows[i]]
        block[i, : len(others)] = others
    return block


def _since(world: World, n: int, index: Ints) -> Ints:
    """What happened to each since yesterday, the gravest first where it is too much."""
    block = np.zeros((n, SINCE_SHOWN, 3), np.int64)
    block[:, :, 0] = Since.NONE
    facts = world.since
    if not len(facts):
        return block
    facts = facts[index[facts[:, 0]] >= 0]
    who = index[facts[:, 0]]
    # Resident and kind in one number (fewer than 16 kinds); stable, so that a kind keeps the
    # order in which it happened.
    order = np.argsort(who * 16 + _SINCE_FIRST[facts[:, 1]], kind="stable")
    facts, who = facts[order], who[order]
    rank, kept = ranked(who, n, SINCE_SHOWN)
    block[who[kept], rank[kept]] = facts[kept, 1:]
    return block


def _factories(world: World, n: int, index: Ints, x: Ints, y: Ints) -> Ints:
    """Up to six known factories of each, the nearest first."""
    memory, factories = world.memory, world.factories
    block = np.zeros((n, FACTORIES_SHOWN, len(Known)), np.int64)
    rows, factory = pair_rows(memory.known)
    who = index[rows]
    dx, dy = factories.x[factory] - x[who], factories.y[factory] - y[who]
    steps = np.maximum(np.abs(dx), np.abs(dy))
    far, many = world.scenario.width + world.scenario.height, len(factories)
    code = (who * far + steps) * many + factory
    order = stable_order(code, (n * far * many).bit_length())
    rank, kept = ranked(who[order], n, FACTORIES_SHOWN)
    order, rank = order[kept], rank[kept]
    line = np.zeros((len(Known), len(order)), np.int64)
    line[Known.ID] = factory[order] + 1
    line[Known.STEPS] = steps[order]
    line[Known.DIR] = direction_of(dx[order], dy[order])
    line[Known.MAX :] = memory.about[order].T
    block[who[order], rank] = line.T
    return block


def _promises(world: World, n: int, index: Ints) -> Ints:
    """Open commitments of each, the soonest due first, its own before those to it."""
    block = np.zeros((n, PROMISES_SHOWN, len(Open)), np.int64)
    open_ones = world.ledger.open
    if not open_ones or not world.scenario.memory:
        return block
    flat = chain.from_iterable([c.terms for c in open_ones.values()])
    owed = np.fromiter(flat, np.int64).reshape(-1, 6)
    due = owed[:, [1, 0, 2, 3, 4, 5]]
    due[:, 2] = 0
    lines = np.concatenate([owed, due])
    who, other = index[lines[:, 0] - 1], index[lines[:, 1] - 1]
    alive = (who >= 0) & (other >= 0)
    lines, who = lines[alive], who[alive]
    _, other, mine, what, a, by = lines.T
    # By resident, then due day, whose promise, and to whom, packed into one key of disjoint bits
    # (ids below 2³¹): lexsort takes fewer passes, and no two promises tie.
    order = np.lexsort((a, what, (by << 32) | ((1 - mine) << 31) | other, who))
    rank, kept = ranked(who[order], n, PROMISES_SHOWN)
    order = order[kept]
    block[who[order], rank[kept]] = lines[order, 1:]
    return block
