"""The tables of a run: every column, its type and what it means, in one place.

All of a run's record is these tables, written as folders of Parquet parts (`model.store`). Types:
`int` int64, `int?` int64 with nulls, `float`, `bool`, `word` a dictionary-encoded string, `text`
a string as its mind wrote it (hostile: data, never rendered as anything but text), `ids` a list of
int32 ids. Day 0 is the initial state; flows and acts begin on day 1. Ids of residents and
factories begin at 1; 0 is nobody or nothing.
"""

from __future__ import annotations

from typing import Final

Columns = dict[str, tuple[str, str]]

_ACT: Final[Columns] = {
    "main": ("word", "main act: secure, explore, promote, idle; empty where there is none"),
    "at": ("int", "factory (secure) or direction code (explore), else 0"),
    "spend": ("int", "units to spend on promotion"),
    "further": ("word", "further act: none, gift, attack, merge"),
    "who": ("int", "resident the further act is aimed at, else 0"),
    "amount": ("int", "units of a gift"),
}


def _numbered(prefix: str, columns: Columns) -> Columns:
    return {f"{prefix}_{name}": what for name, what in columns.items()}


_CLAIM: Final[Columns] = {
    "kind": ("word", "stock, plan, makes, attacked, gave, broke, unchecked; empty = no claim"),
    "a": ("int", "stock: units; plan: word code; makes: factory; others: resident"),
    "b": ("int", "plan secure: factory; makes: greatest output claimed"),
    "belief": (
        "int?",
        "what the sender had been shown: units (stock, makes), 0/1 (the others), else null",
    ),
    "text": ("text", "an unchecked claim's own words"),
}
_PROMISE: Final[Columns] = {
    "what": ("word", "gift, secure, no attack, merge; empty = no promise"),
    "a": ("int", "units (gift) or factory (secure)"),
    "by": ("int", "day by which it is due"),
}

RESIDENTS: Final[Columns] = {
    "day": ("int", "day; the state is the morning's, before anything happened"),
    "resident": ("int", "id"),
    "x": ("int", "cell, morning"),
    "y": ("int", "cell, morning"),
    "stock": ("int", "units: the household's store / its members, rounded down, morning"),
    "debt": ("int", "units of food owed, morning"),
    "household": ("int", "household id, morning"),
    "members": ("int", "members of the household, morning"),
    "skill": ("int", "points, morning"),
    "standing": ("int", "points, morning"),
    "treated": ("bool", "carries the treatment"),
    "worked": ("int", "factory worked at this day, 0 none"),
    "paid": ("int", "units paid by that factory into the store"),
    "drawn": ("int", "units of food drawn from the store"),
    "put_in": ("int", "units put into the store: pay, gifts received, loot"),
    "need": ("int", "units of food needed this day"),
    "fault": ("word", "stage of the first fault: perceive, communicate, act, remember; or empty"),
    "in_reach": ("ids", "residents of other households within reach this morning"),
    "in_hearing": ("ids", "residents that hear it today"),
}
EVENTS: Final[Columns] = {
    "day": ("int", "day"),
    "stage": (
        "word",
        "morning (interventions), perceive, communicate, act, produce, further, food, birth",
    ),
    "order": ("int", "running number within the day: earlier rows happened before"),
    "actor": ("int", "resident that acted, 0 = the world or the researcher"),
    "target": ("int", "resident or factory acted on, 0 none"),
    "kind": ("word", "what happened (model.world.events.EventKind)"),
    "amount": ("int", "units moved, or as the kind says"),
    "outcome": (
        "int",
        "1 success, 0 failure, -1 void; produce: hands at work; explore: factories newly sighted",
    ),
    "reason": ("word", "why void, or the cause (of a fault, a removal); else empty"),
    "witnesses": ("ids", "others who saw it (attacks, gifts)"),
}
MESSAGES: Final[Columns] = {
    "day": ("int", "day"),
    "order": ("int", "running number within the day"),
    "sender": ("int", "resident"),
    "to": ("int", "resident, 0 = all within hearing"),
    "kind": ("word", "inform, ask, offer, accept, refuse, ally, praise, threaten, demand"),
    "text": ("text", "what was said"),
    "shown": ("ids", "readers shown it in full"),
    "announced": ("ids", "readers shown its work claim alone"),
    "unread": ("int", "hearers shown nothing of it"),
    **_numbered("claim1", _CLAIM),
    **_numbered("claim2", _CLAIM),
    **_numbered("promise1", _PROMISE),
    **_numbered("promise2", _PROMISE),
}
DECISIONS: Final[Columns] = {
    "day": ("int", "day"),
    "resident": ("int", "resident"),
    **_numbered("plan", _ACT),
    **_numbered("act", _ACT),
    "regard1_who": ("int", "resident privately assessed, 0 none"),
    "regard1_is": ("int", "-2 ... 2"),
    "regard2_who": ("int", "resident privately assessed, 0 none"),
    "regard2_is": ("int", "-2 ... 2"),
    "regard3_who": ("int", "resident privately assessed, 0 none"),
    "regard3_is": ("int", "-2 ... 2"),
    "view": ("text", "how it saw its day, private"),
    "why": ("text", "why it acted as it did, private"),
    "note": ("text", "the note it kept for tomorrow"),
    "flags": ("word", "lenient readings of its replies, joined by '; '"),
}
COMMITMENTS: Final[Columns] = {
    "commitment": ("int", "running number within the run"),
    "day": ("int", "day on which it was made"),
    "order": ("int", "order of the message that made it (or agreed to it) on that day"),
    "debtor": ("int", "resident that owes it"),
    "creditor": ("int", "resident to whom it is owed"),
    "what": ("word", "gift, secure, no attack, merge"),
    "a": ("int", "units (gift) or factory (secure)"),
    "by": ("int", "day by which it is due"),
    "status": (
        "word",
        "kept, broken (by choice), impossible, released, unresolved (see model.world.commitments)",
    ),
    "closed": ("int", "day on which the status was settled"),
    "reason": ("word", "why, in a few words"),
}
PEOPLE: Final[Columns] = {
    "day": ("int", "day of entry, or of a retraining"),
    "resident": ("int", "id"),
    "parent1": ("int", "a parent's id, 0 for founders and newcomers"),
    "parent2": ("int", "the other parent's id"),
    "treated": ("bool", "carries the treatment"),
    "value": ("word", "treated value, empty if untreated"),
    "mode": ("word", "with, without, middle, against; empty if untreated"),
    "mind": ("word", "the mind that decides for it"),
    "profile": ("ids", "ten weights: what it is, untreated, in circle order"),
    "told": ("ids", "ten weights: what its text conveys"),
}
#: Table name → columns. `days` is described by `model.world.numbers.Day`.
TABLES: Final[dict[str, Columns]] = {
    "residents": RESIDENTS,
    "events": EVENTS,
    "messages": MESSAGES,
    "decisions": DECISIONS,
    "commitments": COMMITMENTS,
    "people": PEOPLE,
}
