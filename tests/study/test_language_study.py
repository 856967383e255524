"""A study that asks a language model over real HTTP; the surrogate answers behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.llm.journal import read_journal
from model.study.design import Design
from model.study.runner import run_study
from model.study.store import load_study
from model.world.settings import Settings
from tests.language.living import MIND, place
from tests.study.small import design, hashes


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVA_API_KEY", "none")


def study(mind: str, settings: Settings) -> Design:
    return design(
        runs=2,
        scenario={"residents": 5, "days": 3, "mind": mind},
        factors={"value": ["BE"], "prevalence": [0.5, 1.0]},
        settings=settings,
    )


def paid(folder: Path) -> int:
    """Calls in the journals of all runs, finished or not."""
    total = 0
    for path in folder.glob("runs/*/calls.sqlite"):
        with read_journal(path) as journal:
            total += sum(calls for calls, _ in journal.spent().values())
    return total


def test_a_study_over_http_is_the_study_of_the_surrogate(tmp_path: Path) -> None:
    with place() as at:
        ended = run_study(study(MIND, at.settings), tmp_path / "http")
    assert ended.complete, ended.failed
    run_study(study("surrogate", Settings()), tmp_path / "own", workers=0)
    assert hashes(tmp_path / "http") == hashes(tmp_path / "own")
    assert {row.mind for row in load_study(tmp_path / "http").done} == {MIND}
    assert {row.key for row in ended.rows}.isdisjoint(
        row.key for row in load_study(tmp_path / "own").rows
    )


def test_a_budget_is_the_study_s_and_what_was_answered_is_not_paid_twice(tmp_path: Path) -> None:
    with place(max_calls=70) as at:
        ended = run_study(study(MIND, at.settings), tmp_path / "study")
        assert ended.stopped
        assert "the cap of 70 calls for this study is reached" in ended.cause
        assert 0 < paid(tmp_path / "study") <= 70
        free = at.settings.model_copy(update={"max_calls": None})
        again = run_study(study(MIND, free), tmp_path / "study")
    assert again.complete
    with place() as at:
        run_study(study(MIND, at.settings), tmp_path / "whole")
    assert paid(tmp_path / "study") == paid(tmp_path / "whole")
    assert hashes(tmp_path / "study") == hashes(tmp_path / "whole")
