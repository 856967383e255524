"""The circle of values, the weights residents are told, and treatments."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents.errors import InputError
from agents.values import (
    ANGLES,
    EVEN,
    GROUPS,
    INDEX,
    MODES,
    NAMES,
    PAN_CULTURAL,
    VALUES,
    apportion,
    clip_share,
    told_weights,
    treat,
    value_code,
)

law = settings(derandomize=True, deadline=None, max_examples=200)

profiles = st.lists(st.integers(0, 1000), min_size=10, max_size=10).map(
    lambda shares: apportion(np.array([shares], dtype=np.int64), 500)[0]
)
columns = st.integers(0, 9)
# Hundredths: scores that tie do so exactly.
scores = st.lists(st.integers(-240, 500), min_size=10, max_size=10).map(
    lambda cents: np.array([cents]) / 100
)


class TestTheCircle:
    def test_opposites_lie_half_a_circle_apart(self):
        pairs = {frozenset((v, w)) for v in VALUES for w in VALUES if ANGLES[v] - ANGLES[w] == 180}
        # Schwartz (1992): the five oppositions of the circle.
        expected = ["SD SE", "ST CO", "HE TR", "AC BE", "PO UN"]
        assert pairs == {frozenset(pair.split()) for pair in expected}

    def test_groups_are_neighbours_that_cover_the_circle(self):
        assert sorted(v for group in GROUPS.values() for v in group) == sorted(VALUES)
        for group in GROUPS.values():
            places = [VALUES.index(v) for v in group]
            assert max(places) - min(places) == len(places) - 1

    def test_every_value_has_a_name_and_a_rank(self):
        assert set(NAMES) == set(PAN_CULTURAL) == set(VALUES)
        assert len(set(NAMES.values())) == 10

    @pytest.mark.parametrize(
        "text", ["SD", "sd", "self-direction", "Self Direction", " SELF_DIRECTION "]
    )
    def test_a_value_is_known_by_code_and_name_in_any_case(self, text):
        assert value_code(text) == "SD"

    def test_a_misspelt_value_is_answered_with_the_nearest(self):
        with pytest.raises(InputError, match="did you mean 'benevolence'"):
            value_code("benevolance")

    def test_a_word_like_no_value_gets_the_list(self):
        with pytest.raises(InputError, match="BE benevolence"):
            value_code("xyzzy")


class TestApportion:
    @law
    @given(profiles)
    def test_a_profile_comes_back_unchanged(self, profile):
        assert (apportion(profile[np.newaxis], 500)[0] == profile).all()

    @law
    @given(st.lists(st.integers(0, 10**9), min_size=9, max_size=9), st.integers(0, 900))
    def test_any_total_that_fits_is_given_out_exactly_and_under_the_cap(self, shares, total):
        parts = apportion(np.array([shares], dtype=np.int64), total)[0]
        assert parts.sum() == total
        assert parts.min() >= 0
        assert parts.max() <= 100

    @law
    @given(st.lists(st.integers(0, 10**6), min_size=10, max_size=10))
    def test_a_larger_share_never_gets_less(self, shares):
        parts = apportion(np.array([shares], dtype=np.int64), 500)[0]
        order = np.argsort(shares, kind="stable")
        assert all(parts[a] <= parts[b] for a, b in pairwise(order) if shares[a] < shares[b])

    def test_largest_remainders_are_served_first(self):
        # 10 seats among 47, 16, 15.8, 12, 6.1, 3.1 (thousand): the textbook example of Hamilton's
        # method gives 5, 2, 1, 1, 1, 0 by quotas 4.7, 1.6, 1.58, 1.2, .61, .31.
        votes = np.array([[47_000, 16_000, 15_800, 12_000, 6_100, 3_100]], dtype=np.int64)
        assert apportion(votes, 10).tolist() == [[5, 2, 1, 1, 1, 0]]

    def test_what_a_cap_turns_away_goes_to_the_others_in_proportion(self):
        shares = np.array([[700, 200, 100]], dtype=np.int64)
        assert apportion(shares, 160).tolist() == [[100, 40, 20]]

    def test_capping_is_repeated_until_nothing_exceeds_the_cap(self):
        # 250 by 60:30:10 → 150, 75, 25; with the first at 100 the second's part is 112.5.
        shares = np.array([[60, 30, 10]], dtype=np.int64)
        assert apportion(shares, 250).tolist() == [[100, 100, 50]]

    def test_where_no_share_is_left_the_rest_is_spread_evenly(self):
        shares = np.array([[100, 0, 0, 0, 0]], dtype=np.int64)
        assert apportion(shares, 200).tolist() == [[100, 25, 25, 25, 25]]

    def test_a_total_beyond_the_caps_is_refused(self):
        with pytest.raises(ValueError, match="does not fit"):
            apportion(np.array([[1, 1]], dtype=np.int64), 201)

    @law
    @given(st.lists(profiles, min_size=1, max_size=6), st.integers(0, 900))
    def test_rows_do_not_depend_on_each_other(self, rows, total):
        table = np.array(rows)[:, :9]
        together = apportion(table, total)
        assert all(
            (apportion(table[i : i + 1], total)[0] == together[i]).all() for i in range(len(rows))
        )


class TestToldWeights:
    @law
    @given(scores)
    def test_weights_are_whole_within_bounds_and_sum_to_500(self, centred):
        weights = told_weights(centred)
        assert weights.dtype == np.int64
        assert weights.sum() == 500
        assert weights.min() >= 0
        assert weights.max() <= 100

    @law
    @given(scores.filter(lambda c: len(set(c[0])) == 10), st.permutations(range(10)))
    def test_relabelling_the_values_relabels_the_weights(self, centred, order):
        # Distinct scores can still tie in their remainders; the multiset of ties may then move by
        # one unit, and never by more.
        moved = told_weights(centred[:, order])[0]
        assert np.abs(moved - told_weights(centred)[0][order]).max() <= 1

    @law
    @given(scores, st.permutations(range(10)))
    def test_relabelling_is_exact_where_no_remainder_ties(self, centred, order):
        raw = np.rint((1 + 0.4 * centred[0]) * 1e9).astype(np.int64)
        assume(len(set((raw * 500 % raw.sum()).tolist())) == 10)
        weights = told_weights(centred)[0]
        assume(weights.max() < 100)
        assert (told_weights(centred[:, order])[0] == weights[order]).all()

    def test_a_person_without_preferences_is_ordinary_in_everything(self):
        assert (told_weights(np.zeros((3, 10))) == 50).all()

    def test_unclipped_weights_follow_one_plus_four_tenths_of_the_score(self):
        centred = np.array([[1.0, -1.0, 0.5, -0.5, 0.25, -0.25, 0.0, 0.0, 1.5, -1.5]])
        assert told_weights(centred).tolist() == [[70, 30, 60, 40, 55, 45, 50, 50, 80, 20]]

    def test_a_score_below_minus_two_and_a_half_weighs_nothing(self):
        centred = np.full((1, 10), 0.3)
        centred[0, 4] = -2.7
        assert told_weights(centred)[0, INDEX["PO"]] == 0
        assert clip_share(centred) == pytest.approx(0.1)

    def test_the_clip_share_of_nobody_is_undefined(self):
        assert np.isnan(clip_share(np.empty((0, 10))))

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -7.0])
    def test_a_score_that_is_none_is_refused_by_row_and_value(self, bad):
        centred = np.zeros((3, 10))
        centred[1, 8] = bad
        with pytest.raises(InputError, match="row 2, BE"):
            told_weights(centred)

    def test_a_row_without_any_weight_is_refused(self):
        with pytest.raises(InputError, match="row 1 has no score above"):
            told_weights(np.full((1, 10), -3.0))

    def test_nine_columns_are_refused(self):
        with pytest.raises(InputError, match="ten columns"):
            told_weights(np.zeros((2, 9)))


class TestTreat:
    @law
    @given(profiles, columns, st.sampled_from(["with", "without", "middle"]))
    def test_a_treated_profile_is_a_profile_with_the_value_at_its_level(self, profile, v, mode):
        treated = treat(profile, v, mode)
        assert treated[v] == {"with": 100, "without": 0, "middle": 50}[mode]
        assert treated.sum() == 500
        assert treated.min() >= 0
        assert treated.max() <= 100

    @law
    @given(profiles, columns)
    def test_against_is_minus_fifty_and_the_others_are_as_under_without(self, profile, v):
        against, without = treat(profile, v, "against"), treat(profile, v, "without")
        assert against[v] == -50
        assert (np.delete(against, v) == np.delete(without, v)).all()

    @law
    @given(profiles, columns, st.sampled_from(["with", "without", "middle"]))
    def test_treating_twice_is_treating_once(self, profile, v, mode):
        once = treat(profile, v, mode)
        assert (treat(once, v, mode) == once).all()

    @law
    @given(profiles, columns, st.sampled_from(MODES))
    def test_uncompensated_leaves_the_other_nine(self, profile, v, mode):
        treated = treat(profile, v, mode, compensated=False)
        assert (np.delete(treated, v) == np.delete(profile, v)).all()
        assert treated[v] == treat(profile, v, mode)[v]

    @law
    @given(profiles, columns, st.sampled_from(["with", "without", "middle"]))
    def test_the_order_of_the_other_nine_is_kept(self, profile, v, mode):
        before, after = np.delete(profile, v), np.delete(treat(profile, v, mode), v)
        order = np.argsort(before, kind="stable")
        assert all(after[a] <= after[b] for a, b in pairwise(order) if before[a] < before[b])

    @law
    @given(st.lists(profiles, min_size=1, max_size=5), columns, st.sampled_from(MODES))
    def test_a_community_is_treated_row_by_row(self, rows, v, mode):
        table = np.array(rows)
        expected = np.array([treat(row, v, mode) for row in rows])
        assert (treat(table, v, mode) == expected).all()

    def test_the_untreated_profile_is_left_alone(self):
        profile = np.array(EVEN)
        treat(profile, 3, "with")
        assert (profile == 50).all()

    def test_even_profiles_share_what_is_left_in_circle_order(self):
        be = INDEX["BE"]
        assert treat(EVEN, be, "with").tolist() == [45, 45, 45, 45, 44, 44, 44, 44, 100, 44]
        assert treat(EVEN, be, "without").tolist() == [56, 56, 56, 56, 56, 55, 55, 55, 0, 55]
        assert treat(EVEN, be, "middle").tolist() == [50] * 10

    def test_a_profile_already_at_the_cap_finds_room_for_the_rest(self):
        profile = np.array([100, 100, 100, 100, 100, 0, 0, 0, 0, 0])
        assert treat(profile, 0, "without").tolist() == [0, 100, 100, 100, 100, 20, 20, 20, 20, 20]

    def test_an_unknown_mode_is_answered_with_the_nearest(self):
        with pytest.raises(InputError, match="did you mean 'without'"):
            treat(EVEN, 0, "witout")

    @pytest.mark.parametrize("column", [-1, 10])
    def test_a_column_off_the_circle_is_refused(self, column):
        with pytest.raises(InputError, match="not on the circle"):
            treat(EVEN, column, "with")

    def test_a_profile_that_was_treated_against_is_not_treated_again(self):
        with pytest.raises(InputError, match="untreated profile"):
            treat(treat(EVEN, 0, "against"), 1, "with")

    def test_fractions_are_refused_rather_than_cut(self):
        with pytest.raises(InputError, match="whole numbers"):
            treat(np.full(10, 50.5), 0, "with")  # type: ignore[arg-type]
