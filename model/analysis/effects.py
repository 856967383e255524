"""Each cell of a study against its control, by the rules of `model.measures.arm_effect`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.analysis.arms import Arm, series_name
from model.measures.arm_effect import ArmEffect, ArmRuns, arm_effect
from model.measures.families import Family, Hypothesis, exploratory_families
from model.measures.pairing import Pairing
from model.measures.verdicts import Verdict

Compared = Mapping[str, tuple[Arm, ArmEffect]]
"""Cell -> its arm, and how it compares."""


@dataclass(frozen=True)
class Effect:
    """One cell against its control.

    Attributes:
        cell: label.
        against: label of the control.
        outcome: compared.
        found: difference, effect size and test.
        decision: the test within its family.
        verdict: what interval and corrected test say together.
    """

    cell: str
    against: str
    outcome: str
    found: ArmEffect
    decision: Hypothesis
    verdict: Verdict


def comparisons(
    pairing: Pairing, arms: tuple[Arm, ...], outcome: str, refusals: Mapping[str, int]
) -> Compared:
    """Every cell that has a control, compared with it."""
    by_label = {arm.label: arm for arm in arms}
    found = {}
    for arm in arms:
        control = by_label.get(arm.against)
        if control is None or arm.control:
            continue
        one, other = (runs_of(each, each.values(outcome), refusals) for each in (arm, control))
        found[arm.label] = (arm, arm_effect(one, other, outcome, pairing))
    return found


def runs_of(arm: Arm, values: Mapping[int, float], refusals: Mapping[str, int]) -> ArmRuns:
    """An arm's runs as they are compared.

    Args:
        arm: whose.
        values: seed -> outcome.
        refusals: run's key -> faults that were refusals; those not named had none.
    """
    faults, verdicts = (
        np.array([row.flows[name] for row in arm.rows], dtype=np.int64)
        for name in ("faults", "verdicts")
    )
    return ArmRuns(
        label=arm.label,
        values=values,
        fell=arm.fell,
        faults=faults,
        refusals=np.array([refusals.get(row.key, 0) for row in arm.rows], dtype=np.int64),
        verdicts=verdicts,
        failed=arm.failed,
    )


def effects_of(
    outcome: str, compared: Compared, primary: Family | None
) -> tuple[tuple[Effect, ...], tuple[Family, ...]]:
    """The effects with their families: the registered one, or one of each treatment."""
    if not compared:
        return (), ()
    tests = {label: one.comparison.test for label, (_, one) in compared.items()}
    if primary is not None:
        families: tuple[Family, ...] = (primary,)
    else:
        groups = {label: series_name(arm) for label, (arm, _) in compared.items()}
        families = exploratory_families(tests, groups)
    decisions = {one.name: (one, group.alpha) for group in families for one in group.hypotheses}
    effects = tuple(
        Effect(
            label, arm.against, outcome, one, decisions[label][0], one.verdict(*decisions[label])
        )
        for label, (arm, one) in compared.items()
    )
    return effects, families
