"""Operational settings: where a model answers, what may be spent, how often it is asked.

They decide what a run costs and how long it takes, never what happens in it: no identity, no hash
and no result depends on them. No API key is among them: they name the variables of the environment
that hold the keys, and a key goes to its own address alone (`agents.llm.keys`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.csvfile import shown
from agents.errors import InputError
from agents.llm.address import address_of
from agents.llm.keys import NamedEndpoint, Registry
from agents.minds.register import asks_language
from model.world.validation import validated

if TYPE_CHECKING:
    from agents.llm.client import EndpointSettings
    from agents.llm.limiter import Limits
    from agents.llm.retry import RetryPolicy
    from agents.llm.spending import Caps
    from agents.llm.usage import Prices


#: What a scenario or a design must not say: which keys go where is for the user alone to say.
USERS_OWN: Final = ("endpoints", "own_address")


def _field(default: Any, unit: str, meaning: str, **bounds: Any) -> Any:
    if "ge" in bounds or "gt" in bounds:
        bounds.setdefault("le", 1e12)
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, **bounds)


class ModelPrices(BaseModel):
    """What a million tokens of one model cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0, le=1e12)
    output: float = Field(ge=0, le=1e12)
    cached: float | None = Field(None, ge=0, le=1e12)
    written: float | None = Field(None, ge=0, le=1e12)


class Settings(BaseModel):
    """What a run may use. Caps, rates and prices that are left out do not bind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = _field("", "URL", "name or address of the endpoint; empty for `openai`")
    second_base_url: str = _field("", "URL", "that of the second mind; empty for the same one")
    endpoints: tuple[NamedEndpoint, ...] = _field(
        (), "list", "endpoints known by name; never from a scenario's or a design's file"
    )
    own_address: bool = _field(
        True, "word", "the user named base_url, and no file did: CIVA_API_KEY is its key"
    )
    max_calls: int | None = _field(None, "calls", "calls that may be made", ge=0)
    max_tokens: int | None = _field(None, "tokens", "tokens in and out that may be used", ge=0)
    max_money: float | None = _field(None, "money", "what may be spent at the prices given", ge=0)
    price_input: float | None = _field(None, "money/10⁶", "a million prompt tokens", ge=0)
    price_output: float | None = _field(None, "money/10⁶", "a million reply tokens", ge=0)
    price_cached: float | None = _field(None, "money/10⁶", "a million from a cache", ge=0)
    price_written: float | None = _field(None, "money/10⁶", "a million to a cache", ge=0)
    prices: dict[str, ModelPrices] = _field(
        {}, "money/10⁶", "input, output, cached and written by model, before the four above"
    )
    cache: Literal["auto", "explicit", "off"] = _field(
        "auto", "word", "hints for the provider's prefix cache; auto: to OpenAI's own hosts"
    )
    cache_buckets: int = _field(8, "keys", "over which a community's calls spread", ge=1, le=1024)
    requests_per_minute: float | None = _field(None, "1/min", "calls started a minute", gt=0)
    tokens_per_minute: float | None = _field(None, "1/min", "tokens a minute", gt=0)
    in_flight_start: int = _field(20, "calls", "in flight at first", ge=1, le=4096)
    in_flight_limit: int = _field(512, "calls", "in flight at most", ge=1, le=4096)
    timeout_connect: float = _field(10.0, "s", "until a connection stands", gt=0)
    timeout_first_byte: float = _field(120.0, "s", "until the reply begins", gt=0)
    timeout_total: float = _field(180.0, "s", "for a whole try", gt=0)
    patience: float = _field(600.0, "s", "without any reply before a run stops", gt=0)
    stage_seconds: float | None = _field(None, "s", "that one stage may take", gt=0)
    flush_rows: int = _field(100_000, "rows", "in memory before they are written", ge=1)
    flush_seconds: float = _field(2.0, "s", "between writes of what a day left", ge=0)

    def endpoint(
        self, model: str, temperature: float, effort: str = "", second: bool = False
    ) -> EndpointSettings:
        """Where and how a model is asked, and which variables hold the key of that address.

        Raises:
            InputError: the name of the endpoint is unknown, or its address is none.
        """
        from agents.llm.client import EndpointSettings
        from agents.llm.http import Timeouts

        registry = Registry(self.endpoints, os.environ)
        own = self.own_address or not self.base_url
        found = registry.find(self.base_url, main=own)
        if second and self.second_base_url:
            # CIVA_API_KEY belongs to one address: the second is sent it only if it is the same.
            field, first = "second_base_url", address_of(found.url).origin
            found = registry.find(self.second_base_url, field, main=False)
            same = address_of(found.url).origin == first
            found = registry.find(self.second_base_url, field, main=own and same)
        return EndpointSettings(
            model,
            base_url=found.url,
            temperature=temperature,
            timeouts=Timeouts(self.timeout_connect, self.timeout_first_byte, self.timeout_total),
            cache=self.cache,
            extra={"reasoning_effort": effort} if effort else {},
            keys=found.keys,
            needs_key=found.needs_key,
        )

    def limits(self) -> Limits:
        """How often the endpoint is asked."""
        from agents.llm.limiter import Limits

        return Limits(
            min(self.in_flight_start, self.in_flight_limit),
            self.in_flight_limit,
            self.requests_per_minute,
            self.tokens_per_minute,
        )

    def policy(self) -> RetryPolicy:
        """When to give up."""
        from agents.llm.retry import RetryPolicy

        # A call may outlast one outage, and even two; it does not outlast three.
        return RetryPolicy(patience=self.patience, seconds=3 * self.patience)

    @property
    def capped(self) -> bool:
        """Whether calls, tokens or money have a cap."""
        return any(cap is not None for cap in (self.max_calls, self.max_tokens, self.max_money))

    def caps(self) -> Caps:
        """What may be spent."""
        from agents.llm.spending import Caps

        return Caps(self.max_calls, self.max_tokens, self.max_money)

    def price_of(self, model: str) -> Prices | None:
        """What a model's tokens cost; None if input or output has no price."""
        from agents.llm.usage import Prices

        if (own := self.prices.get(model)) is not None:
            return Prices(own.input, own.output, own.cached, own.written)
        if self.price_input is None or self.price_output is None:
            return None
        return Prices(self.price_input, self.price_output, self.price_cached, self.price_written)


def check_capped(field: str, name: str, settings: Settings) -> None:
    """Refuse a language model that helps beside the residents' own mind without a cap.

    A run by a language model announces itself by its mind; an overseer, a judge or a second mind is
    easily overlooked in a scenario, and then spends without a limit.

    Args:
        field: the field or flag that names it, for the message.
        name: the helper, as it is spelled.
        settings: hold the caps.

    Raises:
        InputError: it asks a language model, and neither calls, tokens nor money have a cap.
    """
    if asks_language(name) and not settings.capped:
        raise InputError(
            f"{field}: {name} asks a language model without a cap; set one, e.g. "
            "--set max_calls=1000 (or max_tokens, max_money)"
        )


def settings_from(fields: Mapping[str, Any]) -> Settings:
    """Settings from plain values.

    Raises:
        InputError: naming field, value and remedy.
    """
    return validated(Settings, fields, strict=True)


def settings_of_file(table: Any) -> dict[str, Any]:
    """The settings in a scenario's or a design's file, of which somebody else may be the author.

    An address that only such a file names is nobody's to send `CIVA_API_KEY` to.

    Raises:
        InputError: it is no table, or says what is for the user alone to say.
    """
    if not isinstance(table, dict):
        raise InputError(f"settings: {shown(repr(table))} is no table; write [settings]")
    for name in USERS_OWN:
        if name in table:
            raise InputError(
                f"settings: {name} is not for a file of this kind; name endpoints by --endpoint, "
                "in CIVA_ENDPOINTS or in your own settings file"
            )
    return {**table, "own_address": False} if table.get("base_url") else dict(table)


def changed(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the user's own changes: an address among them is the user's."""
    return {**settings, **({"own_address": True} if "base_url" in changes else {}), **changes}
