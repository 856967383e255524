"""What a journalled, limited, budgeted call costs in CPU beside a bare one, and where it goes.

Both ask the same loopback server (in a process of its own, so that its CPU is not counted) with
prompts of about 7 kB at the same number in flight, in rounds taken in turn: bare is `ChatOpenAI`
on aiohttp with the schema in `extra_body` and the reply parsed by pydantic; ours is
`Caller.ask_many`, journal on disk included.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from agents.llm.caller import Call, Caller
from agents.llm.client import EndpointSettings
from agents.llm.endpoint import Endpoints
from agents.llm.journal import open_journal
from agents.llm.limiter import Limits
from agents.llm.loop import LoopThread

IN_FLIGHT = 32
STATIC = "The community has a grid, factories and residents who work in them. " * 80
RESIDENT = "# You\nR1. One thing matters to you above all else: the good of those near you."
USER = "# Today\n" + "Residents: R2 1, 100/12, gifts +10-4; R3 2, 90/8.\n" * 25


class Echo(BaseModel):
    """The reply that both read."""

    echo: str


@dataclass(frozen=True)
class Result:
    """CPU milliseconds a call, medians over the rounds, and their ratio."""

    bare: float
    ours: float
    bare_rate: float
    ours_rate: float

    @property
    def ratio(self) -> float:
        """Ours over bare; the aim is ≤ 1.4."""
        return self.ours / self.bare


@contextmanager
def _server() -> Iterator[str]:
    program = (
        "import sys\n"
        "from tests.language.server import ModelServer\n"
        "with ModelServer() as server:\n"
        "    print(server.url, flush=True); sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def _user(number: int) -> str:
    return f"{USER}Now: day {number}, stock 54. Give the Morning reply."


def _schema() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"echo": {"type": "string"}},
        "required": ["echo"],
        "additionalProperties": False,
    }


def _bare(url: str) -> Callable[[int, int], Awaitable[None]]:
    http = openai.DefaultAioHttpClient()
    model = ChatOpenAI(
        model="m", base_url=url, api_key="unused", max_retries=0, http_async_client=http
    )
    form = {
        "type": "json_schema",
        "json_schema": {"name": "echo", "strict": True, "schema": _schema()},
    }
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        async with slots:
            reply = await model.ainvoke(
                [SystemMessage(f"{STATIC}\n\n{RESIDENT}"), HumanMessage(_user(number))],
                extra_body={"response_format": form, "max_tokens": 300},
                seed=number,
            )
        Echo.model_validate_json(str(reply.content))

    async def round_(first: int, calls: int) -> None:
        if calls:
            await asyncio.gather(*(one(first + n) for n in range(calls)))
        else:
            await http.aclose()

    return round_


def _call(number: int) -> Call[str]:
    def repair(fault: Exception) -> str:
        return str(fault)

    return Call(
        day=number // 50,
        stage="act",
        subject=number % 50,
        parts=(STATIC, RESIDENT, _user(number)),
        schema=_schema(),
        schema_name="echo",
        seed=number,
        max_reply_tokens=300,
        read=lambda text: Echo.model_validate_json(text).echo,
        repair=repair,
    )


def measure(rounds: int = 6, calls: int = 300, *, profile: bool = False) -> Result:
    """Take turns, a warming round apart, and give the medians.

    Args:
        rounds: rounds of each.
        calls: calls a round.
        profile: print where the CPU of our calls goes, from one round more.
    """
    cpu: dict[str, list[float]] = {"bare": [], "ours": []}
    wall: dict[str, list[float]] = {"bare": [], "ours": []}
    thread = LoopThread()
    with (
        _server() as url,
        tempfile.TemporaryDirectory() as folder,
        open_journal(Path(folder) / "calls.sqlite", "{}") as journal,
    ):
        limits = Limits(start=IN_FLIGHT, ceiling=IN_FLIGHT)
        endpoint = Endpoints(thread).open(EndpointSettings("m", url), limits)
        caller = Caller(journal, endpoint)

        async def make_bare() -> Callable[[int, int], Awaitable[None]]:
            return _bare(url)

        bare = thread.submit(make_bare())

        async def ours(first: int, calls: int) -> None:
            await caller.ask_many([_call(first + n) for n in range(calls)])

        for turn in range(rounds + 1):
            for name, ask in (("bare", bare), ("ours", ours)):
                start_cpu, start = time.process_time(), time.perf_counter()
                thread.submit(_run(ask, turn * calls, calls))
                if turn:
                    cpu[name].append((time.process_time() - start_cpu) / calls * 1e3)
                    wall[name].append(calls / (time.perf_counter() - start))
        if profile:
            thread.submit(_profiled(ours, (rounds + 1) * calls, calls))
        thread.submit(_run(bare, 0, 0))
        thread.close()
    middle = {name: statistics.median(values) for name, values in cpu.items()}
    rate = {name: statistics.median(values) for name, values in wall.items()}
    return Result(middle["bare"], middle["ours"], rate["bare"], rate["ours"])


async def _run(ask: Callable[[int, int], Awaitable[None]], first: int, calls: int) -> None:
    await ask(first, calls)


_SHARES = {
    "HTTP (aiohttp, httpx2)": ("aiohttp", "httpx", "yarl", "multidict", "urllib", "http/"),
    "openai SDK (and its typing)": ("/openai/", "typing"),
    "langchain": ("langchain", "langsmith", "/uuid"),
    "pydantic": ("pydantic",),
    "ours": ("/agents/",),
    "asyncio, threads, select": ("asyncio", "selectors", "threading", "concurrent", "select"),
    "json": ("json",),
}


async def _profiled(ask: Callable[[int, int], Awaitable[None]], first: int, calls: int) -> None:
    """Print the share of each library in the loop's own time, by where the function lives."""
    profiler = cProfile.Profile(time.thread_time)
    profiler.enable()
    await ask(first, calls)
    profiler.disable()
    total: dict[str, float] = {}
    for (file, _, function), row in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        # What C does is counted to whoever called it.
        spent = (
            [(f"{file}/{function}", row[2])]
            if file != "~"
            else [(f"{caller[0]}/{function}", part[2]) for caller, part in row[4].items()]
        )
        for where, seconds in spent:
            name = next((n for n, m in _SHARES.items() if any(x in where for x in m)), "other")
            total[name] = total.get(name, 0.0) + seconds
    everything = sum(total.values())
    for name, seconds in sorted(total.items(), key=lambda item: -item[1]):
        print(f"  {name:34s} {100 * seconds / everything:5.1f} %")


def main() -> None:
    """Print the result."""
    result = measure(profile=True)
    print(f"bare ChatOpenAI on aiohttp   {result.bare:.2f} ms CPU a call, {result.bare_rate:.0f}/s")
    print(f"journalled call              {result.ours:.2f} ms CPU a call, {result.ours_rate:.0f}/s")
    print(f"ratio                        {result.ratio:.2f} (aim: at most 1.4)")


if __name__ == "__main__":
    main()
