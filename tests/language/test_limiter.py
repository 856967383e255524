"""The limiter admits what an endpoint stands, in order, and forgets nobody."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.llm.limiter import Limiter, Limits
from tests.language.virtual_time import run_virtual


def now() -> float:
    return asyncio.get_running_loop().time()


async def serve(limiter: Limiter, seconds: float = 1.0, tokens: int = 0) -> float:
    """One call that always succeeds; gives the time at which it was sent."""
    await limiter.acquire(tokens)
    sent = now()
    await asyncio.sleep(seconds)
    limiter.succeeded()
    limiter.release()
    return sent


async def serve_all(limiter: Limiter, calls: int, **how: float) -> list[float]:
    return list(await asyncio.gather(*(serve(limiter, **how) for _ in range(calls))))


def test_no_more_calls_are_in_flight_than_the_limit() -> None:
    async def scene() -> None:
        limiter = Limiter(Limits(start=3, ceiling=3))
        tasks = [asyncio.create_task(serve(limiter)) for _ in range(10)]
        await asyncio.sleep(0.5)
        assert (limiter.state().in_flight, limiter.state().waiting) == (3, 7)
        assert await asyncio.gather(*tasks) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]

    run_virtual(scene())


def test_calls_are_admitted_in_the_order_in_which_they_came() -> None:
    async def scene() -> list[int]:
        limiter, order = Limiter(Limits(start=1, ceiling=1)), []

        async def call(number: int) -> None:
            await limiter.acquire()
            order.append(number)
            await asyncio.sleep(random.Random(number).random())
            limiter.release()

        await asyncio.gather(*(call(number) for number in range(20)))
        return order

    assert run_virtual(scene()) == list(range(20))


def test_the_limit_doubles_in_a_round_while_it_is_used_up_to_its_ceiling() -> None:
    async def scene() -> list[int]:
        limiter, seen = Limiter(Limits(start=10, ceiling=60)), []
        for _ in range(4):
            await serve_all(limiter, limiter.state().limit)
            seen.append(limiter.state().limit)
        return seen

    limits = run_virtual(scene())
    # The last fifth of a round finds the slots no longer four fifths full, so a round of n adds
    # somewhat less than n.
    assert limits == sorted(limits)
    assert 11 <= limits[0] <= 20
    assert limits[-1] <= 60


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    async def scene() -> int:
        limiter = Limiter(Limits(start=20))
        for _ in range(50):
            await serve(limiter)
        return limiter.state().limit

    assert run_virtual(scene()) == 20


def test_one_episode_of_429s_cuts_the_limit_once() -> None:
    async def scene() -> list[int]:
        limiter = Limiter(Limits(start=20))
        for _ in range(20):
            await limiter.acquire()
        sent = now()
        await asyncio.sleep(1)
        for _ in range(20):
            limiter.throttle(sent, None)
            limiter.release()
        first = limiter.state().limit
        await limiter.acquire()
        limiter.throttle(now(), None)
        return [first, limiter.state().limit, limiter.state().throttled]

    assert run_virtual(scene()) == [16, 12, 21]


def test_the_limit_never_falls_below_one_call() -> None:
    async def scene() -> int:
        limiter = Limiter(Limits(start=2))
        for _ in range(50):
            await limiter.acquire()
            limiter.throttle(now(), None)
            limiter.release()
            await asyncio.sleep(1)
        return limiter.state().limit

    assert run_virtual(scene()) == 1


def test_after_a_429_growth_waits_for_the_cool_down_and_is_one_a_round() -> None:
    async def scene() -> list[int]:
        limiter = Limiter(Limits(start=20, cool_down=5.0))
        await limiter.acquire()
        limiter.throttle(now(), None)
        limiter.release()
        seen = []
        for _ in range(8):
            await serve_all(limiter, 16, seconds=1.0)
            seen.append(limiter.state().limit)
        return seen

    seen = run_virtual(scene())
    assert seen[:4] == [16, 16, 16, 16]
    assert 16 <= seen[-1] <= 20


def test_retry_after_is_obeyed_by_everybody_and_holds_no_slot() -> None:
    async def scene() -> None:
        limiter = Limiter(Limits(start=5))
        await limiter.acquire()
        limiter.throttle(now(), 30.0)
        limiter.release()
        waiting = [asyncio.create_task(serve(limiter)) for _ in range(3)]
        await asyncio.sleep(29)
        assert limiter.state().in_flight == 0
        assert "asked to wait" in limiter.state().waiting_for
        assert await asyncio.gather(*waiting) == [30, 30, 30]

    run_virtual(scene())


@settings(max_examples=30, deadline=None)
@given(rate=st.floats(1, 6000), calls=st.integers(1, 200))
def test_no_window_starts_more_requests_than_its_share_of_the_minute(
    rate: float, calls: int
) -> None:
    async def scene() -> list[float]:
        limiter = Limiter(Limits(start=500, requests_per_minute=rate))
        return sorted(await serve_all(limiter, calls, seconds=0.01))

    sent = run_virtual(scene())
    burst = max(1.0, rate / 60)  # one second's worth, or one call
    for first in range(0, calls, 7):
        for last in range(first, calls, 11):
            window = sent[last] - sent[first]
            assert last - first + 1 <= window * rate / 60 + burst + 1 + 1e-6


def test_the_rate_is_used_and_not_only_kept() -> None:
    async def scene() -> float:
        limiter = Limiter(Limits(start=500, requests_per_minute=3000))
        return max(await serve_all(limiter, 500, seconds=0.01))

    # 500 calls at 50 a second, the first second's worth at once.
    assert run_virtual(scene()) == pytest.approx(9.0, abs=0.1)


def test_tokens_a_minute_pace_the_calls_and_a_huge_call_still_goes() -> None:
    async def scene() -> list[float]:
        limiter = Limiter(Limits(start=50, tokens_per_minute=6000))
        await serve(limiter, 0.0, tokens=12_000)
        return await serve_all(limiter, 2, seconds=0.0, tokens=100)

    first, second = run_virtual(scene())
    assert first == pytest.approx(119.0, abs=0.02)  # 12,000 tokens at 100 a second, less 1 s burst
    assert second == pytest.approx(120.0, abs=0.02)


def test_tokens_that_were_reserved_and_not_used_are_given_back() -> None:
    async def scene() -> float:
        limiter = Limiter(Limits(start=50, tokens_per_minute=6000))
        await serve(limiter, 0.0, tokens=6_000)
        limiter.correct(reserved=6_000, used=50)
        return await serve(limiter, 0.0, tokens=10)

    assert run_virtual(scene()) == pytest.approx(0.0, abs=0.01)


def test_a_cancelled_call_leaves_the_queue_and_its_slot() -> None:
    async def scene() -> None:
        limiter = Limiter(Limits(start=1, ceiling=1))
        await limiter.acquire()
        waiting = [asyncio.create_task(serve(limiter)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        limiter.release()
        waiting[1].cancel()  # has just been given the slot
        assert await waiting[2] == 0
        assert limiter.state().in_flight == 0
        assert not limiter.busy

    run_virtual(scene())


def test_a_lasting_trouble_shows_until_the_next_success() -> None:
    async def scene() -> None:
        limiter = Limiter(Limits())
        limiter.troubled("server_error 503")
        await asyncio.sleep(42)
        limiter.troubled("timeout")
        assert limiter.state().waiting_for == "timeout for 42 s"
        await serve(limiter)
        assert limiter.state().waiting_for == ""

    run_virtual(scene())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), start=st.integers(1, 8))
def test_whatever_happens_every_slot_comes_back(seed: int, start: int) -> None:
    rng = random.Random(seed)

    async def call(limiter: Limiter) -> None:
        await limiter.acquire(rng.randrange(100))
        try:
            state = limiter.state()
            assert state.in_flight <= max(state.limit, most[0])
            most[0] = state.limit
            sent = now()
            await asyncio.sleep(rng.random())
            acts: list[Callable[[], None]] = [
                limiter.succeeded,
                lambda: limiter.throttle(sent, rng.choice([None, 0.5])),
                lambda: limiter.troubled("timeout"),
            ]
            rng.choice(acts)()
        finally:
            limiter.release()

    async def scene() -> None:
        limits = Limits(start, requests_per_minute=3000, tokens_per_minute=60_000)
        limiter = Limiter(limits)
        tasks = []
        for _ in range(40):
            tasks.append(asyncio.create_task(call(limiter)))
            if rng.random() < 0.3:
                rng.choice(tasks).cancel()
            await asyncio.sleep(rng.choice([0, 0, 0.1]))
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(e is None or isinstance(e, asyncio.CancelledError) for e in ends)
        assert not limiter.busy

    most = [10**9]
    run_virtual(scene())


def test_limits_that_mean_nothing_are_refused() -> None:
    for wrong in ({"start": 0}, {"start": 600}, {"requests_per_minute": 0.0}):
        with pytest.raises(ValueError, match="limits"):
            Limits(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="tokens_per_minute"):
        Limits(tokens_per_minute=math.nan)
