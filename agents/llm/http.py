"""The HTTP client under the chat model: ours to open, to bound and to close.

It contacts the configured host alone (no redirect is followed; a proxy only if the user's
environment names one), takes no reply larger than any
honest one, and asks for plain bodies, because what a compressed one will unpack to is not known
before it has been unpacked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
import openai

from agents.llm.causes import EncodedReply, ReplyTooLarge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


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


def open_client(timeouts: Timeouts, max_bytes: int) -> httpx2.AsyncClient:
    """An HTTP client on aiohttp's transport, which costs half the CPU of the default one.

    Args:
        timeouts: bounds on connecting and on silence.
        max_bytes: the largest body taken; past it `ReplyTooLarge` is raised while reading.
    """
    return openai.DefaultAioHttpClient(
        timeout=httpx2.Timeout(
            connect=timeouts.connect,
            read=timeouts.first_byte,
            write=timeouts.connect,
            pool=timeouts.total,
        ),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        event_hooks={"response": [_bounding(max_bytes)]},
    )


def _bounding(max_bytes: int) -> Callable[[httpx2.Response], Awaitable[None]]:
    async def bound(response: httpx2.Response) -> None:
        encoding = response.headers.get("content-encoding", "identity").lower()
        if encoding not in ("", "identity"):
            raise EncodedReply(f"the reply came as {encoding[:20]}, though asked for plain")
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > max_bytes:
            raise ReplyTooLarge(_too_large(max_bytes))
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, max_bytes)

    return bound


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends in an error once it has passed its bound."""

    def __init__(self, stream: httpx2.AsyncByteStream, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for chunk in self._stream:
            taken += len(chunk)
            if taken > self._max_bytes:
                raise ReplyTooLarge(_too_large(self._max_bytes))
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _too_large(max_bytes: int) -> str:
    return f"the reply was larger than {max_bytes} bytes"
