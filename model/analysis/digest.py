"""A run reduced to what a report says of it: the one pass over its tables.

Every definition is that of `model.measures`; here they only meet the columns of a run. A digest is
small and can be sent between processes, so that many runs are read by several of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from model.analysis.alerts import Watched, watched
from model.analysis.drift import Blocks, blocks_of
from model.analysis.labels import label_hits, log_of
from model.analysis.quotes import Example, examples
from model.measures.behaviour import (
    component_rates,
    daily,
    rates,
    rates_by_treatment,
    social_prevalence,
)
from model.measures.behaviour.components import NAMES as COMPONENT_NAMES
from model.measures.behaviour.found import Hits
from model.measures.behaviour.tables import flat, is_word
from model.measures.capacities import daily_scc_share
from model.measures.case_study import Pair, telling_pair
from model.measures.networks import (
    act_graph,
    assortativity,
    degree_centralization,
    density,
    reciprocity,
    scc_share,
)
from model.measures.run_numbers import numbers_of_days
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
        numbers: one number a measure (see `numbers_of`); NaN where undefined.
        conduct: by day 1 … T: cooperation, betrayal, deception (actor-days), faultless.
        rates: by label, and by part of cooperation and betrayal (`component_rates`): hits,
            opportunities, resident_days, rate, per_resident_day; for labels also residents (with a
            hit), of_able and of_all (social prevalence); for parts with_any.
        by_treatment: the same by label, actor and target, where the condition has both.
        lives: one row a resident: entered, left, removed.
        network: measures of the last day's message graph, with day and residents.
        examples: hits of the labels, with their lines of the log.
        pair: the two residents that a case study tells of; None if no label joins two.
        blocks: what drift in behaviour is read off.
        watched: what its overseer got right; None without one.
    """

    path: Path
    meta: RunMeta
    days: pd.DataFrame
    numbers: Mapping[str, float]
    conduct: pd.DataFrame
    rates: pd.DataFrame
    by_treatment: pd.DataFrame | None
    lives: pd.DataFrame
    network: Mapping[str, float]
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
        return bool(self.numbers["collapsed"])


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
    day, graph = last_day_graph(run)
    both = 0 < float(run.meta.scenario["prevalence"]) < 1
    return Digest(
        path=path,
        meta=run.meta,
        days=run.days,
        numbers=numbers_of(run, table),
        conduct=conduct,
        rates=table,
        by_treatment=rates_by_treatment(found, residents).reset_index() if both else None,
        lives=lives,
        network={"day": day, **_network(graph, first_values(run, day))},
        examples=examples(found, log),
        pair=telling_pair(log, found),
        blocks=blocks_of(log, found.hits, int(run.meta.scenario["days"])),
        watched=watched(log, found) if run.meta.scenario["overseer"] else None,
    )


def numbers_of(run: Run, table: pd.DataFrame) -> dict[str, float]:
    """One number a measure for a run: those of its days, its labels and its replies.

    `capacity_days` counts the days alive, over which capacities are means.
    """
    days = run.days
    flows = days.iloc[1:]
    horizon = int(run.meta.scenario["days"]) if run.meta.status == "done" else len(flows)
    found = numbers_of_days({name: days[name] for name in days.columns}, horizon) | {
        "capacity_days": float((days["population"].to_numpy()[:-1] > 0).sum()),
        "attack_count": float(flows["attacks"].sum()),
        "fault_count": float(flows["faults"].sum()),
        "refusal_count": _refusals(run),
        "verdicts": float(flows["verdicts"].sum()),
    }
    found["births"] = found["births_per_resident_day"]
    for name in ("cooperation", "betrayal", "deception", *COMPONENT_NAMES):
        found[name] = float(table["per_resident_day"].to_dict()[name])
    found["scc_share_day"] = scc_share_day(run.residents, run.messages)
    found["faults"] = found["fault_count"] / found["verdicts"] if found["verdicts"] else np.nan
    return found


def label_table(found: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """The labels of a run with their rates and social prevalence, and the parts of two of them."""
    whole = rates(found, residents).join(social_prevalence(found, residents))
    return pd.concat([whole, component_rates(found, residents)]).rename_axis("label")


def scc_share_day(residents: pd.DataFrame, messages: pd.DataFrame) -> float:
    """Share of residents in the largest strongly connected part of a day's messages.

    The mean over the days on which two or more lived; NaN without such a day.
    """
    said = messages[["day", "sender", "shown"]]
    heard = flat(said["shown"])
    lived = residents[residents["day"] >= 1]
    _, share = daily_scc_share(
        lived["day"],
        lived["resident"],
        said["day"].to_numpy(dtype=np.int64)[heard.row],
        said["sender"].to_numpy(dtype=np.int64)[heard.row],
        heard.value,
    )
    known = share[~np.isnan(share)]
    return float(known.mean()) if len(known) else float("nan")


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


def last_day_graph(run: Run) -> tuple[int, Any]:
    """The last day on which two or more lived its morning, and its messages as a graph.

    An edge leads from a sender to each resident who was shown the message in full.
    """
    counts = run.residents.groupby("day")["resident"].count()
    several = counts[counts >= 2]
    day = int(several.index.max()) if len(several) else 0
    alive = run.residents.loc[run.residents["day"] == day, "resident"].to_numpy()
    said = run.messages[run.messages["day"] == day]
    heard = said[["day", "sender", "shown"]].explode("shown").dropna(subset=["shown"])
    acts = pd.DataFrame(
        {
            "day": heard["day"].to_numpy(dtype=np.int64),
            "actor": heard["sender"].to_numpy(dtype=np.int64),
            "target": heard["shown"].to_numpy(dtype=np.int64),
        }
    )
    return day, act_graph(acts, alive, day, day)


def first_values(run: Run, day: int) -> dict[int, int]:
    """Resident → place on the circle of the value it was told weighs most, as of a day."""
    known = run.people[run.people["day"] <= day].drop_duplicates("resident", keep="last")
    return {
        int(who): int(np.argmax(weights))
        for who, weights in zip(known["resident"], known["told"], strict=True)
    }


def _network(graph: Any, values: Mapping[int, int]) -> dict[str, float]:
    kinds = [values.get(int(who), -1) for who in graph.residents]
    return {
        "residents": float(len(graph)),
        "links": float(graph.weights.nnz),
        "density": density(graph),
        "reciprocity": reciprocity(graph),
        "scc_share": scc_share(graph),
        "centralisation": degree_centralization(graph),
        "assortativity": assortativity(graph, kinds) if len(graph) else np.nan,
    }


def _refusals(run: Run) -> float:
    events = run.events
    faults = events[is_word(events["kind"], "fault")]
    return float(faults["reason"].astype(str).str.startswith("refused").sum())
