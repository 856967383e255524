"""What a run has spent and may still spend: reserve before a call, settle after it.

A reservation is the most that a call can use (a token is at least two bytes of prompt, plus the
whole reply allowed), so a cap holds before the bill is known. Where only reservations, not true
usage, fill a cap, a call waits for others to settle rather than stopping the run. A study shares
one `Spending` among its runs: each run's own names it as `shared`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

from agents.llm.errors import BudgetReached
from agents.llm.usage import Prices, Usage


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent; None is no cap.

    Attributes:
        calls: requests answered, repairs and probes included.
        tokens: tokens in and out.
        money: in the currency of the prices.
    """

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None

    def __post_init__(self) -> None:
        for name in ("calls", "tokens", "money"):
            cap = getattr(self, name)
            if cap is not None and not cap >= 0:
                raise ValueError(f"cap on {name} is {cap}; give a number ≥ 0 or leave it out")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A reservation: what one call may use at most."""

    model: str
    tokens: int
    money: float


@dataclass(frozen=True, slots=True)
class SpendingNow:
    """What to show of the accounts.

    Attributes:
        calls: requests answered and paid, those of earlier sessions of the run included.
        usage: their tokens.
        money: what they cost; NaN if a model that was used has no price.
        reserved: calls in flight.
        lost: requests sent whose usage never came back (time-outs, resets, cancellations): they
            may have been billed, and no cap can count them.
    """

    calls: int
    usage: Usage
    money: float
    reserved: int
    lost: int


class Spending:
    """The accounts of a run, or of a study; lives on one event loop.

    Args:
        caps: what may be spent.
        prices: price by model as configured; needed for every model if money is capped.
        past: what earlier sessions spent, by model: `Journal.spent()`.
        shared: the study's accounts, which must also have room.
        name: whose accounts these are, for messages.

    Raises:
        BudgetReached: from `reserve` alone; making the accounts never fails on a full budget.
    """

    def __init__(
        self,
        caps: Caps | None = None,
        prices: Mapping[str, Prices] | None = None,
        past: Mapping[str, tuple[int, Usage]] | None = None,
        shared: Spending | None = None,
        name: str = "run",
    ) -> None:
        self._caps = caps or Caps()
        self._prices = dict(prices or {})
        self._shared = shared
        self._name = name
        self._calls = self._lost = self._open = self._open_tokens = 0
        self._usage = Usage()
        self._money = self._open_money = 0.0
        self._settled: list[asyncio.Future[None]] = []
        for model, (calls, usage) in (past or {}).items():
            self.carry(model, calls, usage)

    def carry(self, model: str, calls: int, usage: Usage) -> None:
        """Add what was spent before, here and in the shared accounts."""
        self._calls += calls
        self._usage += usage
        self._money += self._cost(model, usage)
        if self._shared is not None:
            self._shared.carry(model, calls, usage)

    async def reserve(self, model: str, prompt_bytes: int, max_reply_tokens: int) -> Ticket:
        """Set aside the most that a call can use; waits while others might leave room for it.

        Args:
            model: as configured.
            prompt_bytes: length of prompt and schema, as `usage.weight` counts it.
            max_reply_tokens: the longest reply.

        Raises:
            BudgetReached: if there is no room however little the calls in flight use.
        """
        # A few hundred bytes more stand for the roles and the frame that a chat template adds.
        tokens_in = -(-(prompt_bytes + 400) // 2)
        prices = self._prices.get(model)
        money = prices.ceiling(tokens_in, max_reply_tokens) if prices else math.nan
        ticket = Ticket(model, tokens_in + max_reply_tokens, money)
        accounts = (self,) if self._shared is None else (self, self._shared)
        while True:
            for account in accounts:
                account._refuse_if_full(ticket)
            full = [account for account in accounts if not account._fits(ticket)]
            if not full:
                break
            turn = asyncio.get_running_loop().create_future()
            full[0]._settled.append(turn)
            await turn
        for account in accounts:
            account._open += 1
            account._open_tokens += ticket.tokens
            account._open_money += ticket.money
        return ticket

    def settle(self, ticket: Ticket, usage: Usage) -> None:
        """Replace a reservation by what the call used."""
        self._end(ticket)
        self._calls += 1
        self._usage += usage
        self._money += self._cost(ticket.model, usage)
        if self._shared is not None:
            self._shared.settle(ticket, usage)

    def forget(self, ticket: Ticket, *, sent: bool) -> None:
        """Drop a reservation whose usage never came back; `sent` if it may have been billed."""
        self._end(ticket)
        self._lost += sent
        if self._shared is not None:
            self._shared.forget(ticket, sent=sent)

    def snapshot(self) -> SpendingNow:
        """What to show now."""
        return SpendingNow(self._calls, self._usage, self._money, self._open, self._lost)

    def _end(self, ticket: Ticket) -> None:
        self._open -= 1
        self._open_tokens -= ticket.tokens
        # Sums of floats drift; an empty desk has nothing reserved.
        self._open_money = self._open_money - ticket.money if self._open else 0.0
        waiting, self._settled = self._settled, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)

    def _cost(self, model: str, usage: Usage) -> float:
        if model in self._prices:
            return self._prices[model].cost(usage)
        return math.nan if usage.tokens else 0.0

    def _fits(self, ticket: Ticket) -> bool:
        caps = self._caps
        return (
            (caps.calls is None or self._calls + self._open + 1 <= caps.calls)
            and (
                caps.tokens is None
                or self._usage.tokens + self._open_tokens + ticket.tokens <= caps.tokens
            )
            and (caps.money is None or self._money + self._open_money + ticket.money <= caps.money)
        )

    def _refuse_if_full(self, ticket: Ticket) -> None:
        caps, name = self._caps, self._name
        if caps.calls is not None and self._calls + 1 > caps.calls:
            raise BudgetReached(
                "calls", f"the cap of {caps.calls} calls for this {name} is reached. {_RAISE}"
            )
        if caps.tokens is not None and self._usage.tokens + ticket.tokens > caps.tokens:
            raise BudgetReached(
                "tokens",
                f"{self._usage.tokens} of {caps.tokens} tokens for this {name} are used and the "
                f"next call may use {ticket.tokens}. {_RAISE}",
            )
        if caps.money is None:
            return
        if math.isnan(self._money + ticket.money):
            raise BudgetReached(
                "money",
                f"money is capped at {caps.money:g}, but model {ticket.model!r} (or one used "
                "before) has no price. Give its prices per million tokens, or cap tokens.",
            )
        if self._money + ticket.money > caps.money:
            raise BudgetReached(
                "money",
                f"{self._money:.4f} of {caps.money:g} for this {name} is spent and the next call "
                f"may cost {ticket.money:.4f}. {_RAISE}",
            )


_RAISE = "Raise the cap and run again: what was answered is not paid twice."
