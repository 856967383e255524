"""The secret and the cookie that stands for it; what is left of an address when it is taken out."""

from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.views.door.paths import fields, inner, onward, taken_out
from model.views.door.token import (
    cookie_name,
    cookie_value,
    holds,
    same,
    set_cookie,
    without_cookie,
)

TOKEN = "t" * 20
RIGHT = f"{cookie_name(8765)}={cookie_value(TOKEN, 8765)}"


def test_the_cookie_lets_in():
    assert holds([RIGHT], TOKEN, 8765)
    assert holds([f"a=b; {RIGHT}; c"], TOKEN, 8765)
    assert holds(["a=b", RIGHT], TOKEN, 8765)
    assert holds([f"{cookie_name(8765)}=old; {RIGHT}"], TOKEN, 8765)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "civa-8765",
        "civa-8765=",
        f"civa-8765={TOKEN}",
        f"civa-8766={cookie_value(TOKEN, 8765)}",
        f"civa-8765={cookie_value(TOKEN, 8766)}",
        f"civa-8765={cookie_value('another token, long', 8765)}",
        RIGHT.upper(),
        RIGHT[:-1],
        RIGHT + "0",
        RIGHT.replace("civa", "xciva"),
        "civa-8765=\xff",
    ],
)
def test_another_cookie_does_not(header):
    assert not holds([header], TOKEN, 8765)


def test_the_cookie_does_not_tell_the_token():
    assert TOKEN not in RIGHT


@given(st.text(), st.text(alphabet=st.characters(codec="ascii")))
def test_two_secrets_are_the_same_if_they_are_equal(given_, right):
    assert same(given_.encode("utf-8", "replace").decode(), right) is (given_ == right)


def test_a_cookie_lasts_as_long_as_the_browser_and_no_script_reads_it():
    said = set_cookie(TOKEN, 8765, "", secure=False, framed=False)
    assert said == f"{RIGHT}; Path=/; HttpOnly; SameSite=Lax"


def test_a_cookie_behind_https_is_for_its_path_and_for_https():
    said = set_cookie(TOKEN, 8765, "/x", secure=True, framed=False)
    assert said == f"{RIGHT}; Path=/x/; HttpOnly; SameSite=Lax; Secure"


def test_in_a_frame_of_another_site_a_cookie_needs_https():
    assert "SameSite=None; Secure" in set_cookie(TOKEN, 1, "", secure=True, framed=True)
    assert "SameSite=Lax" in set_cookie(TOKEN, 1, "", secure=False, framed=True)


def test_what_stands_behind_the_guard_does_not_get_the_cookie():
    assert without_cookie(f"a=b; {RIGHT}; c=d=e", 8765) == "a=b; c=d=e"
    assert without_cookie(RIGHT, 8765) == ""


@pytest.mark.parametrize(
    ("query", "token", "rest"),
    [
        (b"", None, ""),
        (b"day=3", None, "day=3"),
        (b"token=T", "T", ""),
        (b"token=T&day=3", "T", "day=3"),
        (b"day=3&token=T&run=x%2Fy", "T", "day=3&run=x%2Fy"),
        (b"token", "", ""),
        (b"token=", "", ""),
        (b"%74oken=T", "T", ""),
        (b"tok%65n=a%2Bb", "a+b", ""),
        (b"token=T&token=T", "", ""),
        (b"token=T&token=U&a=b", "", "a=b"),
        (b"xtoken=T&Token=U", None, "xtoken=T&Token=U"),
        (b"&&day=3&", None, "day=3"),
        (b"day=\xff\r\n", None, "day=%C3%BF%0D%0A"),
    ],
)
def test_the_token_is_taken_out_of_a_query(query, token, rest):
    assert taken_out(query) == (token, rest)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=5)), max_size=5))
def test_the_other_parameters_stay_as_they_were(parameters):
    others = [pair for pair in parameters if pair[0] != "token"]
    query = urlencode([*others, ("token", "T"), *others]).encode()
    token, rest = taken_out(query)
    assert token == "T"
    assert parse_qsl(rest, keep_blank_values=True) == [*others, *others] == fields(rest)


@given(
    st.sampled_from(["", "/user/ann/proxy/8765"]),
    st.text(alphabet="/\\.:@?#% \r\n\tevilxä", max_size=20),
)
def test_onward_stays_on_this_host(prefix, path):
    there = onward(prefix, f"/{path}", "")
    assert there.isascii()
    assert not set(there) & set("\\\r\n ")
    here = urlsplit(urljoin("http://127.0.0.1:8765/", there))
    assert here.netloc == "127.0.0.1:8765"
    assert here.path.startswith(f"{prefix}/") or ".." in path
    assert not here.query
    assert not here.fragment


@pytest.mark.parametrize(
    ("path", "root", "prefix", "seen"),
    [
        ("/", "", "", "/"),
        ("/static/x", "", "", "/static/x"),
        ("/static/x", "", "/x/y", "/static/x"),  # the proxy takes its prefix off
        ("/x/y/static/x", "", "/x/y", "/static/x"),  # the proxy leaves it
        ("/x/y", "", "/x/y", "/"),
        ("/x/y/", "", "/x/y", "/"),
        ("/x/yz", "", "/x/y", "/x/yz"),
        ("/r/static/x", "/r", "", "/static/x"),
        ("/x/x/static", "/x", "/x", "/static"),
        ("/a@b/static", "", "/a%40b", "/static"),
    ],
)
def test_a_path_is_seen_without_what_stands_before_it(path, root, prefix, seen):
    assert inner(path, root, prefix) == seen
