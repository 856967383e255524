"""Scoring of real answers: keys, centring, missing answers, dropped respondents, direction."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.errors import InputError
from agents.instruments import ESS21, INSTRUMENTS, PVQ40
from agents.survey import centred_scores, decide_direction, drop_reason, read_survey
from agents.values import INDEX, VALUES
from tests.agents.survey_files import FIXTURES, table, write

law = settings(derandomize=True, deadline=None, max_examples=100)
MAKER = Path(__file__).parents[1] / "fixtures" / "survey" / "make.py"


@pytest.fixture
def pvq() -> list[list[str]]:
    """Rows of the synthetic PVQ-40 file, header first."""
    return table(FIXTURES / "pvq40_synthetic.csv")


class TestInstruments:
    @pytest.mark.parametrize("form", INSTRUMENTS.values(), ids=list(INSTRUMENTS))
    def test_every_item_measures_exactly_one_value(self, form):
        assert (form.membership.sum(axis=0) == 1).all()

    def test_the_questionnaires_have_the_published_numbers_of_items(self):
        sizes = dict(zip(VALUES, PVQ40.membership.sum(axis=1).tolist(), strict=True))
        assert list(sizes.values()) == [4, 3, 3, 4, 3, 5, 4, 4, 4, 6]
        sizes = dict(zip(VALUES, ESS21.membership.sum(axis=1).tolist(), strict=True))
        assert sizes == {v: 3 if v == "UN" else 2 for v in VALUES}

    def test_the_ess_names_follow_its_questionnaire(self):
        # Named after their item: ipadvnt is adventure (15), imptrad tradition (20).
        by_name = {name: i for i, name in enumerate(ESS21.columns, start=1)}
        assert len(by_name) == 21
        assert by_name["ipcrtiv"] in ESS21.key["SD"]
        assert by_name["imprich"] in ESS21.key["PO"]
        assert by_name["ipadvnt"] in ESS21.key["ST"]
        assert by_name["impenv"] in ESS21.key["UN"]
        assert by_name["imptrad"] in ESS21.key["TR"]
        assert by_name["iphlppl"] in ESS21.key["BE"]

    def test_an_unknown_scale_is_refused_with_those_there_are(self):
        with pytest.raises(InputError, match="use one of pvq40, ess21"):
            read_survey(FIXTURES / "pvq40_synthetic.csv", "pvq57")


class TestCentring:
    @law
    @given(arrays(np.float64, (4, 40), elements=st.integers(1, 6).map(float)))
    def test_centred_scores_weighted_by_items_sum_to_zero(self, items):
        assert centred_scores(items, PVQ40) @ PVQ40.membership.sum(axis=1) == pytest.approx(0)

    @law
    @given(arrays(np.float64, (4, 21), elements=st.integers(1, 6).map(float)))
    def test_turning_the_answers_turns_the_scores(self, items):
        assert centred_scores(7 - items, ESS21) == pytest.approx(-centred_scores(items, ESS21))

    @law
    @given(arrays(np.float64, (3, 40), elements=st.integers(1, 5).map(float)))
    def test_how_high_somebody_answers_at_all_does_not_matter(self, items):
        assert centred_scores(items + 1, PVQ40) == pytest.approx(centred_scores(items, PVQ40))

    def test_a_missing_answer_leaves_the_means_of_the_others(self):
        items = np.full((1, 21), 3.0)
        items[0, [11, 17]] = (6.0, np.nan)  # benevolence: one of two answered
        items[0, 0] = np.nan
        mrat = (18 * 3 + 6) / 19
        scores = centred_scores(items, ESS21)[0]
        assert scores[INDEX["BE"]] == pytest.approx(6 - mrat)
        assert scores[INDEX["SD"]] == pytest.approx(3 - mrat)

    def test_a_value_without_answers_has_no_score(self):
        items = np.full((1, 21), 3.0)
        items[0, [8, 19]] = np.nan
        assert np.isnan(centred_scores(items, ESS21)[0, INDEX["TR"]])


class TestDropRules:
    @pytest.mark.parametrize(
        ("form", "most_missing", "most_identical"), [(PVQ40, 8, 35), (ESS21, 5, 16)]
    )
    def test_the_limits_themselves_are_kept_and_one_more_is_dropped(
        self, form, most_missing, most_identical
    ):
        k = len(form.columns)
        answers = np.arange(k) % 6 + 1.0
        for missing in (most_missing, most_missing + 1):
            row = answers.copy()
            row[k // 3 : k // 3 + missing] = np.nan
            assert (drop_reason(row, form) is None) == (missing == most_missing)
        for identical in (most_identical, most_identical + 1):
            row = np.array([3.0] * identical + [1, 2, 4, 5, 6])[:k]
            assert (drop_reason(row, form) is None) == (identical == most_identical)

    def test_missing_answers_are_not_identical_answers(self):
        row = np.array([3.0] * 14 + [np.nan] * 5 + [2.0, 4.0])
        row[[9, 15]] = row[[15, 9]]
        assert drop_reason(row, ESS21) is None

    def test_a_blank_respondent_is_dropped_for_its_missing_answers(self):
        reason = drop_reason(np.full(40, np.nan), PVQ40)
        assert reason == ("more than 8 answers missing", "40 missing")


class TestSyntheticFiles:
    """Means, deviations and dropped rows computed apart from civa, with pandas."""

    def test_the_files_are_those_that_the_script_makes(self, tmp_path: Path):
        runpy.run_path(str(MAKER))["write"](tmp_path)
        for name in ("pvq40_synthetic.csv", "ess21_synthetic.csv"):
            assert (tmp_path / name).read_bytes() == (FIXTURES / name).read_bytes()

    def test_pvq40(self):
        found = read_survey(FIXTURES / "pvq40_synthetic.csv", "pvq40")
        means = [
            0.6420,
            -0.5101,
            -0.3598,
            -0.1034,
            -0.9196,
            0.1246,
            0.0877,
            -0.7765,
            0.7371,
            0.4062,
        ]
        assert found.scores.mean(axis=0) == pytest.approx(means, abs=5e-5)
        sd = found.scores.std(axis=0, ddof=1)
        assert sd[[INDEX["SD"], INDEX["PO"]]] == pytest.approx([0.6304, 0.8527], abs=5e-5)
        assert found.reversed
        assert found.direction.startswith("decided by the sample")
        assert (len(found.scores), found.complete.sum(), found.out_of_scale) == (92, 86, 1)
        assert [(d.label, d.line, d.reason, d.detail) for d in found.dropped] == [
            ("92", 93, "more than 8 answers missing", "9 missing"),
            ("94", 95, "more than 35 identical answers", "36 identical"),
            ("95", 96, "no answer at all for a value", "PO"),
        ]

    def test_ess21(self):
        found = read_survey(FIXTURES / "ess21_synthetic.csv", "ess21")
        means = [
            0.4585,
            -0.5623,
            -0.4442,
            -0.1248,
            -0.9790,
            0.4030,
            0.1530,
            -0.5901,
            0.9724,
            0.4701,
        ]
        assert found.scores.mean(axis=0) == pytest.approx(means, abs=5e-5)
        sd = found.scores.std(axis=0, ddof=1)
        assert sd[[INDEX["SD"], INDEX["PO"]]] == pytest.approx([0.8775, 0.7237], abs=5e-5)
        assert found.reversed
        assert (len(found.scores), found.complete.sum(), found.out_of_scale) == (72, 66, 0)
        assert [(d.label, d.detail) for d in found.dropped] == [
            ("1072", "6 missing"),
            ("1074", "17 identical"),
            ("1075", "TR"),
        ]

    @pytest.mark.parametrize("scale", list(INSTRUMENTS))
    def test_kept_respondents_become_whole_profiles(self, scale):
        found = read_survey(FIXTURES / f"{scale}_synthetic.csv", scale)
        profiles = found.profiles()
        assert profiles.shape == (len(found.labels), 10)
        assert (profiles.sum(axis=1) == 500).all()
        assert len(found.labels) == len(found.lines) == len(found.items)


class TestDirection:
    def test_a_turned_file_gives_the_same_scores(self, tmp_path, pvq):
        turned = [
            [row[0], *(str(7 - int(c)) if c in set("123456") else c for c in row[1:])]
            for row in pvq[1:]
        ]
        path = write(tmp_path / "turned.csv", [pvq[0], *turned])
        found = read_survey(path, "pvq40")
        assert not found.reversed
        expected = read_survey(FIXTURES / "pvq40_synthetic.csv", "pvq40").scores
        assert found.scores == pytest.approx(expected, abs=1e-12)

    def test_the_callers_word_is_followed_and_a_contradiction_is_said(self):
        path = FIXTURES / "pvq40_synthetic.csv"
        agreed, opposed = read_survey(path, "pvq40", True), read_survey(path, "pvq40", False)
        assert "given by the caller; the sample agrees" in agreed.direction
        assert "the sample contradicts it" in opposed.direction
        assert opposed.scores == pytest.approx(-agreed.scores)

    def test_nineteen_respondents_cannot_decide_and_twenty_can(self, tmp_path, pvq):
        with pytest.raises(InputError, match=r"fewer than 20 respondents.*--reversed yes"):
            read_survey(write(tmp_path / "few.csv", pvq[:20]), "pvq40")
        assert read_survey(write(tmp_path / "few.csv", pvq[:21]), "pvq40").reversed

    def test_a_small_sample_is_read_with_the_callers_word(self, tmp_path, pvq):
        found = read_survey(write(tmp_path / "one.csv", pvq[:2]), "pvq40", reversed=True)
        assert len(found.scores) == 1
        assert "the sample cannot tell" in found.direction

    def scores(self, differences):
        scores = np.zeros((len(differences), 10))
        scores[:, INDEX["BE"]] = differences
        return scores

    def test_a_difference_within_a_fifth_of_a_point_is_refused(self):
        with pytest.raises(InputError, match="cannot be decided"):
            decide_direction(self.scores(np.full(1000, 0.19)), None)
        assert decide_direction(self.scores(np.full(1000, 0.21)), None)[0] is False

    def test_a_difference_within_three_standard_errors_is_refused(self):
        # ±1 around m: s.d. 1.005 (n = 100), standard error .1005, limit .3015.
        spread = np.tile([1.0, -1.0], 50)
        with pytest.raises(InputError, match="cannot be decided"):
            decide_direction(self.scores(spread - 0.30), None)
        assert decide_direction(self.scores(spread - 0.31), None)[0] is True


class TestCells:
    def test_names_in_any_case_semicolons_and_a_byte_order_mark_are_read(self, tmp_path, pvq):
        rows = [[name.upper() for name in pvq[0]], *pvq[1:]]
        path = write(tmp_path / "x.csv", rows, ";")
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        expected = read_survey(FIXTURES / "pvq40_synthetic.csv", "pvq40").scores
        assert (read_survey(path, "pvq40").scores == expected).all()

    def test_decimal_points_of_other_programs_are_read(self, tmp_path, pvq):
        rows = [pvq[0], *([row[0], *(c and f"{c}.0" for c in row[1:])] for row in pvq[1:])]
        expected = read_survey(FIXTURES / "pvq40_synthetic.csv", "pvq40").scores
        assert (read_survey(write(tmp_path / "x.csv", rows), "pvq40").scores == expected).all()

    @pytest.mark.parametrize("blank", ["", "NA", "0", "  "])
    def test_blank_and_zero_are_missing_in_the_pvq(self, tmp_path, pvq, blank):
        pvq[1][5] = blank
        found = read_survey(write(tmp_path / "x.csv", pvq), "pvq40")
        assert np.isnan(found.items[0, 4])

    @pytest.mark.parametrize("code", [7, 8, 9, 66, 77, 88, 99])
    def test_the_codes_of_the_ess_for_no_answer_are_missing(self, tmp_path, code):
        rows = table(FIXTURES / "ess21_synthetic.csv")
        rows[1][4] = str(code)
        found = read_survey(write(tmp_path / "x.csv", rows), "ess21")
        assert np.isnan(found.items[0, 2])
        assert found.out_of_scale == 0

    @pytest.mark.parametrize("code", ["44", "-1", "3.5"])
    def test_a_code_off_the_scale_is_missing_and_counted(self, tmp_path, pvq, code):
        pvq[1][5] = code
        found = read_survey(write(tmp_path / "x.csv", pvq), "pvq40")
        assert np.isnan(found.items[0, 4])
        assert found.out_of_scale == 2  # the file has one already

    def test_lines_are_named_where_a_row_has_no_label(self, tmp_path, pvq):
        path = write(tmp_path / "x.csv", [row[1:] for row in pvq])
        found = read_survey(path, "pvq40")
        assert found.dropped[0].label == "line 93"
