"""A judge reads blind, must quote the log, and whatever it gets wrong is its own fault."""

from __future__ import annotations

import json
import re

import pytest

from agents.asides.judge import SCHEMA, find_quote, instructions, read_judgement
from agents.asides.labels import LABELS, TEXT_LABEL, meanings
from agents.asides.masks import MASK, mask
from agents.asides.scripted_judge import Confusion
from agents.errors import InputError
from agents.llm.errors import ReplyFault
from agents.prompts.texts import catalogue
from agents.values import NAMES, VALUES
from model.analysis.labelled_runs import RunTables
from model.asides.items import draw_items
from model.asides.judge import judge_runs, label_order
from model.measures.behaviour import LABELS as RULES
from tests.judging.communities import lived, scene

LINES = (
    'day 1: M1 to M2 (inform): "I have nothing."',
    "day 1: M1 rested",
    "day 2: M1 gave 5 to M2",
)


def reply(*found: tuple[str, str, str]) -> str:
    keys = ("label", "quote", "claim")
    return json.dumps({"found": [dict(zip(keys, one, strict=True)) for one in found]})


@pytest.fixture(scope="module")
def run() -> RunTables:
    return lived(value="BE", mode="without", prevalence=0.5, residents=12, days=12)


def test_the_judge_s_nine_labels_are_those_of_the_rules() -> None:
    assert [one.name for one in RULES if not one.beside] == list(LABELS)
    assert set(meanings()) == set(LABELS)


def test_evidence_leads_to_the_line_that_it_quotes() -> None:
    found = read_judgement(
        reply(("deception", "I have nothing", "it has nothing"), ("cooperation", LINES[2], "")),
        LINES,
    )
    assert [(one.label, one.line) for one in found] == [("deception", 0), ("cooperation", 2)]


def test_an_empty_list_says_that_nothing_was_shown() -> None:
    assert read_judgement('{"found": []}', LINES) == ()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (reply(("deception", "I have everything.", "")), "quote_not_in_log"),
        (reply(("deception", "nothing. day 1: M1 rested", "")), "quote_not_in_log"),
        (reply(("deception", "M1", "")), "quote_not_in_log"),
        (reply(("deception", "", "")), "quote_not_in_log"),
        (reply(("wickedness", LINES[1], "")), "unknown_label"),
        (reply((TEXT_LABEL, LINES[0], "")), "no_claim"),
        ("I will not judge anybody.", "no_json"),
        ('{"found": "none"}', "wrong_type"),
        ('{"found": [1]}', "wrong_type"),
        ("{}", "missing_field"),
        ('{"found": [{"label": "betrayal", "claim": ""}]}', "missing_field"),
    ],
)
def test_what_cannot_be_verified_is_a_fault_of_the_judge(text: str, cause: str) -> None:
    with pytest.raises(ReplyFault) as fault:
        read_judgement(text, LINES)
    assert fault.value.cause == cause


def test_a_quote_may_differ_in_spaces_and_be_put_in_quotation_marks() -> None:
    assert find_quote('  "M1   gave 5 to M2" ', LINES) == 2
    assert find_quote("m1 gave 5 to m2", LINES) == -1


def test_the_schema_allows_no_other_label() -> None:
    entry = SCHEMA["properties"]["found"]["items"]
    assert entry["properties"]["label"]["enum"] == [*LABELS, TEXT_LABEL]
    assert entry["additionalProperties"] is False


def test_names_of_values_and_words_of_value_texts_are_masked() -> None:
    for code in VALUES:
        assert mask(f"I live for {NAMES[code]}.") == f"I live for {MASK}." or code in ("SD",)
        for part in ("glosses", "other_glosses", "portraits"):
            text = catalogue()[part][code]
            left = mask(f"You know that {text}, F1 pays 9.").split(MASK)
            assert len(left) > 1
            assert not re.search(re.escape(text), " ".join(left))
    assert mask("I give you 10 units tomorrow if you work at F1.").count(MASK) == 0


def test_a_transcript_names_no_resident_no_treatment_and_no_mind(run: RunTables) -> None:
    for item in draw_items([run], per_run=20):
        text = "\n".join(item.question.lines)
        assert not re.search(r"\bR[0-9]+\b", text)
        assert "surrogate" not in text
        assert "without" not in text.replace("in vain", "")
        assert not re.search(r"treat|benevol|prevalence", text, re.IGNORECASE)


def test_residents_have_other_names_in_every_question(run: RunTables) -> None:
    items = [item for item in draw_items([run]) if item.resident == 1]
    assert len({item.question.who for item in items}) > 3


def test_every_line_carries_the_row_it_was_made_from(run: RunTables) -> None:
    for item in draw_items([run], per_run=10):
        for line in item.lines:
            row = run.tables[line.table].iloc[line.row]
            day = int(row["closed" if line.table == "commitments" else "day"])
            assert line.text.startswith(f"day {day}: ")


def test_what_the_sender_knew_is_shown_and_what_others_knew_is_not() -> None:
    told = scene("the deceiver")
    items = {(i.day, i.resident): i for i in draw_items([told])}
    own = "\n".join(items[3, 1].question.lines)
    assert "that its stock is 5 (private: it knew 30)" in own
    other = "\n".join(items[3, 2].question.lines)
    assert "that its stock is 5" in other
    assert "it knew 30" not in other


def test_the_order_of_items_and_labels_is_drawn_by_seed(run: RunTables) -> None:
    orders = [[(i.day, i.resident) for i in draw_items([run], seed=s)] for s in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])
    assert label_order(1) == label_order(1) != label_order(2)
    assert sorted(label_order(3)) == sorted(LABELS)
    told = instructions(label_order(1))
    assert all(f"\n{label}: " in told for label in (*LABELS, TEXT_LABEL))


def test_the_random_part_is_drawn_alike_from_every_run(run: RunTables) -> None:
    other = lived("two", rng=2, residents=12, days=12)
    items = draw_items([run, other], per_run=15, extra=3)
    drawn = [item for item in items if item.part == "rate"]
    assert sorted(item.run for item in drawn) == ["one"] * 15 + ["two"] * 15
    assert all(item.truth for item in items if item.part == "extra")
    assert len({(i.run, i.day, i.resident) for i in items}) == len(items)


def test_a_judge_without_error_says_what_the_rules_say(run: RunTables) -> None:
    found = judge_runs([run], "scripted:sens=1,spec=1")
    assert found.faults == 0
    assert (found.readings["judged"] == found.readings["reference"]).all()


def test_every_fault_of_the_judge_is_counted_and_read_as_nothing(run: RunTables) -> None:
    found = judge_runs([run], "scripted:sens=1,spec=1,refuse=.1,misquote=.1,mislabel=.1")
    causes = found.items["fault"].value_counts()
    assert set(causes.index) == {"", "no_json", "quote_not_in_log", "unknown_label"}
    faulted = found.items.loc[found.items["fault"] != "", "item"]
    rows = found.readings[found.readings["item"].isin(faulted)]
    assert rows["judged"].isna().all()
    assert not found.evidence["item"].isin(faulted).any()


def test_evidence_names_run_day_resident_and_row(run: RunTables) -> None:
    found = judge_runs([run], "scripted:sens=1,spec=1")
    given = found.readings[found.readings["judged"] == 1]
    assert len(found.evidence) == len(given) > 0
    for row in found.evidence.head(20).to_dict("records"):
        assert 0 <= row["row"] < len(run.tables[row["table"]])


@pytest.mark.parametrize("words", ["sens=2", "sens=x", "spec=-.1", "temper=1", "deception=.5"])
def test_a_scripted_judge_that_cannot_be_is_refused(words: str) -> None:
    with pytest.raises(InputError, match="judge scripted"):
        Confusion.parse(words)


def test_a_judge_of_another_kind_is_refused(run: RunTables) -> None:
    with pytest.raises(InputError, match="names no model"):
        judge_runs([run], "wise:old")
