"""Drift: how profiles move with the days, stated and in behaviour, and who moved toward whom.

Residents are followed only while they answer (or act) throughout, so that deaths and births do not
pose as a change of heart. Influence is asked of the message graph: did residents move toward those
whose messages they were shown? Somebody far from everyone tends to come nearer to everyone by mere
regression to the mean, so the pull is compared with what the same moves give when the residents'
places in the graph are shuffled: only the excess is evidence of influence, and even then of nothing
more than moving together with those one hears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from model.measures.value_profiles import VALUES, conduct

Floats = npt.NDArray[np.float64]
Graph = csr_array[Any, tuple[int, int]]
SHUFFLES: Final = 999


@dataclass(frozen=True)
class Influence:
    """Whether residents of one run moved toward those they heard.

    Attributes:
        pull: share of the distance to its peers' mean that a resident covered (least squares over
            residents and values, each value's common move taken out); NaN below three residents.
        shuffled: mean pull over shuffled graphs: what regression to the mean gives.
        excess: pull − shuffled.
        p: share of shuffles with a pull as high or higher, (b + 1)/(m + 1).
        residents: who were followed and heard somebody.
    """

    pull: float
    shuffled: float
    excess: float
    p: float
    residents: int


def stated_drift(assessments: pd.DataFrame) -> pd.DataFrame:
    """How stated profiles moved.

    Args:
        assessments: of `assess_run` with several days, any number of runs.

    Returns:
        One row a run and day: residents (scored on every day), then by value the mean change of
        the centred score since the first day assessed.
    """
    rows = []
    lived = assessments[assessments["context"] == "lived"]
    for run, group in lived.groupby("run", sort=True):
        days = sorted(group["day"].unique())
        wide = {day: _scores(group, day) for day in days}
        stayed = sorted(set.intersection(*(set(one.index) for one in wide.values())))
        for day in days:
            change = (wide[day].loc[stayed] - wide[days[0]].loc[stayed]).mean()
            rows.append({"run": run, "day": day, "residents": len(stayed), **change.to_dict()})
    return pd.DataFrame(rows, columns=["run", "day", "residents", *VALUES])


@dataclass(frozen=True)
class Blocks:
    """What drift in behaviour is read off, for one run.

    Attributes:
        every: days of a block.
        conduct: of each resident by whole blocks (`model.measures.value_profiles.conduct`).
        heard: who was shown how many messages of whom after the first block (`heard`).
    """

    every: int
    conduct: pd.DataFrame
    heard: pd.DataFrame


def blocks_of(tables: Mapping[str, pd.DataFrame], hits: pd.DataFrame, horizon: int) -> Blocks:
    """Cut a run into blocks: ten days each, or half of a run of fewer than twenty.

    Args:
        tables: of the run.
        hits: what the rules find in it.
        horizon: days that it was to last, so that runs of one condition have the same blocks.
    """
    every = min(10, max(horizon // 2, 1))
    cut = whole_blocks(conduct(tables, hits, every=every), tables["residents"], every)
    known = cut.index.get_level_values("block")
    end = (int(known.max()) + 1) * every if len(known) else 0
    return Blocks(every, cut, heard(tables["messages"], every + 1, end))


def whole_conduct(blocks: pd.DataFrame) -> pd.DataFrame:
    """Conduct over all blocks, indexed by resident: the mean of the blocks, weighted by days."""
    deeds = blocks.drop(columns="days").mul(blocks["days"], axis=0)
    days = blocks["days"].groupby(level="resident").sum()
    total = deeds.groupby(level="resident").sum().div(days.where(days > 0), axis=0)
    return pd.concat([days, total], axis=1)


def whole_blocks(blocks: pd.DataFrame, residents: pd.DataFrame, every: int) -> pd.DataFrame:
    """Conduct by blocks without the block that the end of the run, or of all, cut short."""
    last = int(residents["day"].max()) if len(residents) else 0
    return blocks[blocks.index.get_level_values("block") < last // every]


def drift_of_blocks(found: pd.DataFrame, every: int) -> pd.DataFrame:
    """How behaviour moved, by blocks of days, from profiles indexed by (block, resident).

    Returns:
        One row a block: day (its last), residents (with a profile in every block), and by value
        the mean change since the first block.
    """
    blocks = sorted(found.index.get_level_values("block").unique())
    whole: dict[int, pd.DataFrame] = {
        b: found.loc[[b]].droplevel("block").dropna(how="all") for b in blocks
    }
    stayed = sorted(set.intersection(*(set(one.index) for one in whole.values()))) if whole else []
    rows = []
    for b in blocks:
        moved = whole[b].loc[stayed] - whole[blocks[0]].loc[stayed]
        means = {value: float(moved[value].mean()) for value in VALUES}
        rows.append({"day": (b + 1) * every, "residents": len(stayed), **means})
    return pd.DataFrame(rows, columns=["day", "residents", *VALUES])


def heard(messages: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Who was shown how many messages of whom, between two days (both included).

    Returns:
        resident (reader), other (sender), messages.
    """
    rows = messages[messages["day"].between(first, last)]
    readers = [np.asarray(ids, dtype=np.int64) for ids in rows["shown"]]
    table = pd.DataFrame(
        {
            "resident": np.concatenate(readers or [np.zeros(0, np.int64)]),
            "other": np.repeat(rows["sender"].to_numpy(np.int64), [len(ids) for ids in readers]),
        }
    )
    return table.value_counts().rename("messages").reset_index()


def influence(
    before: pd.DataFrame,
    after: pd.DataFrame,
    graph: pd.DataFrame,
    *,
    seed: int = 0,
    shuffles: int = SHUFFLES,
) -> Influence:
    """Whether residents moved toward those they heard.

    Args:
        before: float[residents, 10], profiles indexed by resident.
        after: the same later.
        graph: of `heard`, between the two.
        seed: of the shuffles.
        shuffles: how many.
    """
    who = [i for i in before.index if i in set(after.index)]
    start, end = before.loc[who].to_numpy(float), after.loc[who].to_numpy(float)
    weights = _matrix(graph, who)
    n = int((np.diff(weights.indptr) > 0).sum())
    if n < 3:
        nan = float("nan")
        return Influence(nan, nan, nan, nan, n)
    observed = _pull(start, end, weights)
    rng = np.random.default_rng(seed)
    draws = np.empty(shuffles)
    for k in range(shuffles):
        # Residents change places in the graph: the graph stays, their profiles are permuted.
        order = rng.permutation(len(who))
        draws[k] = _pull(start[order], end[order], weights)
    p = (int((draws >= observed).sum()) + 1) / (shuffles + 1)
    middle = float(draws.mean())
    return Influence(observed, middle, observed - middle, p, n)


def approaches(before: pd.DataFrame, after: pd.DataFrame, graph: pd.DataFrame) -> pd.DataFrame:
    """Who drifted toward whom: the part of each resident's move that led toward each it heard.

    Returns:
        resident, other, messages, distance (at first, in points), toward (points of the move along
        the line to where the other stood), sorted by `toward`, largest first.
    """
    rows = []
    both = set(before.index) & set(after.index)
    for row in graph.to_dict("records"):
        i, j = row["resident"], row["other"]
        if i not in both or j not in before.index:
            continue
        line = before.loc[j].to_numpy(float) - before.loc[i].to_numpy(float)
        distance = float(np.linalg.norm(line))
        move = after.loc[i].to_numpy(float) - before.loc[i].to_numpy(float)
        toward = float(move @ line) / distance if distance > 0 else float("nan")
        rows.append({**row, "distance": distance, "toward": toward})
    table = pd.DataFrame(rows, columns=["resident", "other", "messages", "distance", "toward"])
    # Stable: pairs that drew equally near keep the order of the table.
    return table.sort_values("toward", ascending=False, kind="stable", ignore_index=True)


def profile_of(assessments: pd.DataFrame, run: str, day: int) -> pd.DataFrame:
    """Stated profiles of one run on one day, indexed by resident, those not scored left out."""
    lived = (assessments["context"] == "lived") & (assessments["run"] == run)
    return _scores(assessments[lived], day)


def _scores(table: pd.DataFrame, day: int) -> pd.DataFrame:
    return table[table["day"] == day].set_index("resident")[list(VALUES)].dropna()


def _matrix(graph: pd.DataFrame, who: list[int]) -> Graph:
    """Messages by reader and sender, as shares of what each reader was shown."""
    place = pd.Series(np.arange(len(who)), index=who)
    reader = place.reindex(graph["resident"]).to_numpy(float)
    sender = place.reindex(graph["other"]).to_numpy(float)
    keep = ~np.isnan(reader) & ~np.isnan(sender) & (reader != sender)
    counts = csr_array(
        (
            graph["messages"].to_numpy(float)[keep],
            (reader[keep].astype(np.int64), sender[keep].astype(np.int64)),
        ),
        shape=(len(who), len(who)),
    )
    total = np.repeat(counts.sum(axis=1), np.diff(counts.indptr))
    counts.data = counts.data / total
    return counts


def _pull(start: Floats, end: Floats, weights: Graph) -> float:
    rows = np.diff(weights.indptr) > 0
    gap, move = (weights @ start - start)[rows], (end - start)[rows]
    gap, move = gap - gap.mean(axis=0), move - move.mean(axis=0)
    size = float((gap**2).sum())
    return float((gap * move).sum()) / size if size > 0 else float("nan")
