"""Settings of the garbage collector for a process that lives one community after another."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Objects made before the youngest are looked through for cycles; Python's own is 700 or 2,000.
YOUNG = 50_000


@contextmanager
def calm_collector() -> Iterator[None]:
    """Have Python look for cycles of dead objects less often, for as long as the `with` lasts.

    A day of a thousand residents makes some hundred thousand objects, hardly any of them in
    cycles, so at its own pace the collector takes a sixth of the day. What was there before is
    not looked through meanwhile. Not for a process that makes and drops communities for hours
    while nobody counts, as a dashboard does.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
