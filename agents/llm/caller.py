"""Ask a question of a language model and get a verdict: journalled, repaired once, never guessed.

A reply that the journal holds is used and not paid again; one that it does not hold is asked for,
unless this is a replay. A reply that cannot be read gets one neutral repair attempt, and then the
verdict `fault`. Every attempt and the verdict are durable before `ask` returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from agents.llm.endpoint import Endpoint
from agents.llm.errors import Divergence, JournalWriteFailed, MissingReply, Outage, ReplyFault
from agents.llm.journal import Journal
from agents.llm.probe import (
    PROBE_PARTS,
    PROBE_SCHEMA,
    PROBE_SCHEMA_NAME,
    PROBE_SEED,
    PROBE_TOKENS,
    Refused,
    first_terms,
    settle_terms,
)
from agents.llm.records import CallRecord, Key, Prompt, VerdictRecord
from agents.llm.sender import Request, Sender
from agents.llm.spending import Spending
from agents.llm.terms import Terms
from agents.llm.usage import Usage

T = TypeVar("T")

ATTEMPTS = 2

_UNREADABLE = {
    "truncated": "the reply was cut off at the maximum length",
    "refused": "there was no reply in the form described",
    "filtered": "the endpoint withheld the reply",
    "tool_call": "the reply called a tool instead of giving text",
    "empty": "the reply was empty",
    "too_large": "the reply was far longer than the form allows",
}
"""What a repair is told of a reply that holds nothing to read; fixed words, so that it replays."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One question to one mind.

    Attributes:
        day: day of the run.
        stage: stage of the day.
        subject: id of who is asked.
        parts: static system text, the subject's system text, user text.
        schema: JSON schema of the reply.
        schema_name: its name: letters, digits, `_` and `-`.
        seed: the request's seed.
        max_reply_tokens: the longest reply.
        read: raw reply → value; raises `ReplyFault`; the same for the same text.
        repair: fault → what the second attempt is told; the same for the same fault.
        bounded: the schema with lengths, for the rung on which it is a hint; None sends `schema`.
    """

    day: int
    stage: str
    subject: int
    parts: tuple[str, str, str]
    schema: dict[str, Any]
    schema_name: str
    seed: int
    max_reply_tokens: int
    read: Callable[[str], T]
    repair: Callable[[ReplyFault], str]
    bounded: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CallVerdict(Generic[T]):
    """What became of a question.

    Attributes:
        value: what was read, or None for a fault.
        fault: cause of the fault, or None.
        raw: the last raw reply.
        attempts: 1, or 2 with the repair.
        usage: tokens of all attempts, as first paid.
        latency: seconds of all attempts, as first taken.
        replayed: whether the journal answered and nothing was sent.
        flags: what else is to be known: `usage estimated`.
    """

    value: T | None
    fault: str | None
    raw: str
    attempts: int
    usage: Usage
    latency: float
    replayed: bool
    flags: tuple[str, ...] = ()


class Caller:
    """Asks the questions of one run of one model.

    Args:
        journal: the run's journal, shared by all callers of the run.
        endpoint: where to ask; None forbids the network (a replay).
        spending: the run's accounts, shared by all callers of the run.
        cache_key: the community's name for the provider's prefix cache; empty sends none.
        cache_buckets: over how many keys a community spreads, since one key stands few calls.
    """

    def __init__(
        self,
        journal: Journal,
        endpoint: Endpoint | None,
        spending: Spending | None = None,
        *,
        cache_key: str = "",
        cache_buckets: int = 8,
    ) -> None:
        self._journal = journal
        self._endpoint = endpoint
        self._sender = (
            None if endpoint is None else Sender(endpoint, journal, spending or Spending())
        )
        self._cache_key = cache_key
        self._buckets = cache_buckets
        self._terms: Terms | None = None
        self._active = self._waiting = 0

    async def terms(self) -> Terms:
        """The terms of the endpoint: from the journal, or from one probe that is journalled."""
        if self._terms is not None:
            return self._terms
        sender, endpoint = self._online()
        client = endpoint.client
        name = f"terms {client.name} {client.label}"
        async with self._journal.settling:
            if (known := self._journal.header(name)) is not None:
                self._terms = Terms.from_json(known)
            elif not client.takes_options:
                self._terms = Terms(notes=("a model of the user's own: nothing but text is sent",))
            else:
                self._terms = await self._probe(sender, endpoint, name)
        return self._terms

    async def ask(self, call: Call[T]) -> CallVerdict[T]:
        """Ask one question; everything about it is durable when this returns.

        Raises:
            Divergence: if the journal answered another prompt at this place.
            MissingReply: in a replay, if the journal holds no answer.
            StoppedEarly: if the endpoint, the disk or a budget ends the run; resumable.
        """
        self._active += 1
        try:
            return await self._ask(call)
        except Exception as error:
            self.halt(error)
            raise
        finally:
            self._active -= 1
            self._hurry()

    async def ask_many(
        self, calls: Sequence[Call[T]], seconds: float | None = None
    ) -> list[CallVerdict[T]]:
        """`ask_all` with this caller alone."""
        return await ask_all([(self, call) for call in calls], seconds)

    @property
    def label(self) -> str:
        """Where it asks, without credentials."""
        return "the journal" if self._endpoint is None else self._endpoint.client.label

    def resume(self) -> None:
        """Send again after an end that may have passed; to be called between stages."""
        if self._sender is not None:
            self._sender.stopped = None

    def halt(self, error: Exception) -> set[asyncio.Task[Any]]:
        """Send nothing more, for this reason; gives the tasks that have a request at the server."""
        if self._sender is None:
            return set()
        self._sender.stopped = self._sender.stopped or error
        return set(self._sender.on_wire)

    async def landed(self) -> None:
        """Wait until what came back is durable. If the disk is the trouble, that was said."""
        if not self._journal.read_only:
            with contextlib.suppress(JournalWriteFailed):
                await self._durable(self._journal.barrier())

    async def _ask(self, call: Call[T]) -> CallVerdict[T]:
        parts: tuple[str, ...] = call.parts
        schema = f"{call.schema_name} {json.dumps(call.schema, sort_keys=True)}"
        usage, latency, replayed, attempt = Usage(), 0.0, True, 0
        while True:
            prompt = Prompt.of(parts, schema)
            record = self._find((call.day, call.stage, call.subject, attempt), prompt)
            new = record is None
            if record is None:
                replayed = False
                record = await self._send(call, attempt, prompt)
            reading = self._read(call, record, prompt, new=new)
            value, fault = reading
            usage, latency, attempt = usage + record.usage, latency + record.latency, attempt + 1
            if fault is None or attempt == ATTEMPTS:
                break
            if new:
                await self._durable(self._journal.barrier())
            parts = (*call.parts, call.repair(fault))
        await self._settle(call, fault)
        return CallVerdict(
            value, fault.cause if fault else None, record.reply, attempt, usage, latency,
            replayed, ("usage estimated",) if usage.estimated else (),
        )  # fmt: skip

    def _find(self, key: Key, prompt: Prompt) -> CallRecord | None:
        record = self._journal.find(key)
        day, stage, subject, _ = key
        if record is None and self._sender is None:
            raise MissingReply(day, stage, subject, "no reply was journalled and none may be sent.")
        if record is not None and record.prompt != prompt.hash:
            raise Divergence(day, stage, subject, "the prompt is not the one that was answered.")
        return record

    async def _send(self, call: Call[T], attempt: int, prompt: Prompt) -> CallRecord:
        sender, _ = self._online()
        key = f"{self._cache_key}:{call.subject % self._buckets}" if self._cache_key else ""
        request = Request(
            (call.day, call.stage, call.subject, attempt), prompt, call.schema_name, call.schema,
            call.seed, call.max_reply_tokens, key, call.bounded,
        )  # fmt: skip
        return await sender.fetch(request, await self.terms())

    def _read(
        self, call: Call[T], record: CallRecord, prompt: Prompt, *, new: bool
    ) -> tuple[T | None, ReplyFault | None]:
        """Read a reply and queue its record; without an await, so that no reply is lost between."""
        value: T | None = None
        fault: ReplyFault | None = None
        try:
            if record.outcome == "ok":
                value = call.read(record.reply)
            else:
                fault = ReplyFault(record.outcome, _UNREADABLE[record.outcome])
        except ReplyFault as found:
            fault = found
        finally:
            if new:
                cause = fault.cause if fault else ""
                self._journal.add_call(replace(record, cause=cause), prompt)
        return value, fault

    async def _settle(self, call: Call[T], fault: ReplyFault | None) -> None:
        """Make the verdict durable, or check that it is the one that was."""
        verdict = VerdictRecord(
            call.day, call.stage, call.subject, "fault" if fault else "ok",
            fault.cause if fault else "",
        )  # fmt: skip
        known = self._journal.verdict(call.day, call.stage, call.subject)
        if known is None and not self._journal.read_only:
            await self._durable(self._journal.add_verdict(verdict))
        elif known is not None and known != verdict:
            raise Divergence(
                call.day, call.stage, call.subject,
                f"the reply was judged {known.verdict} {known.cause} and is now "
                f"{verdict.verdict} {verdict.cause}.",
            )  # fmt: skip

    async def _durable(self, written: asyncio.Future[None]) -> None:
        self._waiting += 1
        self._hurry()
        try:
            await written
        finally:
            self._waiting -= 1

    def _hurry(self) -> None:
        """If all who ask wait for the disk, nobody can join the group: commit it now."""
        if self._waiting and self._waiting == self._active:
            self._journal.hurry()

    def _online(self) -> tuple[Sender, Endpoint]:
        if self._sender is None or self._endpoint is None:
            raise RuntimeError("a replay has no endpoint")
        return self._sender, self._endpoint

    async def _probe(self, sender: Sender, endpoint: Endpoint, name: str) -> Terms:
        schema = f"{PROBE_SCHEMA_NAME} {json.dumps(PROBE_SCHEMA, sort_keys=True)}"
        prompt = Prompt.of(PROBE_PARTS, schema)
        stage = f"probe {endpoint.client.name} {endpoint.client.label}"

        async def ask(terms: Terms) -> CallRecord:
            (number,) = self._journal.query(
                "SELECT count(*) FROM calls WHERE day = -1 AND stage = ?", (stage,)
            )[0]
            request = Request(
                (-1, stage, number, 0), prompt, PROBE_SCHEMA_NAME, PROBE_SCHEMA, PROBE_SEED,
                PROBE_TOKENS, "probe",
            )  # fmt: skip
            record = await sender.fetch(request, terms, probing=True)
            await self._durable(self._journal.add_call(record, prompt))
            return record

        try:
            terms = await settle_terms(ask, first_terms(endpoint.client.settings))
        except Refused as refusal:
            raise sender.hopeless(refusal.trouble) from None
        await self._durable(self._journal.set_header(name, terms.to_json()))
        return terms


async def ask_all(
    questions: Sequence[tuple[Caller, Call[T]]], seconds: float | None = None
) -> list[CallVerdict[T]]:
    """Ask a stage's questions at once; the verdicts come in their order.

    On an error nothing more is sent, what is at a server lands in the journal, and then the error
    is raised. Cancelled, everything ends at once; what had landed is in the journal.

    Args:
        questions: whom to ask what; the callers of one run.
        seconds: the longest that they may take together, or None.

    Raises:
        Outage: if they take longer.
        CivaError: whatever `Caller.ask` raises, the first of it.
    """
    verdicts: dict[int, CallVerdict[T]] = {}
    errors: list[Exception] = []
    tasks: list[asyncio.Task[None]] = []
    callers = {caller for caller, _ in questions}

    async def one(place: int, caller: Caller, call: Call[T]) -> None:
        try:
            verdicts[place] = await caller.ask(call)
        except Exception as error:
            errors.append(error)
            landing = set[asyncio.Task[Any]]().union(*(other.halt(error) for other in callers))
            for task in tasks:
                if task not in landing and task is not asyncio.current_task():
                    task.cancel()

    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for place, (caller, call) in enumerate(questions):
                tasks.append(group.create_task(one(place, caller, call)))
    except TimeoutError:
        label = ", ".join(sorted({caller.label for caller in callers}))
        raise Outage(
            "timeout",
            label,
            f"{label}: {len(verdicts)} of {len(questions)} replies came in the {seconds:g} s that "
            "a stage may take. Allow more time, or resume when the endpoint is faster.",
        ) from None
    if errors:
        for caller in callers:
            await caller.landed()
        raise errors[0]
    return [verdicts[place] for place in range(len(questions))]
