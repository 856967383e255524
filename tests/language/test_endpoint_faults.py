"""What an endpoint does wrong: said, paused or stopped, and never a resident's day."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from agents.errors import StoppedEarly
from agents.llm.caller import CallVerdict
from agents.llm.errors import (
    EndpointError,
    Outage,
)
from agents.llm.limiter import Limits
from agents.llm.loop import LoopThread
from agents.llm.retry import RetryPolicy
from tests.language.asking import KEY, QUICK, desk, question
from tests.language.server import ModelServer


@pytest.mark.parametrize(
    ("deal", "words"),
    [
        ("401", "CIVA_API_KEY"),
        ("403", "may not use model"),
        ("404", "there is no model"),
        ("quota", "Add credit"),
        ("context", "longer context"),
        ("redirect", "base URL"),
    ],
)
def test_a_hopeless_endpoint_stops_the_stage_at_once_and_says_what_to_do(
    tmp_path: Path, deal: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVA_API_KEY", KEY)
    with ModelServer(script=lambda n, b: deal if n >= 3 else "ok", latency=0.01) as server:
        with desk(server.url, tmp_path, limits=Limits(start=2, ceiling=2)) as at:
            with pytest.raises(EndpointError, match=words) as failure:
                at.ask(*(question(subject) for subject in range(50)))
            # Two in flight: whoever was at the server landed, nobody else went.
            assert server.asked() <= 3 + 2 + 1
            assert isinstance(failure.value, StoppedEarly)
            assert KEY not in str(failure.value)
            with pytest.raises(EndpointError):
                at.ask(question(99))
            assert server.asked() <= 3 + 2 + 1
        with desk(server.url, tmp_path) as at:
            assert at.journal.query("SELECT count(*) FROM verdicts WHERE verdict='fault'") == [(0,)]
        for file in tmp_path.iterdir():
            assert KEY.encode() not in file.read_bytes()


def test_an_outage_pauses_with_a_reason_then_resumes_and_costs_nobody_a_day(
    tmp_path: Path,
) -> None:
    told = threading.Event()

    def script(number: int, body: dict[str, Any]) -> str:
        return "503" if number >= 5 and not told.is_set() else "ok"

    async def scene(at: Any) -> tuple[list[CallVerdict[str]], set[str]]:
        asking = asyncio.create_task(at.caller.ask_many([question(n) for n in range(20)]))
        reasons = set()
        while not asking.done():
            await asyncio.sleep(0.05)
            reasons.add(re.sub(r"\d+ s.*", "n s", at.endpoint.limiter.state().waiting_for))
            if "server_error 503 for n s" in reasons:
                told.set()
        return asking.result(), reasons

    patient = RetryPolicy(attempts=100, patience=30.0, seconds=60.0, base=0.02, cap=0.2)
    with ModelServer(script=script) as server, desk(server.url, tmp_path, policy=patient) as at:
        verdicts, reasons = at.thread.submit(scene(at))
    assert all(v.fault is None for v in verdicts)
    assert "server_error 503 for n s" in reasons


@pytest.mark.parametrize("deal", ["429", "429 wait 9999", "503", "reset", "html"])
def test_a_fault_that_never_ends_stops_the_run_resumable_in_bounded_tries(
    tmp_path: Path, deal: str
) -> None:
    with ModelServer(script=lambda n, b: deal if n >= 4 else "ok") as server:
        with desk(server.url, tmp_path) as at, pytest.raises(Outage, match="run again") as failure:
            at.ask(*(question(subject) for subject in range(8)))
        assert isinstance(failure.value, StoppedEarly)
        assert server.asked() <= 4 + 8 * QUICK.attempts
        server.script = lambda number, body: "ok"
        answered = server.counts()["ok"]
        with desk(server.url, tmp_path) as at:
            verdicts = at.ask(*(question(subject) for subject in range(8)))
        assert [v.fault for v in verdicts] == [None] * 8
        assert server.counts()["ok"] == answered + 8 - sum(v.replayed for v in verdicts)
        assert sum(v.replayed for v in verdicts) == 4


def test_an_address_where_nothing_ever_listened_is_given_up_soon(tmp_path: Path) -> None:
    with (
        desk("http://127.0.0.1:9/v1", tmp_path) as at,
        pytest.raises(EndpointError, match="nothing listens there") as failure,
    ):
        at.ask(question())
    assert not isinstance(failure.value, Outage)


def test_a_stage_that_takes_too_long_ends_as_an_outage(tmp_path: Path) -> None:
    with (
        ModelServer(script=lambda n, b: "silence" if n else "ok") as server,
        desk(server.url, tmp_path) as at,
        pytest.raises(Outage, match="1 of 3 replies"),
    ):
        at.ask(*(question(subject) for subject in range(3)), seconds=2.0)


def test_replies_dealt_twice_are_used_once(tmp_path: Path) -> None:
    """A server that answers a request with two responses on one connection confuses nobody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            assert found is not None
            body = json.loads(await reader.readexactly(int(found[1])))
            words = body["messages"][-1]["content"]
            content = '{"answer": "yes"}' if "test?" in words else json.dumps({"echo": words})
            reply = json.dumps(
                {
                    "model": "m",
                    "choices": [
                        {
                            "finish_reason": "stop",
                            "message": {"role": "assistant", "content": content},
                        }
                    ],
                }
            ).encode()
            response = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(reply), reply)
            )
            writer.write(response + response)

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(guarded, "127.0.0.1", 0)

    loop = LoopThread("doubling server")
    server = loop.submit(start())
    port = server.sockets[0].getsockname()[1]
    with desk(f"http://127.0.0.1:{port}/v1", tmp_path) as at:
        for day in range(5):
            verdicts = at.ask(*(question(n, day) for n in range(4)))
            assert [v.value for v in verdicts] == [f"day {day} act R{n}" for n in range(4)]
    loop.loop.call_soon_threadsafe(server.close)
    loop.close()
