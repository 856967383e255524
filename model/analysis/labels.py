"""The labels that the rules find in a run on disk: light, for it is asked of hundreds of runs.

Whoever reads many runs does so in several processes, each of which imports this and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model.analysis.label_rules import rules_of_run
from model.measures.behaviour import LABELS, Hits, detect, rates
from model.measures.behaviour.tables import NEEDED
from model.store import Run, load_run


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


def rates_of(paths: list[Path]) -> list[dict[str, float]]:
    """Rates per faultless resident-day of some runs, by label; reads just what they take."""
    found = []
    for path in paths:
        run = load_run(path)
        log = {name: run.table(name, columns) for name, columns in NEEDED.items()}
        table = rates(_hits(run, log), log["residents"])["per_resident_day"].to_dict()
        found.append({label.name: float(table[label.name]) for label in LABELS})
    return found


def _hits(run: Run, log: Mapping[str, pd.DataFrame]) -> Hits:
    return detect(log, rules_of_run(run))
