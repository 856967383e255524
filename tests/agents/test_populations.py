"""Initial populations, the choice of the treated, and inheritance."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from agents.errors import InputError
from agents.populations import (
    assign_treated,
    draw,
    explicit,
    from_scores,
    inherit_profile,
    pan_cultural,
    read_profiles,
    treated_count,
    write_profiles,
)
from agents.values import EVEN, PAN_CULTURAL, VALUES, apportion, clip_share, told_weights
from model.measures.circle import plane_share

law = settings(derandomize=True, deadline=None, max_examples=200)

profiles = st.lists(st.integers(0, 1000), min_size=10, max_size=10).map(
    lambda shares: apportion(np.array([shares], dtype=np.int64), 500)[0]
)
tens = st.lists(st.integers(-150, 150), min_size=10, max_size=10).map(np.array)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


class TestPanCultural:
    sample = pan_cultural(20_000, np.random.default_rng(5))

    def test_rows_are_centred(self):
        assert np.abs(self.sample.sum(axis=1)).max() < 1e-12

    def test_means_fall_in_steps_of_a_fifth_by_rank(self):
        means = [self.sample[:, VALUES.index(code)].mean() for code in PAN_CULTURAL]
        assert means == pytest.approx(np.linspace(0.9, -0.9, 10), abs=0.03)

    def test_the_plane_holds_the_share_that_its_variances_imply(self):
        # On the plane 2·5·.47² + 2·.6², in all 2·5·.47² + 9·.6²: .5375.
        on_plane, noise = 10 * 0.47**2, 0.6**2
        expected = (on_plane + 2 * noise) / (on_plane + 9 * noise)
        assert plane_share(self.sample) == pytest.approx(expected, abs=0.01)

    def test_the_clipped_share_is_that_of_the_normal_distribution(self):
        sd = np.sqrt(0.47**2 + 0.9 * 0.6**2)
        expected = norm.cdf((-2.5 - np.linspace(0.9, -0.9, 10)) / sd).mean()
        assert clip_share(self.sample) == pytest.approx(expected, abs=5e-4)

    def test_without_spread_everybody_is_the_order_itself(self):
        scores = pan_cultural(3, rng(), plane_sd=0.0, noise_sd=0.0)
        ranked = [VALUES[k] for k in np.argsort(-scores[0])]
        assert tuple(ranked) == PAN_CULTURAL

    def test_the_same_generator_state_gives_the_same_people(self):
        assert (pan_cultural(25, rng(3)) == pan_cultural(25, rng(3))).all()
        assert (pan_cultural(25, rng(3)) != pan_cultural(25, rng(4))).any()


class TestDrawing:
    pool = told_weights(pan_cultural(40, np.random.default_rng(2)))

    def rows(self, drawn):
        return [tuple(row) for row in drawn.tolist()]

    def test_nobody_is_drawn_twice_while_there_are_enough(self):
        drawn = self.rows(draw(self.pool, 40, rng()))
        assert sorted(drawn) == sorted(self.rows(self.pool))
        assert drawn != self.rows(self.pool)

    def test_with_fewer_respondents_than_residents_some_are_drawn_again(self):
        drawn = self.rows(draw(self.pool[:5], 25, rng()))
        assert len(drawn) == 25
        assert set(drawn) <= set(self.rows(self.pool[:5]))

    def test_a_small_community_is_the_beginning_of_a_larger_one(self):
        assert (draw(self.pool, 10, rng(7)) == draw(self.pool, 30, rng(7))[:10]).all()

    def test_scores_are_drawn_as_their_told_weights(self):
        scores = pan_cultural(30, rng())
        drawn = self.rows(from_scores(scores, 12, rng()))
        assert len(set(drawn)) == 12
        assert set(drawn) <= set(self.rows(told_weights(scores)))

    def test_nobody_to_draw_from_is_refused(self):
        with pytest.raises(InputError, match="no profile to draw from"):
            draw(np.empty((0, 10), dtype=np.int64), 5, rng())


class TestExplicitProfiles:
    def test_lists_and_mappings_by_code_or_name_are_read(self):
        flat = {"benevolence": 95, **{v: 45 for v in VALUES if v != "BE"}}
        rows = explicit([[50] * 10, flat])
        assert rows.tolist() == [[50] * 10, [45] * 8 + [95, 45]]

    @pytest.mark.parametrize(
        ("profile", "message"),
        [
            ([50] * 9, "profile 2: 9 weights; give ten"),
            ([50] * 9 + [49], "profile 2: the weights sum to 499"),
            ([101, 49] + [50] * 7 + [0], "profile 2: SD is 101"),
            ([50] * 8 + [-50, 150], "profile 2: BE is -50"),
            ([50.0] * 10, "profile 2: SD is 50.0"),
            ([True] + [50] * 9, "profile 2: SD is True"),
            ({"SD": 50}, r"profile 2: no weight for ST \(stimulation\)"),
            ({"kindness": 50}, "'kindness' is no value"),
        ],
    )
    def test_a_wrong_profile_is_named_with_value_and_remedy(self, profile, message):
        with pytest.raises(InputError, match=message):
            explicit([[50] * 10, profile])

    def test_an_empty_list_is_refused(self):
        with pytest.raises(InputError, match="empty"):
            explicit([])


class TestProfileFiles:
    def test_what_is_written_is_read_back(self, tmp_path: Path):
        weights = told_weights(pan_cultural(30, rng()))
        write_profiles(tmp_path / "p.csv", weights)
        assert (read_profiles(tmp_path / "p.csv") == weights).all()

    def test_columns_may_stand_in_any_order_beside_others(self, tmp_path: Path):
        turned = list(reversed(VALUES))
        text = ";".join(["id", *turned]) + "\nx;95" + ";45" * 9 + "\n"
        (tmp_path / "p.csv").write_text(text)
        assert read_profiles(tmp_path / "p.csv").tolist() == [[45] * 9 + [95]]

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ("50," * 9 + "40", "line 2: the weights sum to 490"),
            ("50," * 9 + "fifty", "line 2: 'fifty' is no weight"),
            ("50," * 9 + "", "line 2: '' is no weight"),
            ("50," * 9 + "50.0", "line 2: '50.0' is no weight"),
            ("50," * 8 + "50", "line 2: 9 cells under a header of 10"),
        ],
    )
    def test_a_wrong_row_is_named_by_its_line(self, tmp_path: Path, row, message):
        (tmp_path / "p.csv").write_text(",".join(VALUES) + "\n" + row + "\n")
        with pytest.raises(InputError, match=message):
            read_profiles(tmp_path / "p.csv")


class TestWhoIsTreated:
    @pytest.mark.parametrize(
        ("n", "prevalence", "count"),
        [
            (25, 0.25, 6),
            (25, 0.5, 12),
            (25, 0.75, 19),
            (10, 0.25, 2),
            (10, 0.75, 8),
            (50, 0.29, 14),
            (50, 0.31, 16),
            (25, 0.0, 0),
            (25, 1.0, 25),
            (0, 0.5, 0),
        ],
    )
    def test_prevalence_rounds_to_the_nearest_and_halves_to_the_even_number(
        self, n, prevalence, count
    ):
        assert treated_count(n, prevalence) == count
        assert assign_treated(n, prevalence, rng()).sum() == count

    @law
    @given(st.integers(0, 100).map(lambda half: 2 * half), st.integers(0, 100))
    def test_treated_and_untreated_shares_complement_each_other(self, n, percent):
        p, q = percent / 100, (100 - percent) / 100
        assert treated_count(n, p) + treated_count(n, q) == n

    @law
    @given(st.integers(1, 200), st.integers(0, 100), st.integers(0, 100), st.integers(0, 99))
    def test_a_higher_prevalence_treats_the_same_residents_and_more(self, n, a, b, seed):
        low, high = sorted((a / 100, b / 100))
        few = assign_treated(n, low, rng(seed))
        many = assign_treated(n, high, rng(seed))
        assert not (few & ~many).any()

    def test_everybody_is_equally_likely_to_be_treated(self):
        share = np.mean([assign_treated(20, 0.25, rng(s)) for s in range(2_000)], axis=0)
        # Twenty proportions of sd .0097 around .25.
        assert np.abs(share - 0.25).max() < 0.04

    @pytest.mark.parametrize("prevalence", [1.2, -0.1, float("nan")])
    def test_a_prevalence_that_is_no_share_is_refused(self, prevalence):
        with pytest.raises(InputError, match="prevalence"):
            treated_count(25, prevalence)


class TestInheritance:
    @law
    @given(profiles, profiles, st.lists(st.integers(0, 1), min_size=10, max_size=10), tens)
    def test_a_child_is_a_profile(self, mother, father, choices, mutation):
        child = inherit_profile(np.array([mother, father]), np.array(choices), mutation)
        assert child.shape == (10,)
        assert child.dtype == np.int64
        assert child.sum() == 500
        assert child.min() >= 0
        assert child.max() <= 100

    @law
    @given(profiles, profiles, st.sampled_from([0, 1]))
    def test_without_mutation_a_child_of_one_parent_is_that_parent(self, mother, father, one):
        parents = np.array([mother, father])
        child = inherit_profile(parents, np.full(10, one), np.zeros(10, dtype=np.int64))
        assert (child == parents[one]).all()

    def test_each_value_comes_from_the_chosen_parent(self):
        mother = np.array([100, 0] * 5)
        father = np.array([0, 100] * 5)
        child = inherit_profile(
            np.array([mother, father]),
            np.array([0, 1, 0, 1, 0, 0, 0, 0, 1, 0]),
            np.zeros(10, dtype=np.int64),
        )
        # Inherited 100 ×5, then 0, 100, 0, 0, 0: six hundreds share 500.
        assert child.tolist() == [84, 84, 83, 83, 83, 0, 83, 0, 0, 0]

    def test_a_mutation_moves_its_value(self):
        mutation = np.zeros(10, dtype=np.int64)
        mutation[3] = 20
        child = inherit_profile(np.array([EVEN, EVEN]), np.zeros(10, dtype=np.int64), mutation)
        # 70 and nine 50s (520) rescaled to 500: 67.31 and 48.08, the largest remainder up.
        assert child.tolist() == [48, 48, 48, 68, 48, 48, 48, 48, 48, 48]
