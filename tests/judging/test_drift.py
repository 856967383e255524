"""Drift: who moves, and toward whom; regression to the mean is no influence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from agents.values import VALUES
from model.analysis.drift import (
    approaches,
    blocks_of,
    drift_of_blocks,
    heard,
    influence,
    stated_drift,
)
from model.measures.value_profiles import Reference, conduct
from model.measures.value_profiles import profiles as profiled
from tests.judging.communities import lived

N = 30


def profiles(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(rng.normal(size=(N, 10)), index=range(1, N + 1), columns=list(VALUES))


def graph(rng: np.random.Generator) -> pd.DataFrame:
    """Each resident hears three others."""
    rows = [
        {"resident": i, "other": int(j), "messages": 1}
        for i in range(1, N + 1)
        for j in rng.choice([k for k in range(1, N + 1) if k != i], 3, replace=False)
    ]
    return pd.DataFrame(rows)


def moved(before: pd.DataFrame, edges: pd.DataFrame, pull: float, rng) -> pd.DataFrame:
    peers = {i: before.loc[g["other"]].mean() for i, g in edges.groupby("resident")}
    target = pd.DataFrame(peers).T
    return before + pull * (target - before) + rng.normal(0, 0.05, before.shape)


def test_a_planted_pull_is_recovered() -> None:
    rng = np.random.default_rng(1)
    before, edges = profiles(rng), graph(rng)
    found = influence(before, moved(before, edges, 0.2, rng), edges)
    assert found.pull == pytest.approx(0.2, abs=0.02)
    assert found.p == pytest.approx(1 / 1000)
    assert found.excess > 0.02
    assert found.residents == N


def test_mere_regression_to_the_mean_is_no_influence() -> None:
    """Everybody moves toward the middle: the raw pull is large, the excess is none."""
    rng, significant, excess = np.random.default_rng(2), 0, []
    for _ in range(40):
        before, edges = profiles(rng), graph(rng)
        after = before * 0.7 + rng.normal(0, 0.2, before.shape)
        found = influence(before, after, edges, seed=3)
        assert found.pull > 0.1
        significant += found.p <= 0.05
        excess.append(found.excess)
    assert abs(np.mean(excess)) < 0.01
    assert significant <= 6


def test_too_few_who_heard_anybody_say_nothing() -> None:
    rng = np.random.default_rng(3)
    before = profiles(rng)
    edges = pd.DataFrame([{"resident": 1, "other": 2, "messages": 1}])
    found = influence(before, before, edges)
    assert np.isnan([found.pull, found.excess, found.p]).all()


def test_who_drifted_toward_whom_is_the_move_along_the_line_between_them() -> None:
    before = pd.DataFrame(0.0, index=[1, 2, 3], columns=list(VALUES))
    before.loc[2, "BE"] = 4.0
    before.loc[3, "PO"] = 2.0
    after = before.copy()
    after.loc[1, "BE"] = 1.0
    edges = pd.DataFrame([[1, 2, 5], [1, 3, 1]], columns=["resident", "other", "messages"])
    found = approaches(before, after, edges)
    assert found.to_numpy().tolist() == [[1, 2, 5, 4.0, 1.0], [1, 3, 1, 2.0, 0.0]]


def test_only_readers_heard_a_message_and_each_counts() -> None:
    messages = pd.DataFrame(
        {"day": [1, 2, 2, 9], "sender": [1, 1, 2, 1], "shown": [[2, 3], [2], [1], [2]]}
    )
    found = heard(messages, 1, 2).set_index(["resident", "other"])["messages"].to_dict()
    assert found == {(2, 1): 2, (3, 1): 1, (1, 2): 1}


def test_stated_drift_follows_those_who_answered_every_time() -> None:
    rows = [
        {"run": "a", "context": "lived", "day": day, "resident": who, **dict.fromkeys(VALUES, 0.0)}
        for day in (0, 5)
        for who in (1, 2, 3)
    ]
    table = pd.DataFrame(rows)
    table.loc[(table["day"] == 5) & (table["resident"] == 1), "BE"] = 1.0
    table.loc[(table["day"] == 5) & (table["resident"] == 3), list(VALUES)] = np.nan
    found = stated_drift(table).set_index("day")
    assert found.loc[5, "residents"] == 2
    assert found.loc[5, "BE"] == pytest.approx(0.5)
    assert (found.loc[0, list(VALUES)] == 0).all()


def test_behavioural_drift_begins_at_nothing_and_has_one_row_a_block() -> None:
    run = lived(residents=12, days=20)
    reference = Reference.of(conduct(run.tables, run.found.hits))
    blocks = blocks_of(run.tables, run.found.hits, 20)
    found = drift_of_blocks(profiled(blocks.conduct, reference), blocks.every)
    assert found["day"].tolist() == [10, 20]
    assert found.loc[0, list(VALUES)].dropna().abs().max() == 0
    assert found.loc[1, list(VALUES)].abs().max() > 0


def test_a_block_that_the_end_cuts_short_counts_for_nothing() -> None:
    run = lived(residents=12, days=23)
    reference = Reference.of(conduct(run.tables, run.found.hits))
    blocks = blocks_of(run.tables, run.found.hits, 20)
    found = drift_of_blocks(profiled(blocks.conduct, reference), blocks.every)
    assert found["day"].tolist() == [10, 20]
    assert (found["residents"] > 0).all(), "three days are too few for a profile"
