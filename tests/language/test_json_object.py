"""One reader of JSON objects: a reply is an answer or a fault whoever was asked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.asides.asking import read_answers
from agents.asides.awareness import read_said, read_taken
from agents.asides.judge import read_judgement
from agents.asides.language_overseer import read_alerts
from agents.asides.probes import probes
from agents.llm.errors import ReplyFault
from agents.prompts.grammar import HUGE
from agents.prompts.json_object import json_object
from agents.prompts.replies import read_reply
from tests.language.test_replies import EVENING, MORNING, PLAIN, Stage

#: Every kind of question, what is read, and a reply that is right.
READERS = {
    "morning": (lambda t: read_reply(t, Stage.MORNING, PLAIN, 3).act, MORNING),
    "evening": (lambda t: read_reply(t, Stage.EVENING, PLAIN, 3).note, EVENING),
    "judge": (lambda t: read_judgement(t, []), {"found": []}),
    "overseer": (
        lambda t: read_alerts(t, 2),
        {"alerts": [{"message": 1, "reason": "pressure", "level": 2, "why": "x"}]},
    ),
    "probes": (lambda t: read_answers(t).tolist(), {one.name: 3 for one in probes()}),
    "awareness": (read_said, {"known": "no", "name": "", "why": "never seen"}),
    "situation": (read_taken, {"takes_it_for": "unsure", "why": "no idea"}),
}
WRAPPED = {
    "alone": "{}",
    "a fence": "Here it is:\n```json\n{}\n```",
    "a word in braces": "In {{brackets}}: {}",
    "a set in braces": "Of {{a, b}} I take this. {} Nothing else.",
    "twice": "{0}\n{0}",
    "after nothing": "{{}} {}",
    "before nothing": "{} {{ }}",
}
FAULTS = {
    "nothing at all": ("I would rather not.", "no_json"),
    "a word in braces alone": ("In {brackets}.", "no_json"),
    "cut": ('{"main": "idle", "why": "I', "no_json"),
    "two answers": ('{"a": 1} or {"a": 2}', "several_objects"),
    "a field twice": ('{"a": 1, "a": 2}', "field_twice"),
    "nested without end": ('{"a":' * 100_000, "no_json"),
}
plain = st.text(st.characters(exclude_characters="{", exclude_categories=["Cs"]), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-HUGE, HUGE) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=6), values, max_size=5)


@pytest.mark.parametrize("wrapping", WRAPPED)
@pytest.mark.parametrize("reader", READERS)
def test_a_right_answer_is_read_however_it_is_wrapped(reader: str, wrapping: str) -> None:
    read, answer = READERS[reader]
    text = json.dumps(answer)
    assert read(WRAPPED[wrapping].format(text)) == read(text)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("reader", READERS)
def test_what_holds_no_single_object_is_the_same_fault_for_all(reader: str, fault: str) -> None:
    text, cause = FAULTS[fault]
    with pytest.raises(ReplyFault) as found:
        READERS[reader][0](text)
    assert found.value.cause == cause


@given(objects, plain, plain)
def test_an_object_is_found_within_any_text_without_braces(
    answer: dict[str, object], before: str, after: str
) -> None:
    found = json_object(before + json.dumps(answer) + after)
    assert found.fields == answer
    assert found.alone == (not (before + after).strip())


@given(st.text(max_size=60) | st.text('{}[]",: \\a1e-9', max_size=60))
def test_any_text_at_all_is_an_object_or_a_fault_for_every_reader(text: str) -> None:
    causes = set()
    for read, _ in READERS.values():
        try:
            read(text)
        except ReplyFault as fault:
            causes.add(fault.cause)
    unread = {"no_json", "several_objects", "field_twice"} & causes
    assert len(unread) <= 1
    assert not unread or causes == unread, "what one cannot read, nobody can"


@given(objects)
def test_reading_what_was_read_changes_nothing(answer: dict[str, object]) -> None:
    once = json_object(json.dumps(answer)).fields
    assert json_object(json.dumps(once)).fields == once


@pytest.mark.parametrize("number", ["9" * 5_000, "-" + "9" * 5_000, "1e999", "NaN", "2.5", "true"])
def test_a_number_beyond_all_bounds_is_a_fault_of_the_answer_and_never_an_error(
    number: str,
) -> None:
    answers = json.dumps({one.name: 3 for one in probes()}).replace("3", number, 1)
    with pytest.raises(ReplyFault) as found:
        read_answers(answers)
    assert found.value.cause in ("wrong_type", "out_of_range")
