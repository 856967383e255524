"""What a call used and what that costs: tokens by kind, prices by the million."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

LARGEST: Final = 10**8
"""Tokens of one call that are believed: ten times the longest context that is sold."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, or of many added up.

    Attributes:
        input: all prompt tokens, those from and for the cache included.
        cached: prompt tokens read from the provider's cache.
        written: prompt tokens written to it (billed at a price of their own by some).
        output: all tokens of the reply, hidden reasoning included.
        reasoning: the hidden part of `output`.
        estimated: true if the server stated no usable count for some of it.
        unbelieved: calls of which the server did state something, and nothing that can be true.
    """

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0
    estimated: bool = False
    unbelieved: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.written + other.written,
            self.output + other.output,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
            self.unbelieved + other.unbelieved,
        )

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.input + self.output

    @property
    def cached_share(self) -> float:
        """Measured share of the input that came from the cache; NaN without input."""
        return self.cached / self.input if self.input else math.nan


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices per million tokens, in whatever currency the user counts in.

    Attributes:
        input: uncached prompt tokens.
        output: reply tokens, reasoning included.
        cached: prompt tokens read from the cache; None means the price of `input`.
        written: prompt tokens written to the cache; None means the price of `input`.
    """

    input: float
    output: float
    cached: float | None = None
    written: float | None = None

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached", "written"):
            price = getattr(self, name)
            if price is not None and not (math.isfinite(price) and price >= 0):
                raise ValueError(f"price {name} is {price}: give a number ≥ 0 per million tokens")

    def cost(self, usage: Usage) -> float:
        """Money for this usage."""
        plain = usage.input - usage.cached - usage.written
        cached = self.input if self.cached is None else self.cached
        written = self.input if self.written is None else self.written
        return (
            plain * self.input
            + usage.cached * cached
            + usage.written * written
            + usage.output * self.output
        ) / 1e6

    def ceiling(self, input_tokens: int, output_tokens: int) -> float:
        """The most that a call of this size can cost, whatever the cache does."""
        dearest = max(self.input, self.cached or 0.0, self.written or 0.0)
        return (input_tokens * dearest + output_tokens * self.output) / 1e6


def believable(count: object) -> bool:
    """Whether this can be a count of tokens: a whole number from 0 to `LARGEST`."""
    return type(count) is int and 0 <= count <= LARGEST


def usage_from(metadata: Mapping[str, Any] | None, prompt_bytes: int, reply_bytes: int) -> Usage:
    """Usage as the server states it; estimated from the bytes if it states none that can be."""
    usage = stated_usage(metadata)
    if usage is not None:
        return usage
    # Zeros are how the layers between put that nothing was stated.
    said = metadata and any(metadata.get(name) for name in ("input_tokens", "output_tokens"))
    return replace(estimated_usage(prompt_bytes, reply_bytes), unbelieved=int(bool(said)))


def stated_usage(metadata: Mapping[str, Any] | None) -> Usage | None:
    """Usage as the server states it, from langchain's `usage_metadata`; None if unusable.

    A count that is not `believable`, or a cache larger than the input, makes the whole statement
    unusable: half of a wrong bill is no better than an estimate that says it is one.
    """
    if not metadata:
        return None
    into = metadata.get("input_token_details") or {}
    out = metadata.get("output_token_details") or {}
    counts = (
        metadata.get("input_tokens"),
        _first(into, "cache_read"),
        _first(into, "cache_creation"),
        metadata.get("output_tokens"),
        _first(out, "reasoning"),
    )
    if not all(map(believable, counts)):
        return None
    usage = Usage(*counts)  # type: ignore[arg-type]  # checked above: five whole numbers
    if usage.input == 0 or usage.cached + usage.written > usage.input:
        return None
    return None if usage.reasoning > usage.output else usage


def _first(details: Mapping[str, Any], name: str) -> Any:
    """A detail under its own name or under a service tier's (`flex_cache_read`); 0 if absent."""
    for key in (name, f"flex_{name}", f"priority_{name}"):
        if details.get(key) is not None:
            return details[key]
    return 0


def estimated_usage(prompt_bytes: int, reply_bytes: int) -> Usage:
    """Usage where the server states none: four bytes a token, rounded up, flagged."""
    return Usage(input=-(-prompt_bytes // 4), output=-(-reply_bytes // 4), estimated=True)


def weight(text: str) -> int:
    """Bytes of a text for a reservation at two bytes a token: those beyond ASCII count twice.

    A token of plain text is two bytes at least, taken over a whole prompt; where letters are rare
    in the tokenizer's training (hieroglyphs, emoji) every byte may be a token of its own.
    """
    if text.isascii():
        return len(text)
    plain = len(text.encode("ascii", "ignore"))
    return 2 * len(text.encode("utf-8", "replace")) - plain
