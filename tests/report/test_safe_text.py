import csv
import io
import unicodedata

import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from model.report.tables import Table, number
from model.report.text import drawable, shortened, visible

ANY = st.text(st.characters(codec="utf-8"))


@given(ANY)
@example("a\u202eb\u0000\u2028\r\n\t\x7f\u200b")
def test_nothing_unseen_is_left_in_shown_text(text):
    kinds = {unicodedata.category(c) for c in visible(text)}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])))
def test_what_can_be_seen_is_shown_as_it_stands(text):
    assert visible(text) == text


def test_a_character_that_is_not_seen_is_named_by_its_number():
    assert visible("a\rb\u202ec\U000e0001") == "a\\u000db\\u202ec\\U000e0001"


def test_a_picture_shows_the_number_of_what_its_font_lacks():
    assert drawable("a你b", frozenset(map(ord, "ab"))) == "a\\u4f60b"


def test_a_shortened_text_says_that_it_is():
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"


def test_negative_numbers_stay_numbers_in_a_file():
    frame = pd.DataFrame({"x": [-1.5, float("nan")], "said": ["-1.5", "=A1"], "-name": [1, 2]})
    text = Table("t", "T", frame).csv.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["x", "said", "'-name"], ["-1.5", "'-1.5", "1"], ["", "'=A1", "2"]]


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_a_shown_number_is_the_number_rounded(value, places):
    assert abs(float(number(value, places).replace("−", "-")) - value) <= 0.5001 * 10**-places


def test_undefined_is_a_dash_and_no_zero_has_a_sign():
    assert number(float("nan")) == "–"
    assert number(float("inf")) == "–"
    assert number(-0.0001, 2) == "0.00"
