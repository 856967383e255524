"""What a process does that is civa's own: a command, a worker, a benchmark."""

from __future__ import annotations

import gc

#: Objects made before the youngest are looked through for cycles; Python's own is 700 or 2,000.
YOUNG = 50_000


def calm_collector() -> None:
    """Have Python look for cycles of dead objects less often.

    A day of a thousand residents makes some hundred thousand objects, hardly any of them in
    cycles, so at its own pace the collector takes a sixth of the day. What was imported so far is
    never looked through again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
