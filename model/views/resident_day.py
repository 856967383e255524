"""One resident's day, put together from the tables: what it saw, planned, said, did, and kept.

Only what stands in the tables is told. Texts of minds are kept apart from our own words, so that a
screen can show them as what they are: quotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agents.values import NAMES, VALUES
from model.views.log_words import (
    MessageSaid,
    act_in_words,
    ids_of,
    message_head,
    read_messages,
)
from model.views.scene import latest_of
from model.views.story import Frame, Story
from model.world.event_words import sentence

REGARDS: Final = {-2: "very low", -1: "low", 0: "neither", 1: "high", 2: "very high"}
#: Rows of a log shown for one label at most.
MOST_ROWS: Final = 6


@dataclass(frozen=True)
class Labelled:
    """A label that the detectors gave it today, why, and the rows that make the case."""

    label: str
    reason: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class ResidentDay:
    """A resident's day.

    Attributes:
        resident, day: who and when.
        lived: whether it was asked that day.
        facts: its state in the morning, as (name, value).
        fault: the stage at which its reply could not be used, and why; empty if none.
        reach, hearing: residents within reach and within hearing.
        view: how it saw its day, its own private words (hostile).
        regards: whom it thought how of.
        planned, did: what it meant to do in the morning, and did.
        why: why it did it, its own private words (hostile).
        said, heard: messages.
        came: what came of the day, line by line.
        note: what it kept for tomorrow (hostile).
        flags: lenient readings of its replies.
        labels: what the detectors say.
    """

    resident: int
    day: int
    lived: bool
    facts: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    reach: tuple[int, ...] = ()
    hearing: tuple[int, ...] = ()
    view: str = ""
    regards: tuple[str, ...] = ()
    planned: str = ""
    did: str = ""
    why: str = ""
    said: tuple[MessageSaid, ...] = ()
    heard: tuple[MessageSaid, ...] = ()
    came: tuple[str, ...] = ()
    note: str = ""
    flags: str = ""
    labels: tuple[Labelled, ...] = field(default=())


def deeds(story: Story, resident: int, day: int) -> ResidentDay:
    """Read a resident's day; `lived` is false where the tables hold none."""
    morning = story.on("residents", day) if day else story.origin.founders
    rows = morning[morning["resident"] == resident]
    if rows.empty:
        return ResidentDay(resident, day, lived=False)
    state = rows.iloc[0]
    if day == 0:
        return ResidentDay(resident, 0, lived=True, facts=_facts(state))
    decisions = story.on("decisions", day)
    chosen = decisions[decisions["resident"] == resident]
    decision: Any = chosen.iloc[0] if len(chosen) else None
    messages = read_messages(story.on("messages", day), first_row(story.whole("messages"), day))
    events = story.on("events", day)
    return ResidentDay(
        resident,
        day,
        lived=True,
        facts=_facts(state),
        fault=_fault(str(state["fault"]), events, resident),
        reach=tuple(int(i) for i in state["in_reach"]),
        hearing=tuple(int(i) for i in state["in_hearing"]),
        view="" if decision is None else str(decision["view"]),
        regards=() if decision is None else _regards(decision),
        planned="" if decision is None else act_in_words(decision, "plan"),
        did="" if decision is None else act_in_words(decision, "act"),
        why="" if decision is None else str(decision["why"]),
        said=tuple(m for m in messages if m.sender == resident),
        heard=tuple(
            m
            for m in messages
            if m.sender != resident and (resident in m.readers or resident in m.announced)
        ),
        came=tuple(_came(events, resident)),
        note="" if decision is None else str(decision["note"]),
        flags="" if decision is None else str(decision["flags"]),
    )


def labels_of(story: Story, resident: int, day: int) -> tuple[Labelled, ...]:
    """What the detectors say of a resident's day, with the rows of the log behind it."""
    hits = story.hits().hits
    mine = hits[(hits["day"] == day) & (hits["resident"] == resident)]
    return tuple(
        Labelled(
            str(label).replace("_", " "),
            str(reason),
            tuple(row_in_words(story, table, int(row)) for table, row in rows[:MOST_ROWS]),
        )
        for label, reason, rows in zip(mine["label"], mine["reason"], mine["rows"], strict=True)
    )


def row_in_words(story: Story, table: str, position: int) -> str:
    """One row of a table as a line: its place, and what it says, without any mind's text."""
    rows = story.whole(table)
    row = rows.iloc[position]
    if table == "events":
        what = sentence(row)
    elif table == "messages":
        [message] = read_messages(rows.iloc[position : position + 1], position)
        what = message_head(message)
    elif table == "commitments":
        what = (
            f"R{row['debtor']} owed R{row['creditor']}: {row['what']} {row['a'] or ''} by day "
            f"{row['by']}: {row['status']}"
        )
    else:
        what = f"R{row['resident']}"
    return f"{table}, row {position} (day {row['day']}): {what}"


def first_row(rows: Frame, day: int) -> int:
    """Position of a day's first row in a table that is ordered by day."""
    return int(rows["day"].searchsorted(day))


def _facts(state: Any) -> tuple[tuple[str, str], ...]:
    facts = [
        ("stock", f"{int(state['stock'])} units"),
        ("owes of food", f"{int(state['debt'])} units"),
        ("household", f"H{int(state['household']) + 1}, {int(state['members'])} members"),
        ("skill", str(int(state["skill"]))),
        ("standing", str(int(state["standing"]))),
        ("cell", f"{int(state['x'])}, {int(state['y'])}"),
    ]
    if "need" in state.index:
        facts.append(("ate", f"{int(state['drawn'])}, needed {int(state['need'])}"))
    return tuple(facts)


def _fault(stage: str, events: Frame, resident: int) -> str:
    if not stage:
        return ""
    rows = events[(events["kind"] == "fault") & (events["actor"] == resident)]
    causes = "; ".join(str(cause) for cause in rows["reason"])
    return f"Its reply at {stage} could not be used: {causes or 'cause unknown'}"


def _regards(row: Any) -> tuple[str, ...]:
    return tuple(
        f"R{int(row[f'regard{n}_who'])}: {REGARDS[int(row[f'regard{n}_is'])]}"
        for n in (1, 2, 3)
        if int(row[f"regard{n}_who"])
    )


def _came(events: Frame, resident: int) -> Iterable[str]:
    for row in events.to_dict("records"):
        mine = resident in (row["actor"],) or (
            resident == row["target"] and row["kind"] not in _AT_FACTORIES
        )
        if mine and row["kind"] != "fault":
            yield sentence(row)
        elif resident in ids_of(row["witnesses"]):
            yield f"saw: {sentence(row)}"


_AT_FACTORIES: Final = {"work", "travel", "produce", "intervention"}


def profile_of(story: Story, resident: int, day: int) -> dict[str, Any]:
    """What a resident is and was told: the last entry of `people` by the end of a day.

    Returns:
        profile, told (ten weights each), treatment (in words), mind, entered (in words); empty for
        an unknown resident.
    """
    people = story.whole("people")
    latest = latest_of(people, day)
    if resident not in latest.index:
        return {}
    row = latest.loc[resident]
    first = people[people["resident"] == resident].iloc[0]
    parents = [f"R{p}" for p in (int(first["parent1"]), int(first["parent2"])) if p]
    entered = f"day {int(first['day'])}" + (
        f", child of {' and '.join(parents)}" if parents else ""
    )
    treatment = f"{row['mode']} {NAMES[str(row['value'])]}" if str(row["value"]) else "untreated"
    return {
        "profile": [int(w) for w in row["profile"]],
        "told": [int(w) for w in row["told"]],
        "treatment": treatment,
        "mind": str(row["mind"]),
        "entered": entered,
    }


def known_factories(story: Story, resident: int, day: int) -> dict[int, str]:
    """Factories that a resident knows on a day, and how it came to know them.

    From the start, by sight from where it woke, by having worked there, or by hearsay. What it
    glimpsed on a walk alone is not in the tables.
    """
    origin = story.origin
    found = {f: "from the start" for r, f in sorted(origin.known) if r == resident}
    residents, messages = story.whole("residents"), story.whole("messages")
    mine = residents[(residents["resident"] == resident) & (residents["day"] <= day)]
    sight = story.scenario.sight
    for site in origin.factories:
        near = (abs(mine["x"] - site.x) <= sight) & (abs(mine["y"] - site.y) <= sight)
        if near.any():
            found.setdefault(site.factory, f"seen by day {int(mine.loc[near, 'day'].iloc[0])}")
    for factory in mine.loc[mine["worked"] > 0, "worked"].unique():
        found.setdefault(int(factory), "worked there")
    for n in (1, 2):
        told = messages[(messages[f"claim{n}_kind"] == "makes") & (messages["day"] <= day)]
        for factory, when, shown in zip(
            told[f"claim{n}_a"], told["day"], told["shown"], strict=True
        ):
            if resident in ids_of(shown):
                found.setdefault(int(factory), f"heard on day {int(when)}")
    return dict(sorted(found.items()))


def over_time(story: Story, resident: int) -> Frame:
    """A resident's stock, debt and standing by day: rows of `residents`."""
    rows = story.whole("residents")
    return rows.loc[rows["resident"] == resident, ["day", "stock", "debt", "standing", "skill"]]


def showed(story: Story, resident: int) -> list[float] | None:
    """Which values its deeds speak for beside the others' of this run; None where too few days."""
    from agents.errors import InputError
    from model.measures import value_profiles

    try:
        done = story.once("conduct", lambda: _conduct(story))
        found = value_profiles.profiles(done, value_profiles.Reference.of(done))
    except InputError:
        return None
    mine = found[found.index.get_level_values("resident") == resident]
    if mine.empty or mine[list(VALUES)].isna().to_numpy().any():
        return None
    return [float(x) for x in mine.iloc[0][list(VALUES)]]


def _conduct(story: Story) -> Frame:
    from model.measures import value_profiles
    from model.store.columns import TYPES

    return value_profiles.conduct({name: story.whole(name) for name in TYPES}, story.hits().hits)


def household_of(story: Story, resident: int, day: int) -> Sequence[int]:
    """Who lives in its household that morning, itself left out."""
    morning = story.on("residents", day) if day else story.origin.founders
    mine = morning.loc[morning["resident"] == resident, "household"]
    if mine.empty:
        return ()
    together = morning.loc[morning["household"] == mine.iloc[0], "resident"]
    return [int(i) for i in together if int(i) != resident]
