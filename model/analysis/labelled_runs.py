"""Runs as the measures of this package take them: tables, condition, who was treated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from model.analysis.label_rules import rules_of_run
from model.measures.behaviour import Hits, Rules, detect
from model.store import Run, load_run

NAMES: Final = ("residents", "events", "messages", "decisions", "commitments", "people", "days")


@dataclass(frozen=True)
class RunTables:
    """One run: what it was, and its tables.

    Attributes:
        name: what it is called in tables.
        condition: run, seed, mind, family, method, value, mode, paraphrase, prevalence, overseer.
        tables: by name.
        rules: what its labels are read by.
    """

    name: str
    condition: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    rules: Rules

    @cached_property
    def treated(self) -> frozenset[int]:
        """Residents that entered with the treatment."""
        people = self.tables["people"]
        return frozenset(people.loc[people["treated"].astype(bool), "resident"].astype(int))

    @property
    def arm(self) -> str:
        """Its condition in a few words: `control`, or such as `without BE`."""
        value = self.condition["value"]
        if not value:
            return "control"
        share = self.condition["prevalence"]
        return f"{self.condition['mode']} {value} {share:g}"

    @cached_property
    def found(self) -> Hits:
        """What the rules find in it."""
        return detect(self.tables, self.rules)


def read_tables(path: Path, name: str = "") -> RunTables:
    """A finished run from its folder."""
    return tables_of(load_run(path), name or path.name)


def tables_of(run: Run, name: str) -> RunTables:
    """A run as tables; untreated runs have value and mode empty."""
    scenario = run.scenario
    treated = bool(scenario.value) and scenario.prevalence > 0
    condition = {
        "run": name,
        "seed": run.meta.seed,
        "mind": run.meta.mind,
        "family": scenario.family,
        "method": scenario.method,
        "paraphrase": scenario.paraphrase,
        "value": scenario.value if treated else "",
        "mode": scenario.mode if treated else "",
        "prevalence": scenario.prevalence if treated else 0.0,
        "overseer": scenario.overseer,
    }
    return RunTables(
        name, condition, {table: run.table(table) for table in NAMES}, rules_of_run(run)
    )
