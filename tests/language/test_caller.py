"""Asking: what is journalled is not paid again, what fails is said to fail, nothing is invented."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError, StoppedEarly
from agents.llm.caller import Caller, Verdict, ask_all
from agents.llm.client import EndpointSettings
from agents.llm.errors import (
    BudgetReached,
    Divergence,
    EndpointError,
    MissingReply,
    Outage,
    ReplyFault,
)
from agents.llm.journal import read_journal
from agents.llm.limiter import Limits
from agents.llm.loop import LoopThread
from agents.llm.retry import RetryPolicy
from agents.llm.spending import Caps, Spending
from agents.llm.usage import Usage
from tests.language.asking import QUICK, SHORT, desk, question
from tests.language.server import ModelServer, Script, share

KEY = "sk-marked-0123456789abcdef"


def first_then(*deals: str) -> Script:
    """Deal these one after the other, then `ok`."""
    return lambda number, body: deals[number] if number < len(deals) else "ok"


def is_repair(body: dict[str, Any]) -> bool:
    return "An earlier reply" in body["messages"][-1]["content"]


# --- the journal below the call


def test_verdicts_come_in_the_order_of_the_calls_whatever_order_replies_come_in(
    tmp_path: Path,
) -> None:
    class Jittered(ModelServer):
        async def _deal(self, request: Any) -> Any:
            await asyncio.sleep(random.random() * 0.05)
            return await super()._deal(request)

    with Jittered() as server, desk(server.url, tmp_path) as at:
        verdicts = at.ask(*(question(subject) for subject in range(30)))
    assert [v.value for v in verdicts] == [f"day 0 act R{subject}" for subject in range(30)]


def test_what_the_journal_holds_is_not_asked_and_not_paid_again(tmp_path: Path) -> None:
    calls = [question(subject) for subject in range(10)]
    with ModelServer() as server:
        with desk(server.url, tmp_path) as at:
            first = at.ask(*calls)
            shown = at.spending.snapshot()
            spent = (shown.calls, shown.usage)
        with desk(server.url, tmp_path) as at:
            second = at.ask(*calls)
            shown = at.spending.snapshot()
            assert (shown.calls, shown.usage) == spent
        assert server.asked() == 10
    assert [v.value for v in second] == [v.value for v in first]
    assert all(v.replayed for v in second)
    assert not any(v.replayed for v in first)


def test_a_replay_gives_the_same_verdicts_without_any_network(tmp_path: Path) -> None:
    calls = [question(subject) for subject in range(20)]
    deals = ["malformed", "truncated", "refusal"]
    with ModelServer(script=share(0.5, deals)) as server, desk(server.url, tmp_path) as at:
        live = at.ask(*calls)
    assert {v.fault for v in live} > {None}
    with read_journal(tmp_path / "calls.sqlite") as journal:
        replayed = asyncio.run(Caller(journal, None).ask_many(calls))
    seen = [(v.value, v.fault, v.raw, v.attempts, v.usage) for v in live]
    assert [(v.value, v.fault, v.raw, v.attempts, v.usage) for v in replayed] == seen


def test_a_replay_names_what_the_journal_does_not_hold(tmp_path: Path) -> None:
    with ModelServer() as server, desk(server.url, tmp_path) as at:
        at.ask(question(0))
    with (
        read_journal(tmp_path / "calls.sqlite") as journal,
        pytest.raises(MissingReply, match=r"day 3, act, resident 7"),
    ):
        asyncio.run(Caller(journal, None).ask(question(7, day=3)))


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "another day"},
        {"parts": ("other rules", "# You\nR4", "day 0 act R4")},
        {"schema_name": "other"},
        {"schema": {"type": "object"}},
    ],
)
def test_another_prompt_at_the_same_place_is_a_divergence_named_by_place(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    with ModelServer() as server, desk(server.url, tmp_path) as at:
        at.ask(*(question(subject) for subject in range(6)))
        with pytest.raises(Divergence, match=r"day 0, act, resident 4") as found:
            at.ask(question(4, **changes))
        assert server.asked() == 6
    assert (found.value.day, found.value.stage, found.value.subject) == (0, "act", 4)


def test_a_reply_that_is_read_otherwise_than_it_was_is_a_divergence(tmp_path: Path) -> None:
    def strict(text: str) -> str:
        raise ReplyFault("malformed", "now nothing is good enough")

    with ModelServer() as server:
        with desk(server.url, tmp_path) as at:
            at.ask(question(1))
        with read_journal(tmp_path / "calls.sqlite") as journal, pytest.raises(Divergence):
            asyncio.run(Caller(journal, None).ask(question(1, read=strict)))


def test_everything_about_a_question_is_durable_before_it_is_answered(tmp_path: Path) -> None:
    with ModelServer(script=first_then("malformed")) as server, desk(server.url, tmp_path) as at:
        at.ask(question(1))
        with read_journal(tmp_path / "calls.sqlite") as other:
            rows = other.query(
                "SELECT attempt, cause FROM calls WHERE day = 0 AND subject = 1 ORDER BY attempt"
            )
            verdict = other.verdict(0, "act", 1)
    assert rows == [(0, "malformed"), (1, "")]
    assert verdict is not None
    assert verdict.verdict == "ok"


def test_a_reader_that_breaks_keeps_the_reply_that_broke_it(tmp_path: Path) -> None:
    def broken(text: str) -> str:
        raise ZeroDivisionError("a bug in reading")

    with ModelServer() as server:
        with desk(server.url, tmp_path) as at, pytest.raises(ZeroDivisionError):
            at.ask(question(1, read=broken))
        with desk(server.url, tmp_path) as at:
            assert at.ask(question(1))[0].replayed
        assert server.asked() == 1


# --- repair


@pytest.mark.parametrize(
    ("deal", "cause"),
    [
        ("malformed", "malformed"),
        ("wrong schema", "schema"),
        ("truncated", "truncated"),
        ("refusal", "refused"),
        ("filtered", "filtered"),
        ("filtered 400", "filtered"),
        ("tool call", "tool_call"),
        ("null content", "empty"),
        ("empty choices", "empty"),
        ("flood", "too_large"),
    ],
)
def test_an_unusable_reply_gets_one_repair_and_then_is_a_fault(
    tmp_path: Path, deal: str, cause: str
) -> None:
    with ModelServer(script=first_then(deal, "ok", deal, deal)) as server:
        with desk(server.url, tmp_path) as at:
            mended, faulty = at.ask(question(1))[0], at.ask(question(2))[0]
        repairs = [d.body for d in server.dealt if is_repair(d.body)]
        assert server.asked() == 4
    assert (mended.value, mended.fault, mended.attempts) == ("day 0 act R1", None, 2)
    assert (faulty.value, faulty.fault, faulty.attempts) == (None, cause, 2)
    assert len(repairs) == 2


def test_a_repair_repeats_the_seed_and_the_prompt_that_it_mends(tmp_path: Path) -> None:
    with ModelServer(script=first_then("malformed")) as server, desk(server.url, tmp_path) as at:
        at.ask(question(3))
    first, second = (d.body for d in server.dealt[-2:])
    assert first["seed"] == second["seed"] == 3
    assert first["messages"][0] == second["messages"][0]
    words = second["messages"][1]["content"]
    assert words.startswith(first["messages"][1]["content"] + "\n\n")


# --- faults in bulk


REPLY_DEALS = {
    "malformed": "malformed",
    "wrong schema": "schema",
    "truncated": "truncated",
    "refusal": "refused",
    "filtered": "filtered",
    "tool call": "tool_call",
    "null content": "empty",
    "empty choices": "empty",
}
ENDPOINT_DEALS = {
    "429": "rate_limited",
    "500": "server_error",
    "502": "server_error",
    "503": "server_error",
    "reset": "connection_reset",
    "cut body": "connection_reset",
    "html": "bad_body",
    "not json": "bad_body",
    "null choices": "bad_body",
}


def test_every_fault_that_was_dealt_stands_once_in_the_journal_by_cause(tmp_path: Path) -> None:
    deals = [*REPLY_DEALS, *ENDPOINT_DEALS]
    with ModelServer(script=share(0.2, deals, "bulk")) as server, desk(server.url, tmp_path) as at:
        verdicts: dict[tuple[int, int], Verdict[str]] = {}
        for day in range(6):
            asked = [question(subject, day) for subject in range(50)]
            for call, verdict in zip(asked, at.ask(*asked), strict=True):
                verdicts[call.day, call.subject] = verdict
        errors = Counter(dict(at.journal.query("SELECT cause, count(*) FROM errors GROUP BY 1")))
        causes = Counter(
            dict(
                at.journal.query(
                    "SELECT cause, count(*) FROM calls WHERE cause <> '' AND day >= 0 GROUP BY 1"
                )
            )
        )
        judged = {
            (day, subject): cause
            for day, subject, cause in at.journal.query(
                "SELECT day, subject, cause FROM verdicts WHERE verdict = 'fault'"
            )
        }
        dealt = server.counts()
        by_place: dict[tuple[int, int], list[str]] = {}
        for one in server.dealt:
            words = one.body["messages"][-1]["content"]
            if (place := re.match(r"day (\d+) act R(\d+)", words)) and one.deal in (
                {"ok"} | set(REPLY_DEALS)
            ):
                by_place.setdefault((int(place[1]), int(place[2])), []).append(one.deal)
    assert sum(dealt[name] for name in deals) > 40
    expected_errors: Counter[str] = Counter()
    for name, cause in ENDPOINT_DEALS.items():
        expected_errors[cause] += dealt[name]
    assert errors == +expected_errors
    expected_causes: Counter[str] = Counter()
    for name, cause in REPLY_DEALS.items():
        expected_causes[cause] += dealt[name]
    assert causes == +expected_causes
    # A fault exactly where the repair was dealt one too, and no value where there is a fault.
    for place, deals_here in by_place.items():
        twice = len(deals_here) == 2 and "ok" not in deals_here
        assert (verdicts[place].fault is not None) == twice
        assert (place in judged) == twice
        assert (verdicts[place].value is None) == twice


# --- endpoint faults


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
    back = time.monotonic() + 1.5

    def script(number: int, body: dict[str, Any]) -> str:
        return "503" if number >= 5 and time.monotonic() < back else "ok"

    async def scene(at: Any) -> tuple[list[Verdict[str]], set[str]]:
        asking = asyncio.create_task(at.caller.ask_many([question(n) for n in range(20)]))
        reasons = set()
        while not asking.done():
            await asyncio.sleep(0.05)
            reasons.add(re.sub(r"\d+ s.*", "n s", at.endpoint.limiter.state().waiting_for))
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
        at.ask(*(question(subject) for subject in range(3)), seconds=0.4)


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


# --- cancellation


def test_cancelling_a_stage_really_cancels_and_keeps_what_had_landed(tmp_path: Path) -> None:
    async def scene(at: Any) -> None:
        asking = asyncio.create_task(at.caller.ask_many([question(n) for n in range(10)]))
        while server.asked() < 10:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
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
        other = at.endpoints.open(EndpointSettings("other", server.url, timeouts=SHORT))
        second = Caller(at.journal, other, at.spending)
        at.thread.submit(at.caller.terms())
        at.thread.submit(second.terms())
        questions = [(at.caller, question(n)) for n in range(8)]
        with pytest.raises(EndpointError, match="CIVA_API_KEY"):
            at.thread.submit(ask_all([*questions, (second, question(8))]))
        assert len(at.journal.usage_by("subject")) >= 8
        with pytest.raises(EndpointError):
            at.ask(question(9))


def test_usage_is_added_up_by_stage_and_resident(tmp_path: Path) -> None:
    with ModelServer() as server, desk(server.url, tmp_path) as at:
        at.ask(*(question(n, stage=stage) for n in range(3) for stage in ("act", "say")))
        by_stage = at.journal.usage_by("day", "stage")
        assert by_stage[0, "act"] == (3, Usage(300, 0, 0, 30))
        assert len(at.journal.usage_by("subject", "stage")) == 7  # six, and the probe
        with pytest.raises(ValueError, match="cannot be added up"):
            at.journal.usage_by("reply; DROP TABLE calls")


def test_a_cache_key_spreads_a_community_over_its_buckets(tmp_path: Path) -> None:
    with ModelServer() as server, desk(server.url, tmp_path, cache="explicit") as at:
        at.caller = Caller(at.journal, at.endpoint, cache_key="c7", cache_buckets=4)
        at.ask(*(question(n) for n in range(12)))
    keys = Counter(d.body["prompt_cache_key"] for d in server.dealt[1:])
    assert keys == {f"c7:{bucket}": 3 for bucket in range(4)}


def test_usage_that_no_server_stated_is_flagged(tmp_path: Path) -> None:
    with ModelServer(script=first_then("no usage")) as server, desk(server.url, tmp_path) as at:
        first, second = at.ask(question(0))[0], at.ask(question(1))[0]
    assert first.flags == ("usage estimated",)
    assert second.flags == ()


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
