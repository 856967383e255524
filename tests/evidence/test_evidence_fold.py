"""The fold is in the world: arithmetic, the preset where it holds, and the recorded brute force."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.evidence.fold import (
    GAPS,
    arithmetic,
    basin_of,
    even_odds,
    meanfield_cases,
    meanfield_theory,
    sweep_cases,
)
from model.evidence.lab import Lab, cases
from model.evidence.table import read
from model.measures.committor import committor
from model.measures.sweep import DAYS, SEEDS

EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"


def test_baseline_feeds_about_five_to_26_residents_if_they_spread_as_output_does() -> None:
    frame = arithmetic().frame.set_index(["preset", "workers spread"])
    baseline = frame.loc[("baseline", "proportional")]
    assert baseline["N_u"] == pytest.approx(5.5, abs=0.05)
    assert baseline["N_s"] == pytest.approx(26.4, abs=0.05)


@pytest.mark.parametrize(
    ("preset", "spread", "unstable", "stable"),
    [
        ("baseline", "great", 3.6, 24.4),
        ("baseline", "best", 3.6, 26.8),
        ("scarce", "proportional", 9.9, 14.4),
        ("scarce", "best", 5.3, 16.5),
    ],
)
def test_every_spread_rule_has_its_own_mean_field(
    preset: str, spread: str, unstable: float, stable: float
) -> None:
    line = arithmetic().frame.set_index(["preset", "workers spread"]).loc[(preset, spread)]
    assert (line["N_u"], line["N_s"]) == pytest.approx((unstable, stable), abs=0.1)


@pytest.mark.parametrize(
    ("half", "unstable", "stable"), [(1000, 3.8, 26.2), (1118, 5.0, 25.0), (1323, 7.9, 22.1)]
)
def test_meanfield_theory_is_that_of_one_factory(half: int, unstable: float, stable: float) -> None:
    theory = meanfield_theory(half)
    assert (theory.unstable, theory.stable) == pytest.approx((unstable, stable), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("half", GAPS)
def test_scripted_crews_live_by_their_arithmetic_within_one_resident(half: int) -> None:
    # About 15 s each on a quiet core.
    with Lab(workers=0) as lab:
        rows = lab.live({"sweep": meanfield_cases(half)})["sweep"]
    theory, measured = meanfield_theory(half), basin_of(rows)
    assert measured.unstable == pytest.approx(theory.unstable, abs=1.0)
    assert measured.stable == pytest.approx(theory.stable, abs=1.0)


@pytest.mark.slow
def test_a_sweep_of_40_free_runs_finds_the_threshold_that_brute_force_found() -> None:
    # About 10 s on a quiet core.
    recorded = read(EVIDENCE / "fold-brute.csv")
    starts = recorded["N0"].repeat(recorded["runs"]).to_numpy()
    alive = [
        k < round(line["P(alive)"] * line["runs"])
        for _, line in recorded.iterrows()
        for k in range(int(line["runs"]))
    ]
    truth = committor(starts, alive).unstable
    with Lab(workers=0) as lab:
        rows = lab.live({"sweep": sweep_cases(SEEDS, days=DAYS)})["sweep"]
    assert basin_of(rows).committor.unstable == pytest.approx(truth, abs=1.5)


def test_even_odds_need_runs_that_die_and_runs_that_live() -> None:
    with Lab(workers=0) as lab:
        rows = lab.live({n: cases(2, residents=n, days=2) for n in (4, 6)})
    assert even_odds(rows) != even_odds(rows)  # NaN: nobody starves within two days
