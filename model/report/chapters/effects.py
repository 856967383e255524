"""Arms against their control, as a table with everything a referee asks for.

The same table for the conditions of a folder of runs and for the cells of a study: both come from
`model.analysis.effects`. Of a folder no design registered the hypotheses before the runs, so there
all of it is exploratory: Benjamini–Hochberg within a treatment and measure, or over all conditions
within a behaviour's label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from model.analysis.effects import Effect, comparisons, exploratory
from model.analysis.measures import measure
from model.measures.families import CANNOT_REJECT, Family
from model.measures.verdicts import EXPLANATION
from model.report.chapters.headline import COMPARED, runs_words
from model.report.conditions import Material
from model.report.study_material import Material as StudyMaterial
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
class Comparisons:
    """All effects with their families; or the reason why there is none."""

    effects: tuple[Effect, ...]
    families: tuple[Family, ...]
    reason: str = ""


def effects_of(material: Material) -> Comparisons:
    """Compare every treated condition of a folder with the control."""
    control, pairing = material.control, material.pairing
    if control is None:
        return Comparisons((), (), "there is no single untreated condition to compare with")
    if pairing == "mixed":
        return Comparisons(
            (),
            (),
            "some seeds recur between conditions and some do not: use the same seeds everywhere "
            "(paired) or nowhere (unpaired)",
        )
    arms = [replace(one.arm, against=control.label) for one in material.conditions]
    effects: tuple[Effect, ...] = ()
    families: tuple[Family, ...] = ()
    for name in COMPARED:
        compared = comparisons(pairing, arms, measure(name))
        found, groups = exploratory(measure(name), compared, whole=name in _LABELS)
        effects, families = (*effects, *found), (*families, *groups)
    return Comparisons(effects, families)


def runs_effects(found: Comparisons, material: Material, wanted: tuple[str, ...]) -> Table:
    """The comparisons of a folder; the page shows the measures named, the CSV all."""
    control = material.control.label if material.control else ""
    note = (
        f"Against “{control}”. {PAIRING_WORDS.get(material.pairing, '')} All exploratory: no "
        "design named these hypotheses before the runs; Benjamini–Hochberg within a treatment’s "
        f"levels, for a behaviour within its label. {EXPLANATION}"
    )
    return effects_table(found.effects, "Against the control", note, shown=wanted)


def study_effects(material: StudyMaterial) -> Table | None:
    """The comparisons of a study's cells in the registered outcome; None where no cell has one."""
    effects, families = material.analysis.effects, material.analysis.families
    if not effects:
        return None
    registered = [str(one) for one in families if not one.exploratory]
    words = (
        f"Registered family. {registered[0]}."
        if registered
        else f"Exploratory: {len(families)} families, Benjamini–Hochberg within each treatment."
    )
    paired = PAIRING_WORDS[material.design.pairing]
    note = (
        f"{material.analysis.outcome.title} less that of the control. {paired} {words} "
        f"{EXPLANATION}"
    )
    return effects_table(effects, "Cells against the control", note, folded=not registered)


def effects_table(
    effects: Sequence[Effect],
    title: str,
    note: str,
    *,
    shown: tuple[str, ...] = (),
    folded: bool = False,
) -> Table:
    """Comparisons as a table: those of some measures on the page, or all; in the CSV always all."""
    rows = tuple(
        _row(effect, at)
        for at, effect in enumerate(effects)
        if not shown or effect.measure.name in shown
    )
    head = ("measure", "arm", "difference", "δ", "p", "smallest p", "corrected p", "verdict", "")
    frame = pd.DataFrame([_record(one) for one in effects])
    return Table("effects", title, frame, head, rows, note, folded)


def _record(effect: Effect) -> dict[str, Any]:
    found = effect.found
    difference, test = found.comparison.difference, found.comparison.test
    scale = 1.0 if found.in_ranks else effect.measure.scale
    return {
        "measure": effect.measure.name,
        "arm": effect.arm,
        "against": effect.against,
        "unit": "mean worst rank" if found.in_ranks else effect.measure.unit,
        "worst_ranks": found.ranked,
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
        "flags": "; ".join(dict.fromkeys((*found.flags, *effect.decision.flags))),
        "differences": " ".join(f"{point * scale:.6g}" for point in found.points),
        "runs_compared": " | ".join(
            " ".join(f"{value * scale:.6g}" for value in arm) for arm in difference.points
        ),
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
        Cell(effect.arm),
        Cell(number(difference.estimate * scale, digits), row, limits),
        Cell(number(delta.estimate, 2), row, sizes),
        Cell(number(decision.p, 4), row),
        Cell(number(decision.smallest_p, 4), row),
        Cell(number(decision.adjusted, 4), row),
        Cell(words),
        Cell("", None, "; ".join(dict.fromkeys((*found.flags, *blocked)))),
    )
