"""The community as a Mesa model: collector, batch_run, agents, notebooks, and letting go."""

from __future__ import annotations

import asyncio
import gc
import math
import weakref
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.agent import Agent
from mesa.discrete_space import OrthogonalMooreGrid

from agents.factory import Factory
from agents.resident import Resident
from model.community import CommunityModel
from model.world.numbers import Day
from tests.model.communities import live, shocks
from tests.model.minds import Wild

SMALL: dict[str, Any] = {"residents": 6, "days": 5}


def wild(**fields: Any) -> CommunityModel:
    rows = [row.model_dump(mode="json") for row in shocks()]
    fields = {"residents": 12, "width": 6, "height": 6, "factory_spacing": 2, **fields}
    return CommunityModel(rng=2, mind=Wild(2), shocks=rows, immigration=0.2, **fields)


def test_the_collector_holds_the_numbers_of_every_day() -> None:
    model = live(CommunityModel(rng=1, **SMALL))
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == list(Day.__slots__)
    assert frame["day"].tolist() == [0, 1, 2, 3, 4, 5]
    for row, day in zip(frame.to_dict("records"), model.days, strict=True):
        for name in Day.__slots__:
            value = getattr(day, name)
            assert row[name] == value or (math.isnan(value) and math.isnan(row[name]))


def test_the_collector_offers_what_a_researcher_asks_first() -> None:
    assert {
        *("population", "births", "removals", "removals_hunger", "removals_other", "stock"),
        *("output", "gini", "cooperation", "betrayal", "attacks", "gifts", "messages", "faults"),
        *("treated", "treated_share"),
    } <= set(Day.__slots__)


def test_flows_of_the_start_are_undefined_and_not_zero() -> None:
    start = CommunityModel(rng=1, **SMALL).latest
    assert all(math.isnan(getattr(start, flow)) for flow in ("output", "births", "attacks"))
    assert (start.day, start.population, start.stock) == (0, 6, 240)


def test_the_days_record_agrees_with_the_log() -> None:
    model = live(wild())
    events = model.recorder.table("events")  # type: ignore[attr-defined]
    for day in model.days[1:]:
        today = events[events["day"] == day.day]
        kinds = today["kind"].value_counts()
        named = {"work": day.work, "gift": day.gifts, "attack": day.attacks, "merge": day.merges}
        named |= {"birth": day.births, "entry": day.entries, "removal": day.removals}
        named |= {"void": day.voids, "fault": day.faults, "void_message": day.void_messages}
        named |= {"idle": day.idle, "explore": day.explore, "travel": day.travel}
        assert {kind: kinds.get(kind, 0) for kind in named} == named
        assert today[today["kind"] == "produce"]["amount"].sum() == day.output
        hunger = ((today["kind"] == "removal") & (today["reason"] == "hunger")).sum()
        assert (day.removals_hunger, day.removals_other) == (hunger, day.removals - hunger)
        acts = day.work + day.travel + day.explore + day.promote + day.idle
        assert acts <= day.asked
    populations = np.array([d.population for d in model.days])
    change = [d.births + d.entries - d.removals for d in model.days[1:]]
    assert (np.diff(populations) == change).all()


def test_the_grid_is_mesas_and_every_agent_stands_where_its_row_says() -> None:
    model = wild(days=12)
    assert isinstance(model.grid, OrthogonalMooreGrid)
    while model.running:
        model.step()
        people = {a.row: a for a in model.agents if isinstance(a, Resident)}
        assert set(people) == set(model.residents.living().tolist())
        for row, agent in people.items():
            place = (int(model.residents.x[row]), int(model.residents.y[row]))
            assert agent.cell.coordinate == place
            assert agent in agent.cell.agents
        standing = sum(len(cell.agents) for cell in model.grid.all_cells)
        assert standing == len(model.agents) == len(people) + len(model.factories)


def test_an_agent_shows_its_rows_state() -> None:
    model = live(CommunityModel(rng=1, **SMALL), 2)
    for agent in model.agents_by_type[Resident]:
        row = agent.row
        assert agent.id == row + 1
        assert agent.stock == model.households.stock_of(model.residents.household[row])
        assert sum(agent.told) == 500
        assert (agent.skill, agent.debt) == (model.residents.skill[row], model.residents.debt[row])
    for factory in model.agents_by_type[Factory]:
        assert factory.made == model.factories.made[factory.id - 1]
    ids = [agent.unique_id for agent in model.agents]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_batch_run_sweeps_with_the_seed_as_a_parameter(processes: int) -> None:
    """With two processes up to ten seconds: they are started."""
    results = mesa.batch_run(
        CommunityModel,
        {"residents": [4, 6], "days": 3, "rng": [1, 2], "value": "BE", "prevalence": 0.5},
        number_processes=processes,
        data_collection_period=1,
        display_progress=False,
    )
    assert {(row["residents"], row["rng"]) for row in results} == {(4, 1), (4, 2), (6, 1), (6, 2)}
    for row in results:
        if row["Step"] == 2:
            alone = CommunityModel(
                residents=row["residents"], days=3, rng=row["rng"], value="BE", prevalence=0.5
            )
            live(alone, row["day"])
            assert row["stock"] == alone.latest.stock


def test_batch_run_loses_neither_the_start_nor_the_last_day() -> None:
    """Whether the community ends by itself or is stopped."""
    for limit in (1000, 3):
        rows = mesa.batch_run(
            CommunityModel,
            {"residents": 4, "days": 5, "rng": [1]},
            number_processes=1,
            data_collection_period=1,
            max_steps=limit,
            display_progress=False,
        )
        assert [row["day"] for row in rows] == list(range(min(5, limit) + 1))


def test_all_agents_can_be_removed_as_in_any_mesa_model() -> None:
    model = CommunityModel(rng=1, **SMALL)
    model.remove_all_agents()
    assert len(model.agents) == 0


def test_numpy_seeds_are_seeds() -> None:
    plain = live(CommunityModel(rng=7, **SMALL)).hash()
    assert live(CommunityModel(rng=np.int64(7), **SMALL)).hash() == plain  # type: ignore[arg-type]


def test_two_hundred_communities_leave_none_behind() -> None:
    living = []
    for seed in range(200):
        model = CommunityModel(rng=seed, residents=4, days=2, width=9, height=5)
        live(model)
        living.append(weakref.ref(model))
        del model
    gc.collect()
    assert sum(ref() is not None for ref in living) == 0
    assert not [m for m in Agent._ids if isinstance(m, CommunityModel)]


def test_a_community_steps_inside_a_running_event_loop() -> None:
    async def notebook() -> str:
        model = CommunityModel(rng=4, **SMALL)
        live(model)
        await asyncio.sleep(0)
        return model.hash()

    assert asyncio.run(notebook()) == live(CommunityModel(rng=4, **SMALL)).hash()


def test_many_communities_live_on_one_loop() -> None:
    async def driven(seed: int) -> str:
        model = CommunityModel(rng=seed, **SMALL)
        while model.running:
            asking = model.day()
            batch = next(asking)
            while True:
                replies = await model.mind.areply(batch)
                await asyncio.sleep(0)
                try:
                    batch = asking.send(replies)
                except StopIteration:
                    break
        return model.hash()

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(driven(seed) for seed in range(4)))

    hashes = asyncio.run(all_of_them())
    assert hashes == [live(CommunityModel(rng=seed, **SMALL)).hash() for seed in range(4)]
