"""A loopback server that answers with whatever bytes it is told to, and remembers what came."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Came:
    """One request: its headers by small name, and its body."""

    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The key that it was sent with."""
        return self.headers["authorization"].removeprefix("Bearer ")


Answer = Callable[[Came], bytes]


@dataclass
class RawServer:
    """Use as a context manager.

    Attributes:
        answer: what to say, whole: status line, headers and body.
        came: the requests.
        connections: how often somebody connected, whether or not a request came.
    """

    answer: Answer
    came: list[Came] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> RawServer:
        outer = self

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                file = self.request.makefile("rb")
                headers = {}
                file.readline()
                while (line := file.readline()) not in (b"\r\n", b""):
                    name, _, value = line.decode("latin-1").partition(":")
                    headers[name.lower()] = value.strip()
                if headers:
                    came = Came(headers, file.read(int(headers.get("content-length", 0))))
                    outer.came.append(came)
                    self.request.sendall(outer.answer(came))

        ThreadingTCPServer.allow_reuse_address = True
        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The base URL to give to a client."""
        return f"http://127.0.0.1:{self.port}/v1"


def http(
    body: bytes = b"{}", *headers: str, status: str = "200 OK", kind: str = "application/json"
) -> bytes:
    """An answer, whole."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def completion(content: Any = '{"echo": "x"}', **changes: Any) -> dict[str, Any]:
    """A chat completion; `changes` replace its fields."""
    plain = {
        "id": "c-1",
        "object": "chat.completion",
        "created": 1,
        "model": "raw-1",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
    return {**plain, **changes}


def saying(answer: Any, *headers: str, **how: Any) -> bytes:
    """An answer whose body is this as JSON."""
    return http(json.dumps(answer).encode(), *headers, **how)
