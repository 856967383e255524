"""An endpoint as its users share it: one client a setting, one limiter an address, per loop."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from agents.errors import InputError
from agents.llm.client import ChatClient, EndpointSettings
from agents.llm.limiter import Limiter, LimiterState, Limits
from agents.llm.loop import LoopThread, process_loop
from agents.llm.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one model answers, how often it may be asked, and how long to go on.

    Attributes:
        client: sends one request.
        limiter: shared by all that ask the same address.
        policy: when to try again and when to stop.
    """

    client: ChatClient
    limiter: Limiter
    policy: RetryPolicy


class Endpoints:
    """All endpoints of one loop: who asks the same address shares its limiter and connections.

    Args:
        thread: the loop on which they are used, and with which they are closed.
    """

    def __init__(self, thread: LoopThread) -> None:
        self.thread = thread
        self._clients: list[ChatClient] = []
        self._limiters: dict[str, tuple[Limits, Limiter]] = {}
        thread.on_close(self._close)

    def open(
        self,
        settings: EndpointSettings,
        limits: Limits | None = None,
        policy: RetryPolicy | None = None,
        model: BaseChatModel | None = None,
    ) -> Endpoint:
        """The endpoint for these settings; equal settings give the same client.

        Args:
            settings: address, model, bounds.
            limits: what the address stands; None takes those in use, or the defaults.
            policy: when to try again.
            model: a chat model of the user's own, instead of the one that `settings` describe.

        Raises:
            InputError: if the address is being asked under other limits just now.
        """
        client = next((c for c in self._clients if model is None and c.serves(settings)), None)
        if client is None:
            client = ChatClient(settings, model)
            self._clients.append(client)
        limiter = self._limiter(client.label, limits)
        return Endpoint(client, limiter, policy or RetryPolicy())

    def states(self) -> list[LimiterState]:
        """What to show of every address that is asked; safe to call from any thread."""
        return [limiter.state() for _, limiter in list(self._limiters.values())]

    def _limiter(self, label: str, limits: Limits | None) -> Limiter:
        known = self._limiters.get(label)
        if known is not None and limits in (None, known[0]):
            return known[1]
        if known is not None and known[1].busy:
            raise InputError(
                f"{label} is being asked under other limits ({known[0]}). Use the same limits "
                "for all runs of a process, or wait for the others to end."
            )
        limits = limits or Limits()
        self._limiters[label] = (limits, Limiter(limits))
        return self._limiters[label][1]

    async def _close(self) -> None:
        while self._clients:
            await self._clients.pop().close()


@functools.cache
def process_endpoints() -> Endpoints:
    """The endpoints of the process's one loop."""
    return Endpoints(process_loop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=process_endpoints.cache_clear)
