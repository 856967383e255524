"""Faults of the page itself: kept for a session until they are dismissed, and logged.

A fault in a handler, an effect or a thread must neither end the page nor vanish in a log: it is
added to the session's `PageTrouble`, which a banner shows (`model.views.error_boundary`). This is
also the only module of the screens that starts a thread; `thread` hands on what its work raises.
"""

from __future__ import annotations

import itertools
import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import solara

from agents.errors import CivaError

#: Different faults kept at most; the oldest are let go, their number is not.
MOST: Final = 8
#: Characters of a fault's line, and of its trace, at most.
LONGEST: Final = 300
LONGEST_TRACE: Final = 20_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PageFault:
    """One fault of the page, and how often it came.

    Attributes:
        where: the panel, or what was being done.
        line: what it was, as one line.
        details: the whole trace.
        count: how often the same came since it was last dismissed.
    """

    where: str
    line: str
    details: str
    count: int = 1


class PageTrouble:
    """The faults of one session; may be added to from any thread.

    Attributes:
        changed: counts up with every change; what shows faults subscribes to it.
    """

    def __init__(self) -> None:
        self.changed = solara.reactive(0)
        self._ticks = itertools.count(1)
        self._lock = threading.Lock()
        self._faults: dict[tuple[str, str], PageFault] = {}
        self._dropped = 0

    @property
    def faults(self) -> tuple[PageFault, ...]:
        """The different faults, the newest last."""
        with self._lock:
            return tuple(self._faults.values())

    @property
    def total(self) -> int:
        """How many came, repetitions included."""
        with self._lock:
            return self._dropped + sum(one.count for one in self._faults.values())

    def add(self, where: str, error: BaseException) -> None:
        """Keep a fault and tell whoever shows it; raises nothing, whatever happens."""
        _log.error("%s: %s", where, in_one_line(error), exc_info=error)
        fault = PageFault(where, in_one_line(error), trace_of(error))
        with self._lock:
            before = self._faults.pop((where, fault.line), None)
            count = 1 if before is None else before.count + 1
            self._faults[where, fault.line] = replace(fault, count=count)
            while len(self._faults) > MOST:
                self._dropped += self._faults.pop(next(iter(self._faults))).count
        self._tell()

    def dismiss(self) -> None:
        """Forget all faults so far."""
        with self._lock:
            self._faults.clear()
            self._dropped = 0
        self._tell()

    def guarded(self, where: str, act: Callable[..., object]) -> Callable[..., None]:
        """A function that does the same and raises nothing: its faults are added."""

        def guard(*given: Any) -> None:
            try:
                act(*given)
            except Exception as error:
                self.add(where, error)

        return guard

    def _tell(self) -> None:
        # Telling draws the page, in this thread; a fault of the drawing itself would come back
        # here for ever if it were added in its turn.
        try:
            self.changed.value = next(self._ticks)
        except Exception:
            _log.exception("the banner could not be drawn")


def thread(
    work: Callable[[], object], failed: Callable[[BaseException], object], name: str = "civa"
) -> None:
    """Do something in a background thread of its own; returns at once.

    Args:
        work: what to do.
        failed: called in that thread with whatever `work` raised, `SystemExit` included: a thread
            that ends on that one says nothing to anybody.
        name: of the thread, for those who look at the process.

    Raises:
        RuntimeError: the system gives no more threads.
    """

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed(error)

    threading.Thread(target=run, name=name, daemon=True).start()


def in_one_line(error: BaseException) -> str:
    """What an exception says, as one line of bounded length; what civa raises needs no type.

    An exception from elsewhere can raise when it is asked for its text: then its type has to do.
    """
    name = type(error).__name__
    try:
        said = " ".join(str(error)[: 10 * LONGEST].split())
    except Exception:
        said = "(it cannot say what it is)"
    line = said if isinstance(error, CivaError) else f"{name}: {said}" if said else name
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def trace_of(error: BaseException) -> str:
    """The traceback of an exception; its end where it is very long."""
    try:
        whole = "".join(traceback.format_exception(error))
    except Exception:
        whole = "".join(traceback.format_tb(error.__traceback__)) + in_one_line(error)
    return whole if len(whole) <= LONGEST_TRACE else "…" + whole[-LONGEST_TRACE:]
