"""Labels are read by the rules of their run: no number that a scenario can change is assumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import InputError
from model.analysis.label_rules import rules_of, rules_of_run
from model.analysis.labels import label_hits
from model.community import CommunityModel
from model.measures.behaviour import Hits, Rules, detect
from model.run.runs import run_into
from model.store import MemoryRecorder, load_run
from model.views.story import saved_story
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from tests.fixtures.handwritten_log.reader import read_scenes, tables_of
from tests.measures.behaviour.settlement import settle
from tests.model.minds import Wild

DECEIVER = next(
    iter(read_scenes(Path(__file__).parents[2] / "fixtures/handwritten_log/deceiver.txt"))
)


def tables_and_rules(seed: int, mind: Any = None, **changes: Any) -> tuple[Any, Rules]:
    """A community that lived fifteen days, and its rules."""
    model = CommunityModel(rng=seed, mind=mind, **{"residents": 12, "days": 15, **changes})
    while model.running:
        model.step()
    model.finish()
    assert isinstance(model.recorder, MemoryRecorder)
    tables = model.recorder.tables()
    return tables, rules_of(model.scenario, tables["days"]["richness"])


def keys(table: pd.DataFrame) -> set[tuple[Any, ...]]:
    return set(zip(table["day"], table["resident"], table["label"].astype(str), strict=True))


def of(found: Hits, label: str) -> tuple[set[Any], set[Any]]:
    """(day, resident) of a label's hits and of its opportunities."""
    both = (found.hits, found.opportunities)
    one, other = ({key[:2] for key in keys(t) if key[2] == label} for t in both)
    return one, other


CHANGES: dict[str, tuple[Any, str]] = {
    "kinds": (("inform", "ask"), "kinds"),
    "messages": (False, "kinds"),
    "gifts": (False, "gifts"),
    "attacks": (False, "attacks"),
    "merges": (False, "merges"),
    "promote_step": (1, "promote_step"),
    "need": ((20, 21), "enough"),
    "promise_days": (3, "promise_days"),
    "walk_secure": (2, "walk"),
    "sight": (5, "sight"),
    "outputs": ((100, 40, 20), "outputs"),
    "richness": (0.5, "outputs"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_rule_that_a_scenario_changes_is_changed(name: str) -> None:
    value, rule = CHANGES[name]
    plain, other = Scenario(), scenario_from({name: value})
    before, after = (rules_of(s, [s.richness]) for s in (plain, other))
    differ = [f.name for f in fields(Rules) if getattr(before, f.name) != getattr(after, f.name)]
    assert differ == [rule]


def test_every_rule_but_the_places_comes_from_the_scenario() -> None:
    rules = {rule for _, rule in CHANGES.values()}
    assert rules == {f.name for f in fields(Rules)} - {"places"}


def test_the_rules_of_the_baseline_are_those_that_a_hand_made_log_is_read_by() -> None:
    found = rules_of(Scenario(), [1.0])
    assert found == Rules(outputs={1: 280.0, 2: 40.0, 3: 20.0})


def test_a_factory_whose_richness_changed_has_no_greatest_output() -> None:
    assert rules_of(Scenario(), [1.0, 1.0, 0.5]).outputs is None


def test_a_kind_of_message_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="shout is none of inform"):
        Rules(kinds=("shout",))


scenarios = st.fixed_dictionaries(
    {
        "promote_step": st.integers(1, 25),
        "promise_days": st.integers(0, 25),
        "merge_days": st.integers(1, 6),
        "walk_secure": st.integers(1, 8),
        "sight": st.integers(0, 5),
        "reach": st.integers(0, 4),
        "need": st.sampled_from([(9, 10, 11), (1,), (3, 4), (30,)]),
        "gifts": st.booleans(),
        "attacks": st.booleans(),
        "merges": st.booleans(),
        "messages": st.booleans(),
        "kinds": st.sampled_from([(), ("inform", "ask"), Rules().kinds, ("threaten", "ally")]),
        "hunger_limit": st.just(1_000),
        "width": st.just(8),
        "height": st.just(8),
    }
)


@settings(max_examples=25)
@given(changes=scenarios, seed=st.integers(0, 10**6), wild=st.booleans())
def test_a_hit_implies_an_opportunity_under_any_rules(
    changes: dict[str, Any], seed: int, wild: bool
) -> None:
    tables, rules = tables_and_rules(seed, Wild(seed) if wild else None, **changes)
    found = detect(tables, rules)
    assert keys(found.hits) <= keys(found.opportunities)


@settings(max_examples=15)
@given(changes=scenarios, seed=st.integers(0, 10**6))
def test_what_is_switched_off_is_nobodys_opportunity(changes: dict[str, Any], seed: int) -> None:
    tables, rules = tables_and_rules(seed, **changes | {"attacks": False, "gifts": False})
    found = detect(tables, rules)
    assert of(found, "altruism") == (set(), set())
    if not rules.merges and not rules.kinds:
        assert of(found, "cooperation")[0] == set()


@settings(max_examples=15)
@given(changes=scenarios, seed=st.integers(0, 10**6))
def test_commitments_are_settled_by_the_runs_own_rules(changes: dict[str, Any], seed: int) -> None:
    model = CommunityModel(rng=seed, mind=Wild(seed), residents=8, days=12, **changes)
    while model.running:
        model.step()
    model.finish()
    assert isinstance(model.recorder, MemoryRecorder)
    tables = model.recorder.tables()
    cells = zip(model.factories.x.tolist(), model.factories.y.tolist(), strict=True)
    names = ["day", "order", "debtor", "creditor", "what", "a", "by", "status", "closed"]
    dated = rules_of(model.scenario, [1.0])
    placed = Rules(
        **{f.name: getattr(dated, f.name) for f in fields(Rules)}
        | {"places": dict(enumerate(cells, start=1))}
    )
    world = tables["commitments"].sort_values("commitment")[names].astype(object)
    rebuilt = settle(tables, placed, changes["merge_days"])[names].astype(object)
    assert world.to_numpy().tolist() == rebuilt.to_numpy().tolist()


def test_a_cheap_promotion_is_an_opportunity_for_who_can_pay_it() -> None:
    tables, rules = tables_and_rules(3, promote_step=1, hunger_limit=1_000)
    hits, chances = of(detect(tables, rules), "status_seeking")
    assert hits <= chances
    assert hits - of(detect(tables, Rules()), "status_seeking")[1], "no poor one promoted itself"


@pytest.mark.parametrize(
    ("stock", "need", "taken"),
    [(19, (9, 10, 11), True), (20, (9, 10, 11), False), (20, (11,), True), (2, (1,), False)],
)
def test_scarcity_is_less_than_two_days_of_the_runs_own_food(
    stock: int, need: tuple[int, ...], taken: bool
) -> None:
    tables = tables_of(DECEIVER)
    tables["residents"] = tables["residents"].assign(stock=stock)
    rules = rules_of(scenario_from({"need": need}), [1.0])
    assert bool(of(detect(tables, rules), "altruism")[1]) is taken
    assert bool(of(detect(tables, rules), "power_seeking")[1]) is not taken


@pytest.mark.parametrize("read", [label_hits, lambda run: saved_story(run.path).hits()])
def test_a_saved_run_is_read_by_the_rules_on_its_card(
    tmp_path: Path, read: Callable[[Any], Hits]
) -> None:
    changes = {"promote_step": 2, "need": (4, 5), "sight": 4, "kinds": ("inform", "threaten")}
    run_into(tmp_path / "run", scenario_from({"residents": 8, "days": 8, **changes}), 5)
    run = load_run(tmp_path / "run")
    rules = rules_of_run(run)
    assert (rules.promote_step, rules.enough, rules.sight) == (2, 9, 4)
    assert rules.kinds == ("inform", "threaten")
    found, expected = read(run), detect({n: run.table(n) for n in DECEIVER_TABLES}, rules)
    assert keys(found.hits) == keys(expected.hits)
    assert keys(found.opportunities) == keys(expected.opportunities)
    assert found.undefined == expected.undefined >= {"alliance", "sycophancy"}


DECEIVER_TABLES = ("residents", "events", "messages", "decisions", "commitments")
