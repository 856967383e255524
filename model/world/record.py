"""A day's rows for the tables, as columns (see `model.store.tables` for what each means)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.decisions import (
    ACT_FIELDS,
    Acts,
    Claim,
    Fault,
    Further,
    Ints,
    Kind,
    Main,
    Messages,
    Promise,
)
from agents.memory import Relation
from agents.sorting import stable_order
from model.world.act import Effects
from model.world.ask import Answers
from model.world.deliver import Delivery
from model.world.event_words import name_of
from model.world.events import EventColumns, EventStage
from model.world.food import Food
from model.world.numbers import Day
from model.world.perceive import Snapshot
from model.world.recorder import NULL

if TYPE_CHECKING:
    from model.world.state import World

Columns = dict[str, Any]


def words(enum: Any) -> list[str]:
    """The words of an enum's codes, in lower case with spaces."""
    return [member.name.lower() for member in enum]


STAGES = words(EventStage)
MAINS, FURTHERS = words(Main), words(Further)
MESSAGE_KINDS, FAULTS = words(Kind), ["", *words(Fault)[1:]]
CLAIMS = {member.value: member.name.lower() for member in Claim} | {-1: ""}
PROMISES = {member.value: member.name.lower().replace("_", " ") for member in Promise} | {-1: ""}


def event_columns(day: int, events: EventColumns) -> Columns:
    """The day's events."""
    n = len(events)
    return {
        "day": np.full(n, day),
        "stage": [STAGES[s] for s in events.stage.tolist()],
        "order": np.arange(n),
        "actor": events.actor,
        "target": events.target,
        "kind": [name_of(k) for k in events.kind.tolist()],
        "amount": events.amount,
        "outcome": events.outcome,
        "reason": events.reason,
        "witnesses": events.witnesses,
    }


def resident_columns(
    world: World, snapshot: Snapshot, answers: Answers, e: Effects, food: Food
) -> Columns:
    """One row a resident: the morning's state and what the day did to its store."""
    questions, home = snapshot.questions, world.morning_household
    n = len(snapshot)
    # Households are numbered for good; dissolved ones count 0 (`minlength`).
    members = np.bincount(home, minlength=world.households.count)[home]
    reach = snapshot.reach(world.scenario.reach, home)
    return {
        "day": np.full(n, snapshot.day),
        "resident": questions.id,
        "x": questions.x,
        "y": questions.y,
        "stock": snapshot.stock,
        "debt": questions.hungry,
        "household": home,
        "members": members,
        "skill": questions.skill,
        "standing": questions.standing,
        "treated": world.residents.treated[snapshot.rows].astype(bool),
        "worked": e.worked + 1,
        "paid": e.paid,
        "drawn": food.eaten,
        "put_in": e.put_in,
        "need": food.need,
        "fault": [FAULTS[f] for f in answers.fault.tolist()],
        "in_reach": _lists(reach, n, questions.id),
        "in_hearing": _lists(snapshot.hearing, n, questions.id),
    }


def _lists(pairs: tuple[Ints, Ints], n: int, ids: Ints) -> tuple[Ints, Ints]:
    """Offsets and values of one list of ids a row, from pairs sorted by row."""
    offsets = np.zeros(n + 1, np.int64)
    # Pairs are sorted by row: counts, summed, are where each list begins, empty ones included.
    np.cumsum(np.bincount(pairs[0], minlength=n), out=offsets[1:])
    return offsets, ids[pairs[1]]


def _readers(pairs: tuple[Ints, Ints], m: int, ids: Ints) -> tuple[Ints, Ints]:
    order = stable_order(pairs[0], m.bit_length())
    return _lists((pairs[0][order], pairs[1][order]), m, ids)


def message_columns(world: World, snapshot: Snapshot, delivery: Delivery) -> Columns:
    """The day's messages, with their readers, claims, beliefs and promises."""
    said = delivery.messages
    m = len(said)
    ids = snapshot.questions.id
    columns: Columns = {
        "day": np.full(m, snapshot.day),
        "order": np.arange(m),
        "sender": said.sender,
        "to": said.to,
        "kind": [MESSAGE_KINDS[k] for k in said.kind.tolist()],
        "text": said.text,
        "shown": _readers(delivery.shown, m, ids),
        "announced": _readers(delivery.announced, m, ids),
        "unread": delivery.unread,
    }
    belief = beliefs(world, snapshot, said)
    for slot in range(said.claims.shape[1]):
        claim = said.claims[:, slot]
        prefix = f"claim{slot + 1}"
        columns[f"{prefix}_kind"] = [CLAIMS[k] for k in claim[:, 0].tolist()]
        columns[f"{prefix}_a"] = claim[:, 1]
        columns[f"{prefix}_b"] = claim[:, 2]
        columns[f"{prefix}_belief"] = belief[:, slot]
        columns[f"{prefix}_text"] = _loose(said, slot)
    for slot in range(said.promises.shape[1]):
        promise = said.promises[:, slot]
        prefix = f"promise{slot + 1}"
        columns[f"{prefix}_what"] = [PROMISES[k] for k in promise[:, 0].tolist()]
        columns[f"{prefix}_a"] = promise[:, 1]
        columns[f"{prefix}_by"] = promise[:, 2]
    return columns


_EVER = {
    int(Claim.ATTACKED): Relation.ATTACKS_IN,
    int(Claim.GAVE): Relation.GIFTS_IN,
    int(Claim.BROKE): Relation.BROKEN,
}


def _loose(said: Messages, slot: int) -> list[str]:
    """The text of each message's unchecked claim of a slot."""
    texts = [""] * len(said)
    for (row, where), text in said.loose.items():
        if where == slot:
            texts[row] = text
    return texts


def beliefs(world: World, snapshot: Snapshot, said: Messages) -> Ints:
    """What each sender had itself been shown about what it claims, (m, 2); `NULL` where nothing.

    Must be called before the day takes effect, while memory is still the morning's.
    """
    slots = said.claims.shape[1]
    kind, a, _ = said.claims.reshape(-1, 3).T
    belief: Ints = np.full(len(kind), NULL, np.int64)
    sender = np.repeat(said.sender - 1, slots)
    stock = kind == int(Claim.STOCK)
    belief[stock] = snapshot.stock[snapshot.index[sender[stock]]]
    makes = (kind == int(Claim.MAKES)) & (a >= 1) & (a <= len(world.factories))
    if makes.any():
        shown = world.memory.belief_of_output(sender[makes], a[makes] - 1)
        belief[makes] = np.where(shown >= 0, shown, NULL)
    past = (kind >= int(Claim.ATTACKED)) & (kind <= int(Claim.BROKE))
    for i in np.flatnonzero(past).tolist():
        happened = (int(sender[i]), int(a[i]) - 1, int(_EVER[int(kind[i])])) in world.memory.ever
        belief[i] = int(happened)
    return belief.reshape(-1, slots)


def decision_columns(snapshot: Snapshot, answers: Answers, notes: list[str]) -> Columns:
    """What each planned, did, thought of others, and noted."""
    n = len(snapshot)
    no_plan = answers.fault == int(Fault.PERCEIVE)
    no_act = answers.does() == 0
    columns: Columns = {"day": np.full(n, snapshot.day), "resident": snapshot.questions.id}
    for prefix, acts, missing in (("plan", answers.plan, no_plan), ("act", answers.acts, no_act)):
        columns |= _act_columns(prefix, acts, missing)
    for k in range(answers.regard.who.shape[1]):
        columns[f"regard{k + 1}_who"] = answers.regard.who[:, k]
        columns[f"regard{k + 1}_is"] = answers.regard.grade[:, k]
    columns["view"], columns["why"], columns["note"] = answers.views, answers.whys, notes
    columns["flags"] = (
        ["; ".join(answers.flags.get(i, ())) for i in range(n)] if answers.flags else [""] * n
    )
    return columns


def _act_columns(prefix: str, acts: Acts, missing: Any) -> Columns:
    """Acts as columns; a row without a decision has empty words and zeros."""
    columns: Columns = {}
    for name in ACT_FIELDS:
        column = getattr(acts, name)
        if name in ("main", "further"):
            table = MAINS if name == "main" else FURTHERS
            codes = column.tolist()
            gone = missing.tolist()
            columns[f"{prefix}_{name}"] = [
                "" if g else table[c] for c, g in zip(codes, gone, strict=True)
            ]
        else:
            columns[f"{prefix}_{name}"] = np.where(missing, 0, column)
    return columns


_PEOPLE = (
    "day",
    "resident",
    "parent1",
    "parent2",
    "treated",
    "value",
    "mode",
    "mind",
    "profile",
    "told",
)
_COMMITMENTS = (
    "commitment",
    "day",
    "order",
    "debtor",
    "creditor",
    "what",
    "a",
    "by",
    "status",
    "closed",
    "reason",
)


def entry_tables(world: World) -> Columns:
    """The day's numbers, and what was opened and settled since the last day was recorded."""
    latest = world.here.latest
    tables: Columns = {"days": {name: [getattr(latest, name)] for name in Day.__slots__}}
    if world.people_rows:
        tables["people"] = people_columns(world.people_rows)
        world.people_rows = []
    if world.ledger.closed:
        tables["commitments"] = commitment_columns(world.ledger.closed)
        world.ledger.closed = []
    return tables


def people_columns(rows: list[tuple[Any, ...]]) -> Columns:
    """Residents that entered or were retrained."""
    return dict(zip(_PEOPLE, map(list, zip(*rows, strict=True)), strict=True))


def commitment_columns(rows: Sequence[tuple[Any, ...]]) -> Columns:
    """Commitments that were settled."""
    columns = dict(zip(_COMMITMENTS, map(list, zip(*rows, strict=True)), strict=False))
    columns["what"] = [PROMISES[k] for k in columns["what"]]
    return columns
