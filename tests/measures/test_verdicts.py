"""Four words: both criteria, one, neither, or no verdict at all."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.effects import paired_delta
from model.measures.intervals import UNRELIABLE, Interval
from model.measures.verdicts import verdict

APART, ACROSS = (0.1, 0.8), (-0.1, 0.8)


def interval(low, high, n=12, flags=()):
    return Interval((low + high) / 2, low, high, (n,), "any", flags=flags)


@pytest.mark.parametrize(
    ("limits", "p", "word"),
    [
        (APART, 0.04, "yes"),
        (APART, 0.06, "suggestive"),
        (ACROSS, 0.04, "suggestive"),
        (ACROSS, 0.06, "not told apart"),
        (APART, math.nan, "not tested"),
    ],
)
def test_yes_needs_interval_and_corrected_test(limits, p, word):
    assert verdict(interval(*limits), p, 12, 0.2).word == word


@pytest.mark.parametrize(
    ("found", "n"),
    [
        (interval(*APART, n=5), 5),
        (interval(*APART, flags=(UNRELIABLE,)), 12),
        (interval(math.nan, math.nan), 12),
    ],
)
def test_an_unreliable_interval_gives_no_verdict_however_small_p_is(found, n):
    assert verdict(found, 1e-6, n, 0.2).word == "test only"


def test_what_is_not_told_apart_says_what_could_have_been_seen():
    found = verdict(interval(*ACROSS), 0.5, 12, 0.293, mde_in_family=0.41)
    assert found.words() == "not told apart (could have seen ≥ 0.29, in its family ≥ 0.41)"
    alone = verdict(interval(*ACROSS), 0.5, 12, 0.293, mde_in_family=0.293)
    assert alone.words() == "not told apart (could have seen ≥ 0.29)"
    assert verdict(interval(*ACROSS), 0.5, 12, math.nan).words() == "not told apart"
    assert verdict(interval(*APART), 0.01, 12, 0.293).words() == "yes"


def test_an_alpha_of_the_family_is_the_one_that_decides():
    assert verdict(interval(*APART), 0.04, 12, 0.2, alpha=0.01).word == "suggestive"


@given(st.lists(st.integers(-1, 1), min_size=6, max_size=20), st.floats(0, 1))
def test_turning_the_signs_turns_no_verdict(signs, p):
    here, there = (
        verdict(paired_delta(np.array(signs) * turn), p, len(signs), 1.0) for turn in (1, -1)
    )
    assert here.word == there.word


@given(st.lists(st.integers(-1, 1), min_size=6, max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_p_never_makes_a_stronger_word(signs, p, more):
    order = ["yes", "suggestive", "not told apart"]
    weak, strong = (
        order.index(verdict(paired_delta(signs), one, len(signs), 1.0).word)
        for one in (max(p, more), min(p, more))
    )
    assert strong <= weak
