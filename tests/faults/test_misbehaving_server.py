"""Whole runs against a model server that misbehaves: outlived, stopped, never invented.

How each failure of one call is met stands in tests/language (`test_client`, `test_caller`), outages
and permanent failures of a run in `test_language_faults`. Here is what becomes of a run otherwise:
a trouble that passes changes nothing that happens; a reply that cannot be used is a fault that the
log names and no measure scores.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from agents.llm.journal import read_journal
from agents.llm.limiter import Limits
from agents.testserver.app import Manner
from agents.testserver.fault_injection import REPLY_FAULTS, TRANSIENT
from model.run.runs import run_into
from model.store import load_run
from tests.language.asking import desk, question
from tests.language.living import Counting, in_process, place, small
from tests.language.server import ModelServer


def test_troubles_that_pass_change_nothing_that_happens(tmp_path: Path) -> None:
    scenario = small(days=2)
    with place(Counting(rate=0.3, kinds=TRANSIENT)) as at:
        outcome = run_into(tmp_path / "run", scenario, 3, at.settings)
        dealt = Counter(row["cause"] for row in at.menu.dealt)
    assert set(dealt) == set(TRANSIENT)
    assert (outcome.status, outcome.faults) == ("done", 0)
    assert outcome.hash == in_process(scenario, 3)
    with read_journal(tmp_path / "run" / "calls.sqlite") as journal:
        filed = Counter(dict(journal.query("SELECT cause, count(*) FROM errors GROUP BY cause")))
    dealt["server_error"] += dealt.pop("overloaded")
    assert filed == dealt


def test_a_reply_that_cannot_be_used_is_a_fault_in_the_log_and_nothing_else(
    tmp_path: Path,
) -> None:
    """On day 2 each resident has a reply of another kind spoilt, and so is its repair."""
    path = tmp_path / "run"
    scenario = small(residents=len(REPLY_FAULTS) + 1, days=3, fault_limit=0.9, cognition="staged")
    # A reply to `act` has no field that could be out of range: there the plan is spoilt instead.
    spoilt = {
        (number, "perceive" if kind == "out_of_range" else "act"): kind
        for number, kind in enumerate(REPLY_FAULTS, start=1)
    }
    with place(Counting(decree=lambda at: spoilt.get((at[2], at[1]), "") * (at[0] == 2))) as at:
        outcome = run_into(path, scenario, 3, at.settings)
    run = load_run(path)
    alive = set(run.residents.query("day == 2")["resident"])
    assert {number for number, _ in spoilt} <= alive
    assert (outcome.status, outcome.faults) == ("done", len(spoilt))
    events = run.events.query("day == 2")
    faults = events.query("kind == 'fault'")
    assert {(r.actor, r.stage): r.reason for r in faults.itertuples()} == spoilt
    # It does nothing: no act of any kind stands in its name, idleness included.
    acted = events.query("stage in ('act', 'further') and kind != 'fault'")
    assert not {number for number, _ in spoilt} & set(acted["actor"])
    marked = run.residents.query("day == 2 and fault != ''")
    assert {(r.resident, r.fault) for r in marked.itertuples()} == set(spoilt)
    # The one that was left alone is the one that counts.
    assert run.days.query("day == 2")["faultless"].tolist() == [len(alive) - len(spoilt)]
    with read_journal(path / "calls.sqlite") as journal:
        verdicts = journal.query("SELECT subject, stage, cause FROM verdicts WHERE cause <> ''")
    assert {(subject, stage): cause for subject, stage, cause in verdicts} == spoilt


@pytest.mark.parametrize("limit", [1, 64])
def test_latencies_from_a_millisecond_up_change_nothing_that_happens(
    tmp_path: Path, limit: int
) -> None:
    scenario = small(residents=5, days=2)
    with place(Counting(), Manner(latency=0.02, jitter=0.95)) as at:
        settings = at.settings.model_copy(update={"in_flight_start": limit})
        outcome = run_into(tmp_path / "run", scenario, 3, settings)
    assert outcome.hash == in_process(scenario, 3)


@pytest.mark.soak  # a minute and a half: a real wait
def test_a_reply_that_takes_a_minute_is_waited_for(tmp_path: Path) -> None:
    with (
        ModelServer(latency=60.0) as server,
        desk(server.url, tmp_path, limits=Limits(start=4)) as at,
    ):
        began = time.monotonic()
        verdicts = at.ask(*(question(subject) for subject in range(4)))
        assert time.monotonic() - began > 60
    assert [verdict.fault for verdict in verdicts] == [None] * 4
