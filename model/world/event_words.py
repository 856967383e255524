"""Every kind of event: what it is called and how it is said, one sentence a kind, here alone.

The page, reports and the case study read it. Kinds of our own have their code in `EventKind`; a
plug-in (group `civa.events`) brings a code of its own, from 1,000 on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from agents.asides.oversight import LEVELS
from agents.errors import InputError
from agents.registers import Register
from agents.visible import visible
from model.world.events import KINDS, EventKind

if TYPE_CHECKING:
    import pandas as pd

#: Codes of plug-ins begin here, so that a kind of ours that comes later is never one of theirs.
FIRST_OF_PLUGINS: Final = 1_000


@dataclass(frozen=True)
class Told:
    """A row of the table `events`, as sentences need it.

    Attributes:
        who: the resident that acted; 0 for the world, the researcher or an overseer.
        whom: the resident or factory acted on.
        amount: units, or as the kind says.
        good: the outcome, or as the kind says.
        reason: why; may hold an overseer's own words.
    """

    who: int
    whom: int
    amount: int
    good: int
    reason: str


@dataclass(frozen=True)
class EventWords:
    """One kind of event.

    Attributes:
        code: what the log and a run's hash hold of it.
        says: its sentence, of one row.
    """

    code: int
    says: Callable[[Told], str]


def _attack(e: Told) -> str:
    return f"R{e.who} attacked R{e.whom}" + (f" and took {e.amount}" if e.good == 1 else " in vain")


def _intervention(e: Told) -> str:
    named = f"from outside: {e.reason} {e.whom or ''} {e.amount}"
    return named + (", which was impossible" if e.good < 0 else "")


def _alert(e: Told) -> str:
    level = f"level {e.good} of {LEVELS[-1]}"
    return f"the overseer flagged a message of R{e.whom}, {level}: {visible(e.reason)}"


_SAYS: Final[dict[EventKind, Callable[[Told], str]]] = {
    EventKind.WORK: lambda e: f"R{e.who} worked at F{e.whom} and was paid {e.amount}",
    EventKind.TRAVEL: lambda e: f"R{e.who} was on the way to F{e.whom}, {e.amount} cells",
    EventKind.EXPLORE: lambda e: (
        f"R{e.who} explored, {e.amount} cells; factories newly seen: {e.good}"
    ),
    EventKind.PROMOTE: lambda e: f"R{e.who} spent {e.amount} on skill and standing",
    EventKind.IDLE: lambda e: f"R{e.who} rested",
    EventKind.PRODUCE: lambda e: f"F{e.whom} made {e.amount} with {e.good} at work",
    EventKind.GIFT: lambda e: f"R{e.who} gave {e.amount} to R{e.whom}",
    EventKind.ATTACK: _attack,
    EventKind.MERGE_ASK: lambda e: f"R{e.who} asked R{e.whom} to join households",
    EventKind.MERGE: lambda e: f"R{e.who} and R{e.whom} became one household of {e.amount}",
    EventKind.BIRTH: lambda e: f"R{e.whom} was born to R{e.who} and given {e.amount}",
    EventKind.REMOVAL: lambda e: f"R{e.who} was removed: {e.reason}",
    EventKind.LOST: lambda e: f"R{e.who}'s store of {e.amount} was lost",
    EventKind.ENTRY: lambda e: f"R{e.who} came with {e.amount}",
    EventKind.SHORT: lambda e: f"R{e.who} went hungry, {e.amount} missing",
    EventKind.FAULT: lambda e: f"R{e.who}'s reply could not be used: {e.reason}",
    EventKind.VOID: lambda e: f"R{e.who} found it impossible: {e.reason.replace('_', ' ')}",
    EventKind.INTERVENTION: _intervention,
    EventKind.DESTROYED: lambda e: f"R{e.who} lost {e.amount} in the fight",
    EventKind.VOID_MESSAGE: lambda e: (
        f"R{e.who}'s message to R{e.whom} was not delivered: {e.reason}"
    ),
    EventKind.VOID_PROMISE: lambda e: f"R{e.who}'s promise to R{e.whom} does not count: {e.reason}",
    EventKind.ALERT: _alert,
    EventKind.SUSPENDED: lambda e: (
        f"R{e.whom} was suspended: its acts toward others are void today"
    ),
    EventKind.OVERSIGHT_FAULT: lambda e: f"the overseer's reply could not be used: {e.reason}",
}


def _misfit(one: EventWords) -> str:
    free = one.code >= FIRST_OF_PLUGINS
    return "" if free else f"has the code {one.code}; plug-ins use {FIRST_OF_PLUGINS} and more"


#: All kinds by name. A kind of ours without a sentence is a KeyError here, at import.
EVENTS: Final = Register(
    "civa.events",
    EventWords,
    {kind.name.lower(): EventWords(int(kind), _SAYS[kind]) for kind in EventKind},
    _misfit,
)


@cache
def name_of(code: int) -> str:
    """The name of a kind by its code, as the tables hold it.

    Raises:
        InputError: no kind, or more than one, has that code.
    """
    if code < len(EventKind):
        return KINDS[code]
    names = [name for name in EVENTS.plugins if EVENTS[name].code == code]
    if len(names) != 1:
        raise InputError(
            f"plug-ins: {len(names) or 'no'} kinds of events have the code {code}; give each one "
            "of its own, under the entry points civa.events"
        )
    return names[0]


def sentence(row: Mapping[Any, Any] | pd.Series[Any]) -> str:
    """A row of the table `events` as a line.

    A reason may be a mind's own words: show the line as text, never as markup. A kind that this
    version does not know (a later one wrote the run, or a plug-in is gone) is named, not guessed.
    """
    told = Told(
        who=int(row["actor"]),
        whom=int(row["target"]),
        amount=int(row["amount"]),
        good=int(row["outcome"]),
        reason=str(row["reason"]),
    )
    kind = EVENTS.get(str(row["kind"]))
    return kind.says(told) if kind else f"{row['kind']}".replace("_", " ")
