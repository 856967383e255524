"""Cooperation and betrayal are counted alike as the day goes and from the finished log."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.decisions import Kind
from model.analysis.label_rules import rules_of
from model.community import CommunityModel
from model.measures.behaviour import daily, detect
from model.store import MemoryRecorder
from tests.model.minds import Puppet, Wild, attack, gift, say


def both(seed: int, mind: Any = None, **fields: Any) -> tuple[pd.DataFrame, pd.DataFrame, Any]:
    """The counts of the days' record, those of the log, and the tables."""
    model = CommunityModel(rng=seed, mind=mind, **fields)
    while model.running:
        model.step()
    model.finish()
    assert isinstance(model.recorder, MemoryRecorder)
    tables = model.recorder.tables()
    names = ["cooperation", "betrayal", "faultless"]
    lived = tables["days"].set_index("day").loc[1:, names].astype(int)
    rules = rules_of(model.scenario, tables["days"]["richness"])
    log = daily(detect(tables, rules), tables["residents"])
    return lived, log.reindex(lived.index, fill_value=0)[names], tables


def same(lived: pd.DataFrame, log: pd.DataFrame) -> None:
    differ = (lived != log).any(axis=1)
    assert not differ.any(), (
        f"{lived[differ].to_string()}\nagainst the log\n{log[differ].to_string()}"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"preset": "growing"},
        {"richness": 0.78, "regime": "rank"},
        {"value": "PO", "mode": "with", "prevalence": 1.0},
        {"value": "BE", "mode": "without", "prevalence": 0.5, "cognition": "staged"},
        {"mind": "random"},
        {"preset": "growing", "attacks": False},
        {"preset": "growing", "kinds": ("inform", "accept", "threaten")},
    ],
    ids=str,
)
def test_a_community_of_the_surrogate_is_counted_alike(fields: dict[str, Any]) -> None:
    lived, log, _ = both(7, **{"days": 40, **fields})
    same(lived, log)
    assert lived["cooperation"].sum() > 0


@settings(max_examples=30)
@given(
    salt=st.integers(0, 10**6),
    faults=st.sampled_from([0.0, 0.15]),
    reach=st.integers(0, 3),
    kinds=st.sampled_from([None, ("threaten", "accept"), ()]),
    attacks=st.booleans(),
    cognition=st.sampled_from(["staged", "fused"]),
)
def test_a_wild_community_is_counted_alike(
    salt: int, faults: float, reach: int, kinds: Any, attacks: bool, cognition: str
) -> None:
    fields: dict[str, Any] = {} if kinds is None else {"kinds": kinds}
    lived, log, _ = both(
        salt,
        Wild(salt, fault_share=faults, sane=0.95),
        residents=9,
        width=4,
        height=4,
        factory_spacing=2,
        days=25,
        hunger_limit=400,
        start_known=1.0,
        reach=reach,
        attacks=attacks,
        cognition=cognition,
        **fields,
    )
    same(lived, log)


@pytest.mark.parametrize(("day", "betrayed"), [(6, 1), (8, 1), (11, 1), (12, 0)])
def test_to_strike_an_ally_who_has_not_helped_lately_is_betrayal_in_both(
    day: int, betrayed: int
) -> None:
    """Allied and both helped on day 1, no deed since: the alliance ends on day 6."""
    puppet = Puppet(
        acts={1: {1: gift(2, 5), 2: gift(1, 5)}, day: {1: attack(2)}},
        says={1: [say(1, 2, Kind.ALLY), say(2, 1, Kind.ACCEPT)]},
    )
    lived, log, _ = both(
        1,
        puppet,
        residents=2,
        width=2,
        height=2,
        outputs=(280,),
        halves=(940,),
        need=(0,),
        reach=2,
        merges=False,
        days=13,
    )
    same(lived, log)
    assert lived["betrayal"].sum() == lived.loc[day, "betrayal"] == betrayed
