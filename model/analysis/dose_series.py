"""Dose series: one treatment over its prevalences, tested, and searched for where it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.analysis.arms import Arm, ranks_of
from model.analysis.measures import Measure
from model.measures.arm_effect import untested
from model.measures.families import Family, Hypothesis
from model.measures.halfway import Halfway, halfway
from model.measures.pairing import Dose, Pairing, dose
from model.measures.permutation import PermutationTest, dose_test
from model.measures.shapes import Shapes, shapes
from model.measures.tipping import Tipping, tipping

Doses = Mapping[str, tuple[Dose | None, PermutationTest, str]]
"""Series -> its data, its test, and why there are no data."""


@dataclass(frozen=True)
class Series:
    """One treatment over its prevalences, the control included.

    Attributes:
        name: value, mode, and whatever else distinguishes it.
        value: code of the value.
        mode: how it is treated.
        data: levels and outcomes; None if too little was run, with the reason in `reason`.
        test: the registered test of the series.
        decision: the test within its family.
        tipping: where it breaks, if it does; exploratory.
        shapes: which shape fits, where there is enough; exploratory.
        halfway: the effect at .5 beside half of that at 1; exploratory, None without both levels,
            or where only ranks can be compared.
        reason: why there are no data.
    """

    name: str
    value: str
    mode: str
    data: Dose | None
    test: PermutationTest
    decision: Hypothesis
    tipping: Tipping | None
    shapes: Shapes | None
    halfway: Halfway | None
    reason: str = ""


def dose_tests(outcome: Measure, pairing: Pairing, arms: tuple[Arm, ...], draws: int) -> Doses:
    """Series by name: data, test, and the reason where there are no data."""
    by_label = {arm.label: arm for arm in arms}
    groups: dict[str, list[Arm]] = {}
    for arm in arms:
        if not arm.control and arm.levels.get("prevalence") and arm.against:
            groups.setdefault(arm.group, []).append(arm)
    found = {}
    for name, members in groups.items():
        control = by_label[members[0].against]
        data, order, why = _dose_of(outcome, pairing, [control, *members])
        test = untested(why) if order is None else dose_test(order, draws=draws)
        found[name] = (data, test, why)
    return found


def series_of(
    arms: tuple[Arm, ...], doses: Doses, decided: Family, explore: bool, ranked: bool = False
) -> tuple[Series, ...]:
    """The series with their decisions; searched for steps and shapes where `explore` says so.

    Args:
        arms: cells with their results.
        doses: of `dose_tests`.
        decided: their tests within a family.
        explore: also look for steps, shapes and the effect at half prevalence.
        ranked: their data are ranks, of which half an effect has no meaning.
    """
    first = {arm.group: arm for arm in reversed(arms) if not arm.control}
    found = []
    for decision in decided.hypotheses:
        data, test, why = doses[decision.name]
        levels = first[decision.name].levels
        found.append(
            Series(
                decision.name,
                str(levels.get("value", "")),
                str(levels.get("mode", "")),
                data,
                test,
                decision,
                tipping(data) if explore and data is not None else None,
                shapes(data) if explore and data is not None and data.pairing == "none" else None,
                halfway(data) if explore and data is not None and not ranked else None,
                why,
            )
        )
    return tuple(found)


def _dose_of(
    outcome: Measure, pairing: Pairing, arms: list[Arm]
) -> tuple[Dose | None, Dose | None, str]:
    """The series as it is searched for steps, and as it is tested: in order, collapsed runs worst.

    The two differ only where a run collapsed and the outcome is one that every run has.
    """
    values = order = [arm.values(outcome.name) for arm in arms]
    if any(arm.fell for arm in arms):
        ranks = ranks_of(arms, outcome)
        if ranks is None:
            return None, None, "runs that did not collapse have no value"
        order = ranks
        values = values if outcome.for_every_run else ranks
    if not all(values):
        return None, None, "a level has no run"
    data = _joined(pairing, arms, values)
    if data is None:
        return None, None, "no seed ran at every level"
    return data, _joined(pairing, arms, order), ""


def _joined(pairing: Pairing, arms: list[Arm], values: list[dict[int, float]]) -> Dose | None:
    """All levels as one series; under common seeds, of the seeds that ran at all of them."""
    if pairing == "common":
        shared = set.intersection(*(set(one) for one in values))
        values = [{seed: one[seed] for seed in sorted(shared)} for one in values]
    if not all(values):
        return None
    levels = [float(arm.levels.get("prevalence", 0.0)) for arm in arms]
    return dose(
        [level for level, one in zip(levels, values, strict=True) for _ in one],
        [value for one in values for value in one.values()],
        [seed for one in values for seed in one],
        pairing,
    )
