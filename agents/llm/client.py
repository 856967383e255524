"""One request to one chat model, and its reply taken apart: nothing is retried, hidden or guessed.

The model is `langchain_openai.ChatOpenAI` on an HTTP client of ours, or a `BaseChatModel` that the
user hands in from Python. The schema goes out in `extra_body` and the text is parsed by the
caller: `with_structured_output` costs two to three times the CPU and raises on the very replies
that must be recorded as faults.
"""

from __future__ import annotations

import asyncio
import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import langsmith
import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration
from langchain_openai import ChatOpenAI
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import SecretStr

from agents.llm.causes import Trouble, classify
from agents.llm.cleaning import SHORTEST, Cleaner, well_formed
from agents.llm.errors import EndpointError
from agents.llm.http import Timeouts, open_client
from agents.llm.keys import CIVA_KEY, OPENAI_URL, Destination, secrets_in
from agents.llm.terms import Terms, response_format
from agents.llm.usage import Usage, estimated_usage, usage_from


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Where a model answers and how long it may take. The key is never part of it.

    Attributes:
        model: the model's name there.
        base_url: where the API begins, mostly ending in /v1.
        temperature: sampling temperature, or None to leave it to the server.
        timeouts: bounds on one try.
        max_reply_bytes: the largest body taken as a reply.
        cache: explicit cache breakpoints: `auto` (offered to OpenAI's own hosts), `explicit`
            (offered to any), `off`.
        extra: further fields of the request body, such as a reasoning effort.
        keys: variables of the environment, of which the first that is set holds the key of this
            address; the key itself is read when the client is made.
        needs_key: whether the address is not asked without a key; OpenAI's own never is.
    """

    model: str
    base_url: str = OPENAI_URL
    temperature: float | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_reply_bytes: int = 1 << 20
    cache: str = "auto"
    extra: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = (CIVA_KEY,)
    needs_key: bool = False

    @property
    def host(self) -> str:
        """The host's name."""
        return urllib.parse.urlsplit(self.base_url).hostname or ""

    @property
    def label(self) -> str:
        """The address without user, password, query or fragment: fit for any artefact."""
        return _label(self.base_url)

    @property
    def is_openai(self) -> bool:
        """Whether this is one of OpenAI's own hosts (or Azure's)."""
        return self.host == "api.openai.com" or self.host.endswith(
            (".api.openai.com", ".openai.azure.com")
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        text: the reply's text as it was; what a refusal said, if it is one.
        outcome: `ok`, or why there is nothing to read: `truncated`, `refused`, `filtered`,
            `tool_call`, `empty`.
        usage: tokens used, estimated if the server stated none.
        model: the model as the server names it, on one line of at most 200 letters.
        latency: seconds from sending to the whole reply.
    """

    text: str
    outcome: str
    usage: Usage
    model: str
    latency: float


class ChatClient:
    """Sends prompts to one model at one address.

    Args:
        settings: address, model and bounds. With `model` given only its timeouts are used.
        model: a chat model of the user's own. One of langchain's OpenAI family is copied, with
            its retries off and its connections on our client; any other is called as it is, gets
            no schema and no seed, and must bound its own retries.

    Raises:
        EndpointError: if a key is needed and the environment holds none, or it cannot be sent.

    Attributes:
        key_from: the variable whose key is sent; empty if none is; None for a model of the user's
            own, which brings its key.
    """

    def __init__(self, settings: EndpointSettings, model: BaseChatModel | None = None) -> None:
        self.settings = settings
        self._http = None
        self._cleaner = Cleaner(secrets_in(os.environ, settings.keys))
        self.key_from: str | None = None
        self._built_from: tuple[EndpointSettings, str] | None = None
        if model is None or isinstance(model, BaseChatOpenAI):
            self._http = open_client(settings.timeouts, settings.max_reply_bytes, self._cleaner)
        if model is None:
            self.key_from, key = _key(settings)
            self._built_from = (settings, key)
            self._model: BaseChatModel = ChatOpenAI(
                model=settings.model,
                base_url=settings.base_url,
                api_key=SecretStr(key),
                temperature=settings.temperature,
                max_retries=0,
                timeout=self._http.timeout if self._http else None,
                http_async_client=self._http,
                cache=False,
                streaming=False,
                use_responses_api=False,
                output_version="v0",
            )
            self.label, self.name = settings.label, settings.model
        elif isinstance(model, BaseChatOpenAI):
            self.label = _label(str(model.openai_api_base or OPENAI_URL))
            if isinstance(model.openai_api_key, SecretStr):
                key = well_formed(
                    model.openai_api_key.get_secret_value(), "openai_api_key", self.label
                )
                self._cleaner.learn(key)
            self._model = _adopt(model, self._http)
            self.name = model.model_name
        else:
            self._model = model
            self.label = type(model).__name__
            self.name = str(
                getattr(model, "model_name", None) or getattr(model, "model", self.label)
            )
        self.takes_options = isinstance(self._model, BaseChatOpenAI)
        self._own_extra = dict(getattr(self._model, "extra_body", None) or {})
        self._trace = tracing_wished(os.environ)

    def __repr__(self) -> str:
        return f"ChatClient({self.name!r} at {self.label})"

    async def send(
        self,
        parts: tuple[str, ...],
        *,
        terms: Terms,
        schema_name: str,
        schema: dict[str, Any],
        seed: int,
        max_reply_tokens: int,
        cache_key: str = "",
    ) -> Reply:
        """Send one prompt, once.

        Args:
            parts: static system text, resident's system text, user text, and on a second attempt
                what was wrong with the first.
            terms: what the endpoint takes.
            schema_name: the schema's name, letters, digits, `_` and `-`.
            schema: JSON schema of the reply.
            seed: the request's seed.
            max_reply_tokens: the longest reply.
            cache_key: the provider's routing hint for its prefix cache.

        Raises:
            Exception: whatever the transport raises; `causes.classify` says what it means.
        """
        options: dict[str, Any] = {}
        if self.takes_options:
            body = {**self._own_extra, **self.settings.extra}
            if (form := response_format(terms.rung, schema_name, schema)) is not None:
                body["response_format"] = form
            body[terms.limit_field] = max_reply_tokens
            if terms.breakpoints:
                body["prompt_cache_options"] = {"mode": "explicit"}
            if terms.cache_key and cache_key:
                body["prompt_cache_key"] = cache_key
            options["extra_body"] = body
            if terms.seed:
                options["seed"] = seed
        loop = asyncio.get_running_loop()
        start = loop.time()
        traced = None if self._trace else False
        with langsmith.tracing_context(enabled=traced):
            async with asyncio.timeout(self.settings.timeouts.total):
                result = await self._model.agenerate([_messages(parts, terms)], **options)
        latency = loop.time() - start
        generations = result.generations[0]
        size = sum(len(part.encode("utf-8", "replace")) for part in parts)
        if not generations or not isinstance(generations[0], ChatGeneration):
            return Reply("", "empty", estimated_usage(size, 0), self.name, latency)
        return self._take_apart(generations[0].message, size, latency)

    def serves(self, settings: EndpointSettings) -> bool:
        """Whether this client is what `settings` and the environment's key would make now."""
        return self._built_from == (settings, _key(settings)[1])

    def trouble(self, error: BaseException) -> Trouble:
        """What a failed `send` means, without any key that the error names."""
        return classify(error, self._cleaner)

    async def close(self) -> None:
        """Close the connections. On the loop that used them."""
        if self._http is not None:
            await self._http.aclose()

    def _take_apart(self, message: BaseMessage, prompt_bytes: int, latency: float) -> Reply:
        text = message.content if isinstance(message.content, str) else message.text
        refusal = message.additional_kwargs.get("refusal")
        finish = message.response_metadata.get("finish_reason")
        if refusal:
            text, outcome = str(refusal), "refused"
        elif finish in ("length", "max_tokens", "MAX_TOKENS"):
            outcome = "truncated"
        elif finish == "content_filter":
            outcome = "filtered"
        elif isinstance(message, AIMessage) and (message.tool_calls or message.invalid_tool_calls):
            outcome = "tool_call"
        else:
            outcome = "ok" if text.strip() else "empty"
        metadata = message.usage_metadata if isinstance(message, AIMessage) else None
        usage = usage_from(metadata, prompt_bytes, len(text.encode("utf-8", "replace")))
        served = self._cleaner.line(message.response_metadata.get("model_name") or "", 200)
        # What came through our own HTTP client was cleaned there.
        text = text if self._http is not None else self._cleaner.text(text)
        return Reply(text, outcome, usage, served or self.name, latency)


def tracing_wished(environment: Mapping[str, str]) -> bool:
    """Whether the user wants LangSmith's traces: some variable says true and none says false.

    LangSmith itself traces if either family of variables is true, even if the other says false.
    """
    names = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")
    said = {environment.get(name, "").strip().lower() for name in names}
    return "true" in said and not said & {"false", "0", "no", "off"}


def _messages(parts: tuple[str, ...], terms: Terms) -> list[BaseMessage]:
    """One system and one user message: the same text whether or not it carries a breakpoint."""
    static, resident, *user = parts
    said = HumanMessage("\n\n".join(user))
    if not terms.breakpoints:
        return [SystemMessage(f"{static}\n\n{resident}"), said]
    blocks: list[str | dict[str, Any]] = [
        {"type": "text", "text": static, "prompt_cache_breakpoint": {"mode": "explicit"}},
        {"type": "text", "text": f"\n\n{resident}"},
    ]
    return [SystemMessage(blocks), said]


def check_key(settings: EndpointSettings) -> None:
    """Say now what making a client for these settings would say of its key.

    Raises:
        EndpointError: a key is needed and missing, or cannot be sent.
    """
    _key(settings)


def _key(settings: EndpointSettings) -> tuple[str, str]:
    """The variable that holds the key of this address, and the key."""
    where = Destination(settings.base_url, settings.keys)
    if variable := where.variable(os.environ):
        key = os.environ[variable].strip()
        least = SHORTEST if settings.is_openai else 1
        return variable, well_formed(key, variable, settings.label, least)
    if settings.needs_key or settings.is_openai:
        named = " or ".join(settings.keys) or CIVA_KEY
        raise EndpointError(
            "bad_key",
            settings.label,
            f"{settings.label} needs a key: set {named} in the environment",
        )
    return "", "unused"  # Local servers want some key in the header and read none.


def _adopt(model: BaseChatOpenAI, http: Any) -> BaseChatModel:
    """A copy of the user's model whose retries are ours and whose connections we close."""
    copy = model.model_copy(
        update={"cache": False, "streaming": False, "max_retries": 0, "max_tokens": None}
    )
    root: openai.AsyncOpenAI = model.root_async_client
    copy.root_async_client = root.with_options(
        max_retries=0, timeout=http.timeout, http_client=http
    )
    copy.async_client = copy.root_async_client.chat.completions
    return copy


def _label(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path.rstrip('/')}"
