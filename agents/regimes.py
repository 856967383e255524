"""How a factory's output is shared among those who worked there: one entry a regime.

An entry is the sentence that tells residents of it and the function that does it, so a regime is
added here and nowhere else: scenario, world, prompts and test server know it by its name. A base
turns (skill, standing, crew) of those who worked into whole weights, where `crew` numbers the
factory of each; noise and the exact split are the scheduler's. All of them are our assumption.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.decisions import Ints
from agents.registers import Register


@dataclass(frozen=True)
class Regime:
    """One rule of sharing.

    Attributes:
        says: what residents are told of it, one sentence.
        base: skill, standing and crew of those who worked → whole base weights; its docstring is
            the formula that the page on the world shows.
    """

    says: str
    base: Callable[[Ints, Ints, Ints], Ints]


def _equal(skill: Ints, standing: Ints, crew: Ints) -> Ints:
    """1."""
    return np.ones_like(skill)


def _contribution(skill: Ints, standing: Ints, crew: Ints) -> Ints:
    """Skill."""
    return skill


def _rank(skill: Ints, standing: Ints, crew: Ints) -> Ints:
    """100 + standing − the crew's lowest standing."""
    lowest = np.full(int(crew.max()) + 1, np.iinfo(np.int64).max)
    # `minimum.at` sees every worker of a crew; indexed assignment would keep the last one's.
    np.minimum.at(lowest, crew, standing)
    above: Ints = 100 + standing - lowest[crew]
    return above


_SHARED: Final = "What a factory makes is shared"

_OURS: Final = {
    "equal": Regime(
        f"{_SHARED} equally among those who worked there that day, with some chance in it.", _equal
    ),
    "contribution": Regime(
        f"{_SHARED} among those who worked there that day in proportion to their skill, with some "
        "chance in it.",
        _contribution,
    ),
    "rank": Regime(
        f"{_SHARED} among those who worked there that day by standing: whoever stands higher gets "
        "more, with some chance in it.",
        _rank,
    ),
}
#: All regimes by name, those of plug-ins (group `civa.regimes`) after ours.
REGIMES: Final = Register("civa.regimes", Regime, _OURS)
