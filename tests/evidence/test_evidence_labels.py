"""The pattern test: shuffled labels, permuted minds, published directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.values import VALUES
from model.analysis.published import PUBLISHED, agreement
from model.community import CommunityModel
from model.evidence.lab import Lab, cases, mind_for
from model.evidence.pattern import column_order
from model.world.recorder import NullRecorder
from model.world.scenario_files import scenario_from

KEYS = sorted({(d.mode, d.outcome) for d in PUBLISHED})


def effects_as_published() -> dict[tuple[str, str], np.ndarray]:
    """Nine idle values between; BE and TR where the paper has them."""
    effects = {key: np.linspace(-0.1, 0.1, len(VALUES)) for key in KEYS}
    for one in PUBLISHED:
        effects[one.mode, one.outcome][VALUES.index(one.value)] = one.sign
    return effects


def test_effects_as_published_score_best_of_all_ninety_assignments() -> None:
    found = agreement(effects_as_published())
    assert found.score > 0.9
    assert found.p_exact == pytest.approx(1 / 90)


def test_effects_opposite_to_the_published_score_the_negative() -> None:
    effects = effects_as_published()
    opposite = {key: -ten for key, ten in effects.items()}
    assert agreement(opposite).score == pytest.approx(-agreement(effects).score)


def test_an_undefined_effect_takes_its_directions_out_and_no_other() -> None:
    effects = effects_as_published()
    effects["without", "width"][0] = np.nan
    assert {d.outcome for d in agreement(effects).used} == {d.outcome for d in PUBLISHED} - {
        "width"
    }


@given(st.permutations(range(len(VALUES))), st.integers(0, 2**31 - 1))
def test_only_the_order_of_effects_counts(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    effects = {key: rng.normal(size=len(VALUES))[order] for key in KEYS}
    stretched = {key: np.exp(3 * ten) for key, ten in effects.items()}
    assert agreement(effects, shuffles=9).score == pytest.approx(
        agreement(stretched, shuffles=9).score
    )


def test_with_even_profiles_a_permuted_mind_lives_the_life_of_the_value_it_borrows() -> None:
    """Why shuffling labels stands for shuffling columns: the runs are the same to the hash."""
    order = column_order(7)
    for borrower in (1, 6):
        lent = order[borrower]
        with_borrower = even(VALUES[borrower], mind="permuted:7")
        assert with_borrower == even(VALUES[lent], mind="surrogate")


def even(value: str, mind: str) -> str:
    scenario = scenario_from(
        {
            "population": "even",
            "value": value,
            "mode": "with",
            "prevalence": 1.0,
            "days": 12,
            "mutation_rate": 0.0,
            "compensated": False,  # nine equal shares of a whole number leave a remainder
            "mind": mind,
        }
    )
    model = CommunityModel(scenario, rng=3, recorder=NullRecorder())
    while model.running:
        model.step()
    return model.hash()


def test_a_jittered_table_moves_entries_by_one_and_stays_in_range() -> None:
    plain, moved = (mind_for(scenario_from({}), jitter=j).table.entries for j in (-1, 5))
    assert np.abs(moved - plain).max() == 1
    assert np.abs(moved).max() <= 2


def test_a_community_that_cannot_lie_tells_nothing_it_knows_to_be_false() -> None:
    with Lab(workers=0) as lab:
        arms = {
            lies: cases(
                2, preset="growing", days=25, labels=True, lies=lies,
                value="PO", mode="with", prevalence=1.0,
            )
            for lies in (True, False)
        }  # fmt: skip
        rows = lab.live(arms)
    told = {lies: sum(row.flows["lies_stock"] for row in rows[lies]) for lies in arms}
    assert told[True] > 0
    assert told[False] == 0
