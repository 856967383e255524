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
from model.measures.arm_effect import ArmEffect
from model.measures.families import Hypothesis, family
from model.measures.intervals import proportion_interval
from model.measures.shares import none_collapsed_words
from model.measures.verdicts import YES
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
        p: of the test, corrected by Holm over the published directions that this study can test.
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
    compared = {str(at): _compared(material, one) for at, one in enumerate(PUBLISHED)}
    tests = {at: one.comparison.test for at, one in compared.items() if one is not None}
    alpha = material.design.registration.alpha
    group = family("published directions", tests, alpha=alpha, exploratory=True) if tests else None
    decisions = {one.name: one for one in group.hypotheses} if group else {}
    found = [
        _direction(material, one, compared[str(at)], decisions.get(str(at)))
        for at, one in enumerate(PUBLISHED)
    ]
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
        "difference to the control at the highest prevalence run. “Agrees” and “disagrees” need "
        "the verdict “yes”: a 95 % interval of δ that leaves out 0, and a test that rejects after "
        "Holm’s correction over the published directions tested here (p is corrected); a collapse "
        "needs besides the exact interval of the share of collapsed communities on one side of a "
        "half. Anything else is “cannot tell”."
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


def _arms(material: Material, one: Direction) -> tuple[Arm, Arm] | None:
    """The arm of the highest prevalence run and its control."""
    arms, control = material.treated.get((one.value, one.mode)), material.control
    return (arms[-1], control) if arms and control is not None else None


def _compared(material: Material, one: Direction) -> ArmEffect | None:
    """The effect that a direction is about; None where this study did not run it."""
    pair = _arms(material, one)
    if pair is None or one.outcome not in _READ:
        return None
    arm, control = (material.read[each.label] for each in pair)
    return compare(arm, control, measure(_READ[one.outcome]), material.design.pairing)


def _direction(
    material: Material, one: Direction, found: ArmEffect | None, decision: Hypothesis | None
) -> Finding:
    treatment = f"{one.mode} {NAMES[one.value].capitalize()}"
    nothing = {name: float("nan") for name in ("effect", "low", "high", "p")}

    def untold(measured: str, why: str) -> Finding:
        return Finding(treatment, one.reads, measured, **nothing, verdict=CANNOT_TELL, why=why)

    if one.outcome not in _READ:
        return untold(
            "basin width", "needs communities that start at many sizes: the design “fold”"
        )
    measured, pair = measure(_READ[one.outcome]).title, _arms(material, one)
    if pair is None or found is None or decision is None:
        return untold(measured, "this study did not run it")
    arm, control = pair
    measured += f", prevalence {float(arm.levels['prevalence']):g}"
    limits, p = found.comparison.difference, decision.adjusted
    if np.isnan(p):
        return untold(measured, found.flags[-1])
    told = found.verdict(decision, material.design.registration.alpha)
    if told.word != YES:
        verdict, why = CANNOT_TELL, told.words()
    elif np.sign(found.delta.estimate) == one.sign:
        verdict, why = AGREES, "same direction"
    else:
        verdict, why = DISAGREES, "the other direction"
    if "collapses" in one.reads:
        verdict, why = _collapse(arm, verdict)
    why += f"; {len(arm.runs)} and {len(control.runs)} runs"
    why += "; by worst ranks" if found.ranked else ""
    if found.in_ranks:
        measured += ", in ranks"
    return Finding(
        treatment, one.reads, measured, limits.estimate, limits.low, limits.high, p, verdict, why
    )


def _collapse(arm: Arm, told: str) -> tuple[str, str]:
    """A fall of nAUP is no collapse: what is asked is whether most communities collapsed.

    That most collapsed is laid to the treatment only where nAUP is told apart from the control's.
    """
    gone, runs = len(arm.fell), len(arm.runs)
    share = proportion_interval(gone, runs)
    verdict = DISAGREES if share.high < 0.5 else CANNOT_TELL
    if share.low > 0.5 and told == AGREES:
        verdict = AGREES
    beside = none_collapsed_words(gone, runs)
    return verdict, f"{gone} of {runs} communities collapsed" + (f" ({beside})" if beside else "")


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
