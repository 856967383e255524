"""How long to go on after a failure that may pass: bounded attempts and bounded time.

A call gives up when it was tried too often, when it has been failing for too long, or when the
whole endpoint has answered nobody for `patience` seconds. Before each new try it waits with
exponential back-off and equal jitter (half fixed, half drawn), without holding a slot.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again and when to stop.

    Attributes:
        attempts: the most tries of one request.
        patience: seconds without any success at the endpoint after which a call gives up.
        seconds: seconds after a call's first failure at which it gives up, whoever else succeeds.
        hello: the patience with an address that cannot be reached and never answered yet: rather
            a wrong address than an outage.
        base: the first back-off, seconds.
        cap: the longest back-off, seconds.
    """

    attempts: int = 40
    patience: float = 600.0
    seconds: float = 1800.0
    hello: float = 20.0
    base: float = 0.5
    cap: float = 30.0

    def __post_init__(self) -> None:
        times = (self.patience, self.seconds, self.hello, self.base, self.cap)
        if self.attempts < 1 or min(times) <= 0:
            raise ValueError("retry policy: attempts ≥ 1 and all times > 0 are needed")

    def pause(
        self,
        *,
        tries: int,
        now: float,
        first_failure: float,
        last_success: float,
        retry_after: float | None,
        unreachable: bool,
        rng: random.Random,
    ) -> float | None:
        """Seconds to wait before the next try, or None to give up.

        Args:
            tries: tries made so far, at least one, all failed.
            now: loop time.
            first_failure: loop time of this call's first failure.
            last_success: loop time of the endpoint's last success (−∞: never).
            retry_after: what the endpoint asked for, seconds, or None.
            unreachable: whether the address could not even be reached.
            rng: source of the jitter; it decides nothing that is recorded as a result.
        """
        if tries >= self.attempts:
            return None
        silent = now - max(first_failure, last_success)
        never = unreachable and last_success == -math.inf
        patience = self.hello if never else self.patience
        left = min(patience - silent, self.seconds - (now - first_failure))
        delay = min(self.cap, self.base * 2.0 ** min(tries - 1, 30))
        delay *= 0.5 + 0.5 * rng.random()
        if retry_after is not None:
            delay += retry_after
        # Waiting past the end of one's patience only puts off saying so.
        return delay if delay < left else None
