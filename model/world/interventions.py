"""What a researcher does to a running community: shocks scheduled before, interventions during.

Both are the same append-only rows (id, day, what); they act only at the start of a day.

`why_not` holds the one set of rules by which a row is accepted, whoever gives it: a scenario's
shocks, `CommunityModel.interventions.append`, a saved file, the page. What can be known then is
refused then. What depends on the days between (whether a resident is still alive) is looked at
again on the day itself by `absent`, and noted as impossible.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from model.world.intervention_kinds import INTERVENTIONS

if TYPE_CHECKING:
    from model.world.scenario import Scenario


def _code(given: str) -> str:
    from agents.values import value_code

    return value_code(given) if given else ""


ValueCode = Annotated[str, AfterValidator(_code)]
"""A value of the circle by its code, whatever name or case it was given in; or empty."""

if TYPE_CHECKING:
    Kind = str
else:  # the names of all kinds there are, so that another is refused with the nearest of them
    Kind = Literal[tuple(INTERVENTIONS)]
KINDS: tuple[str, ...] = tuple(INTERVENTIONS)


class Intervention(BaseModel):
    """One row: on day `day` (before anything else), do `kind`.

    Attributes:
        day: day at whose start it acts, ≥ 1.
        kind: what is done, see `model.world.intervention_kinds`.
        size: amount, share, count or level, as the kind says.
        target: factory or resident id, 0 where the kind needs none.
        duration: days, for outage and richness.
        text: words of a broadcast (data, never rendered unquoted).
        value: value code of a retraining.
        mode: mode of a retraining.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: Annotated[int, Field(ge=1, le=1_000_000)]
    kind: Kind
    size: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] = 0.0
    target: Annotated[int, Field(ge=0)] = 0
    duration: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    text: Annotated[str, Field(max_length=280)] = ""
    value: ValueCode = ""
    mode: Literal["", "with", "without", "middle", "against", "original"] = ""


@dataclass(frozen=True)
class CommunityNow:
    """What of a community decides whether a row can be carried out.

    Attributes:
        today: the last day that took effect.
        begun: the last day that can no longer be changed: today, or the day that is being asked.
        last: the run's last day; None before it is founded, when a plan may be longer than the days
            that are lived of it (`civa run --days`).
        factories: how many there are.
        residents: ids given so far; 1 to this.
        gone: ids of those who are not alive any more.
        births: whether children can be born.
        arrivals: whether a newcomer may arrive by chance.
    """

    today: int
    begun: int
    last: int | None
    factories: int
    residents: int
    gone: Collection[int]
    births: bool
    arrivals: bool


def before_day_1(scenario: Scenario) -> CommunityNow:
    """A scenario's community before its first day."""
    return CommunityNow(
        today=0,
        begun=0,
        last=None,
        factories=len(scenario.outputs),
        residents=scenario.residents,
        gone=(),
        births=scenario.births and scenario.merges and scenario.max_household > 1,
        arrivals=scenario.immigration > 0,
    )


def why_not(row: Intervention, place: CommunityNow, others: Sequence[Intervention]) -> str:
    """Why a row cannot be accepted, with a remedy; empty if it can.

    Args:
        row: what is to be done.
        place: the community as it is now.
        others: rows that were accepted, those of later days included.
    """
    if row.day <= place.begun:
        return f"day {row.day} has already begun; the next is {place.begun + 1}"
    if place.last is not None and row.day > place.last:
        return f"{row.kind} on day {row.day}, after the run's last day; use 1 to {place.last}"
    if wrong := INTERVENTIONS[row.kind].wrong(row):
        return f"{row.kind} {wrong}"
    if INTERVENTIONS[row.kind].names(row) == "resident" and row.target > place.residents:
        most = _most_ids(row, place, others)
        if most is not None and row.target > most:
            return f"{row.kind} of R{row.target}, but by day {row.day} there is at most R{most}"
        return ""
    return absent(row, place)


def absent(row: Intervention, place: CommunityNow) -> str:
    """Why what a row names is not there at this moment; empty if it is, or it names nothing."""
    names = INTERVENTIONS[row.kind].names(row)
    if names == "factory" and not 1 <= row.target <= place.factories:
        known = f"use 1 to {place.factories}"
        return f"{row.kind} of factory {row.target}, which does not exist; {known}"
    if names == "resident":
        if row.target > place.residents or row.target < 1:
            return f"{row.kind} of resident {row.target}, who does not exist; name one who lives"
        if row.target in place.gone:
            return f"{row.kind} of R{row.target}, who is not alive any more; name one who lives"
    return ""


def _most_ids(row: Intervention, place: CommunityNow, others: Sequence[Intervention]) -> int | None:
    """The highest id that there can be in the morning of a row's day; None if there is no bound.

    Children are born at the end of a day, so the earliest is there two mornings after today.
    """
    days = row.day - place.today
    if place.births and days > 1:
        return None
    between = (one for one in others if place.today < one.day <= row.day)
    entering = sum(round(one.size) for one in between if INTERVENTIONS[one.kind].enters)
    return place.residents + entering + days * place.arrivals
