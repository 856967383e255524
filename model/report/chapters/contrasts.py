"""Each condition against the control: differences, exact tests, corrected as families.

Compared by the rules of `model.measures.arm_effect`, as a study's cells are. No design registered
these hypotheses before the runs, so all of it is exploratory: Benjamini–Hochberg within a treatment
and measure, or over all conditions within a behaviour's label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from model.measures.arm_effect import ArmEffect, ArmRuns, arm_effect
from model.measures.families import CANNOT_REJECT, Family, Hypothesis, exploratory_families
from model.measures.pairing import Pairing
from model.measures.verdicts import EXPLANATION, Verdict
from model.report.chapters.headline import runs_words
from model.report.conditions import Condition, Material
from model.report.measures import MEASURES, Measure
from model.report.tables import Cell, Table, number

#: How arms were compared, in words.
PAIRING_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "common": "Same seeds everywhere: compared within seeds, by paired δ and the exact sign "
        "test; the mean difference is a description.",
        "none": "Every run has a seed of its own: Cliff’s δ, labels permuted, Welch’s interval of "
        "the difference.",
    }
)
#: Measures that are labels: a family is the label, over all conditions.
_LABELS: Final = ("cooperation", "betrayal", "deception")


@dataclass(frozen=True)
class Effect:
    """One measure of one condition against the control.

    Attributes:
        condition: label of the treated condition.
        measure: which.
        found: difference, effect size and test.
        decision: the test within its family.
        verdict: what interval and corrected test say together.
    """

    condition: str
    measure: Measure
    found: ArmEffect
    decision: Hypothesis
    verdict: Verdict


@dataclass(frozen=True)
class Effects:
    """All effects with their families; or the reason why there is none."""

    effects: tuple[Effect, ...]
    families: tuple[Family, ...]
    reason: str = ""


def effects_of(material: Material) -> Effects:
    """Compare every treated condition with the control."""
    control, pairing = material.control, material.pairing
    if control is None:
        return Effects((), (), "there is no single untreated condition to compare with")
    if pairing == "mixed":
        return Effects(
            (),
            (),
            "some seeds recur between conditions and some do not: use the same seeds everywhere "
            "(paired) or nowhere (unpaired)",
        )
    arms = [one for one in material.conditions if one is not control]
    found: list[Effect] = []
    families: list[Family] = []
    for measure in MEASURES:
        if not measure.tested:
            continue
        made, decided = _of_measure(measure, arms, control, pairing)
        families += decided
        decisions = {one.name: (one, group.alpha) for group in decided for one in group.hypotheses}
        found += [
            Effect(label, measure, one, decisions[label][0], one.verdict(*decisions[label]))
            for label, one in made.items()
        ]
    return Effects(tuple(found), tuple(families))


def _of_measure(
    measure: Measure, arms: list[Condition], control: Condition, pairing: Pairing
) -> tuple[dict[str, ArmEffect], tuple[Family, ...]]:
    against = _runs(control, measure)
    made = {
        arm.label: arm_effect(_runs(arm, measure), against, measure.name, pairing) for arm in arms
    }
    groups = {
        arm.label: measure.title if measure.name in _LABELS else f"{measure.title}, {arm.treatment}"
        for arm in arms
    }
    tests = {label: one.comparison.test for label, one in made.items()}
    return made, exploratory_families(tests, groups)


def _runs(condition: Condition, measure: Measure) -> ArmRuns:
    faults, refusals, verdicts = (
        condition.values(name).astype(np.int64)
        for name in ("fault_count", "refusal_count", "verdicts")
    )
    return ArmRuns(
        label=condition.label,
        values=condition.by_seed(measure.name),
        fell=condition.fell,
        faults=faults,
        refusals=refusals,
        verdicts=verdicts,
    )


def effects_table(found: Effects, material: Material, wanted: tuple[str, ...]) -> Table:
    """The comparisons as a table; the page shows the measures named, the CSV all."""
    records: list[dict[str, Any]] = []
    rows: list[tuple[Cell, ...]] = []
    for effect in found.effects:
        if effect.measure.name in wanted:
            rows.append(_row(effect, len(records)))
        records.append(_record(effect))
    head = ("measure", "condition", "difference", "δ", "p", "smallest p", "corrected p", "verdict")
    control = material.control.label if material.control else ""
    note = (
        f"Against “{control}”. {PAIRING_WORDS.get(material.pairing, '')} All exploratory: no "
        "design named these hypotheses before the runs; Benjamini–Hochberg within a treatment’s "
        f"levels, for a behaviour within its label. {EXPLANATION}"
    )
    columns = list(_record(found.effects[0])) if found.effects else []
    frame = pd.DataFrame(records, columns=pd.Index(columns))
    return Table("effects", "Against the control", frame, head, tuple(rows), note)


def _record(effect: Effect) -> dict[str, Any]:
    found = effect.found
    difference, test = found.comparison.difference, found.comparison.test
    scale = 1.0 if found.in_ranks else effect.measure.scale
    return {
        "measure": effect.measure.name,
        "condition": effect.condition,
        "unit": "mean worst rank" if found.in_ranks else effect.measure.unit,
        "difference": difference.estimate * scale,
        "low": difference.low * scale,
        "high": difference.high * scale,
        "interval": difference.method,
        "runs": " v ".join(map(str, difference.n)),
        "delta": found.delta.estimate,
        "delta_low": found.delta.low,
        "delta_high": found.delta.high,
        "delta_interval": found.delta.method,
        "test": test.method,
        "exact": test.exact,
        "p": test.p,
        "smallest_p": effect.decision.smallest_p,
        "corrected_p": effect.decision.adjusted,
        "rejected": effect.decision.rejected,
        "verdict": effect.verdict.word,
        "could_have_seen": effect.verdict.seen * scale,
        "could_have_seen_in_family": effect.verdict.seen_in_family * scale,
        "flags": "; ".join((*found.flags, *effect.decision.flags)),
        "differences": " ".join(f"{point * scale:.6g}" for point in found.points),
    }


def _row(effect: Effect, row: int) -> tuple[Cell, ...]:
    found, decision = effect.found, effect.decision
    difference, delta = found.comparison.difference, found.delta
    digits = 1 if found.in_ranks else effect.measure.digits
    scale = 1.0 if found.in_ranks else effect.measure.scale
    limits = "no interval"
    if difference.unreliable and found.points:
        limits = runs_words(found.points, scale, digits)
    elif difference.low == difference.low:
        limits = (
            f"{number(difference.low * scale, digits)} … {number(difference.high * scale, digits)}"
        )
    sizes = f"{number(delta.low, 2)} … {number(delta.high, 2)}" if delta.low == delta.low else ""
    words = effect.verdict.words(lambda value: number(value * scale, digits))
    blocked = (CANNOT_REJECT,) if CANNOT_REJECT in decision.flags else ()
    return (
        Cell(
            effect.measure.title,
            note="mean worst rank" if found.in_ranks else effect.measure.unit,
        ),
        Cell(effect.condition),
        Cell(number(difference.estimate * scale, digits), row, limits),
        Cell(number(delta.estimate, 2), row, sizes),
        Cell(number(decision.p, 4), row),
        Cell(number(decision.smallest_p, 4), row),
        Cell(number(decision.adjusted, 4), row),
        Cell(words, None, "; ".join(dict.fromkeys((*found.flags, *blocked)))),
    )


def effects_as(found: Effects) -> Mapping[str, tuple[Effect, ...]]:
    """The effects by measure."""
    return {
        one.name: tuple(effect for effect in found.effects if effect.measure.name == one.name)
        for one in MEASURES
    }
