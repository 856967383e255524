"""Who was shown whose message on a run's last day, as a graph, and what is measured on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from model.measures.behaviour.tables import flat
from model.measures.capacities import daily_scc_share
from model.measures.networks import (
    act_graph,
    assortativity,
    degree_centralization,
    density,
    reciprocity,
    scc_share,
)
from model.store import Run


def measured_graph(run: Run) -> dict[str, float]:
    """The last day's graph, measured; `day` is the day.

    `scc_share_day` alone is of every day: the mean of the days' own graphs.
    """
    day, graph = last_day_graph(run)
    numbers = graph_numbers(graph, first_values(run, day))
    return {"day": float(day), **numbers, "scc_share_day": scc_share_day(run)}


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


def graph_numbers(graph: Any, values: Mapping[int, int]) -> dict[str, float]:
    """Residents and links of a graph, and its measures.

    Args:
        graph: of a day's messages.
        values: resident → its first value, by which assortativity is measured.
    """
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


def scc_share_day(run: Run) -> float:
    """Share of residents in the largest strongly connected part of a day's messages.

    The mean over the days on which two or more lived; NaN without such a day.
    """
    said = run.messages[["day", "sender", "shown"]]
    heard = flat(said["shown"])
    lived = run.residents[run.residents["day"] >= 1]
    _, share = daily_scc_share(
        lived["day"],
        lived["resident"],
        said["day"].to_numpy(dtype=np.int64)[heard.row],
        said["sender"].to_numpy(dtype=np.int64)[heard.row],
        heard.value,
    )
    known = share[~np.isnan(share)]
    return float(known.mean()) if len(known) else float("nan")
