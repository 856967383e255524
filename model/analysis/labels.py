"""The labels that the rules find in a run on disk: light, for it is asked of hundreds of runs.

Whoever reads many runs does so in several processes, each of which imports this and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from model.analysis.label_rules import rules_of_run
from model.analysis.measures import RunSource
from model.analysis.summary import numbers_of
from model.measures.behaviour import Hits, component_rates, detect, rates, social_prevalence
from model.measures.behaviour.tables import NEEDED
from model.store import Run, load_run

#: Columns that are read: those of the labels, and why a reply was a fault.
_READ: Final = {**NEEDED, "events": (*NEEDED["events"], "reason")}


def label_hits(run: Run) -> Hits:
    """What the rules find in a run, for whoever needs the single hits."""
    return _hits(run, log_of(run))


def log_of(run: Run) -> dict[str, pd.DataFrame]:
    """The tables that labels are read off, each read once a run."""
    return {
        "residents": run.residents,
        "events": run.events,
        "messages": run.messages,
        "decisions": run.decisions,
        "commitments": run.commitments,
    }


def label_table(found: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """The labels of a run with their rates and social prevalence, and the parts of two of them."""
    whole = rates(found, residents).join(social_prevalence(found, residents))
    return pd.concat([whole, component_rates(found, residents)]).rename_axis("label")


def log_numbers(paths: list[Path]) -> list[dict[str, float]]:
    """The measures of some runs that are read off their logs; reads just what they take."""
    found = []
    for path in paths:
        run = load_run(path)
        log = {name: run.table(name, columns) for name, columns in _READ.items()}
        days = run.table("days", ["faultless", "faults", "verdicts"])
        labels = label_table(_hits(run, log), log["residents"])
        columns = {name: days[name].to_numpy() for name in days.columns}
        found.append(numbers_of(RunSource(columns, 0, labels, log["events"]), ("log",)))
    return found


def _hits(run: Run, log: Mapping[str, pd.DataFrame]) -> Hits:
    return detect(log, rules_of_run(run))
