"""Small communities whose minds are asked through text, in process or over real HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from agents.batch import Batch
from agents.decisions import Replies
from agents.llm.caller import Caller
from agents.llm.client import EndpointSettings
from agents.llm.endpoint import Endpoints
from agents.llm.journal import Journal, open_journal, read_journal
from agents.llm.loop import LoopThread
from agents.llm.retry import RetryPolicy
from agents.minds import Mind
from agents.minds.language import LanguageMind
from agents.minds.surrogate import Surrogate
from agents.prompts.columns import answer, gather
from agents.prompts.read import canonical, read
from agents.prompts.render import render
from agents.prompts.replies import read_reply
from agents.testserver.app import Manner, Server
from agents.testserver.fault_injection import FaultMenu
from model.community import CommunityModel

QUICK = RetryPolicy(base=0.01, cap=0.05)


@dataclass
class TextMind:
    """Answers as another mind does, from the text of each question alone, without a network."""

    mind: Mind = field(default_factory=Surrogate)
    name: str = "text"
    questions: int = 0

    async def areply(self, batch: Batch) -> Replies:
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        replies = []
        for row in range(len(batch)):
            asked = batch[row]
            rules, question = read(render(asked, batch.rules), asked.key)
            assert (rules, question) == canonical(asked, batch.rules)
            decided = self.mind.reply(Batch.of(rules, [question]))
            wire = json.dumps(answer(decided, 0, asked.id, asked.stage, rules))
            replies.append(read_reply(wire, asked.stage, batch.rules, asked.id))
            self.questions += 1
        return gather(batch.stage, replies)


@contextmanager
def serving(server: Server) -> Iterator[str]:
    """Run a test server in a thread of its own; gives its base URL."""
    thread = LoopThread("testserver")
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1)

    async def start() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    try:
        yield thread.submit(start())
    finally:
        thread.submit(runner.cleanup())
        thread.close()


@dataclass
class Asking:
    """A language mind over HTTP, and what stands behind it."""

    mind: LanguageMind
    caller: Caller
    journal: Journal
    server: Server
    url: str


@contextmanager
def asking(
    path: Path,
    manner: Manner | None = None,
    menu: FaultMenu | None = None,
    mind: Mind | None = None,
) -> Iterator[Asking]:
    """A language mind whose endpoint is a test server."""
    server = Server(mind or Surrogate(), manner or Manner(), menu or FaultMenu())
    with serving(server) as url:
        thread = LoopThread("language")
        journal = open_journal(path, "{}")
        try:
            endpoint = Endpoints(thread).open(EndpointSettings("surrogate", url), policy=QUICK)
            caller = Caller(journal, endpoint)
            yield Asking(LanguageMind(caller, "openai:surrogate", thread=thread), caller, journal,
                         server, url)  # fmt: skip
        finally:
            thread.close()
            journal.close()


@contextmanager
def replaying(path: Path) -> Iterator[LanguageMind]:
    """A language mind that the journal alone answers."""
    thread = LoopThread("replay")
    journal = read_journal(path)
    try:
        yield LanguageMind(Caller(journal, None), "openai:surrogate", thread=thread)
    finally:
        thread.close()
        journal.close()


def run(mind: Mind | None, days: int = 4, seed: int = 5, **fields: Any) -> str:
    """Let a small community live; gives the hash of its log."""
    fields = {"residents": 8, "width": 8, "height": 8, "births": False, **fields}
    community = CommunityModel(rng=seed, mind=mind or Surrogate(), **fields)
    for _ in range(days):
        community.step()
    return community.world.here.fingerprint.hexdigest()


def post(url: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Send a body as JSON; gives status and the answer's JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/chat/completions", data, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def get(url: str) -> Any:
    """Fetch JSON."""
    with urllib.request.urlopen(url, timeout=10) as reply:
        return json.load(reply)
