"""Retrying is bounded in tries and in time, whatever the endpoint says."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.retry import RetryPolicy


def pause(policy: RetryPolicy, **changes: float | None) -> float | None:
    given_: dict[str, object] = {
        "tries": 1,
        "now": 100.0,
        "first_failure": 100.0,
        "last_success": 50.0,
        "retry_after": None,
        "unreachable": False,
        "rng": random.Random(1),
    }
    return policy.pause(**{**given_, **changes})  # type: ignore[arg-type]


@given(tries=st.integers(1, 30), seed=st.integers())
def test_the_back_off_doubles_up_to_its_cap_with_half_of_it_drawn(tries: int, seed: int) -> None:
    policy = RetryPolicy(base=0.5, cap=30.0)
    delay = pause(policy, tries=tries, rng=random.Random(seed))  # type: ignore[arg-type]
    whole = min(30.0, 0.5 * 2 ** (tries - 1))
    assert delay is not None
    assert whole / 2 <= delay <= whole


def test_what_the_endpoint_asks_for_is_waited_on_top() -> None:
    delay = pause(RetryPolicy(), retry_after=20.0)
    assert delay is not None
    assert 20.25 <= delay <= 20.5


def test_a_wait_longer_than_the_patience_left_is_not_begun() -> None:
    assert pause(RetryPolicy(patience=600), retry_after=601.0) is None


def test_tries_are_bounded() -> None:
    assert pause(RetryPolicy(attempts=3), tries=2) is not None
    assert pause(RetryPolicy(attempts=3), tries=3) is None


def test_patience_counts_from_the_last_success_of_anybody() -> None:
    policy = RetryPolicy(patience=60, seconds=1000)
    assert pause(policy, now=200.0, last_success=190.0) is not None
    assert pause(policy, now=200.0, last_success=50.0) is None


def test_one_call_gives_up_in_its_own_time_even_if_others_succeed() -> None:
    policy = RetryPolicy(patience=60, seconds=1000)
    assert pause(policy, now=1099.0, last_success=1099.0) is not None
    assert pause(policy, now=1100.5, last_success=1100.0) is None


def test_an_address_that_never_answered_is_given_up_soon() -> None:
    policy = RetryPolicy(hello=20)
    assert pause(policy, now=121.0, last_success=-math.inf, unreachable=True) is None
    assert pause(policy, now=121.0, last_success=99.0, unreachable=True) is not None
    assert pause(policy, now=121.0, last_success=-math.inf) is not None


@given(seed=st.integers(), wait=st.one_of(st.none(), st.floats(0, 50)))
def test_a_failure_that_never_ends_is_given_up_within_the_stated_bounds(
    seed: int, wait: float | None
) -> None:
    policy, rng = RetryPolicy(attempts=40, patience=600, seconds=1800), random.Random(seed)
    clock, tries = 0.0, 1
    while True:
        delay = policy.pause(
            tries=tries,
            now=clock,
            first_failure=0.0,
            last_success=-math.inf,
            retry_after=wait,
            unreachable=False,
            rng=rng,
        )
        if delay is None:
            break
        clock, tries = clock + delay, tries + 1
    assert tries <= 40
    assert clock <= 600


def test_a_policy_without_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="attempts"):
        RetryPolicy(attempts=0)
    with pytest.raises(ValueError, match="times"):
        RetryPolicy(cap=0.0)
