"""Faults are not missing at random: what each arm failed to answer, and whether it matters.

A mind told to be cruel may refuse more often, and a refusal ends a resident's day. So every effect
table carries each arm's fault and refusal rate; arms that differ by more than one percentage point
make the contrast `fault-confounded`; and the effect is recomputed with the fault days replayed (as
a random mind, and repeating yesterday): if a replay changes its sign, it is `not robust`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.measures.intervals import Interval
from model.measures.rates import Counts, dispersion, rate_interval

MAX_DIFFERENCE: Final = 0.01
CONFOUNDED: Final = "fault-confounded"
NOT_ROBUST: Final = "not robust"


@dataclass(frozen=True, slots=True)
class ArmFaults:
    """Fault and refusal rates of one arm.

    Attributes:
        arm: its name.
        faults: final verdicts "fault" / verdicts.
        refusals: faults that were refusals / verdicts.
    """

    arm: str
    faults: Interval
    refusals: Interval


@dataclass(frozen=True, slots=True)
class Robustness:
    """An effect beside its replays.

    Attributes:
        effect: as measured.
        replays: the effect with fault days replayed, by replay.
        flags: `not robust`, or which replay is undefined.
    """

    effect: float
    replays: dict[str, float]
    flags: tuple[str, ...]


def faults_of_arms(arms: Mapping[str, tuple[Counts, Counts, Counts]]) -> dict[str, ArmFaults]:
    """Rates of all arms of a study with intervals over runs.

    Args:
        arms: name -> int[runs] each: verdicts "fault", refusals among them, all final verdicts.

    Returns:
        Both rates by arm. Their dispersion is pooled over these arms, treated or not: a mind that
        fails does so in spells in every one.

    Raises:
        ValueError: if refusals exceed faults or faults exceed verdicts.
    """
    for arm, (faults, refusals, _) in arms.items():
        if (np.asarray(refusals) > np.asarray(faults)).any():
            raise ValueError(
                f"arm {arm!r}: more refusals than faults in a run; a refusal is a fault"
            )
    every = [True] * len(arms)
    failed = [(faults, verdicts) for faults, _, verdicts in arms.values()]
    refused = [(refusals, verdicts) for _, refusals, verdicts in arms.values()]
    one, other = dispersion(failed, every), dispersion(refused, every)
    return {
        arm: ArmFaults(arm, rate_interval(*a, one), rate_interval(*b, other))
        for arm, a, b in zip(arms, failed, refused, strict=True)
    }


def confounding(a: ArmFaults, b: ArmFaults) -> tuple[str, ...]:
    """The flags of a contrast between two arms.

    Args:
        a: one arm.
        b: the other.

    Returns:
        `fault-confounded` if fault or refusal rates differ by more than one percentage point;
        "fault rate unknown" if an arm has no verdict.
    """
    gaps = np.abs(
        [a.faults.estimate - b.faults.estimate, a.refusals.estimate - b.refusals.estimate]
    )
    if np.isnan(gaps).any():
        return ("fault rate unknown",)
    # 3 % against 2 % is one point, whatever the last bit of the subtraction says.
    return (CONFOUNDED,) if (gaps > MAX_DIFFERENCE + 1e-12).any() else ()


def robustness(effect: float, replays: Mapping[str, float]) -> Robustness:
    """Whether an effect keeps its sign when fault days are replayed.

    Args:
        effect: as measured.
        replays: replay ("random", "repeat yesterday") -> the effect recomputed under it.

    Returns:
        The effect with its flags; no sign (0) in a replay of a signed effect is another sign.

    Raises:
        ValueError: without replays.
    """
    if not replays:
        raise ValueError(
            "no replay given: replay the fault days as 'random' and 'repeat yesterday'"
        )
    undefined = [name for name, value in replays.items() if np.isnan(value)]
    flags = tuple(f"undefined under replay {name!r}" for name in undefined)
    signs = {float(np.sign(v)) for v in replays.values() if not np.isnan(v)}
    if not np.isnan(effect) and signs - {float(np.sign(effect))}:
        flags = (NOT_ROBUST, *flags)
    return Robustness(effect, dict(replays), flags)
