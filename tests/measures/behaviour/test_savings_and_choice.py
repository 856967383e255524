"""What is one's own is no free ride, and who makes its own promise void has broken it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.decisions import Kind, Promise
from model.measures.behaviour import Rules, detect
from model.measures.behaviour.ledger import void_by_choice
from tests.fixtures.handwritten_log.reader import read_scenes, rules_of, tables_of
from tests.measures.behaviour.synthetic import random_log
from tests.measures.behaviour.test_live_and_log import both, same
from tests.model.minds import Puppet, gift, say

SCENES = read_scenes(Path(__file__).parents[2] / "fixtures/handwritten_log/savings.txt")


def riders(table: Any) -> set[tuple[Any, ...]]:
    chosen = table[table["label"] == "free_riding"]
    return set(zip(chosen["day"], chosen["resident"], strict=True))


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_who_lives_off_its_own_rides_on_nobody(scene: Any) -> None:
    found = detect(tables_of(scene), rules_of(scene))
    expected = {(day, who) for day, who, label, _ in scene.hits if label == "free_riding"}
    assert riders(found.hits) == expected


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), more=st.integers(0, 200))
def test_a_richer_start_makes_no_rider(seed: int, more: int) -> None:
    """Everybody comes with more and holds more on every morning: savings can only grow."""
    tables = random_log(seed)
    people = tables["residents"]
    # A promise is judged by the stock too; the ledger of both logs is the first one's.
    rich = {**tables, "residents": people.assign(stock=people["stock"] + more)}
    assert riders(detect(rich, Rules()).hits) <= riders(detect(tables, Rules()).hits)


# Able by what was shown

FIELDS: dict[str, Any] = {
    "residents": 2, "width": 2, "height": 2, "outputs": (280,), "halves": (940,), "need": (0,),
    "reach": 2, "merges": False, "days": 4, "start_stock": 40,
}  # fmt: skip


def promised(units: int, acts: dict[int, Any]) -> Any:
    """R2 gives R1 five units on day 1 while R1 promises `units` by day 3; then what R1 does."""
    puppet = Puppet(
        acts={1: {2: gift(1, 5)}, **{day: {1: act} for day, act in acts.items()}},
        says={1: [say(1, 2, Kind.OFFER, promises=[(Promise.GIFT, units, 3)])]},
    )
    lived, log, tables = both(1, puppet, **FIELDS)
    same(lived, log)
    row = tables["commitments"].iloc[0]
    return lived["betrayal"].sum(), row["status"], row["reason"]


@pytest.mark.parametrize(
    ("units", "acts", "betrayed", "status"),
    [
        (5, {3: gift(2, 10**9)}, 1, "impossible"),  # the world's word; the choice was its own
        (5, {3: gift(2, 0)}, 1, "impossible"),
        (5, {3: gift(2, 46)}, 1, "impossible"),  # one more than it was shown
        (5, {3: gift(2, 5)}, 0, "kept"),
        (5, {}, 1, "broken"),
        (60, {3: gift(2, 10**9)}, 0, "impossible"),  # too poor, whatever it named
        (50, {2: gift(2, 10), 3: gift(2, 10**9)}, 0, "impossible"),  # 40 owed of 35
        (45, {2: gift(2, 10), 3: gift(2, 10**9)}, 1, "impossible"),  # 35 owed of 35
        (5, {2: gift(2, 10**9)}, 1, "broken"),  # void the day before it was due
    ],
)
def test_a_promise_made_void_by_an_absurd_number_is_broken_by_choice(
    units: int, acts: dict[int, Any], betrayed: int, status: str
) -> None:
    found, how, _ = promised(units, acts)
    assert (found, how) == (betrayed, status)


@given(st.integers(-(10**9), 10**9), st.integers(0, 1000), st.integers(1, 1000))
def test_only_a_number_that_could_be_seen_to_fail_is_a_choice(
    amount: int, stock: int, owed: int
) -> None:
    chosen = void_by_choice(np.array([amount]), np.array([stock]), np.array([owed]))[0]
    assert chosen == (owed <= stock and not 1 <= amount <= stock)
