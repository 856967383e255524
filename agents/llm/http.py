"""The HTTP client under the chat model: ours to open, to bound and to close.

It contacts the configured host alone (a proxy only if the user's environment names one) and takes
what comes back through `transport.WireTransport`, which cleans and bounds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from agents.llm.cleaning import Cleaner
from agents.llm.transport import WireTransport


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Bounds on one try of one request, in seconds.

    Attributes:
        connect: until the connection stands.
        first_byte: until the first byte, and between any two; without streaming the first byte
            comes when the whole reply was generated, so this is the model's thinking time.
        total: for the whole try.
    """

    connect: float = 10.0
    first_byte: float = 120.0
    total: float = 180.0


def open_client(
    timeouts: Timeouts, max_bytes: int, cleaner: Cleaner | None = None
) -> httpx2.AsyncClient:
    """An HTTP client on aiohttp's transport, which costs half the CPU of the default one.

    Args:
        timeouts: bounds on connecting and on silence.
        max_bytes: the largest body taken; past it `ReplyTooLarge` is raised while reading.
        cleaner: takes the keys out of what comes back.
    """
    return _Client(
        cleaner or Cleaner(),
        max_bytes,
        timeout=httpx2.Timeout(
            connect=timeouts.connect,
            read=timeouts.first_byte,
            write=timeouts.connect,
            pool=timeouts.total,
        ),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
    )


class _Client(openai.DefaultAioHttpClient):
    """The SDK's client whose every transport, proxies' too, is wrapped."""

    def __init__(self, cleaner: Cleaner, max_bytes: int, **options: Any) -> None:
        self._wire = (cleaner, max_bytes)
        super().__init__(**options)

    def _init_transport(self, *args: Any, **options: Any) -> httpx2.AsyncBaseTransport:
        return WireTransport(super()._init_transport(*args, **options), *self._wire)

    def _init_proxy_transport(
        self, proxy: httpx2.Proxy, *args: Any, **options: Any
    ) -> httpx2.AsyncBaseTransport:
        return WireTransport(super()._init_proxy_transport(proxy, *args, **options), *self._wire)
