"""Calls go down: one run and one study climb nowhere but where they are handed something."""

from __future__ import annotations

import pytest

from model import CommunityModel
from tests.house.walk import RUN_FILES, STUDY_FILES, floors, one_run, one_study, walk

#: Files passed now; the bars of the house are `RUN_FILES` and `STUDY_FILES`. Neither may grow.
RUN_NOW, STUDY_NOW = 75, 87


def test_the_floors_are_those_of_the_contract() -> None:
    height = floors()
    assert height["agents"] == 0
    assert height["model.measures"] < height["model.world"] < height["model.store"]
    assert height["model.asides"] == height["model.study"]
    assert max(height, key=height.__getitem__) == "model.cli"


@pytest.mark.parametrize(
    ("go", "now", "bar"), [(one_run, RUN_NOW, RUN_FILES), (one_study, STUDY_NOW, STUDY_FILES)]
)
def test_nothing_climbs_and_no_more_files_are_passed(go, now, bar) -> None:
    go()  # what is made once and kept is made before
    found = walk(go)
    assert found.climbs == set()
    assert len(found.files) <= now
    assert bar <= now


def test_a_climb_is_noticed() -> None:
    """A mind of two asks the community which of them decides for whom: a call upward."""
    community = CommunityModel(second_mind="random", second_share=0.5, days=1, rng=1)
    found = walk(community.step)
    assert {callee for _, callee in found.climbs} == {"model/community.py:CommunityModel.group_of"}
