"""The labels that the rules find in a run on disk: light, for it is asked of hundreds of runs.

Whoever reads many runs does so in several processes, each of which imports this and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model.analysis.label_rules import rules_of_run
from model.measures.behaviour import (
    LABELS,
    Hits,
    component_rates,
    detect,
    rates,
    social_prevalence,
)
from model.measures.behaviour.components import NAMES as PARTS
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
    """Numbers of some runs that labels are read for; reads just the columns that they take.

    Returns:
        A run each: the rate per faultless resident-day by label and by part of one
        (`model.measures.behaviour.components`), and `of_able_LABEL`, the label's social prevalence
        among residents that had an opportunity.
    """
    found = []
    for path in paths:
        run = load_run(path)
        log = {name: run.table(name, columns) for name, columns in NEEDED.items()}
        hits, people = _hits(run, log), log["residents"]
        told = [one(hits, people)["per_resident_day"] for one in (rates, component_rates)]
        rate = {**told[0].to_dict(), **told[1].to_dict()}
        able = social_prevalence(hits, people)["of_able"].to_dict()
        names = [*(label.name for label in LABELS), *PARTS]
        spread = {f"of_able_{label.name}": float(able[label.name]) for label in LABELS}
        found.append({**{name: float(rate[name]) for name in names}, **spread})
    return found


def _hits(run: Run, log: Mapping[str, pd.DataFrame]) -> Hits:
    return detect(log, rules_of_run(run))
