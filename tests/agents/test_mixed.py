"""A community of several minds: each is asked its own residents, and nobody else's."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from agents.batch import Batch
from agents.decisions import Replies
from agents.minds.mixed import Mixed
from agents.minds.nulls import RandomMind
from agents.minds.surrogate import Surrogate
from agents.observation import Stage
from model.community import CommunityModel
from model.world.interventions import Intervention
from tests.agents.questions_of import batches, same_row
from tests.model.communities import live, table
from tests.model.minds import Wild


class Listens(RandomMind):
    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []

    def reply(self, batch: Batch) -> Replies:
        self.asked.append(batch.id)
        return super().reply(batch)


@pytest.mark.parametrize("stage", list(Stage))
def test_each_row_is_answered_by_its_own_mind(stage: Stage) -> None:
    minds: tuple[Any, ...] = (Surrogate(), Wild(1), RandomMind())
    mixed = Mixed(minds, lambda ids: ids % 3)
    for batch in batches(stage)[:6]:
        whole = mixed.reply(batch)
        again = asyncio.run(mixed.areply(batch))
        for row, who in enumerate(batch.id.tolist()):
            own = minds[who % 3].reply(batch.take(np.array([row])))
            assert whole.fault[row] == own.fault[0]
            assert whole.causes.get(row) == own.causes.get(0)
            if not own.fault[0]:
                same_row(whole, row, own, 0, who)
            same_row(whole, row, again, row, who)


def test_nobody_is_asked_for_another_ones_residents() -> None:
    first, second = Listens(), Listens()
    mixed = Mixed((first, second), lambda ids: (ids > 5).astype(np.int64))
    for batch in batches(Stage.ACT)[:5]:
        mixed.reply(batch)
    assert all((ids <= 5).all() for ids in first.asked)
    assert all((ids > 5).all() for ids in second.asked)


def test_a_mind_without_residents_is_not_asked() -> None:
    idle = Listens()
    mixed = Mixed((RandomMind(), idle), lambda ids: np.zeros(len(ids), np.int64))
    for batch in batches(Stage.ACT)[:3]:
        mixed.reply(batch)
    assert idle.asked == []


def test_a_community_of_one_mind_twice_is_the_community_of_that_mind() -> None:
    fields: dict[str, Any] = {"residents": 12, "days": 12, "rng": 3, "value": "BE"}
    alone = live(CommunityModel(**fields))
    both = live(CommunityModel(**fields, second_mind="surrogate", second_share=0.5))
    assert both.hash() == alone.hash()


def test_the_second_mind_decides_for_its_share_and_the_table_says_for_whom() -> None:
    model = CommunityModel(
        residents=20, days=6, rng=3, second_mind="random", second_share=0.25, immigration=0.5
    )
    model.interventions.append(Intervention(day=2, kind="newcomers", size=20), 0)
    live(model)
    people = table(model, "people")
    founders = people[people["day"] == 0]["mind"].astype(str)
    assert (founders == "random").sum() == 5
    assert set(people["mind"].astype(str)) == {"surrogate", "random"}
    group = model.residents.group[: model.residents.count]
    assert (people["mind"].astype(str) == "random").tolist() == group.astype(bool).tolist()
