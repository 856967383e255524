"""On what a betrayal rests and what a cooperation was made of: parts add up to their label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.measures.behaviour import LABELS, Rules, component_rates, detect, rates
from model.measures.behaviour.components import COMPONENTS, MEANINGS, NAMES
from tests.fixtures.handwritten_log.reader import read_scenes, rules_of, tables_of
from tests.measures.behaviour.synthetic import random_log

LOGS = Path(__file__).parents[2] / "fixtures/handwritten_log"
SCENES = {
    one.name: one for file in ("components.txt", "log.txt") for one in read_scenes(LOGS / file)
}


def parts_of(name: str) -> pd.DataFrame:
    tables = tables_of(SCENES[name])
    return component_rates(detect(tables, rules_of(SCENES[name])), tables["residents"])


@pytest.mark.parametrize(
    ("scene", "joint", "other"),
    [
        ("joint work alone", 1, 0),
        ("joint work and a gift", 0, 1),
        ("a gift long ago and joint work lately", 1, 0),
        ("joint work of allies", 0, 1),
        ("attack on a giver is betrayal", 0, 1),
        # Broken and struck on one day: the promise was owed to one who had given.
        ("one struck who worked along, another who gave", 0, 1),
        ("attack on a stranger", 0, 0),
    ],
)
def test_a_betrayal_rests_on_joint_work_alone_or_on_something_else(
    scene: str, joint: int, other: int
) -> None:
    hits = parts_of(scene)["hits"]
    assert (hits["betrayal_joint"], hits["betrayal_other"]) == (joint, other)


def test_an_actor_day_is_counted_under_the_first_of_its_deeds_and_in_all_with_any() -> None:
    found = parts_of("joint work and a gift")
    assert found["hits"].to_dict() == {
        "cooperation_gift": 1,  # R2 gave and worked as agreed
        "cooperation_promise": 0,
        "cooperation_merge": 0,
        "cooperation_joint": 1,  # R1 worked as agreed
        "betrayal_other": 1,
        "betrayal_joint": 0,
    }
    assert found.loc["cooperation_joint", "with_any"] == 2


def test_a_merge_is_the_cooperation_of_both_and_an_ask_of_nobody() -> None:
    found = parts_of("a merge is cooperation of both, an ask alone is none")
    assert found.loc["cooperation_merge", "hits"] == 2
    assert found["hits"].sum() == 2


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.sampled_from([1, 3, 5, 10]))
def test_the_parts_of_a_label_add_up_to_it(seed: int, k: int) -> None:
    tables = random_log(seed)
    found = detect(tables, Rules(), window=k)
    whole, parts = (
        count(found, tables["residents"]).to_dict("index") for count in (rates, component_rates)
    )
    for label, names in COMPONENTS.items():
        own = [parts[f"{label}_{name}"] for name in names]
        assert sum(one["hits"] for one in own) == whole[label]["hits"]
        assert {one["opportunities"] for one in own} == {whole[label]["opportunities"]}
        assert {one["resident_days"] for one in own} == {whole[label]["resident_days"]}
        assert all(one["hits"] <= one["with_any"] <= whole[label]["hits"] for one in own)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_without_announced_work_no_betrayal_rests_on_it(seed: int) -> None:
    """Strike the announcements out of a log: what rests on them alone is gone, the rest stays."""
    tables = random_log(seed)
    plain = dict.fromkeys(("claim1_kind", "claim2_kind", "promise1_what", "promise2_what"), "")
    # Promises that are still owed or kept stay in the ledger: it is a table of its own.
    silent = {**tables, "messages": tables["messages"].assign(**plain)}
    rules = Rules(kinds=tuple(k for k in Rules().kinds if k != "ally"))
    mute = {**silent, "messages": silent["messages"].query("kind != 'ally'")}
    said = {**tables, "messages": tables["messages"].query("kind != 'ally'")}
    spoken, silenced = (
        component_rates(detect(t, rules), t["residents"])["hits"] for t in (said, mute)
    )
    assert silenced["betrayal_joint"] == 0
    assert silenced["cooperation_joint"] == 0
    assert silenced["betrayal_other"] == spoken["betrayal_other"]
    assert silenced["cooperation_gift"] == spoken["cooperation_gift"]


def test_every_part_has_a_meaning_and_its_label_exists() -> None:
    assert {f"{label}_{part}" for label, parts in COMPONENTS.items() for part in parts} == set(
        NAMES
    )
    assert set(COMPONENTS) <= {one.name for one in LABELS}
    assert all(MEANINGS.values())


def test_a_run_without_anybody_has_parts_without_rates() -> None:
    tables = {name: table.iloc[:0] for name, table in random_log(1).items()}
    found = component_rates(detect(tables, Rules()), tables["residents"])
    assert found["hits"].tolist() == [0] * len(NAMES)
    assert np.isnan(found[["rate", "per_resident_day"]]).all(axis=None)
