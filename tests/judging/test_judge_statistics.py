"""Corrected rates cover, differential error is flagged, agreement has the published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.asides.judge import Question, read_judgement
from agents.asides.scripted_judge import Confusion, scripted_reply
from model.analysis.judge_statistics import (
    ITEMS_RESAMPLED,
    agreement,
    corrected_rates,
    equality,
    fault_rates,
    four,
    scores_of,
    validations,
)
from model.measures.agreement import cohens_kappa, krippendorff_alpha
from model.measures.judged_rates import Validation

RUNS, DAYS = 12, 60
POSITIVES, NEGATIVES = 100, 400
STUDIES = 500
TRUTH = 0.2


def readings(judged, reference, runs=None, arms=None, part="rate", label="deception"):
    n = len(judged)
    return pd.DataFrame(
        {
            "item": np.arange(n),
            "run": np.zeros(n, int) if runs is None else runs,
            "arm": "control" if arms is None else arms,
            "part": part,
            "label": label,
            "opportunity": 1,
            "judged": np.asarray(judged, float),
            "reference": np.asarray(reference, float),
        }
    )


def judged_by(rng, truth, sens=0.8, spec=0.9):
    return rng.random(len(truth)) < np.where(truth, sens, 1 - spec)


def test_corrected_intervals_cover_the_truth_over_500_studies() -> None:
    """Sensitivity and specificity are both estimated, from a validation sample of each study."""
    rng, covered = np.random.default_rng(17), []
    runs = np.repeat(np.arange(RUNS), DAYS)
    known = np.arange(POSITIVES + NEGATIVES) < POSITIVES
    for _ in range(STUDIES):
        rates = rng.beta(4, 16, RUNS)  # runs differ: mean .2
        truth = rng.random(RUNS * DAYS) < rates[runs]
        study = readings(judged_by(rng, truth), np.full(len(truth), np.nan), runs)
        sample = readings(judged_by(rng, known), known, part="extra")
        found = corrected_rates(study, validations(sample)).iloc[0]
        covered.append(found["low"] <= TRUTH <= found["high"])
    assert 0.92 <= np.mean(covered) <= 0.98


def test_the_scripted_judge_has_the_confusion_it_was_given() -> None:
    lines = ("day 1: M1 rested all of the day",)
    confusion = Confusion.parse("sens=.8,spec=.9,betrayal=.5/.7")
    hits = {True: [0, 0], False: [0, 0]}
    n = 4_000
    for key in range(n):
        truth = key % 2 == 0
        said = scripted_reply(
            Question(key, lines, "M1", 1, key),
            ("deception", "betrayal") if truth else (),
            confusion,
        )
        given = {one.label for one in read_judgement(said, lines)}
        hits[truth][0] += "deception" in given
        hits[truth][1] += "betrayal" in given
    half = n / 2
    assert hits[True][0] / half == pytest.approx(0.8, abs=0.03)
    assert 1 - hits[False][0] / half == pytest.approx(0.9, abs=0.03)
    assert hits[True][1] / half == pytest.approx(0.5, abs=0.035)
    assert 1 - hits[False][1] / half == pytest.approx(0.7, abs=0.035)


def two_arms(rng, sens_of_the_other):
    truth = np.arange(4_000) % 2 == 0
    arm = np.where(np.arange(4_000) < 2_000, "control", "without BE 1")
    sens = np.where(arm == "control", 0.8, sens_of_the_other)
    judged = rng.random(4_000) < np.where(truth, sens, 0.1)
    return readings(judged, truth, np.arange(4_000) % 20, arm)


def test_a_judge_that_errs_differently_by_arm_is_flagged_and_corrected_by_arm() -> None:
    table = two_arms(np.random.default_rng(1), 0.6)
    assert bool(equality(table).loc["deception", "differential"])
    found = corrected_rates(table).set_index("arm")
    assert found.loc["without BE 1", "corrected_by"] == "without BE 1"
    assert found["corrected"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.02)
    assert found["flags"].str.contains("errors differ by arm").all()


def test_equal_errors_are_flagged_no_more_often_than_they_may_be() -> None:
    rng = np.random.default_rng(2)
    flagged = [
        bool(equality(two_arms(rng, 0.8)).loc["deception", "differential"]) for _ in range(200)
    ]
    assert np.mean(flagged) <= 0.08


def test_uncorrected_rates_of_a_differential_judge_would_differ_where_nothing_does() -> None:
    found = corrected_rates(two_arms(np.random.default_rng(1), 0.6)).set_index("arm")
    assert found.loc["control", "observed"] - found.loc["without BE 1", "observed"] > 0.08


def test_kappa_is_the_published_number() -> None:
    judged = np.repeat([1, 1, 0, 0], [20, 10, 5, 15])
    reference = np.repeat([1, 0, 1, 0], [20, 10, 5, 15])
    found = agreement(readings(judged, reference)).loc["deception"]
    assert found["kappa"] == pytest.approx(0.4)
    assert found["kappa_low"] < 0.4 < found["kappa_high"]
    assert (found["items"], found["positives"]) == (50, 25)
    assert (found["precision"], found["recall"]) == pytest.approx((2 / 3, 0.8))
    assert found["f1"] == pytest.approx(2 * 20 / (30 + 25))


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4).filter(lambda c: sum(c) > 1))
def test_scores_from_counts_are_those_of_the_readings(counts: list[int]) -> None:
    tp, fp, fn, tn = counts
    judged = np.repeat([1.0, 1.0, 0.0, 0.0], counts)
    reference = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    assert four(judged, reference).tolist() == counts
    f1, kappa, alpha = scores_of(np.array(counts))
    assert kappa == pytest.approx(cohens_kappa([[tp, fn], [fp, tn]]), nan_ok=True)
    expected = krippendorff_alpha(np.stack([judged, reference])).alpha
    assert alpha == pytest.approx(expected, nan_ok=True)
    assert np.isnan(f1) == (tp + fp + fn == 0)


def test_faults_leave_agreement_and_rates_alone() -> None:
    rng = np.random.default_rng(5)
    truth = rng.random(600) < 0.3
    runs, judged = np.arange(600) % 10, judged_by(rng, truth).astype(float)
    faulted = judged.copy()
    faulted[rng.random(600) < 0.2] = np.nan
    whole, lost = (readings(j, truth, runs) for j in (judged, faulted))
    kept = lost.dropna(subset=["judged"])
    one, two = agreement(lost).loc["deception"], agreement(kept).loc["deception"]
    assert one["faults"] == int(np.isnan(faulted).sum()) > 0
    assert one["f1"] == two["f1"]
    rate = corrected_rates(lost).iloc[0]
    assert rate["opportunities"] == len(kept)
    assert rate["faults"] == len(lost) - len(kept)
    assert rate["corrected"] == pytest.approx(corrected_rates(whole).iloc[0]["corrected"], abs=0.08)
    assert fault_rates(lost).loc["control", "faults"] == one["faults"]


def test_few_runs_are_said_to_be_few_and_many_are_resampled() -> None:
    rng = np.random.default_rng(6)
    truth = rng.random(2_000) < 0.3
    for runs, flag in ((10, ITEMS_RESAMPLED), (40, "")):
        table = readings(judged_by(rng, truth), truth, np.arange(2_000) % runs)
        assert agreement(table, resamples=199).loc["deception", "flag"] == flag


def test_items_drawn_for_their_label_bias_neither_agreement_nor_rates() -> None:
    rng = np.random.default_rng(7)
    truth = rng.random(2_000) < 0.1
    drawn = readings(judged_by(rng, truth), truth, np.arange(2_000) % 10)
    extra = readings(judged_by(rng, np.ones(300, bool)), np.ones(300), part="extra")
    both = pd.concat([drawn, extra], ignore_index=True)
    assert agreement(both).loc["deception", "f1"] == agreement(drawn).loc["deception", "f1"]
    assert corrected_rates(both).iloc[0]["observed"] == corrected_rates(drawn).iloc[0]["observed"]
    assert validations(both)["deception"]["all"].positives == int(truth.sum()) + 300
    assert validations(both, ("rate",))["deception"]["all"].positives == int(truth.sum())


def test_a_label_without_a_positive_has_no_sensitivity_and_no_corrected_rate() -> None:
    table = readings(np.zeros(100), np.zeros(100), np.arange(100) % 5)
    found = corrected_rates(table).iloc[0]
    assert np.isnan(found["corrected"])
    assert "too weak" in found["flags"]
    assert np.isnan(agreement(table).loc["deception", "alpha"])


def test_validation_counts_only_days_on_which_the_label_could_have_been() -> None:
    table = readings([1, 0, 0, 0], [1, 1, 0, 0])
    table.loc[3, "opportunity"] = 0
    assert validations(table)["deception"]["all"] == Validation(1, 2, 1, 1)
