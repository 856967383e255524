"""No cap is passed, no room is wasted, and nothing is charged twice."""

from __future__ import annotations

import asyncio
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.llm.errors import BudgetReached
from agents.llm.spending import Caps, Spending
from agents.llm.usage import Prices, Usage, estimated_usage, stated_usage, weight
from tests.language.virtual_time import run_virtual

PRICES = {"m": Prices(input=1.0, output=4.0, cached=0.1, written=1.25)}


def test_a_bill_counts_each_kind_of_token_at_its_price() -> None:
    usage = Usage(input=1_000_000, cached=600_000, written=100_000, output=500_000)
    # 0.3 M plain at 1, 0.6 M cached at 0.1, 0.1 M written at 1.25, 0.5 M out at 4
    assert PRICES["m"].cost(usage) == pytest.approx(0.3 + 0.06 + 0.125 + 2.0)


def test_the_ceiling_of_a_call_is_never_below_its_bill() -> None:
    assert PRICES["m"].ceiling(100, 10) >= PRICES["m"].cost(Usage(100, 0, 100, 10))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    cap=st.integers(0, 40_000),
    calls=st.integers(1, 60),
)
def test_a_cap_on_tokens_is_never_passed_while_calls_stay_within_their_reservation(
    seed: int, cap: int, calls: int
) -> None:
    rng = random.Random(seed)
    spending = Spending(Caps(tokens=cap))

    async def call() -> None:
        size = rng.randrange(100, 4000)
        ticket = await spending.reserve("m", size, 200)
        await asyncio.sleep(rng.random())
        # A token is two bytes at least; a settled call uses at most what was set aside.
        spending.settle(
            ticket, Usage(input=rng.randrange(size // 2 + 1), output=rng.randrange(201))
        )
        assert spending.snapshot().usage.tokens <= cap

    async def scene() -> list[object]:
        return await asyncio.gather(*(call() for _ in range(calls)), return_exceptions=True)

    ends = run_virtual(scene())
    assert all(end is None or isinstance(end, BudgetReached) for end in ends)
    assert spending.snapshot().reserved == 0
    assert spending.snapshot().calls == sum(end is None for end in ends)


def test_a_call_waits_where_only_reservations_fill_the_cap() -> None:
    async def scene() -> int:
        # Each call reserves 700 tokens and uses 50: 20 calls fit, two at a time.
        spending = Spending(Caps(tokens=1_700))

        async def call() -> None:
            ticket = await spending.reserve("m", 600, 200)
            await asyncio.sleep(1)
            spending.settle(ticket, Usage(input=40, output=10))

        await asyncio.gather(*(call() for _ in range(20)))
        return spending.snapshot().usage.tokens

    assert run_virtual(scene()) == 1_000


def test_a_cap_on_calls_lets_exactly_so_many_through() -> None:
    async def scene() -> int:
        spending = Spending(Caps(calls=7))

        async def call() -> None:
            ticket = await spending.reserve("m", 100, 10)
            await asyncio.sleep(1)
            spending.settle(ticket, Usage(10, output=1))

        ends = await asyncio.gather(*(call() for _ in range(20)), return_exceptions=True)
        assert sum(isinstance(end, BudgetReached) for end in ends) == 13
        return spending.snapshot().calls

    assert run_virtual(scene()) == 7


def test_a_cap_on_money_holds_and_says_what_is_left() -> None:
    async def scene() -> None:
        spending = Spending(Caps(money=0.01), PRICES)
        ticket = await spending.reserve("m", 1000, 1000)
        spending.settle(ticket, Usage(input=500, output=2000))
        assert spending.snapshot().money == pytest.approx(0.0085)
        with pytest.raises(BudgetReached, match=r"0\.0085 of 0\.01"):
            await spending.reserve("m", 1000, 1000)

    run_virtual(scene())


def test_money_cannot_be_capped_for_a_model_without_a_price() -> None:
    async def scene() -> None:
        with pytest.raises(BudgetReached, match="has no price"):
            await Spending(Caps(money=1.0), PRICES).reserve("other", 100, 10)

    run_virtual(scene())


def test_what_a_model_without_a_price_cost_is_unknown_and_not_nothing() -> None:
    async def scene() -> None:
        spending = Spending()
        spending.settle(await spending.reserve("m", 100, 10), Usage(10, output=1))
        assert math.isnan(spending.snapshot().money)

    run_virtual(scene())


def test_a_study_shares_its_cap_among_its_runs() -> None:
    async def scene() -> None:
        study = Spending(Caps(calls=3), name="study")
        runs = [Spending(Caps(calls=2), shared=study) for _ in range(2)]
        for run in (runs[0], runs[0], runs[1]):
            run.settle(await run.reserve("m", 100, 10), Usage(10, output=1))
        with pytest.raises(BudgetReached, match="run"):
            await runs[0].reserve("m", 100, 10)
        with pytest.raises(BudgetReached, match="study"):
            await runs[1].reserve("m", 100, 10)
        assert study.snapshot().calls == 3

    run_virtual(scene())


def test_a_resumed_run_counts_what_it_spent_before() -> None:
    async def scene() -> None:
        past = {"m": (5, Usage(input=900, output=50))}
        spending = Spending(Caps(tokens=1_000), past=past)
        assert spending.snapshot().usage.tokens == 950
        with pytest.raises(BudgetReached, match="950 of 1000"):
            await spending.reserve("m", 100, 10)

    run_virtual(scene())


def test_a_request_that_never_came_back_is_counted_and_frees_its_room() -> None:
    async def scene() -> None:
        spending = Spending(Caps(tokens=400))
        for _ in range(3):
            spending.forget(await spending.reserve("m", 100, 100), sent=True)
        spending.forget(await spending.reserve("m", 100, 100), sent=False)
        shown = spending.snapshot()
        assert (shown.calls, shown.reserved, shown.lost) == (0, 0, 3)

    run_virtual(scene())


def test_a_cancelled_wait_for_room_leaves_nothing_behind() -> None:
    async def scene() -> None:
        spending = Spending(Caps(tokens=800))
        first = await spending.reserve("m", 600, 200)
        waiting = asyncio.create_task(spending.reserve("m", 600, 200))
        await asyncio.sleep(0)
        waiting.cancel()
        spending.settle(first, Usage(10, output=1))
        await asyncio.sleep(0)
        assert spending.snapshot().reserved == 0

    run_virtual(scene())


@pytest.mark.parametrize(
    "statement",
    [
        None,
        {},
        {"input_tokens": -5, "output_tokens": 3},
        {"input_tokens": "many", "output_tokens": 3},
        {"input_tokens": 10.5, "output_tokens": 3},
        {"input_tokens": 0, "output_tokens": 0},
        {"input_tokens": 10, "output_tokens": 3, "input_token_details": {"cache_read": 11}},
        {"input_tokens": 10, "output_tokens": 3, "output_token_details": {"reasoning": 4}},
    ],
)
def test_a_statement_that_cannot_be_true_is_no_statement(statement: dict[str, object]) -> None:
    assert stated_usage(statement) is None


def test_a_statement_is_read_with_its_details() -> None:
    statement = {
        "input_tokens": 100,
        "output_tokens": 30,
        "input_token_details": {"cache_read": 60, "cache_creation": 10},
        "output_token_details": {"reasoning": 20},
    }
    usage = stated_usage(statement)
    assert usage == Usage(100, 60, 10, 30, 20)
    assert usage.cached_share == pytest.approx(0.6)


def test_an_estimate_says_that_it_is_one() -> None:
    assert estimated_usage(401, 9) == Usage(input=101, output=3, estimated=True)
    assert (Usage(1) + estimated_usage(4, 4)).estimated


@given(st.sampled_from(["input", "output", "cached"]), st.sampled_from([-1.0, math.nan, math.inf]))
def test_a_price_that_is_none_is_refused(name: str, price: float) -> None:
    with pytest.raises(ValueError, match=name):
        Prices(**{"input": 1.0, "output": 1.0, name: price})


def test_a_reservation_holds_for_letters_of_which_every_byte_is_a_token() -> None:
    hieroglyphs = "\U00013000" * 280
    assert weight(hieroglyphs) // 2 == len(hieroglyphs.encode())
    assert weight("plain") == 5
    assert weight("naïve") == 4 + 2 * 2
