"""Wall time of a language day beside its bound, stages times latency; and communities together.

The server is a process of its own that answers everything with the same usable reply after a fixed
latency, so that its CPU hardly counts; what is above the bound is ours: writing and reading
prompts, sending, the journal's commits, the world. The limiter is preset to as many calls in
flight as there are residents, and the first day (connections, probe) is not counted.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from model.community import CommunityModel
from model.run.open_minds import open_mind
from model.run.runs import ask_of
from model.study.interleave import ask, drive
from model.world.scenario import Scenario
from model.world.settings import Settings

STAGES = 2  # of a fused day
DAYS = 4
SIZES = ((25, 0.05), (25, 0.5), (100, 0.05), (100, 0.5), (1000, 0.05), (1000, 0.5))
TOGETHER = 4
DAYS_TOGETHER = 10  # in fewer, the last of them spends a good part alone

REPLY = json.dumps(
    {
        "view": "F1 pays best when many work there.",
        "why": "I said so.",
        "main": "secure",
        "at": "F1",
        "spend": 0,
        "further": "none",
        "who": "",
        "amount": 0,
        "regard": [],
        "messages": [
            {
                "to": "all",
                "kind": "inform",
                "text": "I will work at F1 today.",
                "claims": ["plan secure F1"],
                "promises": [],
            }
        ],
        "note": "working at F1",
    }
)


@dataclass(frozen=True)
class Day:
    """Seconds of a day's wall time and of its bound."""

    residents: int
    latency: float
    seconds: float

    @property
    def bound(self) -> float:
        """Stages times latency."""
        return STAGES * self.latency

    @property
    def ratio(self) -> float:
        """Wall time over its bound."""
        return self.seconds / self.bound


@dataclass(frozen=True)
class Together:
    """Calls a second of one community and of several interleaved."""

    one: float
    many: float

    @property
    def ratio(self) -> float:
        """The aim is ≥ 3.5 for four."""
        return self.many / self.one


def measure(residents: int, latency: float, url: str) -> Day:
    """The mean day of one community after its first."""
    with _communities(1, residents, url) as (model,):
        model.step()
        days = DAYS if residents < 1000 else 1
        began = time.perf_counter()
        for _ in range(days):
            model.step()
        return Day(residents, latency, (time.perf_counter() - began) / days)


def together(url: str, residents: int = 25) -> Together:
    """Calls a second of one community and of four on one loop."""
    rates = []
    for number in (1, TOGETHER):
        with _communities(number, residents, url) as models:
            for model in models:
                model.step()
            began = time.perf_counter()
            asyncio.run(_live(models))
            seconds = time.perf_counter() - began
            rates.append(number * residents * STAGES * DAYS_TOGETHER / seconds)
    return Together(*rates)


async def _live(models: list[CommunityModel]) -> None:
    async def one(model: CommunityModel) -> None:
        for _ in range(DAYS_TOGETHER):
            await drive(ask_of(model), ask)

    await asyncio.gather(*map(one, models))


@contextmanager
def _communities(number: int, residents: int, url: str) -> Iterator[list[CommunityModel]]:
    slots = number * residents
    settings = Settings(base_url=url, in_flight_start=slots, in_flight_limit=slots)
    scenario = Scenario(residents=residents, mind="openai:fixed", births=False, merges=False)
    if residents > 100:
        scenario = scenario.model_copy(update={"width": 60, "height": 60})
    with ExitStack() as stack:
        models = []
        for seed in range(number):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="civa-bench-")))
            opened = open_mind(scenario, settings, folder)
            stack.callback(opened.close)
            models.append(CommunityModel(scenario, rng=seed, mind=opened.mind))
        yield models


@contextmanager
def server(latency: float) -> Iterator[str]:
    """A server in a process of its own; gives its base URL."""
    code = f"from benchmarks.latency import serve; serve({latency})"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        url = child.stdout.readline().strip()
        if not url:  # an empty address would mean OpenAI's own
            raise RuntimeError("the benchmark's server did not start")
        yield url
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def serve(latency: float) -> None:
    """Answer until standard input ends."""

    def completion(text: str) -> bytes:
        usage = {"prompt_tokens": 2400, "completion_tokens": 90, "total_tokens": 2490}
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        body: dict[str, Any] = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
        return json.dumps({**body, "choices": [choice], "usage": usage}).encode()

    usual, probe = completion(REPLY), completion('{"answer": "yes"}')

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(latency)
        found = probe if b"This is a test of the connection" in body else usual
        return web.Response(body=found, content_type="application/json")

    async def run() -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()

    asyncio.run(run())


def run() -> tuple[list[Day], Together]:
    """All of it."""
    days = []
    for residents, latency in SIZES:
        with server(latency) as url:
            days.append(measure(residents, latency, url))
    with server(0.5) as url:
        return days, together(url)
