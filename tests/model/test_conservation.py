"""Stock is conserved to the unit, whatever residents do and whatever is done to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.regimes import REGIMES
from model.community import CommunityModel
from model.store import MemoryRecorder
from tests.model.communities import Books, live, shocks, table
from tests.model.minds import Wild

#: Ground on which much happens in few days.
LIVELY: dict[str, Any] = {
    "residents": 14,
    "width": 6,
    "height": 6,
    "factory_spacing": 2,
    "days": 22,
    "start_known": 0.7,
    "birth_threshold": 45,
    "mortality": 0.02,
    "immigration": 0.1,
    "outputs": (280, 120, 60),
    "halves": (500, 300, 200),
}


def wild_community(salt: int, rng: int, **fields: Any) -> CommunityModel:
    return CommunityModel(
        rng=rng,
        mind=Wild(salt),
        recorder=MemoryRecorder(),
        **{**LIVELY, "shocks": _rows(), **fields},
    )


def _rows() -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in shocks()]


def check_day(model: CommunityModel, before: int) -> None:
    day, homes = model.latest, model.households
    assert day.stock == before + day.output + day.aid - day.eaten - day.destroyed - day.lost
    assert (homes.store[: homes.count] >= 0).all()
    people = model.residents
    living = people.living()
    sizes = np.bincount(people.household[living], minlength=homes.count)
    assert (sizes == homes.size[: homes.count]).all()
    assert (homes.store[: homes.count][sizes == 0] == 0).all()
    assert (people.debt[living] <= model.scenario.hunger_limit).all()
    assert (people.debt[living] >= 0).all()


worlds = st.fixed_dictionaries(
    {
        "regime": st.sampled_from(list(REGIMES)),
        "network": st.sampled_from(["distance", "complete", "small-world", "scale-free"]),
        "cognition": st.sampled_from(["staged", "fused"]),
        "max_household": st.integers(1, 6),
        "start_standing": st.sampled_from([(100, 100), (0, 200)]),
        "loot_percent": st.sampled_from([0, 40, 100]),
        "fight_loss": st.sampled_from([0, 5, 90]),
        "hunger_limit": st.sampled_from([0, 30, 300]),
        "allocation_noise": st.sampled_from([0.0, 0.2, 1.0]),
        "reach": st.integers(0, 4),
        "child_stock": st.sampled_from([0, 30, 60]),
        "memory": st.booleans(),
    }
)


@settings(max_examples=60)
@given(salt=st.integers(0, 10**6), rng=st.integers(0, 10**6), world=worlds)
def test_stock_is_conserved_over_whole_runs_under_every_act_shock_and_death(
    salt: int, rng: int, world: dict[str, Any]
) -> None:
    model = wild_community(salt, rng, **world)
    while model.running:
        before = model.latest.stock
        model.step()
        check_day(model, before)
    total = {name: sum(getattr(d, name) for d in model.days[1:]) for name in _FLOWS}
    gone = model.latest.stock + total["eaten"] + total["destroyed"] + total["lost"]
    start = model.scenario.residents * model.scenario.start_stock
    assert gone == start + total["output"] + total["aid"]


_FLOWS = ("output", "aid", "eaten", "destroyed", "lost")


@settings(max_examples=25)
@given(salt=st.integers(0, 10**6), rng=st.integers(0, 10**6), world=worlds)
def test_a_bookkeeper_who_reads_only_the_log_knows_every_store(
    salt: int, rng: int, world: dict[str, Any]
) -> None:
    model = wild_community(salt, rng, **world)
    books = Books(model.scenario.residents, model.scenario.start_stock)
    live(model)
    events, residents = table(model, "events"), table(model, "residents")
    for day in range(1, model.today + 1):
        books.day(events[events["day"] == day], residents[residents["day"] == day])
        numbers = model.days[day]
        assert sum(books.store.values()) == numbers.stock
    rows = model.residents.living()
    for row in rows.tolist():
        held = int(model.households.store[model.residents.household[row]])
        assert books.store[books.home[row + 1]] == held
    flows = [sum(getattr(d, name) for d in model.days[1:]) for name in _FLOWS]
    assert flows == [books.made, books.aid, books.eaten, books.destroyed, books.lost]


def test_every_way_of_gaining_and_losing_stock_occurs_in_what_is_tried() -> None:
    """A law that holds because nothing happened would be worth nothing."""
    seen: set[str] = set()
    reasons: set[str] = set()
    for salt in range(4):
        events = table(live(wild_community(salt, salt)), "events")
        seen |= set(events["kind"])
        reasons |= set(events["reason"])
    assert seen >= {
        *("work", "travel", "explore", "promote", "idle", "produce", "gift", "attack"),
        *("merge_ask", "merge", "birth", "removal", "lost", "entry", "short", "fault", "void"),
        *("intervention", "destroyed", "void_message", "void_promise"),
    }
    assert reasons >= {"hunger", "mortality", "culled", "removed"}


@pytest.mark.parametrize("salt", range(3))
def test_nobody_acts_eats_or_speaks_after_removal(salt: int) -> None:
    model = live(wild_community(salt, 100 + salt))
    events = table(model, "events")
    gone = events[events["kind"] == "removal"].set_index("actor")[["day", "order"]]
    assert len(gone) > 3
    assert gone.index.is_unique
    for who, (day, order) in gone.iterrows():
        later = events[(events["day"] > day) | ((events["day"] == day) & (events["order"] > order))]
        after = later[(later["actor"] == who) & (later["kind"] != "lost")]
        assert set(after["reason"]) <= {"merge_ask: no answer"}
        assert not (later["witnesses"].map(lambda seen, who=who: who in list(seen))).any()
        residents = table(model, "residents")
        assert (residents[residents["resident"] == who]["day"] <= day).all()
        said = table(model, "messages")
        assert (said[said["sender"] == who]["day"] <= day).all()
        assert not said[said["day"] > day]["shown"].map(lambda r, who=who: who in list(r)).any()


@pytest.mark.parametrize("salt", range(3))
def test_food_owed_is_need_plus_debt_less_what_was_eaten(salt: int) -> None:
    model = live(wild_community(salt, 200 + salt))
    residents = table(model, "residents")
    owed = residents["need"] + residents["debt"] - residents["drawn"]
    after = residents[["resident", "day"]].assign(owed=owed, day=residents["day"] + 1)
    both = residents.merge(after, on=["resident", "day"])
    assert len(both) > 50
    assert (both["debt"] == both["owed"]).all()
    starved = table(model, "events").query("kind == 'removal' and reason == 'hunger'")
    limit = model.scenario.hunger_limit
    for who, day in zip(starved["actor"], starved["day"], strict=True):
        assert owed[(residents["resident"] == who) & (residents["day"] == day)].item() > limit


@pytest.mark.parametrize("salt", range(2))
def test_what_a_store_gives_and_takes_is_what_its_members_put_in_and_draw(salt: int) -> None:
    residents = table(live(wild_community(salt, 300 + salt)), "residents")
    assert (residents["drawn"] >= 0).all()
    assert (residents["paid"] <= residents["put_in"]).all()
    assert (residents["drawn"] <= residents["need"] + residents["debt"]).all()
