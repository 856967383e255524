"""What is declared at the start is read strictly; what cannot be used is refused in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from model.views.door.addresses import WebOrigin
from model.views.door.settings import Door, Outer, declared, from_environment, own_address

HUB = Outer(WebOrigin("https", "hub.example", 443), "/user/ann/proxy/8765")


@pytest.mark.parametrize(
    ("behind", "outer"),
    [
        ("https://hub.example/user/ann/proxy/8765/", HUB),
        ("https://hub.example/user/ann/proxy/8765", HUB),
        ("https://Hub.Example:443/user/ann/proxy/8765/", HUB),
        ("http://localhost:9000", Outer(WebOrigin("http", "localhost", 9000), "")),
        ("http://localhost:9000/", Outer(WebOrigin("http", "localhost", 9000), "")),
        ("https://hub.example/a%40b/", Outer(WebOrigin("https", "hub.example", 443), "/a%40b")),
    ],
)
def test_an_outer_address_is_an_origin_and_a_path(behind, outer):
    assert declared("127.0.0.1", behind=behind).outer == outer


@pytest.mark.parametrize(
    "behind",
    [
        "hub.example",
        "//hub.example/x/",
        "ftp://hub.example/",
        "https://",
        "https:///x/",
        "https://ann@hub.example/",
        "https://ann:word@hub.example/",
        "https://hub.example:0/",
        "https://hub.example:https/",
        "https://hub.example/?a=b",
        "https://hub.example/#part",
        "https://hub.example//evil.example/",
        "https://hub.example/x//",
        "https://hub.example/../x/",
        "https://hub.example/./",
        "https://hub.example/a b/",
        "https://hub.example/<script>/",
        'https://hub.example/"/',
        "https://hub.example/ä/",
        "https://hub.example\\@evil.example/",
        " https://hub.example/",
        "https://hub.example/\n",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_outer_address_is_refused(behind):
    with pytest.raises(InputError, match=r"(?s)--behind.*such as https://hub\.example"):
        declared("127.0.0.1", behind=behind)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "http://lab.example",
        "lab.example:8765",
        "lab.example/",
        "*",
        "*.lab.example",
        "lab..example",
        "lab.example.",
        "user@lab.example",
        "127.1",
        "[lab]",
        "fe80::x",
        "a" * 300,
    ],
)
def test_what_is_no_host_name_is_refused(name):
    with pytest.raises(InputError, match="--allow-host"):
        declared("0.0.0.0", allow_hosts=(name,))


def test_host_names_are_kept_as_browsers_send_them():
    names = ("Lab.Example", "münchen.example", "192.168.1.5", "fe80::A")
    assert declared("0.0.0.0", allow_hosts=names).names == {
        "lab.example",
        "xn--mnchen-3ya.example",
        "192.168.1.5",
        "[fe80::a]",
    }


@pytest.mark.parametrize(
    ("frame", "behind"),
    [
        ("https://lab.example", "https://hub.example/x/"),
        ("http://lab.example", "https://hub.example/x/"),
        ("http://127.0.0.1:8888", ""),
        ("http://127.0.0.1:8888/", ""),
        ("http://localhost:8888", ""),
        ("http://hub.example:8080", "http://hub.example/x/"),
    ],
)
def test_a_frame_in_which_there_is_a_cookie_is_taken(frame, behind):
    door = declared("127.0.0.1", frame=frame, behind=behind)
    assert str(door.frame) == frame.rstrip("/")


@pytest.mark.parametrize(
    ("frame", "behind"),
    [
        ("https://lab.example", ""),
        ("http://lab.example", ""),
        ("https://127.0.0.1:8888", ""),
        ("http://lab.example", "http://hub.example/x/"),
        ("http://127.0.0.1:8888", "http://hub.example/x/"),
    ],
)
def test_a_frame_in_which_there_is_no_cookie_is_refused_with_the_remedy(frame, behind):
    with pytest.raises(InputError, match="add --behind with the https address"):
        declared("127.0.0.1", frame=frame, behind=behind)


@pytest.mark.parametrize(
    "frame", ["null", "*", "https://*", "https://lab.example/page", "lab.example", "'none'", "a;b"]
)
def test_what_is_no_origin_is_refused(frame):
    with pytest.raises(InputError, match="--frame"):
        declared("127.0.0.1", frame=frame, behind="https://hub.example/")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "node17"])
def test_without_a_token_only_loopback_is_listened_on(host):
    with pytest.raises(InputError, match="--no-token"):
        declared(host, no_token=True)


def test_without_a_token_there_is_no_proxy():
    with pytest.raises(InputError, match="--no-token: not with --behind"):
        declared("127.0.0.1", no_token=True, behind="https://hub.example/")
    assert declared("127.0.0.1", no_token=True) == Door(None)


@pytest.mark.parametrize("token", ["", "short", "a" * 15, "a" * 257, "a" * 20 + "&", "ä" * 20])
def test_a_token_that_can_be_guessed_or_needs_quoting_is_refused_and_not_repeated(token):
    with pytest.raises(InputError, match="CIVA_TOKEN") as caught:
        declared("127.0.0.1", token=token)
    assert not token or token not in str(caught.value)


def test_a_token_is_made_anew_each_time():
    made = {declared("127.0.0.1").token for _ in range(20)}
    assert len(made) == 20
    assert all(token and len(token) >= 32 for token in made)


def test_the_environment_declares_the_same():
    given_ = {
        "CIVA_BEHIND": "https://hub.example/user/ann/proxy/8765/",
        "CIVA_FRAME": "https://lab.example",
        "CIVA_ALLOW_HOST": "lab.example  b.example",
        "CIVA_TOKEN": "t" * 16,
        "SERVER_NAME": "0.0.0.0",
    }
    assert from_environment(given_) == declared(
        "0.0.0.0",
        behind=given_["CIVA_BEHIND"],
        frame=given_["CIVA_FRAME"],
        allow_hosts=("lab.example", "b.example"),
        token="t" * 16,
    )
    assert from_environment({"CIVA_NO_TOKEN": "1", "SERVER_NAME": "localhost"}).token is None


@pytest.mark.parametrize(
    "given_",
    [
        {"CIVA_NO_TOKEN": "yes"},
        {"CIVA_NO_TOKEN": "1", "SERVER_NAME": "0.0.0.0"},
        {"CIVA_TOKEN": ""},
        {"CIVA_BEHIND": "hub"},
    ],
)
def test_an_environment_that_cannot_be_used_is_refused(given_):
    with pytest.raises(InputError):
        from_environment(given_)


@pytest.mark.parametrize(
    ("host", "door", "address"),
    [
        ("127.0.0.1", Door("T"), "http://127.0.0.1:8765/?token=T"),
        ("::1", Door("T"), "http://[::1]:8765/?token=T"),
        ("localhost", Door(None), "http://localhost:8765/"),
        ("0.0.0.0", Door("T", HUB), "https://hub.example/user/ann/proxy/8765/?token=T"),
    ],
)
def test_the_address_to_open_holds_the_token(host, door, address):
    assert own_address(host, 8765, door) == address


@given(st.text(max_size=30))
def test_any_text_is_an_outer_address_or_refused(text):
    try:
        outer = declared("127.0.0.1", behind=f"http://h/{text}").outer
    except InputError:
        return
    assert outer is not None
    assert outer.origin == WebOrigin("http", "h", 80)
    assert "//" not in outer.path
    assert not set(outer.path) & set('"<> \\\r\n?#')
