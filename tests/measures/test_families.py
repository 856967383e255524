"""Families are corrected as published, and say what they could never reject."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from model.measures.families import (
    CANNOT_REJECT,
    benjamini_hochberg,
    exploratory_families,
    family,
    holm,
)
from model.measures.pairing import Unpaired
from model.measures.permutation import PermutationTest, two_sample_test

# Benjamini & Hochberg 1995, section 4.1: 15 hypotheses of a trial of thrombolysis.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0000,
]  # fmt: skip
p_values = st.lists(st.integers(0, 1_000).map(lambda i: i / 1_000), min_size=1, max_size=30)


def outcome_of(p, floor=1e-4):
    return PermutationTest(0.0, p, p, floor, (12, 12), 9_999, False, "test")


def test_holm_rejects_three_of_the_published_fifteen():
    assert (holm(PUBLISHED) <= 0.05).tolist() == [True] * 3 + [False] * 12


def test_benjamini_hochberg_rejects_four_of_the_published_fifteen():
    assert (benjamini_hochberg(PUBLISHED) <= 0.05).tolist() == [True] * 4 + [False] * 11


@settings(max_examples=40)
@given(p_values)
def test_adjusted_p_values_agree_with_statsmodels(p):
    with mock.patch("gc.collect"):  # which it calls each time, and that takes longer than all else
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])


@given(p_values, st.randoms())
def test_correction_ignores_the_order(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        assert adjust([p[i] for i in order]) == pytest.approx(adjust(p)[order])


@given(p_values)
def test_correction_only_raises_p(p):
    assert (np.array(p) <= benjamini_hochberg(p) + 1e-12).all()
    assert (benjamini_hochberg(p) <= holm(p) + 1e-12).all()


def test_six_against_six_cannot_reject_under_holm_over_eighty_cells():
    arms = Unpaired(np.arange(6) + 100.0, np.arange(6.0))
    cells = {f"cell {i}": two_sample_test(arms) for i in range(80)}
    found = family("contrasts", cells)
    assert found.rejected == ()
    assert all(CANNOT_REJECT in h.flags for h in found.hypotheses)
    assert "80 cannot reject under the correction" in str(found)


def test_the_same_cells_can_reject_under_benjamini_hochberg():
    arms = Unpaired(np.arange(6) + 100.0, np.arange(6.0))
    cells = {f"cell {i}": two_sample_test(arms) for i in range(80)}
    assert len(family("contrasts", cells, correction="Benjamini-Hochberg").rejected) == 80


def test_an_untested_hypothesis_counts_in_the_family_and_stays_undefined():
    found = family("primary", {"a": outcome_of(0.02), "b": outcome_of(np.nan)})
    assert found.size == 2
    assert found.hypotheses[0].adjusted == pytest.approx(0.04)
    assert np.isnan(found.hypotheses[1].adjusted)
    assert not found.hypotheses[1].rejected
    assert "1 not tested" in str(found)


def test_secondary_families_are_corrected_within_their_group_and_exploratory():
    tests = {"BE .25": outcome_of(0.03), "BE .5": outcome_of(0.9), "PO .25": outcome_of(0.03)}
    groups = {"BE .25": ("BE", "with"), "BE .5": ("BE", "with"), "PO .25": ("PO", "with")}
    found = exploratory_families(tests, groups)
    assert [(f.name, f.size, f.exploratory) for f in found] == [
        ("BE with", 2, True),
        ("PO with", 1, True),
    ]
    assert found[0].rejected == ()
    assert found[1].rejected == ("PO .25",)


def test_a_test_without_a_group_is_refused():
    with pytest.raises(ValueError, match="no group for the hypotheses"):
        exploratory_families({"a": outcome_of(0.1)}, {})


@pytest.mark.parametrize("bad", [[-0.1], [1.1]])
def test_impossible_p_values_are_refused(bad):
    with pytest.raises(ValueError, match="must lie in"):
        holm(bad)


def test_an_empty_family_is_refused():
    with pytest.raises(ValueError, match="no hypothesis"):
        family("primary", {})
