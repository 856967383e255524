from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.batch import Batch
from agents.decisions import Replies
from agents.errors import StoppedEarly
from agents.minds.surrogate import Surrogate
from model.community import CommunityModel
from model.run.runs import ask_of, run_into
from model.store import load_run
from model.study.design import Design
from model.study.interleave import drive
from model.study.runner import run_study
from model.world.minds import OpenMind, Spent
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from model.world.settings import Settings
from tests.study.small import design, hashes


@dataclass
class Slow:
    """A mind that thinks while the others go on: the surrogate, after a wait."""

    name: str = "slow"
    seconds: float = 0.002
    inner: Surrogate = field(default_factory=Surrogate)
    talking: int = 0
    most: int = 0
    fails_after: int = 10**9
    answered: int = 0

    def reply(self, batch: Batch) -> Replies:
        return self.inner.reply(batch)

    async def areply(self, batch: Batch) -> Replies:
        self.talking += 1
        self.most = max(self.most, self.talking)
        await asyncio.sleep(self.seconds)
        self.talking -= 1
        self.answered += 1
        if self.answered > self.fails_after:
            raise StoppedEarly("the endpoint is down; run again later")
        return self.inner.reply(batch)


SMALL = scenario_from({"residents": 5, "days": 4})


def alone(seed: int) -> str:
    model = CommunityModel(SMALL, rng=seed)
    while model.running:
        model.step()
    return model.hash()


def test_communities_interleaved_on_one_loop_live_as_they_would_alone() -> None:
    mind = Slow()
    models = [CommunityModel(SMALL, rng=seed, mind=mind) for seed in range(6)]

    async def life(model: CommunityModel) -> None:
        while model.running:
            await drive(ask_of(model), lambda mind, batch: mind.areply(batch))

    async def all_lives() -> None:
        await asyncio.gather(*map(life, models))

    asyncio.run(all_lives())
    assert [model.hash() for model in models] == [alone(seed) for seed in range(6)]
    assert mind.most == 6
    assert {model.steps for model in models} == {4}


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Every run's mind is the slow one, and its name asks for an event loop."""
    mind = Slow()

    def opened(*_: object, **__: object) -> OpenMind:
        return OpenMind(mind, lambda: Spent(calls=7, tokens=70, cost=0.5))

    monkeypatch.setattr("model.run.runs.open_mind", opened)
    return mind


def language_study() -> Design:
    return design(
        runs=2,
        scenario={"residents": 5, "days": 4, "mind": "openai:any"},
        factors={"value": ["BE"], "prevalence": [0.5, 1.0]},
        settings=Settings(),
    )


def test_a_study_that_asks_a_language_model_interleaves_its_runs(
    tmp_path: Path, slow: Slow
) -> None:
    ended = run_study(language_study(), tmp_path / "study")
    assert ended.complete
    assert slow.most > 1
    assert {row.calls for row in ended.rows} == {7}


def test_an_outage_stops_the_study_and_the_same_call_resumes(tmp_path: Path, slow: Slow) -> None:
    slow.fails_after = 9
    ended = run_study(language_study(), tmp_path / "study", workers=2)
    assert ended.stopped > 0
    assert ended.cause == "the endpoint is down; run again later"
    kept = [p for p in (tmp_path / "study/runs").iterdir() if p.name.startswith(".unfinished-")]
    assert len(kept) == ended.stopped  # their journals are there to be found again
    slow.fails_after = 10**9
    again = run_study(language_study(), tmp_path / "study", workers=2)
    assert again.complete
    assert again.lived == again.planned - ended.done
    apart = run_study(language_study(), tmp_path / "apart", workers=1)
    assert apart.complete
    assert hashes(tmp_path / "study") == hashes(tmp_path / "apart")


def test_only_one_runner_may_pay_for_replies(tmp_path: Path, slow: Slow) -> None:
    from agents.errors import InputError
    from model.study.folder import StudyFolder

    folder = StudyFolder(tmp_path / "study")
    folder.path.mkdir()
    with folder.alone(), pytest.raises(InputError, match="another process is running this study"):
        run_study(language_study(), tmp_path / "study")


def test_a_run_asked_through_its_questions_is_the_run_itself(tmp_path: Path) -> None:
    from model.run.runs import running

    mind = Surrogate()

    async def answer(_: object, batch: Batch) -> Replies:
        return mind.reply(batch)

    outcome = asyncio.run(drive(running(tmp_path / "asked", Scenario(days=3), 4), answer))
    assert outcome.hash == run_into(tmp_path / "run", Scenario(days=3), 4).hash
    assert load_run(tmp_path / "asked").meta.status == "done"


def test_a_cancelled_run_says_on_its_card_that_it_was_interrupted(tmp_path: Path) -> None:
    from model.run.runs import running

    async def never(_: object, batch: Batch) -> Replies:
        await asyncio.sleep(60)
        raise AssertionError

    async def cancelled() -> str:
        task = asyncio.ensure_future(drive(running(tmp_path / "run", Scenario(days=3), 4), never))
        await asyncio.sleep(0.05)
        task.cancel()
        return (await task).status

    assert asyncio.run(cancelled()) == "stopped"
    assert load_run(tmp_path / "run").meta.cause == "interrupted"
