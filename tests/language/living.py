"""Whole runs of a language mind against the test server: what the tests of runs share."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.batch import Batch
from agents.decisions import Replies
from agents.llm.journal import read_journal
from agents.minds import Mind
from agents.minds.mixed import together
from agents.minds.surrogate import Surrogate
from agents.prompts.read import canonical, read
from agents.prompts.render import render
from agents.testserver.app import Manner, Server
from agents.testserver.fault_injection import FaultMenu
from model.cli import run_command
from model.community import CommunityModel
from model.run import runs
from model.run.open_minds import open_mind
from model.run.runs import Outcome, run_into
from model.world.minds import OpenMind
from model.world.scenario import Scenario
from model.world.settings import Settings
from tests.language.communities import serving

Asked = tuple[int, str, int, int]
MIND = "openai:surrogate"


@dataclass
class Counting(FaultMenu):
    """A menu that remembers which questions were asked, and may be told what to deal."""

    asked: Counter[Asked] = field(default_factory=Counter)
    decree: Callable[[Asked], str] = lambda where: ""

    def draw(self, prompt: str, where: dict[str, Any], possible: Callable[[str], bool]) -> str:
        key: Asked = (where["day"], where["stage"], where["resident"], where["attempt"])
        self.asked[key] += 1
        if kind := self.decree(key):
            self.dealt.append({**where, "cause": kind})
            return kind
        return super().draw(prompt, where, possible)


@dataclass
class Place:
    """A test server, and settings that lead to it."""

    server: Server
    settings: Settings

    @property
    def menu(self) -> Counting:
        assert isinstance(self.server.menu, Counting)
        return self.server.menu


@contextmanager
def place(
    menu: FaultMenu | None = None, manner: Manner | None = None, **settings: Any
) -> Iterator[Place]:
    """Serve, for as long as the `with` lasts."""
    server = Server(Surrogate(), manner or Manner(), menu or Counting())
    with serving(server) as url:
        yield Place(server, Settings(base_url=url, flush_seconds=0.0, **settings))


def small(**fields: Any) -> Scenario:
    """A community of eight for six days that asks a language model."""
    plain = {"residents": 8, "days": 6, "width": 8, "height": 8, "mind": MIND}
    return Scenario(**{**plain, **fields})


def in_process(scenario: Scenario, seed: int) -> str:
    """The hash of the same community whose mind is the surrogate itself."""
    stands = {"mind": "surrogate", "stage_models": ()}
    if scenario.second_mind:
        stands["second_mind"] = "surrogate"
    model = CommunityModel(scenario.model_copy(update=stands), rng=seed)
    while model.running:
        model.step()
    model.finish()
    return model.hash()


def journalled(folder: Path) -> set[Asked]:
    """The keys of all replies in a run's journal, probes apart."""
    if not (folder / "calls.sqlite").exists():
        return set()
    with read_journal(folder / "calls.sqlite") as journal:
        rows = journal.query("SELECT day, stage, subject, attempt FROM calls WHERE day >= 0")
    return {(row[0], row[1], row[2], row[3]) for row in rows}


@dataclass
class Shuffled:
    """Asks another mind in an order drawn anew, and reads every prompt back before it is sent."""

    mind: Mind
    seed: int = 0
    read: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self.name = self.mind.name

    async def areply(self, batch: Batch) -> Replies:
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        for row in range(len(batch)):
            asked = batch[row]
            assert read(render(asked, batch.rules), asked.key) == canonical(asked, batch.rules)
            self.read += 1
        rows = np.array(self._rng.sample(range(len(batch)), len(batch)), np.int64)
        return together(batch, [(rows, self.mind.reply(batch.take(rows)))])


def shuffled_run(
    path: Path, scenario: Scenario, seed: int, settings: Settings
) -> tuple[Outcome, Shuffled]:
    """A run whose calls are sent in shuffled order."""
    minds: list[Shuffled] = []

    def opened(*args: Any, **named: Any) -> OpenMind:
        found = open_mind(*args, **named)
        minds.append(Shuffled(found.mind))
        return replace(found, mind=minds[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "open_mind", opened)
        outcome = run_into(path, scenario, seed, settings)
    return outcome, minds[0]


def civa(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any], str]:
    """A command line: exit code, the object of its last line (if any), standard error."""
    code = run_command([str(word) for word in words])
    out, err = capsys.readouterr()
    last: Sequence[str] = out.splitlines()[-1:]
    found = json.loads(last[0]) if last and last[0].startswith("{") else {}
    return code, found, err
