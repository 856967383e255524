"""How many calls may be in flight at one endpoint, and how many may start a minute.

The number in flight is found by AIMD, TCP's rule (Chiu & Jain 1989): it grows while it is used
and no 429 came, and is multiplied by 0.8 once per episode of 429s. Until the first 429 it grows by
one for every reply (it doubles in a round), after it by one a round. All communities of a process
share the limiter of their endpoint. It lives on one event loop and needs no lock.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint is known to stand; operational, never part of a run's identity.

    Attributes:
        start: calls in flight at the beginning.
        ceiling: the most that AIMD may reach.
        requests_per_minute: calls started a minute, or None.
        tokens_per_minute: tokens (in and out, as estimated before the call) a minute, or None.
        cool_down: seconds without growth after a 429.
    """

    start: int = 20
    ceiling: int = 512
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    cool_down: float = 5.0

    def __post_init__(self) -> None:
        if not 1 <= self.start <= self.ceiling:
            raise ValueError(f"limits: need 1 ≤ start ≤ ceiling, got {self.start}, {self.ceiling}")
        for name in ("requests_per_minute", "tokens_per_minute"):
            rate = getattr(self, name)
            if rate is not None and not rate > 0:
                raise ValueError(f"limits: {name} is {rate}; give a number > 0 or leave it out")


@dataclass(frozen=True, slots=True)
class LimiterState:
    """What to show of a limiter.

    Attributes:
        in_flight: calls sent and not answered.
        limit: calls that may be in flight now.
        waiting: calls that wait for their turn.
        throttled: 429s so far.
        waiting_for: what the next call waits for, in words; empty if nothing waits.
    """

    in_flight: int
    limit: int
    waiting: int
    throttled: int
    waiting_for: str


class Limiter:
    """Admission to one endpoint: first come, first served."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._limit = float(limits.start)
        self._in_flight = 0
        self._throttled = 0
        self._last_cut = -math.inf
        self._not_before = -math.inf
        self._trouble: tuple[str, float] | None = None
        self._queue: deque[tuple[asyncio.Future[None], int]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._requests = _Pace(limits.requests_per_minute)
        self._tokens = _Pace(limits.tokens_per_minute)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.last_success = -math.inf

    @property
    def busy(self) -> bool:
        """Whether calls are in flight or wait."""
        return bool(self._in_flight or self._queue)

    async def acquire(self, tokens: int = 0) -> None:
        """Wait for a slot in flight and for the rates; `release` must follow."""
        now = self._now()
        if not self._queue and self._hindrance(now) is None:
            self._admit(now, tokens)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (turn, tokens)
        self._queue.append(entry)
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            else:
                self._queue.remove(entry)
                self._pump()
            raise

    def release(self) -> None:
        """Give the slot back, whatever became of the call."""
        self._in_flight -= 1
        self._pump()

    def succeeded(self) -> None:
        """A reply came (before its slot is released): grow if the slots are used."""
        now = self._now()
        self.last_success = now
        self._trouble = None
        used = self._in_flight >= 0.8 * math.floor(self._limit)
        if used and now >= self._last_cut + self._limits.cool_down:
            step = 1.0 if self._last_cut == -math.inf else 1.0 / self._limit
            self._limit = min(self._limit + step, float(self._limits.ceiling))

    def throttle(self, sent_at: float, retry_after: float | None) -> None:
        """A 429 came for a call sent at this loop time: cut once per episode, keep quiet."""
        now = self._now()
        self._throttled += 1
        if sent_at >= self._last_cut:
            self._limit = max(1.0, self._limit * 0.8)
            self._last_cut = now
        if retry_after is not None:
            self._not_before = max(self._not_before, now + retry_after)

    def troubled(self, what: str) -> None:
        """An attempt failed: remember what to show until the next success."""
        since = self._trouble[1] if self._trouble else self._now()
        self._trouble = (what, since)

    def correct(self, reserved: int, used: int) -> None:
        """Replace a call's estimated tokens by those it really used, for the rate."""
        self._tokens.charge(self._now(), used - reserved)

    def state(self) -> LimiterState:
        """A snapshot, from any thread."""
        if self._loop is None:
            return LimiterState(0, int(self._limit), 0, 0, "")
        now = self._loop.time()
        reason = self._hindrance(now) if self._queue else None
        text = "" if reason is None else reason[0]
        if self._trouble:
            what, since = self._trouble
            text = f"{what} for {now - since:.0f} s" + (f"; {text}" if text else "")
        return LimiterState(
            self._in_flight, int(self._limit), len(self._queue), self._throttled, text
        )

    def _now(self) -> float:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    def _hindrance(self, now: float) -> tuple[str, float] | None:
        """Why no call may start now and for how long (infinite: until one ends)."""
        if self._in_flight >= math.floor(self._limit):
            return f"a free slot ({self._in_flight} calls in flight)", math.inf
        if (wait := self._not_before - now) > 0:
            return f"the endpoint asked to wait {wait:.0f} s", wait
        if (wait := self._requests.wait(now)) > 0:
            return f"the limit of requests a minute, {wait:.1f} s", wait
        if (wait := self._tokens.wait(now)) > 0:
            return f"the limit of tokens a minute, {wait:.1f} s", wait
        return None

    def _admit(self, now: float, tokens: int) -> None:
        self._in_flight += 1
        self._requests.charge(now, 1)
        self._tokens.charge(now, tokens)

    def _pump(self) -> None:
        """Let in whoever may; if only time stands in the way, come back when it has passed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue:
            now = self._now()
            hindrance = self._hindrance(now)
            if hindrance is not None:
                if math.isfinite(hindrance[1]):
                    loop = asyncio.get_running_loop()
                    self._timer = loop.call_later(hindrance[1], self._pump)
                return
            turn, tokens = self._queue.popleft()
            if not turn.done():
                self._admit(now, tokens)
                turn.set_result(None)


class _Pace:
    """So much a minute, evenly, with one second's worth at once; a large charge delays the next.

    The virtual-scheduling form of the leaky bucket (ITU-T I.371): `_clear` is when all that was
    charged will have been worked off.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._second = 0.0 if per_minute is None else 60.0 / per_minute
        self._burst = max(1.0 - self._second, 0.0)
        self._clear = -math.inf

    def wait(self, now: float) -> float:
        return self._clear - self._burst - now if self._second else 0.0

    def charge(self, now: float, amount: float) -> None:
        if self._second:
            self._clear = max(self._clear, now) + amount * self._second
