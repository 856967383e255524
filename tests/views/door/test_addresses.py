"""Hosts and origins are read in one form, and what is unusual is not read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.views.door.addresses import (
    WebOrigin,
    canonical,
    is_loopback,
    is_wildcard,
    read_origin,
    read_place,
)

ODD_HOSTS = [
    "",
    " ",
    ":",
    ":8765",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:080",
    "127.0.0.1:08765",
    "127.0.0.1:65536",
    "127.0.0.1:876543",
    "127.0.0.1:+8765",
    "127.0.0.1: 8765",
    "127.0.0.1:8765 ",
    " 127.0.0.1:8765",
    "127.0.0.1:8765\n",
    "127.0.0.1:８７６５",
    "127.0.0.1.:8765",
    "127.1:8765",
    "127.0.0.01:8765",
    "0x7f000001:8765",
    "0x7f.1:8765",
    "2130706433:8765",
    "localhost.:8765",
    ".localhost:8765",
    "local..host:8765",
    "-localhost:8765",
    "localhost:8765,evil.example",
    "localhost:8765/",
    "localhost:8765#",
    "localhost:8765?x",
    "http://localhost:8765",
    "user@localhost:8765",
    "user:word@localhost:8765",
    "localhost@evil.example:8765",
    "local%68ost:8765",
    "localhost%2e:8765",
    "localhost\x00:8765",
    "localhost\\@evil.example:8765",
    "lоcalhost:8765",  # a Cyrillic о
    "ⓛocalhost:8765",
    "münchen.example:8765",
    "::1:8765",
    "[::1:8765",
    "::1]:8765",
    "[::1]8765",
    "[[::1]]:8765",
    "[127.0.0.1]:8765",
    "[::1%25lo]:8765",
    "[::1%lo]:8765",
    "[localhost]:8765",
    "a" * 254 + ":8765",
    "a" * 100_000,
]


@pytest.mark.parametrize("text", ODD_HOSTS)
def test_an_unusual_host_is_none(text):
    assert read_place(text, "http") is None


@pytest.mark.parametrize("text", ODD_HOSTS)
def test_an_origin_with_an_unusual_host_is_none(text):
    assert read_origin(f"http://{text}") is None


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("localhost:8765", WebOrigin("http", "localhost", 8765)),
        ("LocalHost:8765", WebOrigin("http", "localhost", 8765)),
        ("localhost", WebOrigin("http", "localhost", 80)),
        ("127.0.0.1:80", WebOrigin("http", "127.0.0.1", 80)),
        ("[::1]:8765", WebOrigin("http", "[::1]", 8765)),
        ("[0:0:0:0:0:0:0:1]:8765", WebOrigin("http", "[::1]", 8765)),
        ("[FE80::A]:1", WebOrigin("http", "[fe80::a]", 1)),
        ("node-17.cluster_a.example:65535", WebOrigin("http", "node-17.cluster_a.example", 65535)),
        ("xn--mnchen-3ya.example:8765", WebOrigin("http", "xn--mnchen-3ya.example", 8765)),
    ],
)
def test_a_host_is_read_in_one_form(text, origin):
    assert read_place(text, "http") == origin


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "NULL",
        "",
        "http:",
        "http://",
        "//localhost:8765",
        "localhost:8765",
        "file://",
        "ws://localhost:8765",
        "HTTP://localhost:8765",
        "http:/localhost:8765",
        "http:///localhost:8765",
        "http://localhost:8765/",
        "http://localhost:8765/page",
        "http://localhost:8765 http://evil.example",
        "http://localhost:8765, http://localhost:8765",
        "http://localhost:8765\thttp://evil.example",
        "chrome-extension://abcdef",
        "data:text/html,x",
        "blob:http://localhost:8765",
    ],
)
def test_what_is_no_origin_of_a_page_is_none(text):
    assert read_origin(text) is None


def test_the_usual_port_is_left_out_of_an_origin():
    assert read_origin("https://hub.example") == WebOrigin("https", "hub.example", 443)
    assert read_origin("https://hub.example:443") == WebOrigin("https", "hub.example", 443)
    assert str(WebOrigin("https", "hub.example", 443)) == "https://hub.example"
    assert str(WebOrigin("http", "hub.example", 443)) == "http://hub.example:443"


@given(st.text(max_size=40))
def test_whatever_is_read_as_an_origin_is_written_as_it_was_but_for_its_form(text):
    origin = read_origin(f"http://{text}")
    if origin is not None:
        assert read_origin(str(origin)) == origin
        assert origin.host.isascii()
        assert not set(origin.host) & set("@/\\%?#, ")


@given(st.ip_addresses())
def test_every_ip_address_is_a_host(address):
    text = f"[{address}]" if address.version == 6 else str(address)
    assert read_place(f"{text}:8765", "http") == WebOrigin("http", canonical(str(address)), 8765)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_what_is_this_machine_alone(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "192.168.1.5", "localhost.evil.example", "127.evil.example"]
)
def test_what_is_not_this_machine_alone(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "wild"),
    [("0.0.0.0", True), ("::", True), ("", True), ("127.0.0.1", False), ("localhost", False)],
)
def test_what_listens_everywhere(host, wild):
    assert is_wildcard(host) is wild
