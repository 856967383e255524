"""Every kind of intervention: what it asks, what can be wrong, what it does, how it is said.

One entry a kind; the scenario, the page, the guide and the day know it by its name. A plug-in adds
its own (group `civa.interventions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from agents.purposes import Purpose
from agents.randomness import day_keys, draws
from agents.registers import Register
from model.world.events import DayLog, EventStage
from model.world.population import leave, newcomer, retrain

if TYPE_CHECKING:
    from agents.decisions import Ints
    from model.world.interventions import Intervention
    from model.world.state import World

#: Most residents that enter at once: as many as a community may begin with.
_MOST_NEWCOMERS: Final = 20_000
_MOST_RICHNESS: Final = 100


def _nothing_wrong(row: Intervention) -> str:
    return ""


def _nobody(row: Intervention) -> Literal["", "factory", "resident"]:
    return ""


@dataclass(frozen=True)
class InterventionKind:
    """One kind of intervention.

    Attributes:
        means: what `size`, `target` and the rest mean, for the page and the guide.
        asks: the fields that it needs, and what the page calls each.
        says: a row of it in a few words.
        does: carries a row out, at the start of its day.
        wrong: what is wrong with a row by itself, to follow the kind's name; empty if nothing.
        names: whether a row's `target` names a factory or a resident, who must be there.
        per_mille: whether `size` is a share or a factor, which its event holds in thousandths.
        enters: whether `size` residents enter by it, whom later rows may then name.
    """

    means: str
    asks: Mapping[str, str]
    says: Callable[[Intervention], str]
    does: Callable[[World, Intervention, int, DayLog], None]
    wrong: Callable[[Intervention], str] = _nothing_wrong
    names: Callable[[Intervention], Literal["", "factory", "resident"]] = _nobody
    per_mille: bool = False
    enters: bool = False


def _whole(row: Intervention) -> str:
    return "" if row.size == int(row.size) else f"of {row.size:g}; give a whole number"


def _newcomers_wrong(row: Intervention) -> str:
    if wrong := _whole(row):
        return wrong
    if row.size > _MOST_NEWCOMERS:
        return f"of {row.size:g}; at most {_MOST_NEWCOMERS} enter at once"
    return ""


def _share(row: Intervention) -> str:
    return f"of a share of {row.size:g}; it lies within 0 to 1" if row.size > 1 else ""


def _treatment(row: Intervention) -> str:
    if not row.mode:
        return "names no mode; use with, without, middle, against or original"
    if row.mode != "original" and not row.value:
        return f"to mode {row.mode} of no value; name the value"
    return _share(row)


def _text(row: Intervention) -> str:
    return "" if row.text.strip() else "says nothing; write what everybody is to be shown"


def _factor(row: Intervention) -> str:
    return f"of {row.size:g}; it lies within 0 to 100" if row.size > _MOST_RICHNESS else ""


def _lots(world: World, day: int, purpose: Purpose) -> Ints:
    """Rows of the living, in the order of a keyed draw."""
    rows = world.residents.living()
    keys = day_keys(world.here.seed, day, world.residents.count)[rows]
    # Keyed and stable: who is chosen does not depend on who else lives, and equal draws keep the
    # order of ids, so that a replay chooses the same.
    order = np.argsort(draws(keys, purpose), kind="stable")
    return rows[order]


def _aid(world: World, row: Intervention, day: int, log: DayLog) -> None:
    homes = world.households
    living = np.flatnonzero(homes.size[: homes.count] > 0)
    given = round(row.size) * homes.size[living]  # whole since it was accepted; old runs rounded
    homes.store[living] += given
    world.here.aid += int(given.sum())


def _outage(world: World, row: Intervention, day: int, log: DayLog) -> None:
    until = world.factories.out_until
    until[row.target - 1] = max(int(until[row.target - 1]), day + row.duration - 1)


def _cull(world: World, row: Intervention, day: int, log: DayLog) -> None:
    rows = _lots(world, day, Purpose.CULL)
    for gone in rows[: round(row.size * len(rows))].tolist():
        world.here.lost += leave(world, gone, "culled", EventStage.MORNING, log)


def _newcomers(world: World, row: Intervention, day: int, log: DayLog) -> None:
    for _ in range(round(row.size)):
        newcomer(world, day, log)


def _broadcast(world: World, row: Intervention, day: int, log: DayLog) -> None:
    world.here.broadcasts = (*world.here.broadcasts, row.text)


def _remove(world: World, row: Intervention, day: int, log: DayLog) -> None:
    world.here.lost += leave(world, row.target - 1, "removed", EventStage.MORNING, log)


def _retrain(world: World, row: Intervention, day: int, log: DayLog) -> None:
    rows = _lots(world, day, Purpose.RETRAIN)
    chosen = rows[: round(row.size * len(rows))]
    if row.target:
        chosen = rows[rows == row.target - 1]
    for one in chosen.tolist():
        retrain(world, one, row.value, row.mode, day)


def _richness(world: World, row: Intervention, day: int, log: DayLog) -> None:
    world.here.interventions.ramp(world, row.size, row.duration)


def _retrained(row: Intervention) -> str:
    whom = f"R{row.target}" if row.target else f"{row.size:.0%} of all"
    treatment = "its own values" if row.mode == "original" else f"{row.mode} {row.value}"
    return f"{whom} given {treatment}"


_OURS: Final = {
    "aid": InterventionKind(
        "`size` whole units into every household's store, per member",
        {"size": "units a member"},
        lambda row: f"{row.size:g} units a member into every store",
        _aid,
        _whole,
    ),
    "outage": InterventionKind(
        "factory `target` makes nothing for `duration` days",
        {"target": "factory", "duration": "days"},
        lambda row: f"F{row.target} makes nothing for {row.duration} days",
        _outage,
        names=lambda row: "factory",
    ),
    "cull": InterventionKind(
        "share `size` (0 to 1) of the living is removed, drawn by seed",
        {"size": "share"},
        lambda row: f"{row.size:.0%} of all removed",
        _cull,
        _share,
        per_mille=True,
    ),
    "newcomers": InterventionKind(
        "`size` residents, a whole number, enter with the start stock",
        {"size": "residents"},
        lambda row: f"{row.size:g} newcomers",
        _newcomers,
        _newcomers_wrong,
        enters=True,
    ),
    "broadcast": InterventionKind(
        "`text` is shown to everybody that day as coming from outside",
        {"text": "words from outside"},
        lambda row: f"broadcast from outside: “{row.text}”",
        _broadcast,
        _text,
    ),
    "remove": InterventionKind(
        "resident `target` is removed",
        {"target": "resident"},
        lambda row: f"R{row.target} removed",
        _remove,
        names=lambda row: "resident",
    ),
    "retrain": InterventionKind(
        "resident `target` (0: share `size` of all) is given `mode` of `value`; "
        "mode `original` takes the treatment away",
        {"target": "resident, 0 for a share of all", "size": "share", "value": "", "mode": ""},
        _retrained,
        _retrain,
        _treatment,
        names=lambda row: "resident" if row.target > 0 else "",
        per_mille=True,
    ),
    "richness": InterventionKind(
        "richness moves to `size` (0 to 100) in equal steps over `duration` days",
        {"size": "factor", "duration": "days"},
        lambda row: f"richness to {row.size:g} over {row.duration} days",
        _richness,
        _factor,
        per_mille=True,
    ),
}
#: All kinds by name, those of plug-ins after ours.
INTERVENTIONS: Final = Register("civa.interventions", InterventionKind, _OURS)
