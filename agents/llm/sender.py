"""One request until it is answered or hopeless: slot, reservation, send, and try again.

Failed tries are endpoint faults: they are journalled by cause, cost no slot while they wait, and
never become anybody's day.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass
from typing import Any

from agents.llm.causes import Trouble, remedy
from agents.llm.endpoint import Endpoint
from agents.llm.errors import EndpointError, Outage
from agents.llm.journal import Journal
from agents.llm.probe import Refused
from agents.llm.records import CallRecord, ErrorRecord, Key, Prompt
from agents.llm.spending import Spending
from agents.llm.terms import Rung, Terms
from agents.llm.usage import Usage, weight

_UNREACHABLE = ("dns", "connection_refused")
_PROBE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out in one attempt.

    Attributes:
        key: day, stage, subject, attempt.
        prompt: its parts and hash, schema last.
        schema_name: the schema's name.
        schema: JSON schema of the reply.
        seed: the request's seed.
        max_reply_tokens: the longest reply.
        cache_key: hint for the provider's prefix cache.
        bounded: the schema with lengths, for the rung on which it is only a hint.
    """

    key: Key
    prompt: Prompt
    schema_name: str
    schema: dict[str, Any]
    seed: int
    max_reply_tokens: int
    cache_key: str = ""
    bounded: dict[str, Any] | None = None

    def schema_on(self, rung: Rung) -> dict[str, Any]:
        """The schema as this rung takes it: lengths slow constrained decoding tenfold."""
        if rung is Rung.OBJECT_SCHEMA and self.bounded is not None:
            return self.bounded
        return self.schema


class Sender:
    """Sends the requests of one run to one endpoint.

    Attributes:
        on_wire: the tasks that have a request at the server now; cancelling one loses its reply.
        stopped: why nothing more is sent; set by the owner.
    """

    def __init__(self, endpoint: Endpoint, journal: Journal, spending: Spending) -> None:
        self._endpoint = endpoint
        self._journal = journal
        self._spending = spending
        self._rng = random.Random()
        self.on_wire: set[asyncio.Task[Any]] = set()
        self.stopped: Exception | None = None

    async def fetch(self, request: Request, terms: Terms, *, probing: bool = False) -> CallRecord:
        """Ask until there is a reply, and give it as a record not yet journalled.

        Args:
            request: what to ask.
            terms: how.
            probing: raise `Refused` where another form of the request may be taken.

        Raises:
            EndpointError: if it is hopeless as configured, or lasts too long (`Outage`).
            BudgetReached: if a cap leaves no room.
        """
        policy, limiter = self._endpoint.policy, self._endpoint.limiter
        loop = asyncio.get_running_loop()
        size = sum(map(weight, request.prompt.parts))
        first_failure = math.inf
        tries = 0
        while True:
            tries += 1
            outcome = await self._try(request, terms, size, tries)
            if isinstance(outcome, CallRecord):
                return outcome
            first_failure = min(first_failure, loop.time())
            refusable = outcome.cause == "bad_request" or (
                outcome.status in (500, 501) and tries >= _PROBE_TRIES
            )
            if probing and refusable:
                raise Refused(outcome)
            if outcome.kind == "permanent":
                raise self.hopeless(outcome)
            pause = policy.pause(
                tries=tries,
                now=loop.time(),
                first_failure=first_failure,
                last_success=limiter.last_success,
                retry_after=outcome.retry_after,
                unreachable=outcome.cause in _UNREACHABLE,
                rng=self._rng,
            )
            if pause is None:
                raise self._exhausted(outcome, tries, loop.time() - first_failure)
            await asyncio.sleep(pause)

    async def _try(
        self, request: Request, terms: Terms, size: int, tries: int
    ) -> CallRecord | Trouble:
        """One try: the record of a reply, or what went wrong, journalled."""
        client, limiter = self._endpoint.client, self._endpoint.limiter
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        estimate = size // 4 + request.max_reply_tokens
        await limiter.acquire(estimate)
        try:
            if self.stopped is not None:
                raise self.stopped
            ticket = await self._spending.reserve(client.name, size, request.max_reply_tokens)
            start = loop.time()
            if task is not None:
                self.on_wire.add(task)
            try:
                reply = await client.send(
                    request.prompt.parts[:-1],
                    terms=terms,
                    schema_name=request.schema_name,
                    schema=request.schema_on(terms.rung),
                    seed=request.seed,
                    max_reply_tokens=request.max_reply_tokens,
                    cache_key=request.cache_key,
                )
            except asyncio.CancelledError:
                self._spending.forget(ticket, sent=True)
                raise
            except Exception as error:
                trouble = client.trouble(error)
                latency = loop.time() - start
            else:
                self._spending.settle(ticket, reply.usage)
                limiter.succeeded()
                limiter.correct(estimate, reply.usage.tokens)
                return self._record(
                    request, reply.text, reply.outcome, reply.model, reply.latency, tries,
                    reply.usage,
                )  # fmt: skip
            finally:
                if task is not None:
                    self.on_wire.discard(task)
            # Whoever answers with a status before generating bills nothing; silence may cost.
            self._spending.forget(ticket, sent=trouble.status is None)
            self._journal.add_error(self._error(request, trouble, latency))
            if trouble.kind == "reply":
                limiter.succeeded()
                return self._record(
                    request, "", trouble.cause, client.name, latency, tries, Usage(estimated=True)
                )
            limiter.troubled(f"{trouble.cause} {trouble.status or ''}".strip())
            if trouble.status == 429:
                # A wait beyond this run's patience ends the run; it must not bind other runs.
                wait = trouble.retry_after
                patient = wait is not None and wait <= self._endpoint.policy.patience
                limiter.throttle(start, wait if patient else None)
            return trouble
        finally:
            limiter.release()

    def _record(
        self,
        request: Request,
        text: str,
        outcome: str,
        served: str,
        latency: float,
        tries: int,
        usage: Usage,
    ) -> CallRecord:
        client = self._endpoint.client
        return CallRecord(
            *request.key, request.prompt.hash, text, outcome, "" if outcome == "ok" else outcome,
            client.name, served, client.label, latency, tries, usage, time.time(),
        )  # fmt: skip

    def _error(self, request: Request, trouble: Trouble, latency: float) -> ErrorRecord:
        client = self._endpoint.client
        return ErrorRecord(
            *request.key, trouble.cause, trouble.status, trouble.detail,
            client.name, client.label, latency, time.time(),
        )  # fmt: skip

    def hopeless(self, trouble: Trouble) -> EndpointError:
        """The error for what no further try can mend."""
        client = self._endpoint.client
        message = remedy(trouble, endpoint=client.label, model=client.name, key=client.key_from)
        return EndpointError(trouble.cause, client.label, message)

    def _exhausted(self, trouble: Trouble, tries: int, seconds: float) -> EndpointError:
        if trouble.cause in _UNREACHABLE and self._endpoint.limiter.last_success == -math.inf:
            return self.hopeless(trouble)
        client = self._endpoint.client
        asked = (
            f" and asks to wait {trouble.retry_after:.0f} s more"
            if trouble.retry_after is not None
            else ""
        )
        message = (
            f"{client.label}: no usable answer in {tries} tries and {seconds:.0f} s; the last was "
            f"{trouble.cause} ({trouble.detail}){asked}. Nothing of the day was kept and nothing "
            "answered is lost: run again when the endpoint is back."
        )
        return Outage(trouble.cause, client.label, message)
