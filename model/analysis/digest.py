"""A run reduced to what a report says of it: the one pass over its tables.

Every definition is that of `model.measures`; here they only meet the columns of a run. A digest is
small and can be sent between processes, so that many runs are read by several of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from model.analysis.alerts import Watched, watched
from model.analysis.drift import Blocks, blocks_of
from model.analysis.labels import label_hits, label_table, log_of
from model.analysis.message_graph import measured_graph
from model.analysis.quotes import Example, examples
from model.analysis.summary import Summary, summary_of
from model.measures.behaviour import daily, rates_by_treatment
from model.measures.behaviour.tables import is_word
from model.measures.case_study import Pair, telling_pair
from model.store import Run, RunMeta, load_run

MAIN_ACTS: Final = ("work", "travel", "explore", "promote", "idle")
FURTHER_ACTS: Final = ("gifts", "attacks", "merge_asks")


@dataclass(frozen=True)
class Digest:
    """The numbers of one run.

    Attributes:
        path: its folder.
        meta: its card.
        days: table `days`, row t the end of day t.
        summary: one number a measure (`model.analysis.measures`).
        conduct: by day 1 … T: cooperation, betrayal, deception (actor-days), faultless.
        rates: by label, and by part of cooperation and betrayal (`component_rates`): hits,
            opportunities, resident_days, rate, per_resident_day; for labels also residents (with a
            hit), of_able and of_all (social prevalence); for parts with_any.
        by_treatment: the same by label, actor and target, where the condition has both.
        lives: one row a resident: entered, left, removed.
        graph: the last day's message graph, measured (`model.analysis.message_graph`).
        examples: hits of the labels, with their lines of the log.
        pair: the two residents that a case study tells of; None if no label joins two.
        blocks: what drift in behaviour is read off.
        watched: what its overseer got right; None without one.
    """

    path: Path
    meta: RunMeta
    days: pd.DataFrame
    summary: Summary
    conduct: pd.DataFrame
    rates: pd.DataFrame
    by_treatment: pd.DataFrame | None
    lives: pd.DataFrame
    graph: Mapping[str, float]
    examples: tuple[Example, ...]
    pair: Pair | None
    blocks: Blocks
    watched: Watched | None

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.path.name

    @property
    def scored(self) -> bool:
        """Whether it is a result: finished, and not failed."""
        return self.meta.status == "done"

    @property
    def collapsed(self) -> bool:
        """Whether its community had collapsed by the last day."""
        return self.summary.collapsed


def digest(path: Path) -> Digest:
    """Read a run and measure it.

    Raises:
        InputError: no run lies there, or a part of it is damaged or empty.
    """
    run = load_run(path)
    log = log_of(run)
    found = label_hits(run)
    residents = run.residents
    conduct = daily(found, residents).reset_index()
    table = label_table(found, residents)
    lives = lives_of(run)
    graph = measured_graph(run)
    both = 0 < float(run.meta.scenario["prevalence"]) < 1
    return Digest(
        path=path,
        meta=run.meta,
        days=run.days,
        summary=summary_of(run, table, graph),
        conduct=conduct,
        rates=table,
        by_treatment=rates_by_treatment(found, residents).reset_index() if both else None,
        lives=lives,
        graph=graph,
        examples=examples(found, log),
        pair=telling_pair(log, found),
        blocks=blocks_of(log, found.hits, int(run.meta.scenario["days"])),
        watched=watched(log, found) if run.meta.scenario["overseer"] else None,
    )


def lives_of(run: Run) -> pd.DataFrame:
    """One row a resident: the day it entered, the day it was removed or last seen, and which."""
    entered = run.people.groupby("resident")["day"].min()
    events = run.events
    gone = events[is_word(events["kind"], "removal")]
    removed = pd.Series(gone["day"].to_numpy(), index=gone["actor"].to_numpy(), dtype=float)
    left = removed.reindex(entered.index)
    last = int(run.days["day"].max())
    return pd.DataFrame(
        {
            "resident": entered.index.to_numpy(),
            "entered": entered.to_numpy(),
            "left": left.fillna(last).to_numpy(dtype=np.int64),
            "removed": left.notna().to_numpy(),
        }
    )
