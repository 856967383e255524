"""Who may come in, by the headers of a request: what browsers send, and what they are made to."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.views.door.admission import Refusal, cleaned, from_loopback, refusal
from model.views.door.settings import declared

TOKEN = "t" * 20
PLAIN = declared("127.0.0.1", token=TOKEN)
BEHIND = declared("127.0.0.1", token=TOKEN, behind="https://hub.example/user/ann/proxy/8765/")
LAN = "192.168.1.5"


def asked(
    host,
    origin=None,
    kind="http",
    *,
    server=("127.0.0.1", 8765),
    client=("127.0.0.1", 50000),
    door=PLAIN,
    more=(),
):
    """The status with which a request is turned away; None lets it in."""
    hosts = [host] if isinstance(host, str) else host
    origins = [] if origin is None else [origin] if isinstance(origin, str) else origin
    headers = [(b"host", one.encode("latin-1", "replace")) for one in hosts]
    headers += [(b"origin", one.encode("latin-1", "replace")) for one in origins]
    scope = {"type": kind, "headers": [*headers, *more], "server": server, "client": client}
    refused = refusal(scope, door)
    return refused.status if refused else None


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LOCALHOST:8765"]
)
def test_a_page_of_ours_may_come_in(host, kind):
    assert asked(host, f"http://{host.lower()}", kind) is None


def test_a_request_without_origin_may_and_a_websocket_may_not():
    assert asked("127.0.0.1:8765") is None
    assert asked("127.0.0.1:8765", kind="websocket") == 403


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "http://evil.example:8765",
        "http://127.0.0.1",
        "http://127.0.0.1:8766",
        "http://127.0.0.1:08765",
        "https://127.0.0.1:8765",
        "ws://127.0.0.1:8765",
        "http://localhost:8765",
        "http://[::1]:8765",
        "http://127.0.0.1.:8765",
        "http://127.0.0.1:8765/",
        "http://127.0.0.1:8765.evil.example",
        "http://127.0.0.1:8765@evil.example",
        "http://evil.example#127.0.0.1:8765",
        "http://127.1:8765",
        "http://0x7f.0.0.1:8765",
        "http://127.0.0.1:8765 ",
        "http://127.0.0.1:8765,http://127.0.0.1:8765",
        "file://",
        "chrome-extension://abcdefghijklmnop",
    ],
)
def test_a_page_of_another_origin_may_not(origin, kind):
    assert asked("127.0.0.1:8765", origin, kind) == 403


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:80",
        "127.0.0.1:8766",
        "127.0.0.1:08765",
        "127.0.0.1:8765x",
        "127.0.0.2:8765",
        "0.0.0.0:8765",
        "localhost.:8765",
        "localhost.evil.example:8765",
        "rebind.example:8765",
        "127.0.0.1.nip.example:8765",
        "user@127.0.0.1:8765",
        "127.0.0.1:8765@evil.example",
        "l%6fcalhost:8765",
        "[::]:8765",
        "[::2]:8765",
        "localhost:8765, localhost:8765",
        "x" * 70_000,
    ],
)
def test_a_host_that_is_not_listened_on_is_refused_whatever_the_origin(host, kind):
    assert asked(host, f"http://{host}", kind) == 403
    assert asked(host, "http://127.0.0.1:8765", kind) == 403


def test_a_name_of_this_machine_is_not_taken_on_loopback():
    assert asked(f"{socket.gethostname()}:8765") == 403


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_one_host_and_at_most_one_origin(kind):
    own = "http://127.0.0.1:8765"
    assert asked([], own, kind) == 400
    assert asked(["127.0.0.1:8765", "127.0.0.1:8765"], own, kind) == 400
    assert asked(["127.0.0.1:8765", "evil.example"], own, kind) == 400
    assert asked("127.0.0.1:8765", [own, own], kind) == 400
    assert asked("127.0.0.1:8765", [own, "http://evil.example"], kind) == 400
    assert asked("127.0.0.1:8765", ["http://evil.example", own], kind) == 400


def test_header_names_are_compared_without_case():
    both = [(b"Origin", b"http://evil.example")]
    assert asked("127.0.0.1:8765", more=both) == 403


def test_on_port_80_the_port_is_left_out():
    assert asked("127.0.0.1", "http://127.0.0.1", "websocket", server=("127.0.0.1", 80)) is None
    assert asked("127.0.0.1:443", server=("127.0.0.1", 80)) == 403


@given(st.text(max_size=30), st.sampled_from(["http", "websocket"]))
def test_of_all_hosts_only_those_listened_on_come_in(host, kind):
    if host.lower() not in ("127.0.0.1:8765", "localhost:8765", "[::1]:8765"):
        assert asked(host, f"http://{host}", kind) in (400, 403)


@given(st.text(alphabet="localhst127.0:8765[]@%/#\\,evil", max_size=24))
def test_of_all_origins_only_the_hosts_own_opens_a_websocket(rest):
    status = asked("127.0.0.1:8765", f"http://{rest}", "websocket")
    assert (status is None) is (rest == "127.0.0.1:8765")


@pytest.mark.parametrize("server", [None, ("/run/civa.socket", None), ("127.0.0.1", None)])
def test_where_the_listening_port_is_not_known_nobody_comes_in(server):
    assert asked("127.0.0.1:8765", server=server) == 403
    assert asked("127.0.0.1", server=server) == 403


class TestEveryAddress:
    """A server that listens on every address of the machine."""

    @pytest.mark.parametrize(
        ("address", "host"),
        [
            (LAN, f"{LAN}:8765"),
            (LAN, "localhost:8765"),  # through a tunnel
            (f"::ffff:{LAN}", f"{LAN}:8765"),  # one socket for IPv4 and IPv6
            ("fe80::a", "[fe80::a]:8765"),
            ("fe80::a%eth0", "[fe80::a]:8765"),
            ("127.0.0.2", "127.0.0.2:8765"),
        ],
    )
    def test_is_reached_by_the_address_that_was_connected_to(self, address, host):
        assert asked(host, f"http://{host}", "websocket", server=(address, 8765)) is None

    def test_is_reached_by_the_name_of_the_machine(self, monkeypatch):
        monkeypatch.setattr(socket, "gethostname", lambda: "Node17.cluster.example")
        for name in ("node17.cluster.example", "node17"):
            assert asked(f"{name}:8765", server=(LAN, 8765)) is None
        assert asked("cluster.example:8765", server=(LAN, 8765)) == 403

    @pytest.mark.parametrize("host", ["rebind.example", "192.168.1.6", "0.0.0.0", "localhost.lan"])
    def test_is_not_reached_by_what_can_be_made_to_lead_here(self, host):
        assert asked(f"{host}:8765", server=(LAN, 8765)) == 403

    def test_is_reached_by_a_name_that_was_declared(self):
        door = declared("0.0.0.0", token=TOKEN, allow_hosts=("Lab.Example", "münchen.example"))
        for name in ("lab.example", "xn--mnchen-3ya.example"):
            assert asked(f"{name}:8765", f"http://{name}:8765", "websocket", door=door) is None
        assert asked("sub.lab.example:8765", door=door) == 403
        assert asked("lab.example", door=door) == 403

    def test_is_not_served_without_a_token(self):
        door = declared("127.0.0.1", no_token=True)
        assert asked("127.0.0.1:8765", door=door) is None
        assert asked(f"{LAN}:8765", server=(LAN, 8765), door=door) == 403


class TestProxy:
    """A server behind a proxy that was declared."""

    OUTER = "https://hub.example"

    @pytest.mark.parametrize("host", ["hub.example", "hub.example:443", "127.0.0.1:8765"])
    def test_the_outer_page_comes_in_whether_or_not_the_proxy_rewrites_the_host(self, host):
        assert asked(host, self.OUTER, "websocket", door=BEHIND) is None

    def test_the_own_page_still_comes_in(self):
        own = "http://127.0.0.1:8765"
        assert asked("127.0.0.1:8765", own, "websocket", door=BEHIND) is None

    @pytest.mark.parametrize(
        ("host", "origin"),
        [
            ("hub.example", "http://hub.example"),
            ("hub.example", "https://evil.example"),
            ("hub.example", "https://hub.example:8443"),
            ("hub.example", "https://sub.hub.example"),
            ("hub.example", "http://127.0.0.1:8765"),
            ("hub.example:80", "https://hub.example"),
            ("hub.example:8765", "https://hub.example"),
            ("hub.example:8765", "http://hub.example:8765"),
            ("127.0.0.1:8765", "https://evil.example"),
        ],
    )
    def test_others_do_not(self, host, origin):
        assert asked(host, origin, "websocket", door=BEHIND) == 403

    def test_without_the_declaration_the_outer_page_does_not(self):
        assert asked("hub.example", self.OUTER) == 403
        assert asked("127.0.0.1:8765", self.OUTER) == 403

    def test_a_rewritten_host_is_believed_from_this_machine_alone(self):
        def status(client):
            return asked(
                f"{LAN}:8765",
                self.OUTER,
                server=(LAN, 8765),
                client=client,
                door=declared("0.0.0.0", token=TOKEN, behind=self.OUTER),
            )

        assert status(("127.0.0.1", 50000)) is None
        assert status(("192.168.1.9", 50000)) == 403
        assert status(None) == 403

    def test_forwarded_headers_make_no_host(self):
        more = [(b"x-forwarded-host", b"127.0.0.1:8765"), (b"forwarded", b"host=127.0.0.1:8765")]
        assert asked("evil.example", more=more) == 403
        assert asked("evil.example", more=more, door=BEHIND) == 403


def test_uvicorns_word_for_a_loopback_peer_is_known(monkeypatch):
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert from_loopback({"client": ("203.0.113.7", 0)})
    assert not from_loopback({"client": ("203.0.113.7", 4711)})
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert not from_loopback({"client": ("203.0.113.7", 0)})


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"script-name",
                    b"X-Script-Name",
                    b"Forwarded",
                    b"X-Forwarded-Proto",
                    b"x-forwarded-host",
                    b"x-forwarded-prefix",
                    b"X-Real-IP",
                    b"accept",
                    b"cookie",
                ]
            ),
            st.binary(max_size=9),
        )
    )
)
def test_nothing_that_a_proxy_says_gets_through(headers):
    assert cleaned(headers) == [pair for pair in headers if pair[0] in (b"accept", b"cookie")]


def test_a_refusal_says_one_line():
    scope = {"type": "http", "headers": [(b"host", b"evil\r\n.example")], "server": None}
    refused = refusal(scope, PLAIN)
    assert isinstance(refused, Refusal)
    assert "evil" not in refused.why
    assert "\n" not in refused.why
