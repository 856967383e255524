"""Each condition against the control: differences, exact tests, corrected as families.

No design registered these hypotheses before the runs, so all of it is exploratory. nAUP is defined
for every run and compared as it is, Holm over the conditions. The other measures describe a
community while it lived: they are compared as they are where no run collapsed, and by worst ranks
(collapsed runs lowest) where one did, Benjamini–Hochberg within a measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model.measures.comparison import NotComparableError, worst_ranks
from model.measures.effects import cliffs_delta
from model.measures.families import Family, Hypothesis, family
from model.measures.faults_by_arm import arm_faults, confounding
from model.measures.intervals import Interval
from model.measures.pairing import Paired, contrast
from model.measures.permutation import Comparison, PermutationTest, compare
from model.report.data import Condition, Material
from model.report.headline import runs_words
from model.report.measures import MEASURES, Measure
from model.report.tables import Cell, Table, number

_PRIMARY = "naup"


@dataclass(frozen=True)
class Effect:
    """One measure of one condition against the control.

    Attributes:
        condition: label of the treated condition.
        measure: which.
        ranked: compared by worst ranks, because a run collapsed.
        comparison: difference with interval (in ranks if `ranked`), and the test.
        delta: Cliff's δ; limits only where the runs share no seed.
        decision: the test within its family.
        points: the single differences of paired runs, else empty.
        flags: what a reader must know.
    """

    condition: str
    measure: Measure
    ranked: bool
    comparison: Comparison
    delta: Interval
    decision: Hypothesis
    points: tuple[float, ...]
    flags: tuple[str, ...]


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
        if measure.kind == "alive" or measure.name == "faults":
            continue
        made = {arm.label: _compared(measure, arm, control, pairing == "common") for arm in arms}
        tests = {label: one[0].test for label, one in made.items()}
        primary = measure.name == _PRIMARY
        decided = family(
            measure.title,
            tests,
            correction="Holm" if primary else "Benjamini-Hochberg",
            exploratory=True,
        )
        families.append(decided)
        for arm, decision in zip(arms, decided.hypotheses, strict=True):
            comparison, delta, points, ranked, flags = made[arm.label]
            found.append(
                Effect(
                    condition=arm.label,
                    measure=measure,
                    ranked=ranked,
                    comparison=comparison,
                    delta=delta,
                    decision=decision,
                    points=points,
                    flags=tuple(dict.fromkeys((*flags, *_confounded(arm, control)))),
                )
            )
    return Effects(tuple(found), tuple(families))


def effects_table(found: Effects, material: Material, wanted: tuple[str, ...]) -> Table:
    """The comparisons as a table; the page shows the measures named, the CSV all."""
    records: list[dict[str, Any]] = []
    rows: list[tuple[Cell, ...]] = []
    for effect in found.effects:
        if effect.measure.name in wanted:
            rows.append(_row(effect, len(records)))
        records.append(_record(effect))
    head = ("measure", "condition", "difference", "Cliff’s δ", "p", "smallest p", "corrected p", "")
    control = material.control.label if material.control else ""
    lines = " ".join(f"{one}." for one in found.families if one.name in _titles(wanted))
    note = (
        f"Against “{control}”. {_pairing_words(material)} All exploratory: no design named these "
        f"hypotheses before the runs. {lines}"
    )
    columns = list(_record(found.effects[0])) if found.effects else []
    frame = pd.DataFrame(records, columns=pd.Index(columns))
    return Table("effects", "Against the control", frame, head, tuple(rows), note)


def _titles(wanted: tuple[str, ...]) -> set[str]:
    return {one.title for one in MEASURES if one.name in wanted}


def _compared(
    measure: Measure, arm: Condition, control: Condition, paired: bool
) -> tuple[Comparison, Interval, tuple[float, ...], bool, tuple[str, ...]]:
    ranked = measure.name not in {"naup", "founder_rmst"} and bool(
        arm.collapsed.any() or control.collapsed.any()
    )
    a, b = arm.by_seed(measure.name), control.by_seed(measure.name)
    flags: tuple[str, ...] = ()
    if ranked:
        try:
            a, b = _ranks(measure, arm, control)
            flags = ("compared by worst ranks: a run collapsed",)
        except NotComparableError as error:
            a, b = dict.fromkeys(a, np.nan), dict.fromkeys(b, np.nan)
            flags = (str(error),)
    pair = contrast(a, b, "common" if paired else "none")
    one, other = np.array(list(a.values())), np.array(list(b.values()))
    delta = cliffs_delta(one, other)
    empty = isinstance(pair, Paired) and not pair.differences.size
    if empty or (not isinstance(pair, Paired) and not min(pair.a.size, pair.b.size)):
        return _nothing(flags), delta, (), ranked, flags
    some_fell = bool(arm.collapsed.any() or control.collapsed.any())
    compared = compare(pair, bimodal=some_fell and not ranked)
    points = tuple(pair.differences.tolist()) if isinstance(pair, Paired) else ()
    return compared, delta, points, ranked, (*flags, *compared.difference.flags)


def _ranks(
    measure: Measure, arm: Condition, control: Condition
) -> tuple[dict[int, float], dict[int, float]]:
    ranks = worst_ranks(
        {"arm": arm.values(measure.name), "control": control.values(measure.name)},
        {"arm": arm.collapsed, "control": control.collapsed},
        higher_is_better=measure.better,
    )
    return (
        dict(zip(arm.by_seed(measure.name), ranks["arm"].tolist(), strict=True)),
        dict(zip(control.by_seed(measure.name), ranks["control"].tolist(), strict=True)),
    )


def _nothing(flags: tuple[str, ...]) -> Comparison:
    none = Interval(np.nan, np.nan, np.nan, (0,), "none", flags=flags)
    test = PermutationTest(np.nan, np.nan, np.nan, np.nan, (0,), 0, False, "none", ("no run",))
    return Comparison(none, test)


def _confounded(arm: Condition, control: Condition) -> tuple[str, ...]:
    arms = []
    for one in (arm, control):
        faults, refusals, verdicts = (
            one.values(name).astype(np.int64)
            for name in ("fault_count", "refusal_count", "verdicts")
        )
        arms.append(arm_faults(one.label, faults, refusals, verdicts))
    return confounding(arms[0], arms[1])


def _pairing_words(material: Material) -> str:
    if material.pairing == "common":
        return (
            "All conditions ran on the same seeds: differences are within seeds, tested by "
            "flipping their signs, with the interval of their mean."
        )
    return "Every run has a seed of its own: Welch’s interval, and permutation of the labels."


def _record(effect: Effect) -> dict[str, Any]:
    difference, test = effect.comparison.difference, effect.comparison.test
    scale = 1.0 if effect.ranked else effect.measure.scale
    return {
        "measure": effect.measure.name,
        "condition": effect.condition,
        "unit": "mean worst rank" if effect.ranked else effect.measure.unit,
        "difference": difference.estimate * scale,
        "low": difference.low * scale,
        "high": difference.high * scale,
        "interval": difference.method,
        "runs": " v ".join(map(str, difference.n)),
        "cliffs_delta": effect.delta.estimate,
        "delta_low": np.nan if effect.points else effect.delta.low,
        "delta_high": np.nan if effect.points else effect.delta.high,
        "test": test.method,
        "exact": test.exact,
        "p": test.p,
        "smallest_p": effect.decision.smallest_p,
        "corrected_p": effect.decision.adjusted,
        "rejected": effect.decision.rejected,
        "flags": "; ".join((*effect.flags, *effect.decision.flags)),
        "differences": " ".join(f"{point * scale:.6g}" for point in effect.points),
    }


def _row(effect: Effect, row: int) -> tuple[Cell, ...]:
    difference, decision = effect.comparison.difference, effect.decision
    digits = 1 if effect.ranked else effect.measure.digits
    scale = 1.0 if effect.ranked else effect.measure.scale
    limits = "no interval"
    if difference.unreliable and effect.points:
        limits = runs_words(effect.points, scale, digits)
    elif difference.low == difference.low:
        limits = (
            f"{number(difference.low * scale, digits)} … {number(difference.high * scale, digits)}"
        )
    verdict = "differs" if decision.rejected else "not told apart"
    if np.isnan(decision.p):
        verdict = "not tested"
    elif any("cannot reject" in flag for flag in decision.flags):
        verdict = "cannot reject under the correction"
    return (
        Cell(
            effect.measure.title, note="mean worst rank" if effect.ranked else effect.measure.unit
        ),
        Cell(effect.condition),
        Cell(number(difference.estimate * scale, digits), row, limits),
        Cell(number(effect.delta.estimate, 2), row),
        Cell(number(decision.p, 4), row),
        Cell(number(decision.smallest_p, 4), row),
        Cell(number(decision.adjusted, 4), row),
        Cell(verdict, None, "; ".join(effect.flags)),
    )


def effects_as(found: Effects) -> Mapping[str, tuple[Effect, ...]]:
    """The effects by measure."""
    return {
        one.name: tuple(effect for effect in found.effects if effect.measure.name == one.name)
        for one in MEASURES
    }
