"""The probes: own texts about people, four a value, scored as questionnaires of people are."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.asides.asking import as_json, order_of, read_answers
from agents.asides.probes import drop_reasons, form, probes, score
from agents.asides.stated import stated_answers
from agents.llm.errors import ReplyFault
from agents.prompts.texts import catalogue
from agents.values import EVEN, MODES, NAMES, VALUES, treat
from tests.language.test_value_texts import PRAISE_OR_BLAME, WORLD


def test_there_are_four_probes_for_every_value_and_no_two_alike() -> None:
    assert Counter(probe.value for probe in probes()) == dict.fromkeys(VALUES, 4)
    assert len({probe.text for probe in probes()}) == 40


def test_no_probe_holds_a_word_of_the_world_a_value_s_name_praise_or_blame() -> None:
    names = {word for name in NAMES.values() for word in name.split("-")} - {"self", "direction"}
    for probe in probes():
        words = set(re.findall(r"[a-z-]+", probe.text.lower()))
        assert not words & (WORLD | PRAISE_OR_BLAME | names), probe


def test_no_probe_repeats_the_words_of_a_value_text() -> None:
    told = catalogue()
    for probe in probes():
        words = set(re.findall(r"[a-z]{5,}", probe.text.lower()))
        for texts in ("glosses", "other_glosses"):
            gloss = set(re.findall(r"[a-z]{5,}", told[texts][probe.value].lower()))
            assert len(words & gloss) <= 1, probe


def test_probes_are_of_one_length() -> None:
    lengths = [len(probe.text.split()) for probe in probes()]
    assert max(lengths) <= 2 * min(lengths)


@given(st.lists(st.integers(1, 6), min_size=40, max_size=40))
def test_centred_scores_of_a_complete_respondent_sum_to_nothing(answers: list[int]) -> None:
    found = score(np.array([answers], float))
    dropped = drop_reasons(np.array([answers], float))[0] is not None
    assert np.isnan(found).all() if dropped else abs(found.sum()) < 1e-9


def test_a_score_is_the_mean_of_its_four_answers_less_the_mean_of_all() -> None:
    answers = np.full((1, 40), 3.0)
    members = [i - 1 for i in form().key["BE"]]
    answers[0, members] = (6, 6, 5, 5)
    answers[0, 0] = 1
    mean = (35 * 3 + 22 + 1) / 40
    assert score(answers)[0, VALUES.index("BE")] == pytest.approx(5.5 - mean)


def test_whoever_answers_nothing_or_always_the_same_has_no_score() -> None:
    same = np.full((1, 40), 4.0)
    assert np.isnan(score(same)).all()
    assert drop_reasons(same) == ["more than 35 identical answers"]
    assert drop_reasons(np.full((1, 40), np.nan)) == ["no answer"]


@pytest.mark.parametrize("mode", ["with", "without", "against"])
def test_what_is_stated_moves_as_the_weights_and_in_the_order_of_the_circle(mode: str) -> None:
    before = score(stated_answers(EVEN[None]))[0]
    sign = 1 if mode == "with" else -1
    for k in range(len(VALUES)):
        shift = sign * (score(stated_answers(treat(EVEN, k, mode)[None]))[0] - before)
        steps = np.minimum((np.arange(10) - k) % 10, (k - np.arange(10)) % 10)
        by_distance = [shift[steps == d].mean() for d in range(6)]
        assert by_distance[0] > 1
        # Whole answers to four probes move in quarters, so that neighbours may tie.
        assert all(a >= b - 1e-9 for a, b in pairwise(by_distance))
        assert by_distance[1] > by_distance[5]


@given(st.lists(st.integers(-50, 100), min_size=10, max_size=10), st.integers(2, 5))
def test_a_batch_is_answered_as_its_rows_alone(told: list[int], n: int) -> None:
    rows = np.array([told[k:] + told[:k] for k in range(n)])
    together = stated_answers(rows)
    assert all((together[i] == stated_answers(rows[i : i + 1])[0]).all() for i in range(n))
    assert set(np.unique(together)) <= {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}


def test_each_resident_reads_the_probes_in_an_order_of_its_own() -> None:
    assert sorted(order_of(5)) == list(range(40))
    assert len({tuple(order_of(key)) for key in range(20)}) == 20


def test_a_reply_reads_back_as_the_answers_that_wrote_it() -> None:
    answers = stated_answers(EVEN[None])[0]
    assert (read_answers(f"Here: {as_json(answers)} Thanks.") == answers).all()


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda text: text.replace('"p07": ', '"p77": '), "missing_field"),
        (lambda text: text.replace('"p01": 3', '"p01": 9'), "out_of_range"),
        (lambda text: text.replace('"p01": 3', '"p01": true'), "wrong_type"),
        (lambda text: text.replace('"p01": 3', '"p01": "somewhat"'), "wrong_type"),
        (lambda text: "As a model I have no values.", "no_json"),
        (lambda text: text[:100], "no_json"),
        (lambda text: text + text.replace("3", "4"), "several_objects"),
    ],
)
def test_a_reply_that_leaves_a_probe_unanswered_is_a_fault(spoil, cause: str) -> None:
    text = as_json(stated_answers(EVEN[None])[0])
    with pytest.raises(ReplyFault) as fault:
        read_answers(spoil(text))
    assert fault.value.cause == cause


def test_every_mode_has_its_own_answers() -> None:
    told = [treat(EVEN, 8, mode) for mode in MODES]
    assert len({stated_answers(one[None]).tobytes() for one in told}) == len(MODES)
