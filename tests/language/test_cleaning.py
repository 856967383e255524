"""A key is taken out of every text, in the spellings of programs, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.llm.cleaning import MARK, Cleaner, well_formed
from agents.llm.errors import EndpointError

KEY = "sk-marked-aB3_dE6gH9jK2mN5pQ8sT1v"
OTHER = "sk-marked-Zz9yX8wV7uT6sR5"


def _utf8(text: str) -> bytes:
    return text.encode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "capitals": str.upper,
    "small": str.lower,
    "percent": lambda k: "".join(f"%{ord(a):02X}" for a in k),
    "percent, where needed": lambda k: urllib.parse.quote(k, safe="").replace("-", "%2d"),
    "percent of percent": lambda k: k.replace("-", "%25252D"),
    "json": lambda k: json.dumps("".join(f"\\u{ord(a):04x}" for a in k)),
    "json of json": lambda k: json.dumps(json.dumps(k.replace("-", "\\u002d"))),
    "python": lambda k: "".join(f"\\x{ord(a):02x}" for a in k),
    "html": lambda k: "".join(f"&#{ord(a)};" for a in k),
    "html, hexadecimal": lambda k: "".join(f"&#X{ord(a):x};" for a in k),
    "html, by name": lambda k: k.replace("_", "&lowbar;"),
    "html of html": lambda k: html.escape("".join(f"&#{ord(a)};" for a in k)),
    "hexadecimal": lambda k: _utf8(k).hex(),
    "base64": lambda k: base64.b64encode(_utf8(k)).decode(),
    "base64 of a user's": lambda k: base64.b64encode(_utf8(f"user:{k}")).decode(),
    "base64 of a header": lambda k: base64.b64encode(_utf8(f"Bearer {k}\n")).decode(),
    "base64 for addresses": lambda k: base64.urlsafe_b64encode(_utf8(f"?>{k}")).decode(),
    "zero-width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "bidi": "\u202e".join,
    "nulls": "\0".join,
    "escape": "\x1b".join,
    "white space": " ".join,
    "lines": "\r\n".join,
    "backslashes": "\\".join,
    "accents": "\u0301".join,
    "full width": lambda k: "".join(chr(ord(a) + 0xFEE0) for a in k),
    "cut short": lambda k: k[: len(k) * 2 // 3],
    "its end": lambda k: k[len(k) // 3 :],
    "twice": lambda k: k + k,
    "another": lambda k: OTHER,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_is_taken_out_in_every_spelling(spelling: str) -> None:
    cleaner = Cleaner((KEY, OTHER))
    spelt = SPELLINGS[spelling](KEY)
    cleaned = cleaner.text(f"it is <{spelt}>.")
    assert cleaned.startswith("it is <")
    assert cleaned.endswith(">.")
    assert MARK in cleaned
    assert len(cleaned) <= len("it is <>.") + len(MARK) + 14  # what stood before it in base64
    assert not cleaner.holds(cleaned)
    assert MARK in cleaner.line(f"m-{spelt}", 200)


@pytest.mark.parametrize(
    "text",
    ["sk-marked-", "[key]", KEY[:11], KEY[::-1], "Bearer", "", "a\u202eb\x1b[31m", "\ud83d half"],
)
def test_what_is_no_key_is_left_alone(text: str) -> None:
    assert Cleaner((KEY,)).text(text) == text


@given(st.text())
def test_a_text_without_a_key_is_the_same_text(text: str) -> None:
    cleaner = Cleaner((KEY,))
    assert cleaner.text(text) is text or KEY[:12].lower() in text.lower()


_KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
_NEAR = "".join(sorted(set("[key]-smard%\\u002x &#;=+/ \n\u200bé")))


@given(st.lists(_KEYS, min_size=1, max_size=3), st.data())
def test_no_key_is_left_and_cleaning_twice_is_cleaning_once(
    keys: list[str], data: st.DataObject
) -> None:
    part = st.one_of(
        st.sampled_from(keys),
        st.sampled_from([spell(keys[0]) for spell in SPELLINGS.values()]),
        st.sampled_from([keys[0][:-1], keys[0][1:], MARK, "[k", "y]"]),
        st.text(_NEAR, max_size=6),
        st.text(max_size=6),
    )
    text = "".join(data.draw(st.lists(part, max_size=8)))
    cleaner = Cleaner(keys)
    cleaned = cleaner.text(text)
    assert not any(key in cleaned for key in keys)
    assert cleaner.text(cleaned) == cleaned
    line = cleaner.line(text, 80)
    assert len(line) <= 80
    assert line.isprintable()
    assert not any(key in line for key in keys)


@given(_KEYS, st.integers(0, 200), st.integers(1, 80))
def test_no_part_of_a_key_is_left_where_a_line_is_cut(key: str, before: int, limit: int) -> None:
    assume(key[:5] not in MARK + "." * 5)
    assert key[:5] not in Cleaner((key,)).line("." * before + " " + key, limit)


def test_a_name_is_one_line_of_what_can_be_seen() -> None:
    name = "m\x1b[31m\u202e\n" + "x" * 500
    assert Cleaner().line(name, 200) == "m[31m " + "x" * 193 + "…"
    assert Cleaner().line({"a": 1}) == "{'a': 1}"


def test_keys_go_from_all_that_json_can_say() -> None:
    cleaner = Cleaner((KEY, "1234567890123"))
    value = {"a": [KEY, 1, None, True, {KEY: 2.5}], "n": 1234567890123}
    assert cleaner.value(value) == {"a": [MARK, 1, None, True, {MARK: 2.5}], "n": None}


def test_a_short_key_goes_from_names_and_echoed_headers_and_not_from_prose() -> None:
    cleaner = Cleaner(("EMPTY",))
    assert cleaner.text("The store is EMPTY.") == "The store is EMPTY."
    assert cleaner.text('{"echo": "Bearer EMPTY"}') == '{"echo": "Bearer [key]"}'
    assert cleaner.line("m-EMPTY") == "m-[key]"
    assert cleaner.line("EMPTYING is empty") == "EMPTYING is empty"
    named = Cleaner(("key",))
    assert named.line(named.line("a key")) == "a [key]"


@pytest.mark.parametrize(
    "key", [KEY + "é", "sk-marked-\n1", "sk marked", "sk-marked-\x7f", "ключ-marked", "\u200bsk"]
)
def test_a_key_that_no_header_can_carry_is_refused_by_its_variable(key: str) -> None:
    with pytest.raises(EndpointError, match="CIVA_API_KEY: character") as refusal:
        well_formed(key, "CIVA_API_KEY", "http://x/v1")
    assert not any(key[at : at + 4] in str(refusal.value) for at in range(len(key) - 3))
    assert "é" not in str(refusal.value)


def test_a_key_too_short_to_be_one_is_refused_where_keys_are_long() -> None:
    with pytest.raises(EndpointError, match="OPENAI_API_KEY: 3 letters are no key"):
        well_formed("abc", "OPENAI_API_KEY", "https://api.openai.com/v1", 8)
    assert well_formed("abc", "OPENAI_API_KEY", "http://localhost/v1") == "abc"
