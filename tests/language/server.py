"""A loopback model server that misbehaves by a script, and remembers what it dealt.

A script is a function of the request's body (and of the number of the request) that names a deal
of `DEALS`; the server deals it over real HTTP, in a thread of its own, and records it. The default
answers a valid JSON object.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Script = Callable[[int, dict[str, Any]], str]


@dataclass
class Dealt:
    """One request and what was made of it."""

    deal: str
    body: dict[str, Any]
    authorization: str


@dataclass
class ModelServer:
    """Use as a context manager; `url` is the base URL to give to a client."""

    script: Script = lambda number, body: "ok"
    latency: float = 0.0
    knows: frozenset[str] = frozenset({"json_schema", "json_object+schema", "json_object"})
    refuses: frozenset[str] = frozenset()
    usage: dict[str, Any] | None = field(
        default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    )
    dealt: list[Dealt] = field(default_factory=list)
    url: str = ""
    numbered: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    def __enter__(self) -> ModelServer:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def counts(self) -> Counter[str]:
        """Deals by name, probes apart."""
        return Counter(d.deal for d in self.dealt if not is_probe(d.body))

    def asked(self) -> int:
        """Requests that were no probe."""
        return self.numbered

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)

        async def start() -> None:
            await self._runner.setup()
            site = web.TCPSite(self._runner, "127.0.0.1", 0)
            await site.start()
            host, port = self._runner.addresses[0][:2]
            self.url = f"http://{host}:{port}/v1"
            ready.set()

        self._loop.run_until_complete(start())
        self._loop.run_forever()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._deal(request)
        finally:
            self.in_flight -= 1

    async def _deal(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if (refusal := self._refusal(body)) is not None:
            self.dealt.append(Dealt("refused parameter", body, ""))
            return refusal
        deal = "ok"
        if not is_probe(body):
            deal = self.script(self.numbered, body)
            self.numbered += 1
        self.dealt.append(Dealt(deal, body, request.headers.get("Authorization", "")))
        if self.latency:
            await asyncio.sleep(self.latency)
        return await DEALS[deal](self, request, body)

    def _refusal(self, body: dict[str, Any]) -> web.Response | None:
        for name in self.refuses:
            if name in body or (name == "prompt_cache_breakpoint" and name in json.dumps(body)):
                return _error(400, f"Unsupported parameter: '{name}'", param=name)
        form = body.get("response_format")
        if form is not None:
            kind = form["type"] + ("+schema" if "schema" in form else "")
            if kind not in self.knows:
                return _error(422, "response_format: Input should be 'text' or something else")
        return None

    def completion(self, content: str | None, finish: str = "stop", **message: Any) -> web.Response:
        """A chat completion, as the protocol has it."""
        return web.json_response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": "loopback-1",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": finish,
                        "message": {"role": "assistant", "content": content, **message},
                    }
                ],
                "usage": self.usage,
            }
        )


def is_probe(body: dict[str, Any]) -> bool:
    """Whether a request is the client's probe."""
    system = body["messages"][0]["content"]
    text = system if isinstance(system, str) else system[0]["text"]
    return bool(text.startswith("This is a test of the connection."))


def answer(body: dict[str, Any]) -> str:
    """The good reply to a request: an object that names what was asked, so that mix-ups show."""
    if is_probe(body):
        return '{"answer": "yes"}'
    user = body["messages"][-1]["content"]
    return json.dumps({"echo": user.split("\n\n")[0]})


def _error(status: int, message: str, code: str = "", param: str = "", **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response(
        {"error": {"message": message, "type": "error", "code": code or None, "param": param}},
        status=status,
        headers=names,
    )


def _status(status: int, message: str, code: str = "", **headers: str) -> Any:
    async def deal(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
        return _error(status, message, code, **headers)

    return deal


def _reply(content: str | None, finish: str = "stop", **message: Any) -> Any:
    async def deal(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
        return server.completion(content, finish, **message)

    return deal


async def _ok(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return server.completion(answer(body))


async def _reset(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _cut_body(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 10_000
    await response.prepare(request)
    await response.write(b'{"id": "chatcmpl-1", "choi')
    assert request.transport is not None
    request.transport.abort()
    return response


async def _silence(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    await asyncio.sleep(60)
    return server.completion(answer(body))


async def _drip(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def _flood(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def _gzip_bomb(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return web.Response(
        body=gzip.compress(b" " * 50_000_000),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )


async def _html(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return web.Response(text="<html>Log in</html>", content_type="text/html")


async def _not_json(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return web.Response(text="{broken", content_type="application/json")


async def _empty_choices(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return web.json_response({"id": "x", "choices": [], "usage": server.usage, "model": "m"})


async def _null_choices(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return web.json_response({"id": "x", "choices": None, "usage": server.usage, "model": "m"})


async def _bad_usage(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    response = json.loads(server.completion(answer(body)).text or "")
    response["usage"] = {"prompt_tokens": -5, "completion_tokens": 10, "total_tokens": 5}
    return web.json_response(response)


async def _no_usage(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    response = json.loads(server.completion(answer(body)).text or "")
    del response["usage"]
    return web.json_response(response)


async def _echo_key(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return server.completion(json.dumps({"echo": request.headers["Authorization"]}))


async def _wrong_key_echoed(server: ModelServer, request: web.Request, body: dict[str, Any]) -> Any:
    return _error(401, f"Incorrect API key: {request.headers['Authorization']}", "invalid_api_key")


_TOOL = {"id": "c1", "type": "function", "function": {"name": "act", "arguments": "{}"}}

DEALS: dict[str, Any] = {
    "ok": _ok,
    # endpoint faults that may pass
    "429": _status(429, "slow down", "rate_limit_exceeded"),
    "429 wait 1": _status(429, "slow down", "rate_limit_exceeded", Retry_After="1"),
    "429 wait 9999": _status(429, "slow down", "rate_limit_exceeded", Retry_After="9999"),
    "500": _status(500, "oops"),
    "502": _status(502, "bad gateway"),
    "503": _status(503, "overloaded"),
    "reset": _reset,
    "cut body": _cut_body,
    "silence": _silence,
    "drip": _drip,
    "html": _html,
    "not json": _not_json,
    "null choices": _null_choices,
    "gzip bomb": _gzip_bomb,
    # endpoint faults that will not pass
    "401": _wrong_key_echoed,
    "403": _status(403, "not allowed"),
    "404": _status(404, "model not found", "model_not_found"),
    "quota": _status(429, "You exceeded your current quota", "insufficient_quota"),
    "context": _status(400, "maximum context length is 100", "context_length_exceeded"),
    "400": _status(400, "temperature: unsupported value"),
    "redirect": _status(307, "elsewhere", Location="http://elsewhere.invalid/v1"),
    # reply faults
    "truncated": _reply('{"echo": "hal', "length"),
    "refusal": _reply(None, refusal="I cannot help with that."),
    "filtered": _reply("", "content_filter"),
    "filtered 400": _status(400, "filtered by policy", "content_filter"),
    "tool call": _reply(None, "tool_calls", tool_calls=[_TOOL]),
    "null content": _reply(None),
    "empty": _reply("  "),
    "empty choices": _empty_choices,
    "malformed": _reply("I would rather say: {echo}"),
    "wrong schema": _reply('{"noise": 1}'),
    "flood": _flood,
    "surrogate": _reply("\ud83d half a pair"),
    # good replies with something odd about them
    "bad usage": _bad_usage,
    "no usage": _no_usage,
    "echo key": _echo_key,
}


def share(rate: float, deals: list[str], salt: str = "") -> Script:
    """Deal that share of the requests something from the list, by a hash of their number."""

    def script(number: int, body: dict[str, Any]) -> str:
        digest = hashlib.sha256(f"{salt}{number}".encode()).digest()
        if int.from_bytes(digest[:4], "big") / 2**32 >= rate:
            return "ok"
        return deals[digest[4] % len(deals)]

    return script


def first_then(*deals: str) -> Script:
    """Deal these one after the other, then `ok`."""
    return lambda number, body: deals[number] if number < len(deals) else "ok"
