"""Asking: what is journalled is not paid again, what fails is said to fail, nothing is invented."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.llm.caller import Caller, CallVerdict
from agents.llm.errors import (
    Divergence,
    MissingReply,
    ReplyFault,
)
from agents.llm.journal import read_journal
from agents.llm.usage import Usage
from tests.language.asking import desk, question
from tests.language.server import ModelServer, first_then, share


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
        verdicts: dict[tuple[int, int], CallVerdict[str]] = {}
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


# --- usage


def test_usage_is_added_up_by_stage_and_resident(tmp_path: Path) -> None:
    with ModelServer() as server, desk(server.url, tmp_path) as at:
        at.ask(*(question(n, stage=stage) for n in range(3) for stage in ("act", "say")))
        by_stage = at.journal.usage_by("day", "stage")
        assert by_stage[0, "act"] == (3, Usage(300, 0, 0, 30))
        assert len(at.journal.usage_by("subject", "stage")) == 7  # six, and the probe
        with pytest.raises(ValueError, match="cannot be added up"):
            at.journal.usage_by("reply; DROP TABLE calls")


def test_usage_that_no_server_stated_is_flagged(tmp_path: Path) -> None:
    with ModelServer(script=first_then("no usage")) as server, desk(server.url, tmp_path) as at:
        first, second = at.ask(question(0))[0], at.ask(question(1))[0]
    assert first.flags == ("usage estimated",)
    assert second.flags == ()


def test_a_cache_key_spreads_a_community_over_its_buckets(tmp_path: Path) -> None:
    with ModelServer() as server, desk(server.url, tmp_path, cache="explicit") as at:
        at.caller = Caller(at.journal, at.endpoint, cache_key="c7", cache_buckets=4)
        at.ask(*(question(n) for n in range(12)))
    keys = Counter(d.body["prompt_cache_key"] for d in server.dealt[1:])
    assert keys == {f"c7:{bucket}": 3 for bucket in range(4)}
