"""What the language communities of a page will use, counted in the background before they spend.

The surrogate lives the community in a thread of this module (`model.run.estimate`); no endpoint is
contacted. Each answer is kept by what it was counted for. A page asks for two of them, that of its
living community and that of the next one; when another is asked for in the place of one that is
being counted, the old count is given up at its next day.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Final, Literal

from agents.errors import CivaError
from agents.observation import FUSED, STAGED
from model.run.estimate import Estimate, estimate_one
from model.views.living_community import Choice
from model.views.trouble import thread

Place = Literal["living", "next"]

#: Answers kept; the oldest is let go.
KEPT: Final = 32
#: The calls that a community is allowed by default, as a multiple of those expected of it.
ROOM: Final = 1.25
#: The same, of what its first residents would make on all days, while nothing is counted yet.
ROOM_UNCOUNTED: Final = 2


class _GivenUp(Exception):
    """Another community is to be counted in the place of this one."""


class Estimates:
    """The estimates of one page.

    Args:
        tell: called, from any thread, whenever there is another answer.
        failed: called, from the thread that counts, with what ended it.
    """

    def __init__(self, tell: Callable[[], None], failed: Callable[[BaseException], object]) -> None:
        self._tell, self._failed = tell, failed
        self._lock = threading.Lock()
        self._answers: dict[str, Estimate | str] = {}
        self._wanted: dict[Place, Choice] = {}
        self._working = False

    def of(self, choice: Choice, place: Place) -> Estimate | str | None:
        """What a language community will use; None while it is being counted.

        Args:
            choice: the community.
            place: whose it is; another choice for the same place takes its turn.

        Returns:
            A text says why it cannot be counted.
        """
        with self._lock:
            answer = self._answers.get(_key(choice))
            if answer is not None:
                self._wanted.pop(place, None)
                return answer
            self._wanted[place] = choice
            if self._working:
                return None
            self._working = True
        thread(self._work, self._failed, name="civa estimates")
        return None

    def known(self, choice: Choice) -> Estimate | None:
        """The estimate of a community, if it was counted."""
        with self._lock:
            answer = self._answers.get(_key(choice))
        return answer if isinstance(answer, Estimate) else None

    def close(self) -> None:
        """Count nothing more."""
        with self._lock:
            self._wanted.clear()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._working = False
                    return
                place, choice = next(iter(self._wanted.items()))
            key = _key(choice)
            try:
                answer: Estimate | str = self._count(place, choice, key)
            except _GivenUp:
                continue
            except CivaError as error:
                answer = f"no estimate: {error}"
            except Exception as error:  # whatever it is, the page says it and goes on
                answer = f"no estimate: {type(error).__name__}: {error}"
            with self._lock:
                self._answers[key] = answer
                while len(self._answers) > KEPT:
                    del self._answers[next(iter(self._answers))]
                for one in [p for p, c in self._wanted.items() if _key(c) == key]:
                    del self._wanted[one]
            self._tell()

    def _count(self, place: Place, choice: Choice, key: str) -> Estimate:
        def still_wanted() -> None:
            with self._lock:
                wanted = self._wanted.get(place)
            if wanted is None or _key(wanted) != key:
                raise _GivenUp

        return estimate_one(choice.scenario, choice.settings, choice.seed, on_day=still_wanted)


def calls_by_default(choice: Choice, found: Estimate | None) -> int:
    """The cap on calls that a language community gets where nobody gave one.

    A quarter more than are expected, rounded up to two digits: room for replies that are asked for
    again, and for a community that grows somewhat larger than the surrogate's.

    Args:
        choice: the community.
        found: its estimate; without one its first residents are taken to live all days, twice over.
    """
    if found is not None:
        expected = ROOM * found.calls
    else:
        stages = FUSED if choice.scenario.cognition == "fused" else STAGED
        expected = ROOM_UNCOUNTED * choice.scenario.residents * choice.scenario.days * len(stages)
    unit: int = 10 ** max(0, len(str(math.ceil(expected))) - 2)
    return max(1, math.ceil(expected / unit) * unit)


def _key(choice: Choice) -> str:
    """What an estimate depends on: the community, its seed, and the prices."""
    prices = choice.settings.price_input, choice.settings.price_output
    return f"{choice.seed} {prices} {choice.scenario.model_dump_json()}"
