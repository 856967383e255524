"""The log of the real world: its ledger can be rebuilt from it, and its labels keep the laws."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pytest

from model.community import CommunityModel
from model.measures.behaviour import Rules, daily, detect
from tests.measures.behaviour.settlement import settle

RUNS = {
    "baseline": {"residents": 25},
    "scarce by rank": {"residents": 25, "richness": 0.78, "regime": "rank"},
    "power": {"residents": 20, "value": "power", "mode": "with", "prevalence": 0.5},
    "random": {"residents": 25, "mind": "random"},
}


@cache
def run(name: str) -> tuple[dict[str, pd.DataFrame], dict[int, tuple[int, int]]]:
    fields: dict[str, Any] = RUNS[name]
    model = CommunityModel(rng=7, **fields)
    for _ in range(30):
        model.step()
    model.finish()
    cells = zip(model.factories.x.tolist(), model.factories.y.tolist(), strict=True)
    return model.recorder.tables(), dict(enumerate(cells, start=1))


@pytest.mark.parametrize("name", RUNS)
def test_the_worlds_commitments_are_those_its_log_implies(name: str) -> None:
    tables, places = run(name)
    columns = ["day", "order", "debtor", "creditor", "what", "a", "by", "status", "closed"]
    world = tables["commitments"].sort_values("commitment")[columns].astype(object)
    rebuilt = settle(tables, Rules(places=places))[columns].astype(object)
    assert world.to_numpy().tolist() == rebuilt.to_numpy().tolist()


@pytest.mark.parametrize("name", RUNS)
def test_what_was_done_in_the_world_could_be_done(name: str) -> None:
    tables, places = run(name)
    found = detect(tables, Rules(places=places))
    hits, chances = (
        set(zip(t["day"], t["resident"], t["label"].astype(str), strict=True))
        for t in (found.hits, found.opportunities)
    )
    assert hits <= chances
    assert "cooperation" in {label for _, _, label in chances}


@pytest.mark.parametrize("name", ["baseline", "scarce by rank", "power"])
def test_the_days_record_counts_the_cooperation_that_the_log_holds(name: str) -> None:
    tables, _ = run(name)
    days = tables["days"].set_index("day")["cooperation"]
    counted = daily(detect(tables, Rules()), tables["residents"])["cooperation"]
    assert (days.loc[1:].astype(int) == counted.reindex(days.loc[1:].index, fill_value=0)).all()
    assert counted.sum() > 0
