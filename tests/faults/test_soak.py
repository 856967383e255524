"""Long lives: memory and open files stay flat, the run ends, and every fault is accounted for.

`make soak`. The counts are printed (`-rA` shows them) for the record of a release.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from agents.llm.journal import read_journal
from agents.testserver.fault_injection import REPLY_FAULTS, TRANSIENT
from model.run.runs import replay, run_into
from model.store import load_run
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from model.world.settings import Settings
from tests.benchmarks.world import scaled
from tests.language.living import MIND, Counting, place

pytestmark = pytest.mark.soak
#: How a cause of the menu is filed by the client, where the two have different words for it.
FILED = {"overloaded": "server_error"}


class Watch:
    """Memory and open files at the end of days."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.memory: list[int] = []
        self.files: list[int] = []
        self._process = psutil.Process()

    def __call__(self, model: Any) -> None:
        if model.today % self.every == 0:
            gc.collect()
            self.memory.append(self._process.memory_info().rss)
            self.files.append(self._process.num_fds())

    def check(self, room: int) -> None:
        """The second half takes no more than the first, but for `room` bytes and a few files."""
        half = len(self.memory) // 2
        assert half >= 4
        assert max(self.memory[half:]) - max(self.memory[:half]) < room, self.memory
        assert max(self.files[half:]) <= max(self.files[:half]) + 4, self.files


def tell(print_: Callable[..., None], **facts: object) -> None:
    print_("soak: " + ", ".join(f"{name} {value}" for name, value in facts.items()))


def test_a_thousand_residents_live_five_hundred_days(tmp_path: Path) -> None:
    """What a run keeps of its past lies on the disk, however many come and go."""
    over = scaled(1000, 500)  # cells, factories and knowledge forty times the baseline's
    scenario = scenario_from({"births": True, "birth_threshold": 200}, over=over)
    watch = Watch(every=25)
    outcome = run_into(tmp_path / "run", scenario, 1, Settings(), watch)
    run = load_run(tmp_path / "run")
    tell(
        print,
        status=outcome.status,
        population=outcome.population,
        resident_days=len(run.residents),
        events=len(run.events),
        memory=[round(m / 2**20) for m in watch.memory],
        files=watch.files,
    )
    assert (outcome.status, outcome.days) == ("done", 500)
    assert run.days["population"].tolist()[-1] == outcome.population
    assert len(run.residents) > 250_000
    assert run.days["removals"].sum() > 100
    watch.check(room=64 * 2**20)


def test_a_hundred_residents_live_fifty_days_against_a_server_of_which_a_call_in_twenty_fails(
    tmp_path: Path,
) -> None:
    """All recoverable kinds are equally likely; what the server dealt is what the run counts."""
    path = tmp_path / "run"
    scenario = Scenario(
        residents=100, days=50, mind=MIND, cognition="staged", fault_limit=0.5, births=False
    )
    watch = Watch(every=5)
    menu = Counting(rate=0.05, kinds=(*REPLY_FAULTS, *TRANSIENT), seed=1)
    with place(menu) as at:
        settings = at.settings.model_copy(update={"flush_seconds": 2.0})
        outcome = run_into(path, scenario, 1, settings, watch)
    dealt = Counter(FILED.get(row["cause"], row["cause"]) for row in menu.dealt)
    with read_journal(path / "calls.sqlite") as journal:
        filed = Counter(dict(journal.query("SELECT cause, count(*) FROM errors GROUP BY cause")))
        filed += Counter(
            dict(
                journal.query(
                    "SELECT cause, count(*) FROM calls WHERE cause <> '' AND day >= 0 GROUP BY 1"
                )
            )
        )
        calls = journal.query("SELECT count(*) FROM calls WHERE day >= 0")[0][0]
        verdicts = journal.query("SELECT count(*) FROM verdicts WHERE verdict = 'fault'")[0][0]
    twice = [key for key, number in menu.asked.items() if key[3] == 1]
    events = load_run(path).events
    tell(
        print,
        status=outcome.status,
        calls=calls,
        dealt=sum(dealt.values()),
        repaired=len(twice) - verdicts,
        faults=verdicts,
        memory=[round(m / 2**20) for m in watch.memory],
        files=watch.files,
    )
    assert outcome.status == "done"
    assert filed == dealt
    assert outcome.faults == verdicts == (events["kind"] == "fault").sum()
    # Journalled bytes lost: none. The run comes out of its journal alone, without the server.
    assert replay(path).same
    watch.check(room=48 * 2**20)
