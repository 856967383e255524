"""The client sends what it was told, nothing else and nowhere else, and takes replies apart."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.tracers.langchain import wait_for_all_tracers
from langchain_openai import ChatOpenAI

from agents.llm.causes import Trouble, classify, remedy
from agents.llm.client import ChatClient, EndpointSettings, Reply, tracing_wished
from agents.llm.errors import EndpointError
from agents.llm.http import Timeouts
from agents.llm.loop import LoopThread
from agents.llm.terms import Rung, Terms
from agents.llm.usage import Usage
from tests.language.asking import SCHEMA
from tests.language.server import ModelServer

KEY = "sk-marked-0123456789abcdef"
PARTS = ("Static.", "# You", "# Today")
# For servers that say nothing; where they do answer, a busy machine must not look like silence.
SHORT = Timeouts(connect=2.0, first_byte=0.5, total=1.0)


@pytest.fixture(scope="module")
def thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVA_API_KEY", KEY)


def send(
    thread: LoopThread,
    server_url: str,
    *,
    terms: Terms | None = None,
    parts: tuple[str, ...] = PARTS,
    model: Any = None,
    **settings: Any,
) -> Reply:
    """One request through a client opened and closed for it."""
    client = ChatClient(EndpointSettings("m", server_url, **settings), model)

    async def scene() -> Reply:
        try:
            return await client.send(
                parts,
                terms=terms or Terms(limit_field="max_tokens"),
                schema_name="echo",
                schema=SCHEMA,
                seed=7,
                max_reply_tokens=50,
                cache_key="c:1",
            )
        finally:
            await client.close()

    return thread.submit(scene())


def trouble(thread: LoopThread, url: str, **how: Any) -> Trouble:
    """What one failed request means."""
    with pytest.raises(Exception) as failure:  # noqa: PT011 — any: that is what is classified
        send(thread, url, **how)
    return classify(failure.value)


def dealing(deal: str) -> ModelServer:
    return ModelServer(script=lambda number, body: deal)


# --- what goes out


def test_the_request_holds_what_was_asked_and_no_other_field(thread: LoopThread) -> None:
    with ModelServer() as server:
        send(thread, server.url, temperature=0.7)
    assert server.dealt[0].body == {
        "model": "m",
        "stream": False,
        "temperature": 0.7,
        "seed": 7,
        "max_tokens": 50,
        "messages": [
            {"role": "system", "content": "Static.\n\n# You"},
            {"role": "user", "content": "# Today"},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "echo", "strict": True, "schema": SCHEMA},
        },
    }
    assert server.dealt[0].authorization == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("rung", "form"),
    [
        (Rung.OBJECT_SCHEMA, {"type": "json_object", "schema": SCHEMA}),
        (Rung.JSON_OBJECT, {"type": "json_object"}),
        (Rung.PLAIN, None),
    ],
)
def test_each_rung_sends_its_own_form(thread: LoopThread, rung: Rung, form: Any) -> None:
    with ModelServer() as server:
        send(thread, server.url, terms=Terms(rung=rung))
    body = server.dealt[0].body
    assert body.get("response_format") == form
    assert body["max_completion_tokens"] == 50
    assert "max_tokens" not in body


def test_a_breakpoint_stands_after_the_static_text_and_changes_no_word(thread: LoopThread) -> None:
    terms = Terms(breakpoints=True, cache_key=True, seed=False)
    with ModelServer() as server:
        send(thread, server.url, terms=terms)
        send(thread, server.url)
    marked, plain = (d.body for d in server.dealt)
    blocks = marked["messages"][0]["content"]
    assert blocks[0]["prompt_cache_breakpoint"] == {"mode": "explicit"}
    assert "prompt_cache_breakpoint" not in blocks[1]
    assert "".join(b["text"] for b in blocks) == plain["messages"][0]["content"]
    assert marked["prompt_cache_options"] == {"mode": "explicit"}
    assert marked["prompt_cache_key"] == "c:1"
    assert "seed" not in marked


def test_what_a_repair_says_follows_the_same_user_text(thread: LoopThread) -> None:
    with ModelServer() as server:
        send(thread, server.url, parts=(*PARTS, "It was cut off."))
    assert server.dealt[0].body["messages"][1]["content"] == "# Today\n\nIt was cut off."


def test_further_fields_of_the_users_go_out(thread: LoopThread) -> None:
    with ModelServer() as server:
        send(thread, server.url, extra={"reasoning_effort": "low"})
    assert server.dealt[0].body["reasoning_effort"] == "low"


# --- what comes back


@pytest.mark.parametrize(
    ("deal", "outcome", "text"),
    [
        ("ok", "ok", '{"echo": "# Today"}'),
        ("truncated", "truncated", '{"echo": "hal'),
        ("refusal", "refused", "I cannot help with that."),
        ("filtered", "filtered", ""),
        ("tool call", "tool_call", ""),
        ("null content", "empty", ""),
        ("empty", "empty", "  "),
        ("empty choices", "empty", ""),
        ("malformed", "ok", "I would rather say: {echo}"),
        ("surrogate", "ok", "\ud83d half a pair"),
    ],
)
def test_a_reply_says_why_there_is_nothing_to_read(
    thread: LoopThread, deal: str, outcome: str, text: str
) -> None:
    with dealing(deal) as server:
        reply = send(thread, server.url)
    assert (reply.outcome, reply.text) == (outcome, text)


def test_usage_is_taken_as_the_server_states_it(thread: LoopThread) -> None:
    usage = {
        "prompt_tokens": 2000,
        "completion_tokens": 300,
        "total_tokens": 2300,
        "prompt_tokens_details": {"cached_tokens": 1500, "cache_write_tokens": 200},
        "completion_tokens_details": {"reasoning_tokens": 250},
    }
    with ModelServer(usage=usage) as server:
        reply = send(thread, server.url)
    assert reply.usage == Usage(2000, 1500, 200, 300, 250, estimated=False)
    assert reply.model == "loopback-1"


@pytest.mark.parametrize("deal", ["no usage", "bad usage"])
def test_usage_not_stated_or_impossible_is_estimated_and_says_so(
    thread: LoopThread, deal: str
) -> None:
    with dealing(deal) as server:
        reply = send(thread, server.url)
    assert reply.usage.estimated
    assert reply.usage.input > 0


# --- what fails


@pytest.mark.parametrize(
    ("deal", "kind", "cause"),
    [
        ("429", "transient", "rate_limited"),
        ("500", "transient", "server_error"),
        ("502", "transient", "server_error"),
        ("503", "transient", "server_error"),
        ("reset", "transient", "connection_reset"),
        ("cut body", "transient", "connection_reset"),
        ("silence", "transient", "timeout"),
        ("drip", "transient", "timeout"),
        ("html", "transient", "bad_body"),
        ("not json", "transient", "bad_body"),
        ("null choices", "transient", "bad_body"),
        ("gzip bomb", "transient", "bad_body"),
        ("401", "permanent", "bad_key"),
        ("403", "permanent", "forbidden"),
        ("404", "permanent", "no_model"),
        ("quota", "permanent", "quota"),
        ("context", "permanent", "context_length"),
        ("400", "permanent", "bad_request"),
        ("redirect", "permanent", "redirect"),
        ("filtered 400", "reply", "filtered"),
        ("flood", "reply", "too_large"),
    ],
)
def test_a_failure_is_known_by_its_kind_and_cause(
    thread: LoopThread, deal: str, kind: str, cause: str
) -> None:
    timeouts = SHORT if cause == "timeout" else Timeouts()
    with dealing(deal) as server:
        found = trouble(thread, server.url, timeouts=timeouts)
    assert (found.kind, found.cause) == (kind, cause)
    assert len(server.dealt) == 1  # nobody below us tried again
    assert len(found.detail) <= 300


@pytest.mark.parametrize(
    ("url", "kind", "cause"),
    [
        ("http://nowhere.invalid/v1", "transient", "dns"),
        ("http://127.0.0.1:9/v1", "transient", "connection_refused"),
        ("ftp://127.0.0.1/v1", "permanent", "bad_url"),
    ],
)
def test_an_address_that_cannot_be_reached_says_how(
    thread: LoopThread, url: str, kind: str, cause: str
) -> None:
    found = trouble(thread, url)
    assert (found.kind, found.cause) == (kind, cause)


def test_a_server_without_tls_is_no_server_to_trust(thread: LoopThread) -> None:
    with ModelServer() as server:
        found = trouble(thread, server.url.replace("http://", "https://"))
    assert (found.kind, found.cause) == ("permanent", "tls")


@pytest.mark.parametrize(("deal", "seconds"), [("429 wait 1", 1.0), ("429", None)])
def test_retry_after_is_read(thread: LoopThread, deal: str, seconds: float | None) -> None:
    with dealing(deal) as server:
        assert trouble(thread, server.url).retry_after == seconds


@pytest.mark.parametrize("cause", ["bad_key", "forbidden", "no_model", "quota", "tls", "dns"])
def test_every_hopeless_cause_says_where_and_what_to_do(cause: str) -> None:
    message = remedy(Trouble("permanent", cause, "no"), endpoint="http://x/v1", model="big")
    assert message.startswith("http://x/v1: ")
    assert any(word in message for word in ("Set ", "Use ", "Check ", "Add "))


# --- what never happens


def test_the_key_stands_in_no_message_and_no_representation(thread: LoopThread) -> None:
    client = ChatClient(EndpointSettings("m", "http://user:secret@127.0.0.1:9/v1?key=secret"))
    assert client.label == "http://127.0.0.1:9/v1"
    assert KEY not in repr(client)
    assert "secret" not in repr(client)
    thread.submit(client.close())
    with dealing("echo key") as server:
        reply = send(thread, server.url)
    assert server.dealt[0].authorization.endswith(KEY)
    assert reply.text == '{"echo": "Bearer [key]"}'


def test_openais_own_host_is_not_asked_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIVA_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EndpointError, match="set CIVA_API_KEY or OPENAI_API_KEY"):
        ChatClient(EndpointSettings("m", keys=("CIVA_API_KEY", "OPENAI_API_KEY")))


def test_a_local_server_needs_no_key(thread: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIVA_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with ModelServer() as server:
        assert send(thread, server.url).outcome == "ok"


def test_only_the_configured_host_is_contacted_even_with_tracing_half_on(
    thread: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "ls-key")
    asked: list[Any] = []
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def guarded_resolve(host: Any, *rest: Any, **named: Any) -> Any:
        asked.append(host)
        return resolve(host, *rest, **named)

    def guarded_connect(self: socket.socket, address: Any) -> Any:
        asked.append(address[0])
        return connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    with ModelServer() as server, dealing("redirect") as other:
        for _ in range(3):
            send(thread, server.url)
        trouble(thread, other.url)
        wait_for_all_tracers()
    assert {str(host) for host in asked} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("environment", "wished"),
    [
        ({}, False),
        ({"LANGSMITH_TRACING": "true"}, True),
        ({"LANGCHAIN_TRACING_V2": "true"}, True),
        ({"LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "true"}, False),
        ({"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "false"}, False),
    ],
)
def test_traces_are_sent_only_if_the_user_says_so_and_does_not_say_otherwise(
    environment: dict[str, str], wished: bool
) -> None:
    assert tracing_wished(environment) is wished


# --- models of the user's own


def test_a_users_chat_model_keeps_its_address_and_key_and_loses_its_retries(
    thread: LoopThread,
) -> None:
    with ModelServer(script=lambda number, body: ["500", "ok"][number]) as server:
        own = ChatOpenAI(
            model="theirs", base_url=server.url, api_key="their-key", max_retries=5, max_tokens=9
        )
        assert trouble(thread, "http://ignored.invalid/v1", model=own).cause == "server_error"
        assert send(thread, "http://ignored.invalid/v1", model=own).outcome == "ok"
    assert len(server.dealt) == 2
    assert server.dealt[1].authorization == "Bearer their-key"
    assert server.dealt[1].body["model"] == "theirs"
    assert server.dealt[1].body["max_tokens"] == 50
    asyncio.run(own.root_async_client.close())


def test_any_other_chat_model_is_asked_with_text_alone(thread: LoopThread) -> None:
    model = FakeListChatModel(responses=['{"echo": "fake"}'])
    reply = send(thread, "http://ignored.invalid/v1", model=model)
    assert (reply.text, reply.usage.estimated) == ('{"echo": "fake"}', True)


def test_an_unknown_error_is_hopeless_and_named() -> None:
    found = classify(openai.OpenAIError("never seen"))
    assert (found.kind, found.cause) == ("permanent", "unexpected")
    assert "OpenAIError: never seen" in found.detail
