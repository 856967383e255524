"""The guard: an ASGI application around Solara's, which lets through what may come in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from model.views.door import pages, paths, token
from model.views.door.admission import Headers, Refusal, cleaned, refusal, values
from model.views.door.settings import Door

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: By this header a session knows that it came through the guard; from outside it is dropped.
ADMITTED: Final = "x-civa-admitted"
#: Paths below which there is no page; what they serve may be compressed.
_ASSETS: Final = ("/static/", "/jupyter/", "/_solara/")


class Guard:
    """Lets requests and websockets through to an application, or answers them itself.

    Args:
        app: the application behind it.
        door: who may come in.

    Attributes:
        civa_guard: the mark by which a guard is known, also one whose code was loaded before.
        passed: what the header `ADMITTED` says to the application.
        ticket: a token that is right once, for the browser that is opened at the start: its command
            line can be read by other users of the machine, and for long.
    """

    civa_guard: Final = True

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door
        self.passed = secrets.token_urlsafe(16)
        self.ticket: str | None = None
        self._plain = pages.bound(pages.policy(door.frame), door.frame)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = refusal(scope, self.door)
        port = (scope.get("server") or ("", None))[1]
        known = self.door.token is None or token.holds(
            values(scope["headers"], b"cookie"), self.door.token, port
        )
        if scope["type"] == "websocket":
            refused = refused or (None if known else Refusal(403, "no token"))
            if refused:
                await _turn_away(refused, scope, receive, send)
            else:
                await self.app(self._inside(scope, port), receive, send)
        elif refused:
            await self._say(send, refused.status, f"civa: {refused.why}\n".encode())
        elif not await self._asked_for_token(scope, port, known, send):
            await self._serve(self._inside(scope, port), receive, send)

    async def _asked_for_token(
        self, scope: Scope, port: int | None, known: bool, send: Send
    ) -> bool:
        """Answer a request that brings a token or needs one; False where it may go on."""
        given, rest = paths.taken_out(scope["query_string"])
        if given is not None:
            # In place: the server writes its access log from this very object.
            scope["query_string"] = rest.encode()
        right = self._right(given)
        if given is None and known:
            return False
        if not (known or right) or scope["method"] not in ("GET", "HEAD"):
            headers = pages.bound(pages.bare_policy(self.door.frame), self.door.frame)
            page = pages.plain_page(rest)
            await self._say(send, 403, page, headers, kind=b"text/html; charset=utf-8")
            return True
        path = paths.inner(scope["path"], scope.get("root_path", ""), self.door.prefix)
        there = [(b"location", paths.onward(self.door.prefix, path, rest).encode())]
        if right:
            there.append((b"set-cookie", self._cookie(port).encode()))
        await self._say(send, 303, b"", [*self._plain, *there])
        return True

    def _right(self, given: str | None) -> bool:
        """Whether a token is the token, or the ticket, which is used up by that."""
        if not given or self.door.token is None:
            return False
        if self.ticket is not None and token.same(given, self.ticket):
            self.ticket = None
            return True
        return token.same(given, self.door.token)

    def _cookie(self, port: int | None) -> str:
        return token.set_cookie(
            self.door.token or "",
            port,
            self.door.prefix,
            secure=self.door.scheme == "https",
            framed=self.door.frame is not None,
        )

    def _inside(self, scope: Scope, port: int | None) -> Scope:
        """The request as Solara is to see it: its own paths, one host, no word of proxies."""
        secure = self.door.scheme == "https"
        path = paths.inner(scope["path"], scope.get("root_path", ""), self.door.prefix)
        schemes = {"http": ("http", "https"), "websocket": ("ws", "wss")}[scope["type"]]
        return {
            **scope,
            "path": path,
            "raw_path": quote(path).encode(),
            "root_path": "",
            "scheme": schemes[secure],
            "headers": list(self._headers(scope, path, port)),
        }

    def _headers(self, scope: Scope, path: str, port: int | None) -> Headers:
        page = scope["type"] == "http" and not path.startswith(_ASSETS)
        for key, value in cleaned(scope["headers"]):
            name = key.lower()
            if name == b"host" and self.door.outer:
                outer = str(self.door.outer.origin)
                yield key, outer.partition("://")[2].encode()
            elif name == b"cookie":
                left = token.without_cookie(value.decode("latin-1"), port).encode("latin-1")
                if left:
                    yield key, left
            # A page comes uncompressed, as its scripts get their nonce here.
            elif name != ADMITTED.encode() and not (page and name == b"accept-encoding"):
                yield key, value
        yield ADMITTED.encode(), self.passed.encode()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; its answer gets the headers, and a page its nonce."""
        answer = _Answer(send, self.door, self._plain, head=scope["method"] == "HEAD")
        await self.app(scope, receive, answer.send)

    async def _say(
        self,
        send: Send,
        status: int,
        body: bytes,
        headers: list[pages.Header] | None = None,
        kind: bytes = b"text/plain; charset=utf-8",
    ) -> None:
        """Answer without Solara."""
        known = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        extra = self._plain if headers is None else headers
        await send({"type": "http.response.start", "status": status, "headers": known + extra})
        await send({"type": "http.response.body", "body": body})


class _Answer:
    """One answer on its way out: held back while it is a page, so that it can be rewritten."""

    def __init__(self, send: Send, door: Door, plain: list[pages.Header], *, head: bool) -> None:
        self._send, self._door, self._plain, self._head = send, door, plain, head
        self._start: Message | None = None
        self._page = b""

    async def send(self, message: Message) -> None:
        """Take a message of the application."""
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if self._is_page(headers):
                self._start = message
                return
            await self._send({**message, "headers": headers + self._plain})
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._page += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    def _is_page(self, headers: list[pages.Header]) -> bool:
        kind = "".join(values(headers, b"content-type"))
        return kind.startswith("text/html") and not values(headers, b"content-encoding")

    async def _finish(self, start: Message) -> None:
        word = pages.nonce()
        page = pages.rewritten(self._page, word)
        kept = [(key, value) for key, value in start["headers"] if key.lower() != b"content-length"]
        if not self._head:
            kept.append((b"content-length", str(len(page)).encode()))
        kept.append((b"cache-control", b"no-store"))
        bound = pages.bound(pages.policy(self._door.frame, word), self._door.frame)
        await self._send({**start, "headers": kept + bound})
        await self._send({"type": "http.response.body", "body": page})


async def _turn_away(refused: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a websocket before it is one."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        kind = "websocket.http.response"
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": f"{kind}.start", "status": refused.status, "headers": headers})
        await send({"type": f"{kind}.body", "body": f"civa: {refused.why}\n".encode()})
    else:
        await send({"type": "websocket.close", "code": 1008})
