"""The protocol's own shapes: what a request asks for, and the body of an answer.

The structured-output ladder as clients use it: `json_schema`, `json_object+schema`, `json_object`,
`tools`, `plain`. A schema that is not the one of the stage is refused: a client that sent another
one would be told a lie by any answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from agents.llm.counting import tokens_in
from agents.llm.shapes import Schema
from agents.prompts.schemas import bounded

RUNGS: Final = ("json_schema", "json_object+schema", "json_object", "tools", "plain")
BEFORE_YOU: Final = "\n\n# You\n"
_ROLES: Final = (["system", "user"], ["developer", "user"])
#: What answers, as every client files it: no record made with it passes for a language model's.
SERVED: Final = "civa-testserver: rules, no language model"
FINGERPRINT: Final = SERVED


class BadRequest(ValueError):
    """A request that cannot be answered exactly; becomes HTTP 400 with this message."""

    def __init__(self, message: str, param: str = "messages") -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True)
class WireRequest:
    """What a request's body says.

    Attributes:
        model: the name that was asked for; any will do.
        system: the system message's text.
        user: the user message's text.
        seed: the question's randomness.
        rung: one of `RUNGS`.
        schema: the schema that came with it, if any.
        tool: name of the one tool offered, if any.
        limit: the longest reply that was asked for, tokens.
    """

    model: str
    system: str
    user: str
    seed: int | None
    rung: str
    schema: Schema | None
    tool: str
    limit: int | None


def read_request(body: Any) -> WireRequest:
    """Take a body apart.

    Raises:
        BadRequest: it is not a chat completion that can be answered here.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", "body")
    if body.get("stream"):
        raise BadRequest("streaming is not offered here; send stream: false", "stream")
    if body.get("n", 1) != 1:
        raise BadRequest("one answer a request is all there is; leave n out", "n")
    messages = body.get("messages")
    if not _are_objects(messages) or [m.get("role") for m in messages] not in _ROLES:
        raise BadRequest("messages: one system and one user message are read here")
    seed = body.get("seed")
    if seed is not None and not _is_whole(seed):
        raise BadRequest("seed: not a whole number", "seed")
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    rung, schema, tool = _form(body)
    return WireRequest(
        model=str(body.get("model", "")),
        system=_text(messages[0]),
        user=_text(messages[1]),
        seed=seed,
        rung=rung,
        schema=schema,
        tool=tool,
        limit=limit if _is_whole(limit) else None,
    )


def check_schema(given: Schema | None, expected: Schema) -> None:
    """Refuse a schema that is not the expected one, with or without its lengths.

    Raises:
        BadRequest: it is another one.
    """
    if given is not None and given not in (expected, bounded(expected)):
        raise BadRequest(
            "response_format: the schema is not that of the stage that the last line asks for",
            "response_format",
        )


def completion(request: WireRequest, text: str, number: int, cached: int) -> dict[str, Any]:
    """The body of an answer.

    Args:
        request: what was asked.
        text: the reply's text.
        number: the request's running number.
        cached: tokens of the prompt's beginning that were seen before.
    """
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    finish = "stop"
    if request.rung == "tools":
        call = {"name": request.tool, "arguments": text}
        message["content"] = None
        message["tool_calls"] = [
            {"id": f"call-{number}", "type": "function", "function": call},
        ]
        finish = "tool_calls"
    sent, received = prompt_tokens(request), tokens_in(text)
    return {
        "id": f"chatcmpl-testserver-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": SERVED,
        "system_fingerprint": FINGERPRINT,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {
            "prompt_tokens": sent,
            "completion_tokens": received,
            "total_tokens": sent + received,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def failure(message: str, kind: str, param: str | None = None, code: str | None = None) -> str:
    """The body of an error, as JSON."""
    return json.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})


def prompt_tokens(request: WireRequest) -> int:
    """Tokens of a request, estimated; its schema stands before the system text, as at OpenAI."""
    you = request.system.partition(BEFORE_YOU)[2]
    return prefix_tokens(request) + tokens_in(you) + tokens_in(request.user)


def prefix_tokens(request: WireRequest) -> int:
    """Tokens of what all residents share: schema and static text."""
    wire = "" if request.schema is None else json.dumps(request.schema, separators=(",", ":"))
    return tokens_in(wire) + tokens_in(request.system.partition(BEFORE_YOU)[0])


def _form(body: dict[str, Any]) -> tuple[str, Schema | None, str]:
    """The rung, the schema and the tool that a body asks for."""
    tools = body.get("tools")
    form = body.get("response_format")
    if tools:
        if not _are_objects(tools) or len(tools) != 1 or form is not None:
            raise BadRequest("tools: one function and no response_format are read here", "tools")
        function = tools[0].get("function")
        if not isinstance(function, dict):
            raise BadRequest("tools: not a function", "tools")
        return "tools", function.get("parameters"), str(function.get("name", ""))
    if form is None:
        return "plain", None, ""
    kind = form.get("type") if isinstance(form, dict) else None
    if kind == "json_schema" and isinstance(form.get("json_schema"), dict):
        return "json_schema", form["json_schema"].get("schema"), ""
    if kind == "json_object":
        return ("json_object+schema" if "schema" in form else "json_object"), form.get("schema"), ""
    if kind == "text":
        return "plain", None, ""
    raise BadRequest("response_format: unknown type", "response_format")


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if _are_objects(content) and all(block.get("type") == "text" for block in content):
        return "".join(str(block.get("text", "")) for block in content)
    raise BadRequest("messages: a content that is no text")


def _are_objects(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
