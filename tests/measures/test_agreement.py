"""Agreement coefficients give their published values, and NaN where they mean nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.measures.agreement import (
    class_scores,
    cohens_kappa,
    confusion,
    fleiss_kappa,
    krippendorff_alpha,
)

NAN = np.nan
# The worked example of the encyclopedia's article on Krippendorff's alpha: 3 readers, 15 units.
PUBLISHED = np.array(
    [
        [NAN, NAN, NAN, NAN, NAN, 3, 4, 1, 2, 1, 1, 3, 3, NAN, 3],
        [1, NAN, 2, 1, 3, 3, 4, 3, NAN, NAN, NAN, NAN, NAN, NAN, NAN],
        [NAN, NAN, 2, 1, 3, 4, 4, NAN, 2, 1, 1, 3, 3, NAN, 4],
    ]
)
readings = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40)


def test_kappa_of_the_published_table():
    assert cohens_kappa([[20, 5], [10, 15]]) == pytest.approx(0.4)


# The worked example of the encyclopedia's article on Fleiss' kappa: 14 readers, 10 items.
COUNTED = (
    *((0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1)),
    *((7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7)),
)


def told(counts):
    """One row a reader: who said what is not told, so the classes are dealt in order."""
    return np.array([np.repeat(np.arange(len(c)), c) for c in counts], dtype=float).T


def test_fleiss_kappa_of_the_published_example():
    assert fleiss_kappa(told(COUNTED)) == pytest.approx(0.210, abs=5e-4)


def test_fleiss_kappa_of_two_is_scotts_pi():
    """Reference: 1 − .30/(1 − (.45² + .55²)), by hand, of the table whose Cohen's kappa is .4."""
    pairs = [(0, 0)] * 20 + [(0, 1)] * 5 + [(1, 0)] * 10 + [(1, 1)] * 15
    pooled = (55 / 100) ** 2 + (45 / 100) ** 2
    assert fleiss_kappa(np.array(pairs, float).T) == pytest.approx(1 - 0.30 / (1 - pooled))


def test_fleiss_kappa_leaves_out_what_one_reader_did_not_read():
    table = told(COUNTED)
    more = np.hstack([table, np.full((14, 1), 3.0)])
    more[0, -1] = NAN
    assert fleiss_kappa(more) == fleiss_kappa(table)


@pytest.mark.parametrize("table", [np.ones((3, 5)), np.full((2, 4), NAN), np.empty((2, 0))])
def test_fleiss_kappa_without_variation_or_items_is_undefined(table):
    assert np.isnan(fleiss_kappa(table))


def test_fleiss_kappa_needs_two_readers():
    with pytest.raises(ValueError, match="readers >= 2"):
        fleiss_kappa(np.ones((1, 5)))


@given(readings, st.permutations(range(2)))
def test_fleiss_kappa_asks_neither_who_reads_nor_what_classes_are_called(pairs, order):
    table = np.array(pairs, dtype=float).T
    renamed = np.array([7.0, 2.0, 9.0, 4.0])[table[list(order)].astype(int)]
    assert fleiss_kappa(renamed) == pytest.approx(fleiss_kappa(table), nan_ok=True)


@pytest.mark.parametrize(
    ("scale", "alpha"), [("nominal", 0.691358), ("ordinal", 0.806721), ("interval", 0.810845)]
)
def test_alpha_of_the_published_example(scale, alpha):
    found = krippendorff_alpha(PUBLISHED, scale)
    assert found.alpha == pytest.approx(alpha, abs=5e-7)
    assert found.units == 12


def test_alpha_is_graded():
    assert krippendorff_alpha(PUBLISHED, "nominal").grade == "tentative"
    assert krippendorff_alpha(PUBLISHED, "ordinal").grade == "firm"
    assert krippendorff_alpha(np.array([[0, 1, 0, 1], [1, 0, 0, 1.0]])).grade == "insufficient"


def test_alpha_without_variation_is_undefined():
    assert krippendorff_alpha(np.ones((2, 5))).grade == "undefined"


def test_alpha_without_a_doubly_read_item_is_undefined():
    assert np.isnan(krippendorff_alpha(np.array([[1, NAN], [NAN, 2]])).alpha)


def test_alpha_needs_two_readers():
    with pytest.raises(ValueError, match="readers >= 2"):
        krippendorff_alpha(np.ones((1, 5)))


def test_kappa_where_chance_always_agrees_is_undefined():
    assert np.isnan(cohens_kappa([[7, 0], [0, 0]]))
    assert np.isnan(cohens_kappa([[0, 0], [0, 0]]))


def test_kappa_refuses_a_table_that_is_not_square():
    with pytest.raises(ValueError, match="square"):
        cohens_kappa([[1, 2, 3], [4, 5, 6]])


def test_confusion_counts_pairs():
    classes, table = confusion(["lie", "truth", "lie"], ["lie", "lie", "lie"])
    assert classes == ("lie", "truth")
    assert table.tolist() == [[2, 0], [1, 0]]


def test_readings_of_different_length_are_refused():
    with pytest.raises(ValueError, match="pair them first"):
        class_scores(["a"], ["a", "b"])


def test_each_class_has_its_own_score():
    reference = ["a", "a", "a", "b", "b", "c"]
    labelled = ["a", "a", "b", "b", "a", "d"]
    scores = {s.label: s for s in class_scores(reference, labelled)}
    assert scores["a"].f1 == pytest.approx(2 / 3)
    assert scores["b"].precision == scores["b"].recall == 0.5
    assert (scores["c"].f1, scores["c"].support) == (0.0, 1)
    assert np.isnan(scores["c"].precision)
    assert np.isnan(scores["d"].recall)


@given(readings)
def test_kappa_is_symmetric_and_at_most_one(pairs):
    first, second = zip(*pairs, strict=True)
    forward = cohens_kappa(confusion(first, second)[1])
    backward = cohens_kappa(confusion(second, first)[1])
    assert forward == pytest.approx(backward, nan_ok=True)
    assert np.isnan(forward) or forward <= 1 + 1e-12


@given(readings)
def test_f1_lies_between_precision_and_recall(pairs):
    for score in class_scores(*zip(*pairs, strict=True)):
        bounds = sorted([score.precision, score.recall])
        if not np.isnan(bounds).any():
            assert bounds[0] - 1e-12 <= score.f1 <= bounds[1] + 1e-12


@given(readings)
def test_perfect_agreement_is_one(pairs):
    same = [a for a, _ in pairs]
    if len(set(same)) > 1:
        assert cohens_kappa(confusion(same, same)[1]) == pytest.approx(1.0)
        assert krippendorff_alpha(np.array([same, same], float)).alpha == pytest.approx(1.0)
