"""The row of a run: its outcome and the sums of its days, as one line of a study's `runs` table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from agents.errors import InputError
from agents.fsync import write_whole
from model.measures.resident_days import per_resident_day
from model.store.files import writing
from model.store.meta import Status
from model.store.places import ROW
from model.store.sealed import sealed, unsealed
from model.world.numbers import Day

_LARGEST: Final = 10_000_000  # bytes; what is cut off there is no JSON any more
#: Flows of a day, which a run sums; the others are states or means.
FLOWS: Final = tuple(
    f.name
    for f in fields(Day)
    if isinstance(f.default, float)
    and f.name
    not in ("workers_best", "social_capital", "development", "communication", "competence")
)


@dataclass(frozen=True)
class Row:
    """One run. What is undefined is NaN; a run that is no result has no numbers.

    Attributes:
        cell: label of its cell.
        seed: its seed.
        key: digest of its identity.
        status: done, failed or stopped.
        cause: why it failed or stopped.
        trace: traceback of an exception.
        mind: the mind that decided.
        path: its folder; empty if none was written.
        hash: of all events and messages; empty unless done.
        days: days lived.
        residents: residents at the start.
        population: at the end.
        naup: normalised area under the population curve.
        founder_rmst: the same over founders only.
        births_per_resident_day: births over resident-days.
        collapsed: 1 if collapsed by the last day, else 0.
        collapse_day: day since which it had been; NaN if it is not, or an older version wrote it.
        resident_days: judged ones, the denominator of all that is per resident-day
            (`model.measures.resident_days`).
        mornings: mornings lived by residents, with or without a fault.
        social_capital: (cooperation - betrayal) over resident-days.
        development: mean over days alive of 1 - Gini of stock per head.
        communication: mean over days alive of the message graph's reach.
        competence: mean over days alive of output per head.
        top_share: mean over days alive of the richest tenth's share of stock.
        treated_share: of the living, at the end.
        seconds: it took.
        calls: of a language model.
        tokens: in and out.
        cost: NaN without prices.
        flows: sums of the flows of all days, by name (`model.world.numbers`).
        daily: daily numbers by name, one entry a day, day 0 first; None if not asked for.
    """

    cell: str
    seed: int
    key: str
    status: Status
    cause: str = ""
    trace: str = ""
    mind: str = ""
    path: str = ""
    hash: str = ""
    days: int = 0
    residents: int = 0
    population: float = math.nan
    naup: float = math.nan
    founder_rmst: float = math.nan
    births_per_resident_day: float = math.nan
    collapsed: float = math.nan
    collapse_day: float = math.nan
    resident_days: float = math.nan
    mornings: float = math.nan
    social_capital: float = math.nan
    development: float = math.nan
    communication: float = math.nan
    competence: float = math.nan
    top_share: float = math.nan
    treated_share: float = math.nan
    seconds: float = math.nan
    calls: int = 0
    tokens: int = 0
    cost: float = math.nan
    flows: Mapping[str, float] = field(default_factory=dict)
    daily: Mapping[str, Sequence[float]] | None = None

    def per_resident_day(self, flow: str) -> float:
        """A flow over resident-days; NaN without any."""
        return per_resident_day(self.flows[flow], self.resident_days)

    def flat(self) -> dict[str, Any]:
        """As one row of a table: the flows become columns, traceback and daily numbers stay out."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("flows", "daily", "trace"):
            plain.pop(name)
        return plain | {name: self.flows.get(name, math.nan) for name in FLOWS}


def write_row(folder: Path, row: Row) -> None:
    """Put a run's row beside its card.

    Raises:
        StoppedEarly: the disk does not take it.
    """
    with writing(folder / ROW):
        write_whole(folder / ROW, sealed(plain_row(row), indent=1))


def plain_row(row: Row) -> dict[str, Any]:
    """A row as JSON can carry it, without path and daily numbers: what is undefined is null."""
    plain = asdict(replace(row, daily=None))
    for name in ("path", "daily"):
        plain.pop(name)
    flows = {name: _null(value) for name, value in plain.pop("flows").items()}
    return {name: _null(value) for name, value in plain.items()} | {"flows": flows}


def row_from(plain: Mapping[str, Any], path: str) -> Row:
    """The row that `plain_row` made plain."""
    values = {name: _number(value) for name, value in plain.items() if name != "flows"}
    flows = {name: _number(value) for name, value in plain["flows"].items()}
    if "mornings" not in values:
        values |= _as_meant(values["resident_days"], flows)
    return Row(**values, flows=flows, path=path)


def _as_meant(mornings: float, flows: Mapping[str, float]) -> dict[str, float]:
    """What a row says that called the mornings lived its resident-days, as older versions did."""
    judged = flows.get("faultless", math.nan)
    births = per_resident_day(flows.get("births", math.nan), judged)
    return {"mornings": mornings, "resident_days": judged, "births_per_resident_day": births}


def read_row(folder: Path) -> Row:
    """Read a run's row.

    Raises:
        InputError: there is none, or it is damaged.
    """
    try:
        with (folder / ROW).open("rb") as file:
            return row_from(unsealed(file.read(_LARGEST)), str(folder))
    except FileNotFoundError:
        raise InputError(f"{folder}: no finished run lies here ({ROW} is missing)") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{folder / ROW}: damaged ({error}); remove the folder and run the study again"
        ) from None


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    return math.nan if value is None else value
