"""A model server that tells everybody the key that it was sent, wherever words can stand.

It answers as the test server does, so that whole runs, judges and assessments go on, and plants the
key in prose of its replies, its refusals, names, ids, headers, errors and counts, each time in
another spelling.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agents.testserver.app import Server

SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    "\u200b".join,
    lambda key: key.replace("-", "%2D"),
    lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    lambda key: key.encode().hex(),
    lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    lambda key: key[: len(key) * 3 // 4],
)


@dataclass
class Telling(Server):
    """The test server, with a loose tongue.

    Attributes:
        told: how often it said the key, by where.
    """

    told: dict[str, int] = field(default_factory=dict)

    def app(self) -> web.Application:
        """The application with everything that goes out spoilt."""
        app = super().app()
        app.middlewares.append(self._tell)
        self._number = 0
        return app

    def _say(self, where: str, key: str) -> str:
        self.told[where] = self.told.get(where, 0) + 1
        return SPELLINGS[self.told[where] % len(SPELLINGS)](key)

    @web.middleware
    async def _tell(self, request: web.Request, handler: Any) -> web.StreamResponse:
        response = await handler(request)
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not key:
            return response
        self._number += 1
        headers = {
            "X-Request-Id": key,
            "Set-Cookie": f"{key}={key}",
            "OpenAI-Organization": self._say("header", key),
        }
        if self._number % 13 == 5:
            said = self._say("error", key)
            error = {"message": f"slow, {said}", "type": said, "code": said, "param": said}
            return web.json_response(
                {"error": error}, status=429, headers={**headers, "Retry-After": "0"}, reason=key
            )
        body = json.loads(response.text)
        for choice in body.get("choices", ()):
            self._spoil(choice, key)
        body |= {
            "id": self._say("id", key),
            "model": f"m-{self._say('model', key)}",
            "system_fingerprint": self._say("fingerprint", key),
            self._say("field", key): key,
        }
        if self._number % 3 == 0:
            body["usage"] = {"prompt_tokens": self._say("usage", key), key: key}
        return web.json_response(body, status=response.status, headers=headers, reason=key)

    def _spoil(self, choice: dict[str, Any], key: str) -> None:
        message = choice["message"]
        choice["logprobs"] = {"content": [{"token": self._say("token", key)}]}
        if self._number % 11 == 3:
            message |= {"content": None, "refusal": f"I cannot, {self._say('refusal', key)}."}
        elif self._number % 11 == 7:
            message["content"] = f"no JSON: {self._say('text', key)}"
        elif message.get("content"):
            said = self._prose(json.loads(message["content"]), key)
            message["content"] = json.dumps(said, ensure_ascii=self._number % 2 == 0)

    def _prose(self, value: Any, key: str) -> Any:
        """The reply with the key after everything that is a sentence."""
        if isinstance(value, dict):
            return {name: self._prose(part, key) for name, part in value.items()}
        if isinstance(value, list):
            return [self._prose(part, key) for part in value]
        if isinstance(value, str) and " " in value:
            return f"{value} {self._say('prose', key)}"
        return value
