"""The server: the OpenAI protocol over loopback HTTP, with a mind of rules behind it.

For trying the language path end to end without a key, and for driving the real client over real
HTTP in tests. It is labelled as what it is in its headers, its models, its fingerprint and its
record, so that no result made with it passes for a language model's.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from agents.minds import Mind
from agents.testserver.answering import ServedQuestion, decide, understand
from agents.testserver.fault_injection import STATUS, FaultMenu, possible_in, spoil
from agents.testserver.wire import (
    BEFORE_YOU,
    RUNGS,
    BadRequest,
    WireRequest,
    completion,
    failure,
    prefix_tokens,
    read_request,
)

LABEL: Final = "civa testserver (answers as the surrogate; no language model)"
#: The one model; names that only begin so are taken too, for communities of several models.
MODEL: Final = "surrogate"


@dataclass(frozen=True)
class Manner:
    """How the server behaves, apart from what it answers.

    Attributes:
        latency: seconds before an answer, on average.
        jitter: each latency is drawn from latency · (1 ± jitter).
        per_minute: requests taken in any minute; more get 429 with Retry-After. None: no limit.
        rungs: forms of structured output that it knows; others get 400.
        seed: of the latencies.
    """

    latency: float = 0.0
    jitter: float = 0.3
    per_minute: int | None = None
    rungs: tuple[str, ...] = RUNGS
    seed: int = 0


@dataclass
class Server:
    """One server: a mind, a manner and a menu of faults.

    Attributes:
        mind: decides; asked batches of one.
        manner: latency, limits and what it knows.
        menu: the faults it deals, and their record.
    """

    mind: Mind
    manner: Manner = field(default_factory=Manner)
    menu: FaultMenu = field(default_factory=FaultMenu)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.manner.seed)
        self._prefixes: set[str] = set()
        self._arrivals: deque[float] = deque()

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=8 << 20)
        for prefix in ("", "/v1"):
            app.router.add_post(f"{prefix}/chat/completions", self._chat)
            app.router.add_get(f"{prefix}/models", self._models)
        app.router.add_get("/dealt", self._dealt)
        app.router.add_get("/", self._home)
        app.on_response_prepare.append(_label)
        return app

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(
            text=f"{LABEL}\nPOST /v1/chat/completions  GET /v1/models  GET /dealt\n"
        )

    async def _models(self, _: web.Request) -> web.Response:
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": LABEL}
        return web.json_response({"object": "list", "data": [model]})

    async def _dealt(self, _: web.Request) -> web.Response:
        return web.json_response(self.menu.summary())

    async def _chat(self, http: web.Request) -> web.Response:
        self.menu.requests += 1
        number = self.menu.requests
        wait = self._full()
        if wait:
            return _error(429, "too many requests in a minute", "requests", retry_after=wait)
        try:
            request = read_request(await _body(http))
            if request.rung not in self.manner.rungs:
                raise BadRequest(
                    f"response_format: {request.rung} is not known here", "response_format"
                )
            if not request.model.startswith(MODEL):
                # A record named after a real model must not be made here.
                message = f"there is no model {request.model!r} here, only {MODEL!r}"
                return _error(404, message, "invalid_request_error", code="model_not_found")
            asked = understand(request)
        except BadRequest as error:
            self.menu.unreadable += 1
            return _error(400, str(error), "invalid_request_error", error.param)
        await self._linger()
        return self._answer(http, request, asked, number)

    def _answer(
        self, http: web.Request, request: WireRequest, asked: ServedQuestion, number: int
    ) -> web.Response:
        text = decide(asked, self.mind)
        cached = self._cached(request)
        prompt = f"{request.system}\n{request.user}\n{request.seed}"
        kind = self.menu.draw(prompt, asked.where, possible_in(text))
        if not kind:
            self.menu.answered += 1
            return web.json_response(completion(request, text, number, cached))
        if kind == "connection_reset":
            if http.transport is not None:
                http.transport.abort()
            return web.Response(status=500)
        if kind in STATUS:
            status, error_type, code = STATUS[kind]
            return _error(status, f"dealt: {kind}", error_type, code=code, retry_after=0)
        if kind == "bad_body":
            return web.Response(text='{"choices": [', content_type="application/json")
        return web.json_response(_spoilt(kind, request, text, number, cached))

    def _cached(self, request: WireRequest) -> int:
        """Tokens of the shared beginning, if some request had it before, as a prefix cache has."""
        prefix = f"{request.schema}{request.system.partition(BEFORE_YOU)[0]}"
        known = prefix in self._prefixes
        self._prefixes.add(prefix)
        length = prefix_tokens(request)
        return length if known and length >= _CACHEABLE else 0

    def _full(self) -> float:
        """Seconds until another request is taken; 0 when there is room."""
        if self.manner.per_minute is None:
            return 0.0
        now = time.monotonic()
        while self._arrivals and self._arrivals[0] <= now - _MINUTE:
            self._arrivals.popleft()
        if len(self._arrivals) < self.manner.per_minute:
            self._arrivals.append(now)
            return 0.0
        return max(self._arrivals[0] + _MINUTE - now, 0.001)

    async def _linger(self) -> None:
        if self.manner.latency:
            spread = self._rng.uniform(-self.manner.jitter, self.manner.jitter)
            await asyncio.sleep(self.manner.latency * (1 + spread))


_MINUTE: Final = 60.0
_CACHEABLE: Final = 1024


async def _label(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = LABEL


async def _body(http: web.Request) -> Any:
    try:
        return json.loads(await http.read())
    except ValueError:
        raise BadRequest("the body is no JSON", "body") from None


def _spoilt(kind: str, request: WireRequest, text: str, number: int, cached: int) -> dict[str, Any]:
    body = completion(request, "" if kind == "refused" else text, number, cached)
    choice = body["choices"][0]
    if kind == "refused":
        choice["message"] = {"role": "assistant", "content": None, "refusal": "I cannot do this."}
        choice["finish_reason"] = "stop"
        return body
    if kind == "filtered":
        choice["finish_reason"] = "content_filter"
        return body
    spoilt = completion(request, spoil(kind, text), number, cached)
    if kind == "truncated":
        spoilt["choices"][0]["finish_reason"] = "length"
    return spoilt


def _error(
    status: int,
    message: str,
    kind: str,
    param: str | None = None,
    code: str | None = None,
    retry_after: float | None = None,
) -> web.Response:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:.3f}"}
    return web.Response(
        status=status,
        text=failure(message, kind, param, code),
        content_type="application/json",
        headers=headers,
    )
