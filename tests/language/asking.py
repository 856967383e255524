"""What the tests of asking share: an endpoint at a loopback server, a question, quick retries."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.llm.caller import Call, Caller
from agents.llm.client import EndpointSettings
from agents.llm.endpoint import Endpoint, Endpoints
from agents.llm.errors import ReplyFault
from agents.llm.journal import Journal, open_journal
from agents.llm.limiter import Limits
from agents.llm.loop import LoopThread
from agents.llm.retry import RetryPolicy
from agents.llm.spending import Spending

SCHEMA = {
    "type": "object",
    "properties": {"echo": {"type": "string"}},
    "required": ["echo"],
    "additionalProperties": False,
}
STATIC = "These are the rules. " * 20
KEY = "sk-marked-0123456789abcdef"
QUICK = RetryPolicy(attempts=6, patience=60.0, seconds=60.0, hello=0.5, base=0.01, cap=0.05)


def read_echo(text: str) -> str:
    """The value of `echo`, or a fault."""
    try:
        reply = json.loads(text)
    except ValueError:
        raise ReplyFault("malformed", "the reply was no JSON object") from None
    if not isinstance(reply, dict) or set(reply) != {"echo"}:
        raise ReplyFault("schema", "the field echo was missing")
    return str(reply["echo"])


def repair(fault: ReplyFault) -> str:
    """What a second attempt is told."""
    return f"An earlier reply could not be used: {fault.detail}."


def question(
    subject: int = 0, day: int = 0, stage: str = "act", text: str | None = None, **changes: Any
) -> Call[str]:
    """A question whose good answer repeats its text."""
    fields: dict[str, Any] = {
        "day": day,
        "stage": stage,
        "subject": subject,
        "parts": (STATIC, f"# You\nR{subject}", text or f"day {day} {stage} R{subject}"),
        "schema": SCHEMA,
        "schema_name": "echo",
        "seed": 1000 * day + subject,
        "max_reply_tokens": 50,
        "read": read_echo,
        "repair": repair,
    }
    return Call(**{**fields, **changes})


@dataclass
class Desk:
    """A loop, an endpoint, a journal and a caller, open together."""

    thread: LoopThread
    endpoints: Endpoints
    endpoint: Endpoint
    journal: Journal
    spending: Spending
    caller: Caller

    def ask(self, *calls: Call[str], seconds: float | None = None) -> list[Any]:
        """Ask all, from outside the loop."""
        return self.thread.submit(self.caller.ask_many(list(calls), seconds))


@contextlib.contextmanager
def desk(
    url: str,
    folder: Path,
    *,
    policy: RetryPolicy = QUICK,
    limits: Limits | None = None,
    spending: Spending | None = None,
    identity: str = "{}",
    on_write: Callable[[str], None] | None = None,
    **settings: Any,
) -> Iterator[Desk]:
    """Everything that asking needs, closed at the end."""
    thread = LoopThread()
    try:
        endpoints = Endpoints(thread)
        endpoint = endpoints.open(EndpointSettings("loopback", url, **settings), limits, policy)
        with open_journal(folder / "calls.sqlite", identity, on_write) as journal:
            spending = spending or Spending(past=journal.spent())
            caller = Caller(journal, endpoint, spending)
            yield Desk(thread, endpoints, endpoint, journal, spending, caller)
    finally:
        thread.close()
