"""Scoring of 151 real respondents, against what was published of them."""

import os

import numpy as np
import pytest

from agents.instruments import PVQ40
from agents.populations import draw
from agents.survey import read_survey
from agents.values import INDEX, apportion, clip_share
from model.measures.circle import plane_share


@pytest.fixture(scope="module")
def us151():
    path = os.environ.get("CIVA_PVQ40")
    if not path:
        pytest.skip(
            "CIVA_PVQ40 is not set: it names the answers of 151 adults (PVQ-40, columns pvq01 to "
            "pvq40) published with Borg, Bardi & Schwartz (2017), which are not ours to ship"
        )
    return read_survey(path, "pvq40")


class TestRealRespondents:
    """The 151 adults in the USA published with Borg, Bardi & Schwartz (2017)."""

    def test_nobody_is_dropped_and_137_answered_everything(self, us151):
        assert (len(us151.scores), len(us151.dropped)) == (151, 0)
        assert (us151.complete.sum(), (~us151.complete).sum()) == (137, 14)
        assert (us151.missing, us151.out_of_scale) == (17, 0)

    def test_the_reversed_direction_is_detected(self, us151):
        assert us151.reversed
        assert us151.direction.startswith("decided by the sample")

    def test_the_means_are_reproduced_to_four_decimals(self, us151):
        means = [
            0.8910,
            -0.3849,
            -0.0726,
            -0.3413,
            -0.9512,
            0.2791,
            -0.3220,
            -0.7039,
            0.3617,
            0.5464,
        ]
        assert us151.scores.mean(axis=0).round(4).tolist() == means

    def test_the_deviations_are_reproduced(self, us151):
        sd = us151.scores.std(axis=0, ddof=1).round(4)
        assert (sd[INDEX["PO"]], sd[INDEX["SD"]]) == (1.0271, 0.6558)

    def test_the_first_respondent_is_reproduced(self, us151):
        first = us151.scores[0].round(4)
        found = {v: first[INDEX[v]] for v in ("PO", "CO", "SD")}
        assert found == {"PO": -2.0750, "CO": 1.9250, "SD": 1.1750}

    def test_only_complete_respondents_sum_to_zero_over_items(self, us151):
        sums = np.abs(us151.scores @ PVQ40.membership.sum(axis=1))
        assert sums[us151.complete].max() < 1e-13
        assert sums[~us151.complete].max() > 1

    def test_one_score_in_a_hundred_is_clipped(self, us151):
        assert clip_share(us151.scores) == pytest.approx(0.011, abs=5e-4)

    def test_half_of_the_variance_lies_on_the_plane(self, us151):
        assert plane_share(us151.scores) == pytest.approx(0.54, abs=0.005)

    def test_without_the_cap_one_treatment_in_seven_would_push_a_value_past_100(self, us151):
        profiles = us151.profiles()
        past = [
            apportion(np.delete(profiles, v, axis=1), 500, cap=500).max(axis=1) > 100
            for v in range(10)
        ]
        assert np.mean(past) == pytest.approx(0.14, abs=0.005)

    def test_whole_weights_to_100_tie_less_at_the_top_than_weights_to_10(self, us151):
        profiles = us151.profiles()
        coarse = apportion(profiles, 50, cap=10)
        ties = [
            ((p == p.max(axis=1, keepdims=True)).sum(axis=1) > 1).mean() for p in (profiles, coarse)
        ]
        assert ties[0] < 0.17
        assert ties[1] == pytest.approx(0.5, abs=0.05)

    def test_a_community_of_25_is_drawn_from_them(self, us151):
        drawn = draw(us151.profiles(), 25, np.random.default_rng(1))
        assert drawn.shape == (25, 10)
        assert (drawn.sum(axis=1) == 500).all()
