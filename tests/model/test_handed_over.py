"""What a community hands over to be recorded is the recorder's: no later day writes into it."""

from __future__ import annotations

import pickle

import pytest

from model import CommunityModel
from model.world.recorder import Given
from model.world.scenario_files import read_scenario


class Watching:
    """A recorder that holds what it is given, and how that was at the time."""

    def __init__(self) -> None:
        self.given: list[tuple[Given, bytes]] = []

    def record(self, day: int, tables: Given) -> None:
        """Take in a day's rows."""
        self.given.append((tables, pickle.dumps(tables)))


@pytest.mark.parametrize("cognition", ["fused", "staged"])
@pytest.mark.parametrize("preset", ["growing", "scarce"])
def test_no_later_day_changes_what_was_handed_over(preset: str, cognition: str) -> None:
    recorder = Watching()
    scenario, _ = read_scenario(preset, {"days": 15, "cognition": cognition})
    model = CommunityModel(scenario, rng=4, recorder=recorder)
    while model.running:
        model.step()
    model.finish()
    assert len(recorder.given) >= 16
    for tables, before in recorder.given:
        assert pickle.dumps(tables) == before
