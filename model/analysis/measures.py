"""Every number that is said of a run, defined once: what it is called, its unit, how it is read.

Run report, study report, page, `--json`, `load_run`, `load_study` and evidence read this table and
nothing else, so they cannot disagree. A measure is one entry, of ours or of a plug-in.

Where a number comes from decides when it is there. What follows from a run's *days* stands in the
row of every run of a study. What must be looked up in its *log* (who did what to whom) takes longer
than living a small community: a study's report reads it once a run and keeps it. What is measured
on the *graph* of the last day's messages is read where a single run is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from agents.errors import InputError
from agents.registers import Register
from model.measures.behaviour import LABELS
from model.measures.capacities import over_days_alive, social_capital
from model.measures.population import collapse_day, collapsed, naup
from model.measures.resident_days import mornings, per_resident_day, resident_days
from model.world.numbers import Day

Floats = npt.NDArray[np.float64]
Reads = Literal["days", "log", "graph"]
Better = Literal["more", "less"]

PER_1000: Final = "per 1,000 resident-days"


@dataclass(frozen=True)
class RunSource:
    """What a run's measures are read off.

    Attributes:
        days: column of the table `days` → T + 1 entries, entry 0 the initial state.
        horizon: days it was to last; a community that died before is gone for the rest of them.
        labels: rates of every label (`model.measures.behaviour.rates`); None where the log was not
            read.
        events: the table `events`; None likewise.
        graph: measures of the last day's message graph (`model.analysis.message_graph`); None
            likewise.
    """

    days: Mapping[str, Any]
    horizon: int
    labels: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    graph: Mapping[str, float] | None = None

    def column(self, name: str) -> Floats:
        """A column of its days, day 0 included."""
        return np.asarray(self.days[name], dtype=np.float64)

    def total(self, flow: str) -> float:
        """Sum of a flow over its days."""
        return float(self.column(flow)[1:].sum())

    def mean(self, column: str) -> float:
        """Mean of a daily number over the days alive on which it is defined."""
        return over_days_alive(self.column(column)[1:], self.column("population")[:-1]).value

    @cached_property
    def judged(self) -> float:
        """Judged resident-days (`model.measures.resident_days`)."""
        return resident_days(self.days["faultless"])

    def label(self, name: str, column: str) -> float:
        """A number of a label; NaN where the label is undefined."""
        if self.labels is None:
            raise ValueError("the log of this run was not read")
        return float(self.labels[column].to_dict()[name])


Number = Callable[[RunSource], float]


@dataclass(frozen=True)
class Measure:
    """One number of a run.

    Attributes:
        name: by which everything else calls it.
        title: as a reader knows it.
        unit: of the number as shown; says over what it is counted.
        of: reads it off a run; NaN where undefined.
        hits: for a rate, what is counted; its number is then hits over trials, and `of` is None.
        trials: for a rate, over what.
        reads: what must be read for it.
        kind: how runs are put together: a mean over runs, a rate pooled over runs, or a share of
            runs.
        scale: the number is multiplied by this before it is shown.
        digits: decimals shown.
        least, most: what is possible at all, unscaled.
        better: whether more or less of it is better for a community: where collapsed runs rank.
        for_every_run: a community has it however early it ended, so that a difference of means is
            one of all runs.
        bimodal: collapsed and living communities lie far apart in it, so that an interval needs
            more runs.
        registered: a design may register it as its outcome.
    """

    name: str
    title: str
    unit: str
    of: Number | None = None
    hits: Number | None = None
    trials: Number | None = None
    reads: Reads = "days"
    kind: Literal["mean", "rate", "share"] = "mean"
    scale: float = 1.0
    digits: int = 3
    least: float = 0.0
    most: float = np.inf
    better: Better = "more"
    for_every_run: bool = False
    bimodal: bool = False
    registered: bool = False

    def counts(self, run: RunSource) -> tuple[float, float] | None:
        """Hits and trials of a rate in a run; None for what is no rate."""
        if self.hits is None or self.trials is None:
            return None
        return self.hits(run), self.trials(run)

    def value(self, run: RunSource) -> float:
        """Its number in a run."""
        counts = self.counts(run)
        if counts is not None:
            return per_resident_day(*counts)
        assert self.of is not None
        return self.of(run)


def _judged(run: RunSource) -> float:
    return run.judged


def _flow(
    name: str, title: str, flow: str, *, kind: Literal["mean", "rate"] = "rate", **more: Any
) -> Measure:
    """A flow of the days per judged resident-day."""
    return Measure(
        name, title, PER_1000, hits=lambda run: run.total(flow), trials=_judged,
        kind=kind, scale=1000, digits=1, **more,
    )  # fmt: skip


def _capacity(name: str, title: str, unit: str, **more: Any) -> Measure:
    """A daily number, as its mean over the days alive."""
    return Measure(name, title, unit, lambda run: run.mean(name), **more)


def _label(name: str, better: Better, title: str = "") -> Measure:
    """A label per judged resident-day; its trials are NaN where the label is undefined."""
    return Measure(
        name, title or name.replace("_", " "), PER_1000, reads="log", kind="rate", scale=1000,
        digits=1,
        hits=lambda run: run.label(name, "hits"),
        trials=lambda run: run.label(name, "resident_days"), better=better,
    )  # fmt: skip


def _spread(label: str) -> Measure:
    """Social prevalence of a label: how many of those who could did it at least once."""
    return Measure(
        f"of_able_{label}", f"{label.replace('_', ' ')}: spread", "share of the able",
        lambda run: run.label(label, "of_able"), reads="log", most=1.0,
        better="more" if label in (*_WELCOME, "cooperation") else "less",
    )  # fmt: skip


def _graph(name: str, title: str, least: float = 0.0) -> Measure:
    """A measure of the last day's message graph."""

    def of(run: RunSource) -> float:
        assert run.graph is not None
        return run.graph[name]

    return Measure(name, title, f"{least:g} … 1", of, reads="graph", least=least, most=1.0)


def _naup_survived(run: RunSource) -> float:
    gone = collapsed(run.column("population"))
    return float("nan") if gone else naup(run.column("population"), run.horizon)


def _social_capital(run: RunSource) -> float:
    flows = (run.column(name)[1:] for name in ("cooperation", "betrayal", "faultless"))
    return social_capital(*flows).value


def _refusals(run: RunSource) -> float:
    assert run.events is not None
    reasons = run.events.loc[run.events["kind"].astype(str) == "fault", "reason"]
    return float(reasons.astype(str).str.startswith("refused").sum())


#: Parts of cooperation and betrayal (`model.measures.behaviour.components`), in a few words.
_PARTS: Final = {
    "cooperation_gift": "by gifts",
    "cooperation_promise": "by promises kept",
    "cooperation_merge": "by merging",
    "cooperation_joint": "by joint work alone",
    "betrayal_other": "not resting on joint work",
    "betrayal_joint": "resting on joint work alone",
}
#: Labels of which more is better for a community; the others cost it people, stock or trust.
_WELCOME: Final = ("altruism", "alliance")
#: Labels that the days count as well, by the same rule: a run's row has them without its log.
_COUNTED_DAILY: Final = ("cooperation", "betrayal")

_OURS: Final = (
    Measure(
        "naup", "nAUP", "share of N₀·T",
        lambda run: naup(run.column("population"), run.horizon) if run.horizon else np.nan,
        for_every_run=True, bimodal=True, registered=True,
    ),
    Measure(
        # Conditional on an outcome of the treatment: printed, never tested.
        "naup_survived", "nAUP of runs not collapsed", "share of N₀·T", _naup_survived,
    ),
    Measure(
        # The founders' own area is their restricted mean survival time.
        "founder_rmst", "founders’ survival", "share of T",
        lambda run: naup(run.column("founders"), run.horizon) if run.horizon else np.nan,
        most=1.0, for_every_run=True, bimodal=True, registered=True,
    ),
    _flow("births_per_resident_day", "births", "births", kind="mean", registered=True),
    Measure(
        "alive", "runs not collapsed", "share of runs",
        lambda run: 1.0 - float(collapsed(run.column("population"))),
        kind="share", most=1.0, for_every_run=True,
    ),
    Measure(
        "social_capital", "social capital", "−1 … 1", _social_capital,
        least=-1.0, most=1.0, registered=True,
    ),
    _capacity("development", "economic development", "1 − Gini", most=1.0, registered=True),
    _capacity(
        "communication", "information & communication", "0 … 1", most=1.0, registered=True
    ),
    _graph("scc_share_day", "information & communication, one day"),
    _capacity(
        "competence", "community competence", "units per head and day", digits=2, registered=True
    ),
    _capacity("gini", "Gini of stock", "0 … 1, unbiased", most=1.0, better="less"),
    _capacity(
        "top_share", "share of the top tenth", "of all stock", most=1.0, better="less",
        registered=True,
    ),
    _flow("cooperation", "cooperation", "cooperation"),
    _flow("betrayal", "betrayal", "betrayal", better="less"),
    *(_label(name, "more" if name.startswith("cooperation") else "less", f"… {words}")
        for name, words in _PARTS.items()
    ),
    _flow("attacks", "attacks", "attacks", better="less"),
    *(
        _label(one.name, "more" if one.name in _WELCOME else "less")
        for one in LABELS
        if one.name not in _COUNTED_DAILY
    ),
    *(_spread(one.name) for one in LABELS),
    Measure(
        "faults", "faults", "share of replies", hits=lambda run: run.total("faults"),
        trials=lambda run: run.total("verdicts"), kind="rate", digits=4, most=1.0, better="less",
    ),
    Measure(
        "refusals", "refusals", "share of replies", hits=_refusals, reads="log",
        trials=lambda run: run.total("verdicts"), kind="rate", digits=4, most=1.0, better="less",
    ),
    _graph("density", "density"),
    _graph("reciprocity", "reciprocity"),
    _graph("scc_share", "largest strongly connected part"),
    _graph("centralisation", "degree centralisation"),
    _graph("assortativity", "assortativity by first value", least=-1.0),
    Measure(
        "population", "final population", "residents",
        lambda run: float(run.column("population")[-1]),
        digits=0, for_every_run=True, bimodal=True, registered=True,
    ),
    Measure(
        "collapsed", "collapsed", "0 or 1", lambda run: float(collapsed(run.column("population"))),
        digits=0, most=1.0, better="less", for_every_run=True,
    ),
    Measure(
        "collapse_day", "collapsed since day", "day",
        lambda run: collapse_day(run.column("population")), digits=0,
    ),
    Measure("resident_days", "judged resident-days", "days", _judged, digits=0),
    Measure(
        "mornings", "mornings lived", "days", lambda run: mornings(run.column("population")),
        digits=0,
    ),
    Measure(
        "days_alive", "days alive", "days",
        lambda run: float((run.column("population")[:-1] > 0).sum()), digits=0,
    ),
)  # fmt: skip

#: Rates that follow from the sums of a run's flows alone.
RATES_OF_FLOWS: Final = tuple(
    one.name for one in _OURS if one.reads == "days" and one.hits is not None
)
#: The table of measures, by name; those of plug-ins come last.
MEASURES: Final = Register(
    "civa.measures",
    Measure,
    {one.name: one for one in _OURS},
    lambda one: "" if one.of or (one.hits and one.trials) else "does not say how it is read",
)


def columns_of(days: Sequence[Day]) -> dict[str, Floats]:
    """The days of a living community as columns, as `RunSource` takes them."""
    return {
        name: np.array([getattr(day, name) for day in days], dtype=np.float64)
        for name in Day.__slots__
    }


def measure(name: str) -> Measure:
    """The measure of a name.

    Raises:
        InputError: there is none.
    """
    if name not in MEASURES:
        raise InputError(f"measure: {name!r} is unknown; use one of {', '.join(MEASURES)}")
    return MEASURES[name]
