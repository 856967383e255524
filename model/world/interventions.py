"""What a researcher does to a running community: shocks scheduled before, interventions during.

Both are the same append-only rows (id, day, what); they act only at the start of a day.

`why_not` holds the one set of rules by which a row is accepted, whoever gives it: a scenario's
shocks, `CommunityModel.interventions.append`, a saved file, the page. What can be known then is
refused then. What depends on the days between (whether a resident is still alive) is looked at
again on the day itself by `absent`, and noted as impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from model.world.scenario import Scenario


def _code(given: str) -> str:
    from agents.values import value_code

    return value_code(given) if given else ""


ValueCode = Annotated[str, AfterValidator(_code)]
"""A value of the circle by its code, whatever name or case it was given in; or empty."""

Kind = Literal[
    "aid",
    "outage",
    "cull",
    "newcomers",
    "broadcast",
    "remove",
    "retrain",
    "richness",
]
KINDS: tuple[str, ...] = Kind.__args__  # type: ignore[attr-defined]

#: What `size` and `target` mean for each kind, for messages, forms and the guide.
MEANING = {
    "aid": "`size` whole units into every household's store, per member",
    "outage": "factory `target` makes nothing for `duration` days",
    "cull": "share `size` (0 to 1) of the living is removed, drawn by seed",
    "newcomers": "`size` residents, a whole number, enter with the start stock",
    "broadcast": "`text` is shown to everybody that day as coming from outside",
    "remove": "resident `target` is removed",
    "retrain": (
        "resident `target` (0: share `size` of all) is given `mode` of `value`; "
        "mode `original` takes the treatment away"
    ),
    "richness": "richness moves to `size` (0 to 100) in equal steps over `duration` days",
}


class Intervention(BaseModel):
    """One row: on day `day` (before anything else), do `kind`.

    Attributes:
        day: day at whose start it acts, ≥ 1.
        kind: what is done, see `MEANING`.
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


#: Most residents that enter at once: as many as a community may begin with.
_MOST_NEWCOMERS: Final = 20_000
_MOST_RICHNESS: Final = 100


@dataclass(frozen=True)
class Place:
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


def before_day_1(scenario: Scenario) -> Place:
    """A scenario's community before its first day."""
    return Place(
        today=0,
        begun=0,
        last=None,
        factories=len(scenario.outputs),
        residents=scenario.residents,
        gone=(),
        births=scenario.births and scenario.merges and scenario.max_household > 1,
        arrivals=scenario.immigration > 0,
    )


def why_not(row: Intervention, place: Place, others: Sequence[Intervention]) -> str:
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
    if wrong := _ITSELF[row.kind](row):
        return f"{row.kind} {wrong}"
    if _names_resident(row) and row.target > place.residents:
        most = _most_ids(row, place, others)
        if most is not None and row.target > most:
            return f"{row.kind} of R{row.target}, but by day {row.day} there is at most R{most}"
        return ""
    return absent(row, place)


def absent(row: Intervention, place: Place) -> str:
    """Why what a row names is not there at this moment; empty if it is, or it names nothing."""
    if row.kind == "outage" and not 1 <= row.target <= place.factories:
        known = f"use 1 to {place.factories}"
        return f"outage of factory {row.target}, which does not exist; {known}"
    if _names_resident(row):
        if row.target > place.residents or row.target < 1:
            return f"{row.kind} of resident {row.target}, who does not exist; name one who lives"
        if row.target in place.gone:
            return f"{row.kind} of R{row.target}, who is not alive any more; name one who lives"
    return ""


def _names_resident(row: Intervention) -> bool:
    return row.kind == "remove" or (row.kind == "retrain" and row.target > 0)


def _most_ids(row: Intervention, place: Place, others: Sequence[Intervention]) -> int | None:
    """The highest id that there can be in the morning of a row's day; None if there is no bound.

    Children are born at the end of a day, so the earliest is there two mornings after today.
    """
    days = row.day - place.today
    if place.births and days > 1:
        return None
    between = (one for one in others if place.today < one.day <= row.day)
    entering = sum(round(one.size) for one in between if one.kind == "newcomers")
    return place.residents + entering + days * place.arrivals


def _whole(row: Intervention) -> str:
    if row.size != int(row.size):
        return f"of {row.size:g}; give a whole number"
    if row.kind == "newcomers" and row.size > _MOST_NEWCOMERS:
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


def _nothing(row: Intervention) -> str:
    return ""


#: Kind → what may be wrong with a row of it by itself.
_ITSELF: Final[dict[str, Callable[[Intervention], str]]] = {
    "aid": _whole,
    "outage": _nothing,
    "cull": _share,
    "newcomers": _whole,
    "broadcast": _text,
    "remove": _nothing,
    "retrain": _treatment,
    "richness": _factor,
}
