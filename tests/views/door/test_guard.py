"""The guard as a whole, around an application that writes down what gets to it."""

import asyncio
import re

import pytest

from model.views.door.guard import ADMITTED, Guard
from model.views.door.settings import declared
from model.views.door.token import cookie_name, cookie_value

TOKEN = "t" * 20
COOKIE = (b"cookie", f"{cookie_name(8765)}={cookie_value(TOKEN, 8765)}".encode())
HOST = (b"host", b"127.0.0.1:8765")
OWN = (b"origin", b"http://127.0.0.1:8765")
PAGE = b'<!doctype html><html><meta name="viewport" content="user-scalable=no"><script>a</script>'
KERNEL = "/jupyter/api/kernels/1/channels"


class Behind:
    """An application that answers with a page, and remembers each scope."""

    def __init__(self, body=PAGE, kind=b"text/html; charset=utf-8", more=()):
        self.scopes, self.body = [], body
        self.headers = [(b"content-type", kind), *more]

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "http":
            size = (b"content-length", str(len(self.body)).encode())
            await send(
                {"type": "http.response.start", "status": 200, "headers": [*self.headers, size]}
            )
            half = len(self.body) // 2
            await send({"type": "http.response.body", "body": self.body[:half], "more_body": True})
            await send({"type": "http.response.body", "body": self.body[half:]})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})


class Asked:
    """What a guard answers to one request."""

    def __init__(
        self, *headers, door=None, app=None, kind="http", path="/", query=b"", guard=None, **more
    ):
        self.behind = app or Behind()
        self.guard = guard or Guard(self.behind, door or declared("127.0.0.1", token=TOKEN))
        self.scope = {
            "type": kind,
            "method": "GET",
            "path": path,
            "query_string": query,
            "headers": list(headers),
            "server": ("127.0.0.1", 8765),
            "client": ("127.0.0.1", 50000),
            "scheme": "http",
            "extensions": {"websocket.http.response": {}},
            **more,
        }
        self.sent = []
        asyncio.run(self.guard(self.scope, self._receive, self._send))

    async def _receive(self):
        return {"type": "websocket.connect"}

    async def _send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0].get("status")

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent)

    def said(self, name):
        return [value.decode() for key, value in self.sent[0]["headers"] if key == name.encode()]

    def heard(self, name):
        """What the application behind got of a header."""
        (scope,) = self.behind.scopes
        return [value.decode() for key, value in scope["headers"] if key == name.encode()]


def test_the_cookie_brings_the_page():
    asked = Asked(HOST, COOKIE)
    assert asked.status == 200
    assert b"<script nonce=" in asked.body


@pytest.mark.parametrize(
    "path", ["/", "/readyz", "/resourcez", "/static/x.js", "/_solara/cdn/@x/y"]
)
def test_without_a_token_there_is_one_plain_page_whatever_is_asked_for(path):
    asked = Asked(HOST, path=path)
    assert asked.status == 403
    assert asked.behind.scopes == []
    assert len(asked.body) < 220
    assert b"script" not in asked.body
    assert b"olara" not in asked.body
    assert asked.said("content-security-policy") == [
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ]


@pytest.mark.parametrize("query", [b"token=wrong", b"token=", b"token=" + TOKEN.encode()[:-1]])
def test_a_wrong_token_is_as_none(query):
    asked = Asked(HOST, query=query)
    assert (asked.status, asked.behind.scopes) == (403, [])
    assert asked.body == Asked(HOST).body
    assert asked.said("set-cookie") == []


def test_the_token_is_changed_for_a_cookie_and_taken_out_of_the_address():
    asked = Asked(HOST, path="/page", query=b"token=" + TOKEN.encode() + b"&day=3")
    assert (asked.status, asked.body, asked.behind.scopes) == (303, b"", [])
    assert asked.said("location") == ["/page?day=3"]
    (cookie,) = asked.said("set-cookie")
    assert cookie.startswith(COOKIE[1].decode() + "; ")


def test_the_access_log_of_the_server_has_no_token():
    asked = Asked(HOST, query=b"a=b&token=" + TOKEN.encode())
    assert asked.scope["query_string"] == b"a=b"


def test_whoever_has_the_cookie_loses_an_old_token_from_the_address():
    asked = Asked(HOST, COOKIE, query=b"token=old&day=3")
    assert (asked.status, asked.said("location")) == (303, ["/?day=3"])
    assert asked.said("set-cookie") == []


def test_the_form_sends_the_rest_of_the_address_along():
    body = Asked(HOST, query=b"day=3&run=%22%3E%3Cscript%3E").body.decode()
    assert '<input type=hidden name="day" value="3">' in body
    assert 'value="&quot;&gt;&lt;script&gt;"' in body


def test_the_ticket_lets_in_once():
    guard = Guard(Behind(), declared("127.0.0.1", token=TOKEN))
    guard.ticket = "k" * 20
    query = b"token=" + b"k" * 20
    assert Asked(HOST, query=query, guard=guard).status == 303
    assert Asked(HOST, query=query, guard=guard).status == 403
    assert Asked(HOST, query=b"token=" + TOKEN.encode(), guard=guard).status == 303


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_token_in_the_address_is_for_looking_only(method):
    asked = Asked(HOST, OWN, query=b"token=" + TOKEN.encode(), method=method)
    assert (asked.status, asked.behind.scopes) == (403, [])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((HOST, COOKIE), 403),
        ((HOST, OWN), 403),
        ((HOST, COOKIE, (b"origin", b"null")), 403),
        ((HOST, COOKIE, (b"origin", b"http://127.0.0.1:9")), 403),
        ((HOST, COOKIE, OWN, OWN), 400),
        (((b"host", b"rebind.example:8765"), COOKIE, OWN), 403),
    ],
)
def test_a_websocket_that_may_not_come_in_is_none(headers, status):
    asked = Asked(*headers, kind="websocket", path=KERNEL)
    assert asked.sent[0]["type"] == "websocket.http.response.start"
    assert (asked.status, asked.behind.scopes) == (status, [])


def test_a_server_that_cannot_answer_a_websocket_closes_it():
    asked = Asked(HOST, kind="websocket", path=KERNEL, extensions={})
    assert [message["type"] for message in asked.sent] == ["websocket.close"]


def test_a_websocket_of_our_page_is_handed_on():
    asked = Asked(HOST, OWN, COOKIE, kind="websocket", path=KERNEL)
    assert asked.sent == [{"type": "websocket.accept"}]
    assert asked.heard(ADMITTED) == [asked.guard.passed]
    assert asked.heard("cookie") == []


def test_nobody_outside_says_that_they_were_admitted():
    asked = Asked(HOST, OWN, COOKIE, (ADMITTED.encode(), b"x"), kind="websocket", path=KERNEL)
    assert asked.heard(ADMITTED) == [asked.guard.passed]


def test_what_proxies_add_does_not_get_to_solara():
    more = [(b"x-script-name", b"//evil.example"), (b"script-name", b"/x")]
    more += [(b"x-forwarded-host", b"evil.example"), (b"x-forwarded-proto", b"https")]
    asked = Asked(HOST, COOKIE, *more, scheme="https")
    assert all(asked.heard(name.decode()) == [] for name, _ in more)
    assert asked.behind.scopes[0]["scheme"] == "http"


def test_every_answer_is_bound():
    for asked in (Asked(HOST, COOKIE), Asked(HOST), Asked((b"host", b"evil")), Asked()):
        assert asked.said("x-content-type-options") == ["nosniff"]
        assert asked.said("referrer-policy") == ["no-referrer"]
        assert asked.said("x-frame-options") == ["DENY"]
        assert len(asked.said("content-security-policy")) == 1


def test_the_policy_of_a_page_names_the_nonce_of_its_scripts():
    first, second = Asked(HOST, COOKIE), Asked(HOST, COOKIE)
    (word,) = re.findall(rb'<script nonce="([^"]{20,})">', first.body)
    (policy,) = first.said("content-security-policy")
    assert policy == (
        f"default-src 'none'; script-src 'self' 'nonce-{word.decode()}' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; base-uri 'self'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    assert word not in second.body


def test_a_page_is_rewritten_whole_and_its_length_is_right():
    page = PAGE + b"<script src=x></script><SCRIPT>let a = '<script>' + \"<script x>\"</SCRIPT>"
    asked = Asked(HOST, COOKIE, app=Behind(page))
    assert asked.body.count(b"nonce=") == 3
    assert b"let a = '<script>' + \"<script x>\"</SCRIPT>" in asked.body
    assert b'<html lang="en">' in asked.body
    assert b'content="width=device-width, initial-scale=1"' in asked.body
    assert b"user-scalable" not in asked.body
    assert asked.said("content-length") == [str(len(asked.body))]


def test_a_page_is_asked_for_uncompressed_and_a_file_is_not():
    packed = (b"accept-encoding", b"gzip")
    assert Asked(HOST, COOKIE, packed, path="/page").heard("accept-encoding") == []
    assert Asked(HOST, COOKIE, packed, path="/static/x").heard("accept-encoding") == ["gzip"]


@pytest.mark.parametrize(
    "app",
    [
        Behind(b"<script>x", b"text/javascript"),
        Behind(b"<html><script>x", b"text/html", [(b"content-encoding", b"gzip")]),
        Behind(b"<html><script>x", b"text/plain"),
    ],
    ids=["script", "packed", "text"],
)
def test_what_is_no_page_goes_out_as_it_is_and_has_no_nonce(app):
    asked = Asked(HOST, COOKIE, app=app)
    assert asked.body == app.body
    assert "nonce" not in asked.said("content-security-policy")[0]


def test_the_head_of_a_page_states_no_length_that_is_wrong():
    asked = Asked(HOST, COOKIE, method="HEAD")
    assert asked.said("content-length") == []


def test_a_frame_that_was_declared_may_show_the_page():
    door = declared(
        "127.0.0.1", token=TOKEN, frame="https://lab.example", behind="https://hub.example/x/"
    )
    for asked in (Asked(HOST, COOKIE, door=door), Asked(HOST, door=door)):
        assert asked.said("content-security-policy")[0].endswith(
            "frame-ancestors https://lab.example"
        )
        assert asked.said("x-frame-options") == []
    (cookie,) = Asked(HOST, door=door, query=b"token=" + TOKEN.encode()).said("set-cookie")
    assert cookie.endswith("; Path=/x/; HttpOnly; SameSite=None; Secure")


def test_behind_a_proxy_solara_sees_its_own_paths_and_the_outer_host():
    door = declared("127.0.0.1", token=TOKEN, behind="https://hub.example/x/")
    for path in ("/static/y", "/x/static/y"):
        asked = Asked(HOST, COOKIE, door=door, path=path)
        (scope,) = asked.behind.scopes
        assert (scope["path"], scope["scheme"], scope["root_path"]) == ("/static/y", "https", "")
        assert asked.heard("host") == ["hub.example"]
    there = Asked(HOST, door=door, path="/x/", query=b"token=" + TOKEN.encode())
    assert there.said("location") == ["/x/"]


def test_without_a_token_whoever_is_on_this_machine_comes_in():
    asked = Asked(HOST, door=declared("127.0.0.1", no_token=True))
    assert asked.status == 200


def test_the_start_and_the_end_of_a_server_pass():
    asked = Asked(kind="lifespan")
    assert [scope["type"] for scope in asked.behind.scopes] == ["lifespan"]
