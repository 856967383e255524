"""Sobol' indices agree with Ishigami's closed form."""

import numpy as np
import pytest

from model.measures.sensitivity import sobol_design, sobol_indices

BOUNDS = dict.fromkeys(("a", "b", "c"), (-np.pi, np.pi))


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigamis_first_order_indices():
    design = sobol_design(BOUNDS, 8_192)
    found = sobol_indices(design, ishigami(design.points))
    assert [s.parameter for s in found] == ["a", "b", "c"]
    assert [s.first for s in found] == pytest.approx([0.313905, 0.442411, 0.0], abs=0.003)
    assert [s.total for s in found] == pytest.approx([0.557589, 0.442411, 0.243684], abs=0.003)


def test_a_design_has_its_points_within_bounds():
    design = sobol_design({"richness": (20.0, 40.0), "noise": (0.0, 1.0)}, 16)
    assert design.points.shape == (64, 2)
    assert (design.points >= [20, 0]).all()
    assert (design.points <= [40, 1]).all()


def test_a_constant_outcome_hangs_on_nothing_defined():
    design = sobol_design({"a": (0.0, 1.0)}, 8)
    assert np.isnan([s.first for s in sobol_indices(design, np.ones(24))]).all()


def test_an_undefined_point_is_refused():
    design = sobol_design({"a": (0.0, 1.0)}, 8)
    with pytest.raises(ValueError, match="with 1 undefined"):
        sobol_indices(design, [np.nan, *range(23)])


@pytest.mark.parametrize(
    ("bounds", "n", "message"),
    [
        ({"a": (0.0, 1.0)}, 12, "power of two"),
        ({}, 8, "no parameter"),
        ({"a": (1.0, 1.0)}, 8, "are empty"),
    ],
)
def test_impossible_designs_are_refused(bounds, n, message):
    with pytest.raises(ValueError, match=message):
        sobol_design(bounds, n)
