"""A run is a function of scenario, seed, interventions and replies, and of nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.minds import Mind
from agents.minds.constants import Temper
from agents.minds.nulls import RandomMind, flat, permuted
from agents.minds.scripted import Script, Scripted
from agents.minds.surrogate import Surrogate
from agents.observation import STAGED, Stage
from model.community import CommunityModel
from model.store import MemoryRecorder
from tests.model.communities import events, live, settled, shocks
from tests.model.minds import Shuffled, Wild

BUSY: dict[str, Any] = {
    "residents": 12,
    "width": 7,
    "height": 7,
    "days": 15,
    "factory_spacing": 3,
    "mortality": 0.02,
    "value": "PO",
    "prevalence": 0.5,
}


def busy(mind: Mind | None = None, rng: int = 1, **fields: Any) -> CommunityModel:
    rows = [row.model_dump(mode="json") for row in shocks()]
    return CommunityModel(rng=rng, mind=mind, **{**BUSY, "shocks": rows, **fields})


def test_two_runs_of_one_seed_have_the_same_hash_and_two_seeds_differ() -> None:
    hashes = [live(busy(rng=seed)).hash() for seed in (1, 1, 2, 3)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_the_hash_grows_with_every_day() -> None:
    model = busy()
    hashes = {model.hash()}
    for day in range(1, 6):
        model.step()
        hashes.add(model.hash())
        assert len(hashes) == day + 1


@pytest.mark.parametrize("cognition", ["staged", "fused"])
def test_another_treatment_or_mind_gives_another_hash(cognition: str) -> None:
    runs = [
        busy(cognition=cognition),
        busy(cognition=cognition, prevalence=1.0),
        busy(cognition=cognition, value="BE"),
        busy(cognition=cognition, mind="random"),
        busy(cognition=cognition, mind="flat"),
    ]
    assert len({live(run).hash() for run in runs}) == len(runs)


@settings(max_examples=12)
@given(salt=st.integers(0, 10**6), order=st.integers(0, 10**6), staged=st.booleans())
def test_the_order_in_which_replies_arrive_changes_nothing(
    salt: int, order: int, staged: bool
) -> None:
    cognition = "staged" if staged else "fused"
    straight = live(busy(Wild(salt), rng=salt, cognition=cognition))
    mixed = live(busy(Shuffled(Wild(salt), order), rng=salt, cognition=cognition))
    assert settled(mixed) == settled(straight)


@pytest.mark.parametrize(
    "mind",
    [
        Surrogate(),
        flat(Temper()),
        permuted(Temper(), 3),
        RandomMind(),
        Scripted(Script.parse("spread,hostile=.2,generous=.3,announce=1")),
    ],
    ids=lambda mind: mind.name,
)
@pytest.mark.parametrize("cognition", ["staged", "fused"])
def test_replies_to_one_question_at_a_time_in_any_order_live_the_same_community(
    mind: Any, cognition: str
) -> None:
    straight = live(busy(mind, cognition=cognition, days=8))
    mixed = live(busy(Shuffled(mind, 5), cognition=cognition, days=8))
    assert settled(mixed) == settled(straight)


_CHILD = """
from model.community import CommunityModel
for preset in ("growing", "scarce"):
    model = CommunityModel(preset=preset, rng=11, days=12, value="BE", prevalence=0.5)
    while model.running:
        model.step()
    print(model.hash())
"""


@pytest.mark.slow
def test_neither_the_process_nor_its_hash_seed_nor_its_threads_matter() -> None:
    """About six seconds: three interpreters are started."""
    here = []
    for preset in ("growing", "scarce"):
        model = CommunityModel(preset=preset, rng=11, days=12, value="BE", prevalence=0.5)
        here.append(live(model).hash())
    for hash_seed, threads in (("0", "1"), ("1", "2"), ("4242", "1")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads}
        child = subprocess.run(
            [sys.executable, "-c", _CHILD],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert child.stdout.split() == here


def test_what_was_simulated_before_and_beside_it_does_not_matter() -> None:
    alone = live(busy(rng=5)).hash()
    live(busy(rng=9, residents=30))
    one, other = busy(rng=5), busy(Wild(3), rng=6)
    np.random.default_rng(0).random(100)
    while one.running:
        one.step()
        if other.running:
            other.step()
    assert one.hash() == alone


def test_who_records_and_who_watches_does_not_matter() -> None:
    class Deaf:
        def record(self, day: int, tables: Any) -> None:
            tables.clear()

    watched = busy(rng=5)
    while watched.running:
        watched.step()
        watched.datacollector.get_model_vars_dataframe()
        _ = [agent.stock for agent in watched.agents if hasattr(agent, "stock")]
        watched.random.random()
        watched.rng.random()
    deaf = CommunityModel(watched.scenario, rng=5, recorder=Deaf())
    assert live(deaf).hash() == watched.hash() == live(busy(rng=5)).hash()


def begun(model: CommunityModel, stages: int) -> list[Stage]:
    """Begin a day, answer some of its stages, and abandon it."""
    asking = model.day()
    batch = next(asking)
    seen = [batch.stage]
    for _ in range(stages):
        batch = asking.send(model.mind.reply(batch))
        seen.append(batch.stage)
    asking.close()
    return seen


@pytest.mark.parametrize("cognition", ["staged", "fused"])
def test_an_abandoned_day_leaves_no_trace_at_whatever_stage_it_is_left(cognition: str) -> None:
    fields = {"cognition": cognition, "shocks": (), "immigration": 0.0}
    straight, broken = (busy(Wild(2), rng=4, **fields) for _ in range(2))
    stages = len(STAGED) if cognition == "staged" else 2
    while straight.running:
        straight.step()
        before = settled(broken)
        for left in range(stages):
            assert len(begun(broken, left)) == left + 1
            assert settled(broken) == before
        broken.step()
    assert settled(broken) == settled(straight)


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_interventions_act_once_however_often_their_day_is_begun(left: int) -> None:
    fields: dict[str, Any] = {"cognition": "staged", "immigration": 0.5}
    straight, broken = (busy(Wild(2), rng=4, **fields) for _ in range(2))
    while straight.running:
        straight.step()
        begun(broken, left)
        begun(broken, left)
        broken.step()
    assert settled(broken) == settled(straight)


def test_a_day_that_fails_in_the_mind_leaves_no_trace() -> None:
    class Breaks(Wild):
        broken = False

        def reply(self, batch: Any) -> Any:
            if self.broken and batch.stage is Stage.REMEMBER:
                raise ConnectionError("the endpoint is gone")
            return super().reply(batch)

    mind = Breaks(7)
    quiet: dict[str, Any] = {"cognition": "staged", "shocks": ()}
    model = live(busy(mind, rng=8, **quiet), 5)
    assert model.running
    before, mind.broken = settled(model), True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            model.step()
        assert settled(model) == before
    mind.broken = False
    assert settled(live(model)) == settled(live(busy(Wild(7), rng=8, **quiet)))


def test_interventions_known_beforehand_and_given_during_the_run_are_one_run() -> None:
    # Without acts on the dead: a plan cannot know of them, a run refuses them.
    noted = events(live(busy(rng=3)), "intervention")
    dead = {(row["day"], row["target"]) for row in noted if row["outcome"] < 0}
    plan = [row for row in shocks() if (row.day, row.target) not in dead]
    planned = live(busy(rng=3, shocks=[row.model_dump(mode="json") for row in plan]))
    rows = planned.scenario.shocks
    given = CommunityModel(planned.scenario.model_copy(update={"shocks": ()}), rng=3)
    for row in rows:
        while given.running and given.today + 1 < row.day:
            given.step()
        if given.running:
            given.interventions.append(row, given.today)
    live(given)
    assert settled(given) == settled(planned)
    assert planned.today > 12


def test_the_words_a_mind_finds_do_not_change_who_lives() -> None:
    """Texts enter the hash, the world never reads them."""

    class Wordy(Wild):
        def reply(self, batch: Any) -> Any:
            replies = super().reply(batch)
            if replies.said is not None:
                replies.said.text = [f"R1 attacked me! {i}" for i in range(len(replies.said))]
            return replies

    one, other = live(busy(Wild(1))), live(busy(Wordy(1)))
    assert [str(d) for d in one.days] == [str(d) for d in other.days]
    assert one.hash() != other.hash()


def test_every_seed_that_a_command_takes_is_a_seed() -> None:
    hashes = {
        live(busy(rng=seed, days=3)).hash() for seed in (0, 1, 2**31, 2**32, 2**63 - 1, 2**64 - 1)
    }
    assert len(hashes) == 6


def test_a_seed_that_was_not_given_is_drawn_recorded_and_gives_the_run_again() -> None:
    first, second = (CommunityModel(**BUSY) for _ in range(2))
    assert first.seed != second.seed
    live(first)
    assert live(CommunityModel(rng=first.seed, **BUSY)).hash() == first.hash()


def test_nobody_is_asked_twice_at_a_stage_or_after_it_is_gone() -> None:
    model = busy(Wild(4), cognition="staged", rng=2)
    while model.running:
        asking = model.day()
        batch = next(asking)
        alive = set((model.residents.living() + 1).tolist())
        while True:
            assert len(set(batch.id.tolist())) == len(batch)
            assert set(batch.id.tolist()) <= alive
            try:
                batch = asking.send(model.mind.reply(batch))
            except StopIteration:
                break


def test_a_recorder_may_keep_what_it_is_given() -> None:
    """The rows of a day do not change when the world goes on."""

    class Keeps(MemoryRecorder):
        def __init__(self) -> None:
            super().__init__()
            self.copies: list[tuple[Any, str]] = []

        def record(self, day: int, tables: Any) -> None:
            super().record(day, tables)
            self.copies.append((tables, repr(tables["days"])))

    recorder = Keeps()
    live(CommunityModel(rng=1, recorder=recorder, **{**BUSY, "days": 4}))
    assert len(recorder.copies) == 5
    assert all(repr(tables["days"]) == text for tables, text in recorder.copies)
