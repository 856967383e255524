"""A run reduced to one number a measure: the `Summary` that every page and table reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from model.analysis.measures import MEASURES, Reads, RunSource
from model.measures.resident_days import per_resident_day
from model.world.numbers import FLOWS

if TYPE_CHECKING:
    from model.store import Run


@dataclass(frozen=True)
class Summary:
    """The numbers of a run.

    Attributes:
        seed: its seed.
        key: by which its runs are told apart: of its identity, or the name of its folder.
        numbers: measure → number, unscaled; NaN where undefined.
        counts: rate → (hits, trials).
        flows: flow of the days → sum over the run.
    """

    seed: int
    key: str
    numbers: Mapping[str, float]
    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    flows: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        """A measure, or a flow per judged resident-day; NaN for a run that is no result.

        Raises:
            KeyError: it is neither.
        """
        if name in self.numbers:
            return self.numbers[name]
        if name in self.flows:
            return per_resident_day(self.flows[name], self.numbers["resident_days"])
        if name in MEASURES or name in FLOWS:
            return math.nan
        raise KeyError(name)

    @property
    def collapsed(self) -> bool:
        """Whether its community had collapsed by the last day."""
        return self.numbers["collapsed"] == 1


def counts_of(run: RunSource, reads: tuple[Reads, ...]) -> dict[str, tuple[float, float]]:
    """Hits and trials of the rates."""
    found = {one.name: one.counts(run) for one in MEASURES.values() if one.reads in reads}
    return {name: counts for name, counts in found.items() if counts is not None}


def numbers_of(run: RunSource, reads: tuple[Reads, ...]) -> dict[str, float]:
    """One number a measure."""
    return {one.name: one.value(run) for one in MEASURES.values() if one.reads in reads}


def summary_of(run: Run, labels: pd.DataFrame, graph: Mapping[str, float]) -> Summary:
    """The summary of a run on disk: all measures of the table.

    Args:
        run: it.
        labels: the rates of its labels (`model.measures.behaviour.rates`).
        graph: its last day's messages, measured (`model.analysis.message_graph`).
    """
    days = {name: run.days[name].to_numpy() for name in run.days.columns}
    lived = RunSource(days, horizon_of(run), labels, run.events, graph)
    everything: tuple[Reads, ...] = ("days", "log", "graph")
    return Summary(
        seed=run.meta.seed,
        key=run.path.name,
        numbers=numbers_of(lived, everything),
        counts=counts_of(lived, everything),
        flows={name: lived.total(name) for name in FLOWS},
    )


def horizon_of(run: Run) -> int:
    """Days that a run is measured over: those it was to last, or, unfinished, those it lived."""
    scenario: Mapping[str, Any] = run.meta.scenario
    return int(scenario["days"]) if run.meta.status == "done" else len(run.days) - 1
