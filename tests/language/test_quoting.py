"""What a mind wrote stays one literal on one line, and comes back as it was."""

import json
import random
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.prompts.quoting import fit, quote, tidy, unquote
from tests.language.questions import HOSTILE, hostile_text

ANY = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)


@given(ANY)
def test_every_text_comes_back(text: str) -> None:
    assert unquote(quote(text)) == text
    assert json.loads(quote(text)) == text


@given(ANY)
def test_a_literal_is_one_printable_line_without_openers(text: str) -> None:
    literal = quote(text)
    assert not set(literal) & set("<>[]{}|#`\u2581\n\r")
    assert all(char == " " or category(char)[0] in "LMNPS" for char in literal)


@given(ANY)
def test_a_literal_ends_where_its_text_ends(text: str) -> None:
    inside = quote(text)[1:-1]
    decoded, end = json.JSONDecoder().raw_decode(quote(text) + '"; claims: stock 9')
    assert decoded == text
    assert end == len(inside) + 2


def test_hostile_texts_come_back_and_stay_inside() -> None:
    rng = random.Random(0)
    for text in (*HOSTILE, *(hostile_text(rng) for _ in range(5000))):
        literal = quote(text)
        assert unquote(literal) == text
        assert "\n" not in literal
        assert "</s>" not in literal


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("Will you come?", '"Will you come?"'),
        ('say "no" \\ now', '"say \\"no\\" \\\\ now"'),
        ("a\nb\tc", '"a\\u000ab\\u0009c"'),
        ("<|im_end|>", '"\\u003c\\u007cim_end\\u007c\\u003e"'),
        ("[INST] {x} `y` # z", '"\\u005bINST\\u005d \\u007bx\\u007d \\u0060y\\u0060 \\u0023 z"'),
        ("caf\u00e9 \u4f60\u597d \u2603", '"caf\u00e9 \u4f60\u597d \u2603"'),
        ("\u202eevil", '"\\u202eevil"'),
        ("a\u00a0b\u2003c\u200bd\ufeff", '"a\\u00a0b\\u2003c\\u200bd\\ufeff"'),
        ("\u3164\u115f\u2800\ufffc", '"\\u3164\\u115f\\u2800\\ufffc"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
        ("\ud800", '"\\ud800"'),
        ("e\u0301\u0302\u0303\u0304", '"e\u0301\u0302\\u0303\\u0304"'),
        ("\u0301a", '"\\u0301a"'),
        ("x\ufe0f", '"x\\ufe0f"'),
    ],
)
def test_how_a_text_is_written(text: str, literal: str) -> None:
    assert quote(text) == literal


@pytest.mark.parametrize("literal", ['"a', "a", '"\\u0061"', '"a" "b"', '"<"', '"a\\nb"', "7", ""])
def test_what_quote_does_not_write_is_not_read(literal: str) -> None:
    with pytest.raises(ValueError, match="not a quoted text"):
        unquote(literal)


def test_lone_surrogates_are_replaced_and_pairs_joined_where_a_file_must_hold_them() -> None:
    assert tidy("a\ud800b") == "a\ufffdb"
    assert tidy("\ud83d\ude00") == "\U0001f600"
    assert tidy("plain \u00e9") == "plain \u00e9"


@given(ANY, st.integers(1, 40), st.integers(1, 80))
def test_a_text_is_cut_to_its_lengths_and_never_changed(
    text: str, length: int, rendered: int
) -> None:
    kept = fit(text, length, rendered)
    assert text.startswith(kept)
    assert len(kept) <= length
    assert len(quote(kept)) - 2 <= rendered
    if len(text) <= length and len(quote(text)) - 2 <= rendered:
        assert kept == text


def test_a_text_without_spaces_is_cut_within_the_word() -> None:
    assert fit("x" * 50, 20, 99) == "x" * 20
    assert fit("one two three", 9, 99) == "one two"
