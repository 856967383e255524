"""CIVA's published findings beside what this study measured: agrees, disagrees, or cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.values import NAMES, VALUES
from model.analysis.arms import Arm
from model.analysis.effects import compare
from model.analysis.measures import measure
from model.analysis.published import PUBLISHED, Agreement, Direction, agreement
from model.measures.intervals import proportion_interval
from model.report.study_material import Material
from model.report.tables import Column, Table, digits, listed

#: What the published words are read by here.
_READ: Final = {
    "nAUP": "naup",
    "attacks": "attacks",
    "betrayal": "betrayal",
    "cooperation": "cooperation",
    "social_capital": "social_capital",
    "power_seeking": "power_seeking",
    "deceptions": "deception",
    "growth": "births_per_resident_day",
}
#: Findings that are no direction of one effect.
_FURTHER: Final = (
    ("without BE", "nAUP jumps at a prevalence near 25 %"),
    ("original", "d_FB is 19.0, without BE 5.4, without TR 21.4"),
    ("with BE", "stability .92, social capital .85, economic fairness .70 are quoted"),
    ("one run", "a resident deceives a weaker one, attacks it and takes its resources"),
)
AGREES: Final = "agrees"
DISAGREES: Final = "disagrees"
CANNOT_TELL: Final = "cannot tell"


@dataclass(frozen=True)
class Finding:
    """One published finding and what is seen here.

    Attributes:
        treatment: value and mode.
        published: in words.
        measured: by which number, at which prevalence.
        effect: difference to the control; NaN where there is none.
        low: its 95 % interval.
        high: see low.
        p: of the permutation test, uncorrected.
        verdict: agrees, disagrees, or cannot tell.
        why: what the verdict rests on.
    """

    treatment: str
    published: str
    measured: str
    effect: float
    low: float
    high: float
    p: float
    verdict: str
    why: str


def findings(material: Material) -> tuple[Finding, ...]:
    """Every finding that could be read of CIVA, in the order of publication."""
    found = [_direction(material, one) for one in PUBLISHED]
    return (*found, *(_further(material, *one) for one in _FURTHER))


def findings_table(material: Material) -> Table:
    """The page that sets them side by side."""
    frame = pd.DataFrame([vars(one) for one in findings(material)])
    columns = (
        Column("treatment", "treatment"),
        Column("published", "CIVA reports"),
        Column("measured", "read here by"),
        Column("effect", "effect", digits(3)),
        Column("low", "from", digits(3)),
        Column("high", "to", digits(3)),
        Column("p", "p", digits(4)),
        Column("verdict", "verdict"),
        Column("why", "because"),
    )
    note = (
        f"Mind here: {', '.join(material.minds)}; CIVA’s was GPT-4o. Of the paper summaries could "
        "be read, not the equations: the measures are definitions of ours. The effect is the mean "
        "difference to the control at the highest prevalence run. “Agrees” and “disagrees” need a "
        "test with p ≤ .05, uncorrected, and a 95 % interval of δ that leaves out 0; a "
        "collapse needs that of the share of collapsed communities on one side of a half. Anything "
        "else is “cannot tell”."
    )
    return listed("published_findings", "CIVA’s findings and this study", frame, columns, note=note)


def pattern(material: Material) -> Agreement | None:
    """Rank agreement of the ten values' effects with the published directions; None if not run."""
    effects = {}
    for mode in ("with", "without"):
        arms = [material.treated.get((value, mode)) for value in VALUES]
        if any(arm is None for arm in arms):
            return None
        for outcome in _READ:
            effects[mode, outcome] = np.array(
                [_mean_effect(material, arm[-1], outcome) for arm in arms if arm]
            )
    return agreement(effects)


def _mean_effect(material: Material, arm: Arm, outcome: str) -> float:
    control = material.control
    if control is None:
        return float("nan")
    means = [
        float(np.nanmean(known)) if np.isfinite(known).any() else float("nan")
        for known in (
            np.array(list(material.read[one.label].values(_READ[outcome]).values()))
            for one in (arm, control)
        )
    ]
    return means[0] - means[1]


def _direction(material: Material, one: Direction) -> Finding:
    treatment = f"{one.mode} {NAMES[one.value].capitalize()}"
    nothing = {name: float("nan") for name in ("effect", "low", "high", "p")}

    def untold(measured: str, why: str) -> Finding:
        return Finding(treatment, one.reads, measured, **nothing, verdict=CANNOT_TELL, why=why)

    if one.outcome not in _READ:
        return untold(
            "basin width", "needs communities that start at many sizes: the design “fold”"
        )
    arms, control = material.treated.get((one.value, one.mode)), material.control
    shown = measure(_READ[one.outcome])
    measured = shown.title
    if not arms or control is None:
        return untold(measured, "this study did not run it")
    arm = arms[-1]
    measured += f", prevalence {float(arm.levels['prevalence']):g}"
    treated, untreated = (material.read[each.label] for each in (arm, control))
    found = compare(treated, untreated, shown, material.design.pairing)
    limits, delta, p = found.comparison.difference, found.delta, found.comparison.test.p
    if np.isnan(p):
        return untold(measured, found.flags[-1])
    told = p <= 0.05 and (delta.low > 0 or delta.high < 0)
    if not told:
        verdict, why = CANNOT_TELL, "the arms are not told apart"
    elif np.sign(delta.estimate) == one.sign:
        verdict, why = AGREES, "same direction"
    else:
        verdict, why = DISAGREES, "the other direction"
    if "collapses" in one.reads:
        verdict, why = _collapse(arm)
    why += f"; {len(treated.runs)} and {len(untreated.runs)} runs" + (
        "; by worst ranks" if found.ranked else ""
    )
    if found.in_ranks:
        measured += ", in ranks"
    return Finding(
        treatment, one.reads, measured, limits.estimate, limits.low, limits.high, p, verdict, why
    )


def _collapse(arm: Arm) -> tuple[str, str]:
    """A fall of nAUP is no collapse: what is asked is whether most communities collapsed."""
    gone = len(arm.fell)
    share = proportion_interval(gone, len(arm.runs))
    verdict = AGREES if share.low > 0.5 else DISAGREES if share.high < 0.5 else CANNOT_TELL
    return verdict, f"{gone} of {len(arm.runs)} communities collapsed"


def _further(material: Material, treatment: str, published: str) -> Finding:
    verdict, why, measured, p = CANNOT_TELL, "", "", float("nan")
    if "jumps" in published:
        measured = "step of nAUP over prevalence"
        series = {one.name: one for one in material.analysis.series}.get("without BE")
        if series is None or series.tipping is None or material.analysis.outcome.name != "naup":
            why = "this study did not run it over prevalences"
        else:
            verdict, why = _jump(series.tipping)
            p = series.tipping.p
    elif "d_FB" in published:
        measured, why = (
            "basin width",
            "needs starts at many sizes: the design “fold”; ours is an \
input that was calibrated, so only relative changes could be compared",
        )
    elif "quoted" in published:
        measured, why = "capacities", "the scales of these numbers are not known"
    else:
        measured, why = "case study of a run’s report", "a single case supports no comparison"
    nan = float("nan")
    return Finding(treatment, published, measured, nan, nan, nan, p, verdict, why)


def _jump(found: Any) -> tuple[str, str]:
    if found.status == "located":
        (low, high), *_ = found.intervals
        near = low <= 0.25 <= high
        where = f"a step is located between {low:g} and {high:g}"
        return (AGREES if near else DISAGREES), where
    if found.status == "refine":
        sets = ", ".join(f"{a:g}–{b:g}" for a, b in found.intervals)
        return CANNOT_TELL, f"a change, but not located: {sets}"
    return CANNOT_TELL, f"{found.status} (p {found.p:.3f})"
