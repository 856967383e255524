"""One effect: a measure of one arm against its control, by the rules of `arm_effect`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.analysis.arms import Arm
from model.analysis.measures import Measure
from model.measures.arm_effect import ArmEffect, arm_effect
from model.measures.families import Family, Hypothesis, exploratory_families
from model.measures.pairing import Pairing
from model.measures.permutation import PermutationTest
from model.measures.verdicts import Verdict

Compared = Mapping[str, tuple[Arm, ArmEffect]]
"""Label → its arm, and how it compares."""


@dataclass(frozen=True)
class Effect:
    """One measure of one arm against its control.

    Attributes:
        arm: label of the treated arm.
        against: label of the control.
        measure: which is compared.
        found: difference, effect size and test.
        decision: the test within its family.
        verdict: what interval and corrected test say together.
    """

    arm: str
    against: str
    measure: Measure
    found: ArmEffect
    decision: Hypothesis
    verdict: Verdict


def compare(arm: Arm, control: Arm, measure: Measure, pairing: Pairing) -> ArmEffect:
    """One arm against another in one measure."""
    return arm_effect(
        arm.compared(measure),
        control.compared(measure),
        pairing,
        higher_is_better=measure.better == "more",
        for_every_run=measure.for_every_run,
    )


def comparisons(pairing: Pairing, arms: Sequence[Arm], measure: Measure) -> Compared:
    """Every arm that has a control, compared with it."""
    by_label = {arm.label: arm for arm in arms}
    return {
        arm.label: (arm, compare(arm, by_label[arm.against], measure, pairing))
        for arm in arms
        if arm.against in by_label and not arm.control
    }


def tests_of(compared: Compared) -> dict[str, PermutationTest]:
    """The tests of some comparisons."""
    return {label: one.comparison.test for label, (_, one) in compared.items()}


def decided(measure: Measure, compared: Compared, families: Iterable[Family]) -> tuple[Effect, ...]:
    """The comparisons with what their families decided."""
    decisions = {one.name: (one, group.alpha) for group in families for one in group.hypotheses}
    return tuple(
        Effect(
            label, arm.against, measure, one, decisions[label][0], one.verdict(*decisions[label])
        )
        for label, (arm, one) in compared.items()
    )


def exploratory(
    measure: Measure, compared: Compared, *, whole: bool = False
) -> tuple[tuple[Effect, ...], tuple[Family, ...]]:
    """What nobody registered, corrected within each treatment's levels, or over all arms.

    Args:
        measure: which was compared.
        compared: how.
        whole: all arms are one family.
    """
    if not compared:
        return (), ()
    groups = {
        label: measure.title if whole else f"{measure.title}, {arm.group}"
        for label, (arm, _) in compared.items()
    }
    families = exploratory_families(tests_of(compared), groups)
    return decided(measure, compared, families), families
