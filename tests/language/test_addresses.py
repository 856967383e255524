"""Addresses are compared by origin: all ways of writing one are the same, no neighbour is."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit

import httpx2
import pytest
import yarl
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.llm.address import address_of

LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(
    lambda label: label[2:4] != "--"
)
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
IPV4 = st.ip_addresses(v=4).map(str)
IPV6 = st.ip_addresses(v=6)
HOST = NAME | IPV4 | IPV6.map(lambda ip: f"[{ip.compressed}]")
PORT = st.integers(1, 65535)
SCHEME = st.sampled_from(["http", "https"])
PATH = st.sampled_from(["", "/", "/v1", "/v1/", "/openai/v1", "/a,b/v1"])
DEFAULT = {"http": 80, "https": 443}


def cased(text: str, upper: list[bool]) -> str:
    """The same text, some of its letters in upper case."""
    return (
        "".join(c.upper() if up else c for c, up in zip(text, upper, strict=False))
        + (text[len(upper) :])
    )


@given(SCHEME, HOST, PORT, PATH, st.lists(st.booleans(), max_size=30), st.booleans())
def test_every_way_of_writing_an_address_has_its_origin(scheme, host, port, path, upper, dot):
    written = cased(f"{scheme}://{host}", upper) + ("." if dot and host[-1].isalpha() else "")
    shown = "" if port == DEFAULT[scheme] and dot else f":{port:05d}"
    found = address_of(f"{written}{shown}{path}")
    assert found.origin == (scheme, host, port)
    assert address_of(found.url) == found


@given(SCHEME, HOST, PORT, st.sampled_from(["scheme", "host", "port"]), st.data())
def test_what_differs_in_scheme_host_or_port_is_another_origin(scheme, host, port, part, data):
    other = {
        "scheme": ("https" if scheme == "http" else "http", host, port),
        "host": (scheme, data.draw(HOST.filter(lambda h: h != host), label="host"), port),
        "port": (scheme, host, data.draw(PORT.filter(lambda p: p != port), label="port")),
    }[part]
    one, two = (address_of(f"{s}://{h}:{p}/v1").origin for s, h, p in ((scheme, host, port), other))
    assert one != two


@given(SCHEME, HOST, PORT, PATH)
def test_the_host_that_is_compared_is_the_host_that_every_parser_contacts(scheme, host, port, path):
    found = address_of(f"{scheme}://{host}:{port}{path}")
    bare = found.host.strip("[]")
    for parsed in (urlsplit(found.url), yarl.URL(found.url), httpx2.URL(found.url)):
        there = parsed.hostname if hasattr(parsed, "hostname") else parsed.host
        assert (parsed.scheme, there.strip("[]")) == (scheme, bare)
        assert (parsed.port or DEFAULT[scheme]) == port


@given(IPV6)
def test_an_ipv6_address_is_the_same_however_it_is_written(ip):
    written = {f"http://[{text}]:8000/v1" for text in (ip.compressed, ip.exploded)}
    assert len({address_of(text).origin for text in written}) == 1
    assert address_of(written.pop().upper().replace("/V1", "/v1")).host == f"[{ip.compressed}]"


@given(st.text(max_size=60))
def test_any_text_is_an_address_that_all_parsers_read_alike_or_refused(text):
    for written in (text, f"http://{text}/v1", f"https://api.openai.com{text}"):
        with suppress(InputError):
            found = address_of(written)
            host = found.host.strip("[]")
            assert urlsplit(found.url).hostname == host
            assert yarl.URL(found.url).raw_host == (
                ipaddress.ip_address(host).compressed if found.host.startswith("[") else host
            )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("HTTPS://API.OpenAI.com/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com:443", "https://api.openai.com/v1"),
        ("https://api.openai.com./v1", "https://api.openai.com/v1"),
        ("https://api.openai.com.:443/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com:/v1", "https://api.openai.com/v1"),
        ("http://localhost:080/v1", "http://localhost/v1"),
        ("http://bücher.example/v1", "http://xn--bcher-kva.example/v1"),
        ("http://BÜCHER.example/v1", "http://bücher.example/v1"),
        ("http://bücher。example/v1", "http://bücher.example/v1"),
        ("http://[0:0::1]:80/v1", "http://[::1]/v1"),
    ],
)
def test_these_are_one_origin(one, two):
    assert address_of(one).origin == address_of(two).origin


@pytest.mark.parametrize(
    "other",
    [
        "http://api.openai.com/v1",
        "https://api.openai.com:8443/v1",
        "https://api.openai.com.evil.example/v1",
        "https://evil.example/api.openai.com/v1",
        "https://api-openai.com/v1",
        "https://eu.api.openai.com/v1",
        "https://openai.com/v1",
        "https://xn--api-openai-com.example/v1",
        "https://аpi.openai.com/v1",  # its first letter is Cyrillic
    ],
)
def test_neighbours_of_openai_are_not_openai(other):
    assert address_of(other).origin != address_of("https://api.openai.com/v1").origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "localhost:8000/v1",
        "//localhost/v1",
        "http:/localhost/v1",
        "http:localhost",
        "http:///v1",
        "http://",
        "ftp://localhost/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        " http://localhost/v1",
        "http://local host/v1",
        "http://localhost\n/v1",
        "http://localhost/v1\r\nX-Evil: 1",
        "http://localhost\t/v1",
        "http://localhost\x00/v1",
        "http://localhost\\/v1",
        "http:\\\\localhost\\v1",
        "http://api.openai.com\\.evil.example/v1",
        "http://localhost:0/v1",
        "http://localhost:65536/v1",
        "http://localhost:-1/v1",
        "http://localhost:８０/v1",
        "http://localhost:80:80/v1",
        "http://localhost..:80/v1",
        "http://.localhost/v1",
        "http://./v1",
        "http://a..b/v1",
        "http://-a/v1",
        "http://ex%61mple.com/v1",
        "http://[::1/v1",
        "http://::1/v1",
        "http://[::1]x/v1",
        "http://[fe80::1%25eth0]/v1",
        "http://[127.0.0.1]/v1",
        "http://127.1/v1",
        "http://127.0.0.1.1/v1",
        "http://0177.0.0.1/v1",
        "http://0x7f.0.0.1/v1",
        "http://0x7f000001/v1",
        "http://2130706433/v1",
        "http://256.0.0.1/v1",
        "http://ｅｘａｍｐｌｅ.com/v1",
        "http://example.com／v1",
        "http://example.com/vé",
        "http://" + "a" * 64 + ".example/v1",
        "http://" + "a." * 130 + "example/v1",
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(text):
    with pytest.raises(InputError, match=r"base_url: .* is no address"):
        address_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://a@b/v1",
        "http://me:sk-marked-pass@host/v1",
        "http://@host/v1",
        "http://api.openai.com@evil.example/v1",
        "http://api.openai.com\\@evil.example/v1",
        "http://api.openai.com#@evil.example/v1",
        "http://host/v1?key=sk-marked-query",
        "http://host/v1?",
        "http://host/v1#sk-marked-fragment",
    ],
)
def test_what_could_hold_a_secret_is_refused_and_not_repeated(text):
    with pytest.raises(InputError, match="--base-url: holds a secret") as refused:
        address_of(text, "--base-url")
    assert "marked-" not in str(refused.value)
