"""Golden runs: the hashes that may change only together with `ENGINE`.

When a change of the world is meant, run `python tests/model/test_golden.py`, put what it prints
here, and raise `ENGINE` in `model/run/identity.py` if runs of the old world are kept anywhere.
"""

from __future__ import annotations

from typing import Any

import pytest

from model.community import CommunityModel
from model.run.identity import ENGINE

#: The engine whose runs these are.
PINNED_ENGINE = 1
#: Name → scenario. `whole` uses whole numbers alone and is the same on every machine; the others
#: hold for one platform, since the surrogate takes logarithms.
RUNS: dict[str, dict[str, Any]] = {
    "baseline": {"days": 30},
    "staged": {"preset": "growing", "days": 30, "cognition": "staged"},
    "whole": {"mind": "random", "population": "even", "days": 30, "network": "complete"},
}
PINS = {
    "baseline": "36dc9417f66b9195a82627c5ab3631973fff10387980b8a52d1651bdf1e7c89d",
    "staged": "a565ed4c6e6981d728ba29acdc38fe36f3d2d8216842cd9123a36f3bdac4bdef",
    "whole": "2270c383949b4e2c61b83862683a1cc68f4b769352ee3ce191580fa9ba7d6eee",
}


def hash_of(name: str) -> str:
    model = CommunityModel(rng=20260, **RUNS[name])
    while model.running:
        model.step()
    return model.hash()


@pytest.mark.parametrize("name", RUNS)
def test_a_golden_run_has_the_hash_it_always_had(name: str) -> None:
    assert hash_of(name) == PINS[name]


def test_the_pins_are_those_of_this_engine() -> None:
    assert ENGINE == PINNED_ENGINE


if __name__ == "__main__":
    for run in RUNS:
        print(f'    "{run}": "{hash_of(run)}",')
