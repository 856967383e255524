"""Where a server's answer enters the program: bounded, cleaned, and stripped to what is read.

Everything above (the SDK, langchain, their logs, traces and exceptions) sees of an answer only

* a body without keys, no larger than any honest one, whose usage is a count or openly none;
* of the headers those of `_HEADERS`; no cookie is kept or sent back, a redirect is never followed;
* of a failure what it means (`Failed`), without the words of the network.

It asks for plain bodies, because what a compressed one will unpack to is not known before it has
been unpacked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, Protocol, runtime_checkable

import aiohttp
import httpx2

from agents.llm.causes import EncodedReply, Failed, ReplyTooLarge, Trouble, classify
from agents.llm.cleaning import SHORTEST, Cleaner
from agents.llm.usage import believable

_HEADERS: Final = ("content-type", "retry-after", "retry-after-ms")
#: Headers of a request that hold a secret, whoever put it there.
_SECRET: Final = ("authorization", "api-key", "x-api-key", "proxy-authorization")
#: Longer numbers are refused by Python's own reader of numbers, and with them the whole body.
_DIGITS: Final = 4000
_LONG: Final = re.compile(rf"[0-9]{{{_DIGITS}}}")
#: What stands in a body for a statement of usage that nobody can believe.
_NO_USAGE: Final = {"prompt_tokens": -1, "completion_tokens": -1, "total_tokens": -1}


class WireTransport(httpx2.AsyncBaseTransport):
    """A transport whose answers are cleaned before they are given on.

    Args:
        inner: sends.
        cleaner: takes the keys out; it also learns those that a request carries.
        max_bytes: the largest body taken.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, cleaner: Cleaner, max_bytes: int) -> None:
        self._inner = inner
        self._cleaner = cleaner
        self._max_bytes = max_bytes
        if isinstance(inner, _Sessions):
            inner.client = _sessions_without_cookies(inner)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and give the cleaned answer.

        Raises:
            Failed: it brought none.
        """
        self._learn(request)
        try:
            return await self._ask(request)
        except Exception as error:
            trouble = classify(error, self._cleaner)
        # Out of the block, so that the error does not bring along the one that it stands for.
        raise Failed(trouble)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def _learn(self, request: httpx2.Request) -> None:
        for name in _SECRET:
            if value := request.headers.get(name):
                # Local servers are sent some word for a key: only what can be none is a secret.
                secret = value.split(" ", 1)[-1]
                if len(secret) >= SHORTEST:
                    self._cleaner.learn(secret)

    async def _ask(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        try:
            status, headers = answer.status_code, answer.headers
            if not 200 <= status <= 599:
                raise Failed(Trouble("transient", "bad_body", f"{status} is no status of HTTP"))
            if 300 <= status < 400:
                where = self._cleaner.line(headers.get("location", ""))
                raise Failed(
                    Trouble("permanent", "redirect", f"see {where}" if where else "", status)
                )
            body = clean_body(await self._read(answer), self._cleaner)
        finally:
            await answer.aclose()
        kept = {name: self._header(headers[name]) for name in _HEADERS if name in headers}
        if "content-type" in kept:
            # What is read as text is read as UTF-8, whatever else it calls itself.
            kept["content-type"] = kept["content-type"].partition(";")[0].strip()
        return httpx2.Response(status, headers=kept, content=body, request=request)

    def _header(self, value: str) -> str:
        return self._cleaner.line(value).encode("ascii", "ignore").decode("ascii")

    async def _read(self, answer: httpx2.Response) -> bytes:
        encoding = answer.headers.get("content-encoding", "identity").lower()
        if encoding not in ("", "identity"):
            said = self._cleaner.line(encoding, 20)
            raise EncodedReply(f"the reply came as {said}, though asked for plain")
        length = answer.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._max_bytes:
            raise ReplyTooLarge(_too_large(self._max_bytes))
        parts: list[bytes] = []
        taken = 0
        stream = answer.stream
        assert isinstance(stream, httpx2.AsyncByteStream)
        async for part in stream:
            taken += len(part)
            if taken > self._max_bytes:
                raise ReplyTooLarge(_too_large(self._max_bytes))
            parts.append(part)
        return b"".join(parts)


def clean_body(body: bytes, cleaner: Cleaner) -> bytes:
    """A body without keys, and without a usage that cannot be true; else the very same bytes.

    Raises:
        ValueError: it is nested more deeply than can be read.
    """
    try:
        return _cleaned(body, cleaner)
    except RecursionError:
        raise ValueError("the reply is nested too deeply") from None


def _cleaned(body: bytes, cleaner: Cleaner) -> bytes:
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    found = cleaner.holds(text)
    try:
        value = _DECODER.decode(text)
    except ValueError:
        return cleaner.text(text).encode("utf-8", "surrogatepass") if found else body
    changed = found or (len(text) > _DIGITS and _LONG.search(text) is not None)
    if found:
        value = cleaner.value(value)
    if isinstance(value, dict) and not _can_be_read(value.get("usage")):
        value["usage"] = _NO_USAGE
        changed = True
    return json.dumps(value).encode("ascii") if changed else body


def _whole(digits: str) -> int:
    """A whole number; one that is too long to be read is no count, and −1."""
    return int(digits) if len(digits) <= _DIGITS else -1


_DECODER: Final = json.JSONDecoder(parse_int=_whole)


def _can_be_read(usage: Any) -> bool:
    """Whether the layers above can read a usage without failing: it is none, or counts."""
    if usage is None:
        return True
    if not isinstance(usage, dict):
        return False
    counts = [usage.get(name) for name in _NO_USAGE]
    for name in ("prompt_tokens_details", "completion_tokens_details"):
        details = usage.get(name)
        if not isinstance(details, dict | None):
            return False
        counts += (details or {}).values()
    return all(count is None or believable(count) for count in counts)


@runtime_checkable
class _Sessions(Protocol):
    """What the SDK's transport on aiohttp shows of itself."""

    client: Any
    ssl_context: Any
    limits: httpx2.Limits


def _sessions_without_cookies(transport: _Sessions) -> Callable[[], aiohttp.ClientSession]:
    """What opens the transport's session on its first request, as it would itself, jar apart."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=transport.limits.max_connections or 0,
            keepalive_timeout=transport.limits.keepalive_expiry,
            ssl=transport.ssl_context,
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return session


def _too_large(max_bytes: int) -> str:
    return f"the reply was larger than {max_bytes} bytes"
