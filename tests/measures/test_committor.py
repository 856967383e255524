"""The committor and the Firth regression behind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.committor import committor, firth_logistic

# Endometrial cancer (Heinze & Schemper 2002, Table I): neovasculization, pulsatility index,
# endometrium height; and the outcome, histology grade. R's logistf gives the coefficients below.
ENDOMETRIAL = """
0,13,1.64,0 0,16,2.26,0 0,8,3.14,0 0,34,2.68,0 0,20,1.28,0 0,5,2.31,0 0,17,1.8,0 0,10,1.68,0
0,26,1.56,0 0,17,2.31,0 0,8,2.01,0 0,7,1.89,0 0,20,3.15,0 0,10,1.23,0 0,18,1.27,0 0,16,1.76,0
0,18,2,0 0,8,2.64,1 0,29,0.88,1 0,12,1.27,1 0,20,1.37,1 1,38,0.97,1 1,22,1.14,1 1,7,0.88,1
1,25,0.91,1 1,15,0.58,1 0,7,0.97,1 0,28,1.5,0 0,11,1.33,0 0,19,2.37,0 0,10,1.82,0 0,10,3.13,0
0,18,1.31,0 0,14,1.92,0 0,21,1.64,0 0,11,2.01,0 0,17,1.88,0 0,25,1.93,0 0,16,2.11,0 0,19,1.29,0
0,15,1.72,0 0,33,0.75,0 0,24,1.92,0 0,48,1.84,1 0,12,1.11,1 0,19,1.61,1 0,2,1.18,1 1,22,1.44,1
1,40,1.18,1 1,5,0.93,1 1,0,1.17,1 0,21,1.19,1 0,15,1.06,1 0,29,2.02,0 0,15,2.29,0 0,12,2.33,0
0,3,2.9,0 0,20,1.7,0 0,23,1.41,0 0,12,2.25,0 0,22,1.54,0 0,42,1.97,0 0,15,1.75,0 0,13,2.16,0
0,14,2.57,0 0,19,1.37,0 0,12,3.61,0 0,13,2.04,0 0,10,2.17,0 0,12,1.69,1 1,49,0.27,1 0,6,1.84,1
0,5,1.3,1 0,17,0.96,1 1,11,1.01,1 1,21,0.98,1 0,5,0.35,1 1,19,1.02,1 0,33,0.85,1
"""


def test_firth_regression_agrees_with_logistf_on_separated_data():
    rows = np.array([[float(v) for v in row.split(",")] for row in ENDOMETRIAL.split()])
    design = np.column_stack([np.ones(len(rows)), rows[:, :3]])
    fit = firth_logistic(design, rows[:, 3], np.ones(len(rows)))
    expected = [3.77455951, 2.92927330, -0.03475175, -2.60416387]
    assert len(rows) == 79
    assert fit.coefficients == pytest.approx(expected, abs=2e-5)


@given(st.integers(1, 30), st.integers(1, 30), st.floats(0, 1), st.floats(0, 1))
def test_firth_adds_half_to_every_cell_of_a_two_by_two_table(m0, m1, share0, share1):
    """In the saturated model Jeffreys' penalty is the Haldane–Anscombe correction."""
    s0, s1 = round(m0 * share0), round(m1 * share1)
    fit = firth_logistic([[1, 0], [1, 1]], [s0, s1], [m0, m1])
    logit0 = np.log((s0 + 0.5) / (m0 - s0 + 0.5))
    logit1 = np.log((s1 + 0.5) / (m1 - s1 + 0.5))
    assert fit.coefficients == pytest.approx([logit0, logit1 - logit0], abs=1e-6)


def test_grouping_runs_by_start_does_not_change_the_fit():
    design = np.array([[1.0, 0], [1, 0], [1, 1], [1, 2], [1, 2], [1, 2]])
    single = firth_logistic(design, [0, 1, 0, 1, 1, 0], np.ones(6))
    grouped = firth_logistic([[1, 0], [1, 1], [1, 2]], [1, 0, 2], [2, 1, 3])
    assert single.coefficients == pytest.approx(grouped.coefficients, abs=1e-8)


def test_even_odds_lie_at_the_geometric_middle_of_a_symmetric_sweep():
    starts = np.repeat([2.0, 4, 8, 16], 6)
    result = committor(starts, starts > 5)
    assert result.unstable == pytest.approx(np.sqrt(32), rel=1e-6)
    assert result.low < result.unstable < result.high
    assert float(result.probability(result.unstable)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("starts", "survived", "reason"),
    [
        ([25] * 8, [1, 0] * 4, "all runs start alike"),
        ([2, 2, 25, 25], [1] * 4, "every run survived"),
        ([2, 2, 25, 25], [0] * 4, "no run survived"),
        ([2, 2, 25, 25], [1, 1, 0, 0], "survival does not rise with the start"),
        ([8] * 10 + [25] * 10, [1] * 9 + [0] + [1] * 10, "outside the starts tried"),
    ],
)
def test_a_committor_that_the_runs_do_not_show_is_nan_with_its_reason(starts, survived, reason):
    result = committor(starts, survived)
    assert np.isnan(result.unstable)
    assert reason in result.reason


def test_a_linearly_dependent_design_is_refused():
    with pytest.raises(ValueError, match="linearly dependent"):
        firth_logistic(np.ones((4, 2)), [0, 1, 0, 1], np.ones(4))


def test_a_start_of_nobody_is_refused():
    with pytest.raises(ValueError, match="more than 0 residents"):
        committor([0, 5], [False, True])
