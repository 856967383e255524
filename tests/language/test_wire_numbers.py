"""Numbers that a server states and nobody can mean: counts, waits, statuses."""

# ruff: noqa: F811

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.causes import LONGEST_WAIT, Trouble, classify
from agents.llm.client import Reply
from agents.llm.loop import LoopThread
from agents.llm.usage import LARGEST, Usage
from tests.language.asking import desk, question
from tests.language.raw_server import RawServer, completion, http, saying
from tests.language.test_wire import _key, ask, thread  # noqa: F401 (fixtures)

IMPOSSIBLE: dict[str, Any] = {
    "huge": {"prompt_tokens": 10**30, "completion_tokens": 1},
    "just too many": {"prompt_tokens": LARGEST + 1, "completion_tokens": 1},
    "many for 64 bits": {"prompt_tokens": 2**63, "completion_tokens": 2**63},
    "more digits than Python reads": "digits",
    "negative": {"prompt_tokens": -5, "completion_tokens": 1},
    "fraction": {"prompt_tokens": 10.5, "completion_tokens": 1},
    "float": {"prompt_tokens": 10.0, "completion_tokens": 1},
    "infinite": {"prompt_tokens": float("inf"), "completion_tokens": 1},
    "no number": {"prompt_tokens": float("nan"), "completion_tokens": 1},
    "true": {"prompt_tokens": True, "completion_tokens": 1},
    "word": {"prompt_tokens": "12", "completion_tokens": 1},
    "words": {"prompt_tokens": "12", "completion_tokens": "1"},
    "list": {"prompt_tokens": [12], "completion_tokens": 1},
    "usage is a list": [1],
    "usage is a word": "much",
    "usage is a number": 12,
    "total": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": "x"},
    "details": {"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": "x"},
    "cached": {
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 10**30},
    },
    "reasoning": {
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "completion_tokens_details": {"reasoning_tokens": "9"},
    },
    "more cached than sent": {
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 10},
    },
    "nothing sent": {"prompt_tokens": 0, "completion_tokens": 1},
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_a_count_that_cannot_be_true_is_estimated_and_the_reply_kept(
    thread: LoopThread, case: str
) -> None:
    body = json.dumps(completion(usage=IMPOSSIBLE[case])).encode()
    body = body.replace(b'"digits"', b'{"prompt_tokens": %s}' % (b"9" * 6000))
    with RawServer(lambda came: http(body)) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert (found.text, found.outcome) == ('{"echo": "x"}', "ok")
    assert (found.usage.estimated, found.usage.unbelieved) == (True, 1)
    assert 0 < found.usage.tokens < 100
    assert len(server.came) == 1


@pytest.mark.parametrize("usage", [None, {}])
def test_no_count_at_all_is_estimated_and_is_no_lie(thread: LoopThread, usage: Any) -> None:
    with RawServer(lambda came: saying(completion(usage=usage))) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert (found.usage.estimated, found.usage.unbelieved) == (True, 0)


def test_the_largest_count_is_believed(thread: LoopThread) -> None:
    usage = {"prompt_tokens": LARGEST, "completion_tokens": LARGEST, "total_tokens": LARGEST}
    with RawServer(lambda came: saying(completion(usage=usage))) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert found.usage == Usage(LARGEST, 0, 0, LARGEST)


def test_numbers_that_nobody_asked_for_change_nothing(thread: LoopThread) -> None:
    digits = b"9" * 6000
    body = json.dumps(completion('{"echo": "%s"}' % ("1" * 6000), created=77)).encode()
    body = body.replace(b"77", digits)
    with RawServer(lambda came: http(body)) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Reply)
    assert found.text == '{"echo": "%s"}' % ("1" * 6000)
    assert found.usage == Usage(100, 0, 0, 10)


def test_a_journal_holds_what_was_not_believed(tmp_path: Any) -> None:
    usage = {"prompt_tokens": 10**30, "completion_tokens": 10**30}
    with (
        RawServer(lambda came: saying(completion(usage=usage))) as server,
        desk(server.url, tmp_path) as at,
    ):
        verdicts = at.ask(*(question(n) for n in range(5)))
        asked = len(server.came)
        assert [verdict.value for verdict in verdicts] == ["x"] * 5
        assert [verdict.usage.unbelieved for verdict in verdicts] == [1] * 5
        again = at.ask(*(question(n) for n in range(5)))
        assert [verdict.usage for verdict in again] == [verdict.usage for verdict in verdicts]
        assert len(server.came) == asked
        calls, used = at.journal.spent()["loopback"]
        assert (calls, used.unbelieved, used.estimated) == (asked, asked, True)


# --- other numbers


@pytest.mark.parametrize("status", ["199 X", "600 X", "999 X", "099 X"])
def test_a_status_that_http_does_not_have_is_no_answer(thread: LoopThread, status: str) -> None:
    with RawServer(lambda came: saying(completion(), status=status)) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Trouble)
    assert found.kind == "transient"


@pytest.mark.parametrize(
    "wait", ["1e300", "1e8", "inf", "nan", "-1", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "²"]
)
def test_a_wait_that_nobody_means_is_none(thread: LoopThread, wait: str) -> None:
    with RawServer(lambda came: saying({}, f"Retry-After: {wait}", status="429 X")) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Trouble)
    assert (found.cause, found.retry_after) == ("rate_limited", None)


@given(st.text(), st.text())
def test_every_wait_is_none_or_a_time(milliseconds: str, seconds: str) -> None:
    class Answer:
        headers = {"retry-after-ms": milliseconds, "retry-after": seconds}  # noqa: RUF012

    error = Exception("slow")
    error.status_code = 429  # type: ignore[attr-defined]
    error.response = Answer()  # type: ignore[attr-defined]
    wait = classify(error).retry_after
    assert wait is None or 0 <= wait <= LONGEST_WAIT


@pytest.mark.parametrize("status", [10**30, -1, 0, True])
def test_a_status_that_no_column_holds_is_none(status: int) -> None:
    error = Exception("odd")
    error.status_code = status  # type: ignore[attr-defined]
    assert classify(error).status is None


def test_a_reply_nested_without_end_is_no_reply(thread: LoopThread) -> None:
    with RawServer(lambda came: http(b"[" * 200_000)) as server:
        found, _ = ask(thread, server.url)
    assert isinstance(found, Trouble)
    assert (found.kind, found.cause) == ("transient", "bad_body")
