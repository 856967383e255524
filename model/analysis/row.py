"""The row of a run: its outcome and the sums of its days, as one line of a study's `runs` table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from agents.errors import InputError
from agents.fsync import write_whole
from model.analysis.measures import MEASURES, RATES_OF_FLOWS, RunSource
from model.analysis.summary import Summary
from model.store.files import writing
from model.store.meta import Status
from model.store.places import ROW
from model.store.sealed import sealed, unsealed, with_nans, with_nulls
from model.world.numbers import FLOWS

_LARGEST: Final = 10_000_000  # bytes; what is cut off there is no JSON any more


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
        treated_share: of the living, at the end.
        seconds: it took.
        calls: of a language model.
        tokens: in and out.
        cost: NaN without prices.
        numbers: measure → number, of those that its days are enough for
            (`model.analysis.measures`).
        counts: rate among them → (hits, trials).
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
    treated_share: float = math.nan
    seconds: float = math.nan
    calls: int = 0
    tokens: int = 0
    cost: float = math.nan
    numbers: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    flows: Mapping[str, float] = field(default_factory=dict)
    daily: Mapping[str, Sequence[float]] | None = None

    def __getitem__(self, name: str) -> float:
        """A measure of the run by name, or a flow of its days per judged resident-day."""
        return self.summary[name]

    @cached_property
    def summary(self) -> Summary:
        """Its numbers, as every comparison takes them; no numbers if it is no result."""
        return Summary(self.seed, self.key, self.numbers, self.counts, self.flows)

    @property
    def collapsed(self) -> bool:
        """Whether its community had collapsed by the last day."""
        return self.numbers.get("collapsed") == 1

    def flat(self) -> dict[str, Any]:
        """As one row of a table: numbers and sums of flows become columns.

        Traceback and daily numbers stay out, and so does a rate that has its flow's name: there the
        column is the sum.
        """
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("numbers", "counts", "flows", "daily", "trace"):
            plain.pop(name)
        own = (one.name for one in MEASURES.values() if one.reads == "days")
        numbers = {name: self.numbers.get(name, math.nan) for name in own if name not in FLOWS}
        return plain | numbers | {name: self.flows.get(name, math.nan) for name in FLOWS}


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
    groups = {group: with_nulls(plain[group]) for group in ("numbers", "flows")}
    return with_nulls(plain) | groups


def row_from(plain: Mapping[str, Any], path: str) -> Row:
    """The row that `plain_row` made plain, by this version of civa or an older one."""
    plain = plain if "numbers" in plain else _as_meant(plain)
    values = with_nans(plain)
    values |= {group: with_nans(plain[group]) for group in ("numbers", "flows")}
    values["counts"] = {name: (float(h), float(t)) for name, (h, t) in plain["counts"].items()}
    return Row(**values, path=path)


def _as_meant(plain: Mapping[str, Any]) -> dict[str, Any]:
    """An older version's row: its numbers stood beside the rest, rates only as sums of flows.

    Versions that had no `mornings` called the mornings lived resident-days.
    """
    names = {one.name for one in MEASURES.values() if one.reads == "days"}
    numbers = with_nans({name: value for name, value in plain.items() if name in names})
    flows = with_nans(plain["flows"])
    counts: dict[str, tuple[float, float]] = {}
    if flows:
        if "mornings" not in plain:
            numbers["mornings"] = numbers["resident_days"]
            numbers["resident_days"] = flows.get("faultless", math.nan)
        numbers["alive"] = 1 - numbers["collapsed"]
        numbers["naup_survived"] = numbers["naup"] if numbers["alive"] else math.nan
        run = RunSource({name: (0.0, total) for name, total in flows.items()}, 0)
        for one in MEASURES.values():
            if one.name in RATES_OF_FLOWS:
                numbers[one.name] = one.value(run)
                counts[one.name] = one.counts(run) or (math.nan, math.nan)
    rest = {name: value for name, value in plain.items() if name not in names}
    return rest | {"numbers": numbers, "counts": counts}


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
