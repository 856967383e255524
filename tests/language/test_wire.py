"""What a server may say and do: its words are cleaned, its counts weighed, its cookies dropped.

Every answer here is made of raw bytes, by a server that knows the key it was sent.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_openai import ChatOpenAI

from agents.llm.causes import Trouble
from agents.llm.client import ChatClient, EndpointSettings, Reply
from agents.llm.errors import EndpointError
from agents.llm.http import Timeouts
from agents.llm.loop import LoopThread
from agents.llm.terms import Terms
from tests.faults.secrets import has_mark
from tests.language.asking import KEY, SCHEMA, desk, question
from tests.language.raw_server import Answer, Came, RawServer, completion, http, saying


@pytest.fixture(scope="module")
def thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVA_API_KEY", KEY)


def ask(
    thread: LoopThread, url: str, model: Any = None, times: int = 1
) -> tuple[Reply | Trouble, str]:
    """The last reply, or what became of it; and all that the way there left to be printed."""
    client = ChatClient(EndpointSettings("m", url, timeouts=Timeouts(5.0, 5.0, 10.0)), model)

    async def scene() -> tuple[Reply | Trouble, str]:
        try:
            for _ in range(times):
                reply = await client.send(
                    ("Static.", "# You", "# Today"),
                    terms=Terms(limit_field="max_tokens"),
                    schema_name="echo",
                    schema=SCHEMA,
                    seed=7,
                    max_reply_tokens=50,
                )
        except Exception as error:
            trace = "".join(traceback.format_exception(error))
            return client.trouble(error), f"{error!r} {vars(error)} {trace}"
        else:
            return reply, repr(reply)
        finally:
            await client.close()

    return thread.submit(scene())


# --- the key


def _message(**fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": '{"echo": "x"}', **fields}
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}


def _tool(key: str) -> dict[str, Any]:
    function = {"name": key, "arguments": json.dumps({key: key})}
    return {"id": key, "type": "function", "function": function}


REPLIES: dict[str, Callable[[str], dict[str, Any]]] = {
    "text": lambda k: completion(f"my key is {k}"),
    "text that is JSON": lambda k: completion(json.dumps({"echo": k, k: [k]})),
    "text in parts": lambda k: completion([{"type": "text", "text": k}]),
    "refusal": lambda k: completion(**_message(content=None, refusal=f"no, {k}")),
    "model": lambda k: completion(model=f"m-{k}"),
    "model, no text": lambda k: completion(model={k: [k]}),
    "id": lambda k: completion(id=k),
    "fingerprint": lambda k: completion(system_fingerprint=k),
    "created": lambda k: completion(created=k),
    "object": lambda k: completion(object=k),
    "tier": lambda k: completion(service_tier=k),
    "finish": lambda k: completion(
        choices=[{"index": 0, "finish_reason": k, "message": {"role": "assistant", "content": "x"}}]
    ),
    "role": lambda k: completion(**_message(role=k)),
    "name": lambda k: completion(**_message(name=k)),
    "tool call": lambda k: completion(**_message(content=None, tool_calls=[_tool(k)])),
    "function call": lambda k: completion(**_message(function_call={"name": k, "arguments": k})),
    "log probabilities": lambda k: completion(
        choices=[{**_message()["choices"][0], "logprobs": {"content": [{"token": k}]}}]
    ),
    "audio": lambda k: completion(**_message(audio={"id": k, "data": k})),
    "usage": lambda k: completion(usage={"prompt_tokens": k, k: k}),
    "usage's details": lambda k: completion(
        usage={"prompt_tokens": 9, "completion_tokens": 9, "prompt_tokens_details": {k: k}}
    ),
    "further fields": lambda k: completion(**{k: {"deep": [[k]]}}),
    "error beside": lambda k: {"error": {"message": k, "code": k}},
    "no choices": lambda k: {k: k, "choices": None},
    "no completion": lambda k: {k: k},
}


def _failing(status: str, **error: Any) -> Answer:
    return lambda came: saying(
        {"error": {name: value.format(k=came.key) for name, value in error.items()}}, status=status
    )


FAILURES: dict[str, Answer] = {
    "message": _failing("401 Unauthorized", message="wrong: {k}"),
    "long message": _failing("400 Bad", message="x" * 280 + "{k}" * 20),
    "code": _failing("400 Bad", message="no", code="{k}", type="{k}", param="{k}"),
    "rate": _failing("429 Slow", message="{k}", type="{k}"),
    "overload": _failing("503 No", message="{k}"),
    "plain words": lambda c: http(c.key.encode(), status="500 Oops", kind="text/plain"),
    "odd letters": lambda c: http(
        c.key.encode("utf-16"), status="500 Oops", kind="text/plain; charset=utf-16"
    ),
    "page": lambda c: http(f"<p>{c.key}</p>".encode(), kind="text/html"),
    "broken JSON": lambda c: http(f'{{"a": "{c.key}"'.encode()),
    "JSON in a string": lambda c: saying(c.key),
    "reason": lambda c: saying({}, status=f"418 {c.key}"),
    "reason of a reply": lambda c: saying({}, status=f"200 {c.key}"),
    "location": lambda c: saying({}, f"Location: http://e.invalid/{c.key}", status="307 There"),
    "location that is none": lambda c: saying({}, f"Location: http://[{c.key}", status="302 X"),
    "kind of body": lambda c: http(b"x", kind=c.key),
    "encoding": lambda c: saying({}, f"Content-Encoding: {c.key}"),
    "wait": lambda c: saying({}, f"Retry-After: {c.key}", status="429 Slow"),
    "headers": lambda c: saying(
        {}, f"X-Request-Id: {c.key}", f"{c.key}: 1", f"WWW-Authenticate: {c.key}", status="400 No"
    ),
    "cookie": lambda c: saying({}, f"Set-Cookie: {c.key}={c.key}", status="400 No"),
    "cookie of no name": lambda c: saying({}, f"Set-Cookie: @{c.key}(=1", status="400 No"),
    "status": lambda c: f"HTTP/1.1 {c.key} OK\r\n\r\n".encode(),
    "no HTTP": lambda c: f"{c.key}\r\n\r\n".encode(),
    "broken header": lambda c: saying({}, f"X-{c.key} \x01: {c.key}\x00"),
    "endless header": lambda c: saying({}, "X-A: " + c.key * 1000),
    "too many headers": lambda c: saying({}, *[f"X-{n}: {c.key}" for n in range(500)]),
    "chunks": lambda c: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{c.key}\r\n".encode()
    ),
    "cut short": lambda c: saying({"a": c.key})[:-4],
}
SPELT: dict[str, Callable[[str], str]] = {
    "itself": str,
    "capitals": str.upper,
    "base64": lambda k: base64.b64encode(f"Bearer {k}".encode()).decode(),
    "percent": lambda k: k.replace("-", "%2D"),
    "zero-width": "\u200b".join,
}


@pytest.mark.parametrize("spelling", SPELT)
@pytest.mark.parametrize("place", REPLIES)
def test_the_key_in_a_reply_goes_nowhere(
    thread: LoopThread, caplog: pytest.LogCaptureFixture, place: str, spelling: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(lambda came: saying(REPLIES[place](SPELT[spelling](came.key)))) as server:
        found, shown = ask(thread, server.url)
    assert server.came[0].key == KEY
    assert not has_mark(repr(found))
    assert not has_mark(shown)
    assert not has_mark(caplog.text)


@pytest.mark.parametrize("place", FAILURES)
def test_the_key_in_a_failure_goes_nowhere(
    thread: LoopThread, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(FAILURES[place]) as server:
        found, shown = ask(thread, server.url)
    assert server.came[0].key == KEY
    assert isinstance(found, Trouble)
    assert len(found.detail) <= 320
    assert not has_mark(repr(found))
    assert not has_mark(shown)
    assert not has_mark(caplog.text)


def test_the_other_keys_of_the_environment_go_too(
    thread: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "sk-marked-another-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", other)
    with RawServer(lambda came: saying(completion(f"{other}!", model=other))) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert (found.text, found.model) == ("[key]!", "[key]")


def test_the_key_of_a_users_chat_model_goes_too(thread: LoopThread) -> None:
    theirs = "sk-marked-theirs-0123456789"

    def answer(came: Came) -> bytes:
        said = completion(f"{came.key} {came.headers['x-api-key']}", model=came.key)
        return saying(said)

    with RawServer(answer) as server:
        own = ChatOpenAI(
            model="theirs",
            base_url=server.url,
            api_key=theirs,
            default_headers={"X-Api-Key": "sk-marked-a-third-0123456789"},
        )
        found, shown = ask(thread, "http://ignored.invalid/v1", own)
        assert server.came[0].key == theirs
        asyncio.run(own.root_async_client.close())
    assert isinstance(found, Reply)
    assert (found.text, found.model) == ("[key] [key]", "[key]")
    assert not has_mark(shown)


def test_a_key_that_a_users_chat_model_cannot_send_is_named_and_not_repeated() -> None:
    own = ChatOpenAI(model="theirs", base_url="http://127.0.0.1:9/v1", api_key="sk-marked-é")
    with pytest.raises(EndpointError, match="openai_api_key: character 11 of 11") as refusal:
        ChatClient(EndpointSettings("m"), own)
    assert not has_mark(str(refusal.value))


def test_a_key_that_is_made_for_each_request_and_cannot_be_sent_is_no_bad_prompt(
    thread: LoopThread,
) -> None:
    own = ChatOpenAI(
        model="theirs", base_url="http://127.0.0.1:9/v1", api_key=lambda: "sk-marked-é"
    )
    found, _ = ask(thread, "http://ignored.invalid/v1", own)
    assert isinstance(found, Trouble)
    assert (found.kind, found.cause) == ("permanent", "bad_key")
    assert not has_mark(repr(found))
    assert "é" not in found.detail
    assert "xe9" not in found.detail


def test_a_model_that_asks_without_http_is_cleaned_of_the_keys_of_the_environment(
    thread: LoopThread,
) -> None:
    found, _ = ask(thread, "http://ignored.invalid/v1", FakeListChatModel(responses=[f"<{KEY}>"]))
    assert isinstance(found, Reply)
    assert found.text == "<[key]>"


def test_a_reply_without_a_key_keeps_every_byte(thread: LoopThread) -> None:
    text = '{"echo": "a\u202e\x1b[31m\\u0041 %2d &amp; \ud83d \u200b\r\n\0"}'
    with RawServer(lambda came: saying(completion(text))) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert found.text == text


def test_a_models_name_is_one_short_line_of_what_can_be_seen(thread: LoopThread) -> None:
    name = "\x1b[31mred\u202e\nline\0" + "x" * 500
    with RawServer(lambda came: saying(completion(model=name))) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert found.model.startswith("[31mred linexxx")
    assert len(found.model) == 200


# --- cookies and redirects


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_cookie_is_sent_back(thread: LoopThread, host: str) -> None:
    cookies = ("Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Domain=localhost", "Set-Cookie2: c=3")
    with RawServer(lambda came: saying(completion(), *cookies)) as server:
        found, _ = ask(thread, server.url.replace("127.0.0.1", host), times=3)
    assert isinstance(found, Reply)
    assert [came.headers.get("cookie") for came in server.came] == [None] * 3


def test_neither_the_probe_nor_what_follows_it_sends_a_cookie(tmp_path: Any) -> None:
    with (
        RawServer(lambda came: saying(completion('{"answer": "yes"}'), "Set-Cookie: a=1")) as raw,
        desk(raw.url.replace("127.0.0.1", "localhost"), tmp_path) as at,
    ):
        at.ask(question(0), question(1))
    assert len(raw.came) > 2
    assert not any("cookie" in came.headers for came in raw.came)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:{port}/v1/chat/completions",
        "http://localhost:{port}/v1",
        "//127.0.0.1:{port}/v1",
        "https://127.0.0.1:{port}/",
        "http:\\\\127.0.0.1:{port}",
        "http://user:word@127.0.0.1:{port}/",
    ],
)
def test_no_redirect_is_followed_and_the_other_origin_hears_nothing(
    thread: LoopThread, status: int, where: str
) -> None:
    with RawServer(lambda came: saying(completion())) as other:
        place = where.format(port=other.port)
        answer = http(b"", f"Location: {place}", status=f"{status} There")
        with RawServer(lambda came: answer) as server:
            found, _ = ask(thread, server.url)
        assert isinstance(found, Trouble)
        assert (found.kind, found.cause, found.detail) == ("permanent", "redirect", f"see {place}")
        assert (len(server.came), other.connections) == (1, 0)
