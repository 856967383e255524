"""A key belongs to an address: where its key is looked up, and what is sent over the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.llm.keys import (
    Destination,
    NamedEndpoint,
    Registry,
    endpoint_in_words,
    endpoints_in,
    in_words,
    secrets_in,
)

LOCAL, OTHER = "http://127.0.0.1:8000/v1", "http://127.0.0.1:8001/v1"
KEYS = {
    "CIVA_API_KEY": "sk-marked-civa-key",
    "OPENAI_API_KEY": "sk-marked-openai-key",
    "A_KEY": "sk-marked-key-of-a",
    "B_KEY": "sk-marked-key-of-b",
}
VARIABLES = (*KEYS, "OPENAI_BASE_URL", "CIVA_ENDPOINTS", "CIVA_SETTINGS", "XDG_CONFIG_HOME")


def known(*words: str, **environment: str) -> Registry:
    return Registry(tuple(endpoint_in_words(word, "--endpoint") for word in words), environment)


# --- the rule


def test_without_any_name_openai_is_asked_with_civas_key_or_its_own():
    found = known().find("")
    assert found.url == "https://api.openai.com/v1"
    assert found.keys == ("CIVA_API_KEY", "OPENAI_API_KEY")
    assert found.needs_key


def test_openais_key_is_that_of_its_base_url_where_one_is_set():
    there = known(OPENAI_BASE_URL=f" {LOCAL}/ ")
    assert there.find("") == there.find("openai") == there.find(LOCAL)
    assert there.find("").keys == ("CIVA_API_KEY", "OPENAI_API_KEY")
    assert there.find("https://api.openai.com/v1").keys == ("CIVA_API_KEY",)
    assert "OPENAI_API_KEY" not in there.find(OTHER).keys


def test_an_address_that_is_typed_gets_civas_key_and_never_openais():
    assert known().find(LOCAL) == Destination(LOCAL, ("CIVA_API_KEY",))


def test_an_address_that_is_not_the_users_is_asked_without_a_key():
    assert known().find(LOCAL, main=False) == Destination(LOCAL)
    assert known().find("https://api.openai.com/v1", main=False).keys == ("OPENAI_API_KEY",)


def test_a_named_endpoint_takes_its_own_key_by_name_and_by_origin():
    there = known(f"a={LOCAL},A_KEY", "b=https://gw.example/x,B_KEY")
    assert there.find("a") == Destination(LOCAL, ("A_KEY",), needs_key=True)
    assert there.find("http://127.0.0.1:8000/v2").keys == ("A_KEY",)
    assert there.find("HTTPS://GW.example.:443/y").keys == ("B_KEY",)
    assert there.find("http://gw.example/x").keys == ("CIVA_API_KEY",)


def test_a_named_endpoint_without_a_variable_is_asked_without_a_key():
    there = known(f"a={LOCAL}")
    assert there.find("a") == there.find(LOCAL) == Destination(LOCAL)


def test_a_name_for_openais_own_origin_has_openais_key():
    assert known("mine=https://api.openai.com/v1").find("mine").keys == ("OPENAI_API_KEY",)


def test_a_variable_that_an_endpoint_claims_goes_nowhere_else_by_itself():
    there = known(f"a={LOCAL},CIVA_API_KEY", f"b={OTHER},OPENAI_API_KEY")
    assert there.find("").keys == ()
    assert there.find("http://elsewhere/v1").keys == ()
    assert there.find("a").keys == ("CIVA_API_KEY",)
    assert there.find("b").keys == ("OPENAI_API_KEY",)


def test_two_keys_at_one_origin_are_told_apart_by_name_or_whole_address_or_refused():
    there = known("a=https://gw.example/a,A_KEY", "b=https://gw.example/b,B_KEY")
    assert there.find("https://gw.example/b").keys == there.find("b").keys == ("B_KEY",)
    with pytest.raises(InputError, match="endpoints there have different keys; name one: a, b"):
        there.find("https://gw.example/c")


ORIGINS = ["http://h:1", "http://h:2", "https://h:1", "http://g:1", "https://api.openai.com"]
WHERE = st.sampled_from(ORIGINS)
NAMED = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.tuples(WHERE, st.sampled_from(["", *KEYS])), max_size=3
)


@given(NAMED, st.sampled_from(["", *ORIGINS]), WHERE, st.booleans())
def test_no_address_is_given_a_key_that_is_bound_to_others_alone(named, openai, asked, main):
    endpoints = tuple(NamedEndpoint(name, url, key) for name, (url, key) in named.items())
    there = Registry(endpoints, {"OPENAI_BASE_URL": openai} if openai else {})
    try:
        found = there.find(asked, main=main)
    except InputError:
        keys = {one.key for one in endpoints if one.url == asked}
        assert len(keys) > 1
        return
    for key in found.keys:
        owners = {one.url for one in endpoints if one.key == key}
        if key == "OPENAI_API_KEY" and not owners:
            owners = {openai or "https://api.openai.com"}
        assert asked in owners or (key == "CIVA_API_KEY" and main and not owners)


# --- words


@given(NAMED)
def test_endpoints_survive_being_written_into_the_environment(named):
    endpoints = tuple(NamedEndpoint(name, url, key) for name, (url, key) in named.items())
    assert endpoints_in({"CIVA_ENDPOINTS": in_words(endpoints)}) == endpoints


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (LOCAL, "give NAME=URL or NAME=URL,KEY_VARIABLE"),
        (f"={LOCAL}", "is no name of an endpoint"),
        (f"a/b={LOCAL}", "is no name of an endpoint"),
        (f"http://a={LOCAL}", "is no name of an endpoint"),
        (f"{'n' * 41}={LOCAL}", "is no name of an endpoint"),
        (f"openai={LOCAL}", "set that, or use another name"),
        ("a=localhost:8000", "--endpoint: a: 'localhost:8000' is no address"),
        ("a=http://me:sk-marked-pass@h/v1", "--endpoint: a: holds a secret"),
        (f"a={LOCAL},sk-marked-itself", "never by itself"),
        (f"a={LOCAL},gsk_marked", "never by itself"),
        (f"a={LOCAL},A_KEY,B_KEY", "never by itself"),
        (f"a={LOCAL},A KEY", "never by itself"),
    ],
)
def test_words_that_name_no_endpoint_are_refused_and_a_key_among_them_is_not_repeated(words, said):
    with pytest.raises(InputError, match="--endpoint: ") as refused:
        endpoint_in_words(words, "--endpoint")
    assert said in str(refused.value)
    assert "marked" not in str(refused.value)


def test_a_name_given_twice_in_one_place_is_refused():
    with pytest.raises(InputError, match="CIVA_ENDPOINTS: names the endpoint a twice"):
        endpoints_in({"CIVA_ENDPOINTS": f"a={LOCAL}  a={OTHER}"})


def test_an_unknown_name_is_refused_in_one_line_that_names_the_known_ones():
    with pytest.raises(InputError, match="'lokal' is the name of no endpoint; known are openai, a"):
        known(f"a={LOCAL}").find("lokal")


def test_the_state_of_a_key_is_told_and_the_key_is_not():
    found = known(f"a={LOCAL},A_KEY").find("a")
    assert found.key_state(KEYS) == "A_KEY set"
    assert found.key_state({"A_KEY": " "}) == "A_KEY not set"
    assert known(f"a={LOCAL}").find("a").key_state(KEYS) == "no key"
    assert known().find("").key_state({}) == "CIVA_API_KEY or OPENAI_API_KEY not set"
    assert known().find("").key_state({"OPENAI_API_KEY": "x"}) == "OPENAI_API_KEY set"


@pytest.mark.parametrize("key", ["sk-marked-é", "sk-marked-\nX: 1", "sk-marked-\x1b[31m", "п"])
def test_a_key_that_no_header_can_carry_is_named_and_not_repeated(key):
    with pytest.raises(InputError, match=r"^A_KEY: .*(character|letters)") as refused:
        Destination(LOCAL, ("A_KEY",)).key({"A_KEY": key})
    assert "marked" not in str(refused.value)


def test_all_secrets_in_use_are_listed_the_longest_first():
    environment = {
        "CIVA_API_KEY": " sk-marked-1 ",
        "OPENAI_API_KEY": "sk-marked-12",
        "A_KEY": "sk-marked-a",
        "B_KEY": "sk-marked-1234",
        "SHORT_KEY": "none",
        "HOME": "/home/somebody",
        "CIVA_ENDPOINTS": f"a={LOCAL},A_KEY s={OTHER},SHORT_KEY what is this,",
    }
    assert secrets_in(environment) == ("sk-marked-12", *secrets_in(environment)[1:])
    assert set(secrets_in(environment)) == {"sk-marked-1", "sk-marked-12", "sk-marked-a", "none"}
    assert secrets_in(environment, ["B_KEY", "UNSET"])[0] == "sk-marked-1234"
