"""The rules of a run that its labels depend on: thresholds, horizons, what was possible at all.

A detector holds no number that a scenario can change; it is handed these. Whoever has a scenario
fills them (`model.analysis.label_rules`), a saved run from the scenario on its card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agents.errors import InputError

#: Every kind of message that there is.
KINDS: Final = (
    *("inform", "ask", "offer", "accept", "refuse", "ally", "praise", "threaten", "demand"),
)


@dataclass(frozen=True)
class Rules:
    """What held in one run; the defaults are those of the baseline.

    Attributes:
        kinds: message kinds that could be used; labels that need others are undefined.
        gifts: whether residents could give.
        attacks: whether residents could attack.
        merges: whether households could merge.
        promote_step: the least that can be spent on promotion, units.
        enough: units from which a resident is not in want: two days of food, rounded up.
        promise_days: days within which a promise is due.
        walk: cells a resident can walk to work in a day.
        sight: cells from which a factory is known at a glance.
        outputs: greatest output by factory, to tell errors in `makes` claims; None leaves those
            out of `error`.
        places: cell by factory, to tell who was able to work; None reads them off the log, where
            whoever worked at a factory stands the next morning.
    """

    kinds: tuple[str, ...] = KINDS
    gifts: bool = True
    attacks: bool = True
    merges: bool = True
    promote_step: int = 10
    enough: int = 20
    promise_days: int = 10
    walk: int = 4
    sight: int = 2
    outputs: Mapping[int, float] | None = None
    places: Mapping[int, tuple[int, int]] | None = None

    def __post_init__(self) -> None:
        """Refuse kinds that do not exist.

        Raises:
            InputError: naming them.
        """
        if unknown := sorted(set(self.kinds) - set(KINDS)):
            raise InputError(f"kinds: {', '.join(unknown)} is none of {', '.join(KINDS)}")
