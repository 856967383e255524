"""Many questions at once: one limiter an address, one budget a run, one way to end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.llm.caller import Caller, ask_all
from agents.llm.client import EndpointSettings
from agents.llm.errors import (
    BudgetReached,
    EndpointError,
)
from agents.llm.limiter import Limits
from agents.llm.spending import Caps, Spending
from tests.language.asking import KEY, desk, question
from tests.language.server import ModelServer, share

# --- budget


def test_at_a_cap_nothing_more_is_sent_and_what_is_in_flight_lands(tmp_path: Path) -> None:
    calls = [question(subject) for subject in range(40)]
    with ModelServer(latency=0.02) as server:
        with desk(server.url, tmp_path, spending=Spending(Caps(calls=15))) as at:
            with pytest.raises(BudgetReached, match="cap of 15 calls"):
                at.ask(*calls)
            assert len(server.dealt) == 15  # the probe is one of them
            assert at.journal.query("SELECT count(*) FROM calls") == [(15,)]
        with desk(server.url, tmp_path) as at:
            verdicts = at.ask(*calls)
        assert len(server.dealt) == 41
    assert sum(v.replayed for v in verdicts) == 14


def test_a_cap_on_tokens_holds_by_true_usage_and_a_resume_counts_what_was_spent(
    tmp_path: Path,
) -> None:
    caps = Caps(tokens=4_000)
    with ModelServer() as server:
        with desk(server.url, tmp_path, spending=Spending(caps)) as at:
            with pytest.raises(BudgetReached, match="of 4000 tokens"):
                at.ask(*(question(subject) for subject in range(100)))
            used = at.spending.snapshot().usage.tokens
        assert 2_500 < used <= 4_000
        before = len(server.dealt)
        with desk(server.url, tmp_path) as at:
            at.caller = Caller(at.journal, at.endpoint, Spending(caps, past=at.journal.spent()))
            with pytest.raises(BudgetReached):
                at.ask(*(question(subject) for subject in range(100)))
        assert len(server.dealt) == before


# --- cancelling and sharing


def journalled(at: Any) -> int:
    """How many verdicts are durable."""
    return int(at.journal.query("SELECT count(*) FROM verdicts")[0][0])


def test_cancelling_a_stage_really_cancels_and_keeps_what_had_landed(tmp_path: Path) -> None:
    async def scene(at: Any) -> None:
        asking = asyncio.create_task(at.caller.ask_many([question(n) for n in range(10)]))
        while server.asked() < 10 or journalled(at) < server.counts()["ok"]:
            await asyncio.sleep(0.005)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert not at.endpoint.limiter.busy
        assert at.spending.snapshot().reserved == 0
        for _ in range(100):
            if server.in_flight == 0:
                break
            await asyncio.sleep(0.01)
        assert server.in_flight == 0

    script = share(0.5, ["silence"], "cancel")
    with ModelServer(script=script) as server:
        with desk(server.url, tmp_path) as at:
            at.thread.submit(scene(at))
            landed = server.counts()["ok"]
            assert 0 < landed < 10
            assert at.spending.snapshot().lost == 10 - landed
            server.script = lambda number, body: "ok"
            verdicts = at.ask(*(question(n) for n in range(10)))
        assert sum(v.replayed for v in verdicts) == landed
    assert all(v.fault is None for v in verdicts)


def test_communities_share_the_limiter_of_their_endpoint(tmp_path: Path) -> None:
    with ModelServer(latency=0.02) as server:
        limits = Limits(start=5, ceiling=5)
        with desk(server.url, tmp_path, limits=limits) as at:
            other = at.endpoints.open(at.endpoint.client.settings)
            assert other.limiter is at.endpoint.limiter
            assert other.client is at.endpoint.client
            second = Caller(at.journal, other, at.spending)

            async def both() -> None:
                await asyncio.gather(
                    at.caller.ask_many([question(n) for n in range(20)]),
                    second.ask_many([question(n, stage="other") for n in range(20)]),
                )

            at.thread.submit(both())
        assert server.most_in_flight == 5


def test_one_address_cannot_be_asked_under_two_limits_at_once(tmp_path: Path) -> None:
    async def scene(at: Any) -> None:
        asking = asyncio.create_task(at.caller.ask_many([question(n) for n in range(10)]))
        while server.asked() < 5:
            await asyncio.sleep(0.005)
        with pytest.raises(InputError, match="under other limits"):
            at.endpoints.open(at.endpoint.client.settings, Limits(start=9))
        await asking
        changed = at.endpoints.open(at.endpoint.client.settings, Limits(start=9))
        assert changed.limiter.state().limit == 9

    with ModelServer(latency=0.05) as server, desk(server.url, tmp_path) as at:
        at.thread.submit(scene(at))


def test_a_new_key_in_the_environment_makes_a_new_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as server, desk(server.url, tmp_path) as at:
        monkeypatch.setenv("CIVA_API_KEY", KEY)
        renewed = at.endpoints.open(at.endpoint.client.settings)
        assert renewed.client is not at.endpoint.client
        at.thread.submit(Caller(at.journal, renewed).ask(question()))
    assert server.dealt[-1].authorization == f"Bearer {KEY}"


def test_a_run_of_two_models_stops_as_one_and_both_land(tmp_path: Path) -> None:
    def script(number: int, body: dict[str, Any]) -> str:
        return "401" if body["model"] == "other" else "ok"

    with ModelServer(script=script, latency=0.05) as server, desk(server.url, tmp_path) as at:
        other = at.endpoints.open(EndpointSettings("other", server.url))
        second = Caller(at.journal, other, at.spending)
        at.thread.submit(at.caller.terms())
        at.thread.submit(second.terms())
        questions = [(at.caller, question(n)) for n in range(8)]
        with pytest.raises(EndpointError, match="CIVA_API_KEY"):
            at.thread.submit(ask_all([*questions, (second, question(8))]))
        assert len(at.journal.usage_by("subject")) >= 8
        with pytest.raises(EndpointError):
            at.ask(question(9))
