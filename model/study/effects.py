"""Each cell against its control: difference with interval, test, effect size, faults by arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.measures.effects import cliffs_delta
from model.measures.families import Family, Hypothesis, exploratory_families
from model.measures.faults_by_arm import arm_faults, confounding
from model.measures.intervals import Interval
from model.measures.pairing import Pairing, contrast
from model.measures.permutation import Comparison, compare
from model.study.arms import FOR_EVERY_RUN, Arm, ranks_of, series_name
from model.study.series import untested

RANKED: Final = "compared by worst ranks: a run collapsed"
Compared = Mapping[str, tuple[Arm, Comparison, Interval, bool, tuple[str, ...]]]
"""Cell -> its arm, comparison, Cliff's delta, whether ranked, and flags."""


@dataclass(frozen=True)
class Effect:
    """One cell against its control.

    Attributes:
        cell: label.
        against: label of the control.
        outcome: compared.
        ranked: whether by worst ranks.
        comparison: difference with interval, and the test.
        delta: Cliff's delta; its interval only where no seed is shared.
        decision: the test within its family.
        flags: what a reader must know.
    """

    cell: str
    against: str
    outcome: str
    ranked: bool
    comparison: Comparison
    delta: Interval
    decision: Hypothesis
    flags: tuple[str, ...]


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
        found[arm.label] = (arm, *_compared(pairing, arm, control, outcome, refusals))
    return found


def _compared(
    pairing: Pairing, arm: Arm, control: Arm, outcome: str, refusals: Mapping[str, int]
) -> tuple[Comparison, Interval, bool, tuple[str, ...]]:
    ranked = outcome not in FOR_EVERY_RUN and (arm.some_collapsed or control.some_collapsed)
    a, b = arm.values(outcome), control.values(outcome)
    flags = _faults(arm, control, refusals)
    if arm.failed or control.failed:
        flags = (*flags, f"{arm.failed + control.failed} runs failed and are left out")
    if ranked:
        both = ranks_of([arm, control], outcome)
        if both is None:
            return _nothing("no common scale"), _no_interval(), True, flags
        (a, b), flags = both, (*flags, RANKED)
    if pairing == "common":
        shared = a.keys() & b.keys()
        a = {seed: a[seed] for seed in sorted(shared)}
        b = {seed: b[seed] for seed in sorted(shared)}
    x, y = _defined(a), _defined(b)
    if not x.size or not y.size:
        return _nothing("an arm has no defined run"), _no_interval(), ranked, flags
    bimodal = (arm.some_collapsed or control.some_collapsed) and not ranked
    comparison = compare(contrast(a, b, pairing), bimodal=bimodal)
    return comparison, cliffs_delta(x, y, bimodal=bimodal), ranked, flags


def effects_of(
    outcome: str, compared: Compared, primary: Family | None
) -> tuple[tuple[Effect, ...], tuple[Family, ...]]:
    """The effects with their families: the registered one, or one of each treatment."""
    if not compared:
        return (), ()
    tests = {label: one[1].test for label, one in compared.items()}
    if primary is not None:
        families: tuple[Family, ...] = (primary,)
    else:
        groups = {label: series_name(one[0]) for label, one in compared.items()}
        families = exploratory_families(tests, groups)
    decisions = {one.name: one for group in families for one in group.hypotheses}
    effects = tuple(
        Effect(
            cell=label,
            against=arm.against,
            outcome=outcome,
            ranked=ranked,
            comparison=comparison,
            delta=delta,
            decision=decisions[label],
            flags=tuple(dict.fromkeys((*flags, *comparison.difference.flags))),
        )
        for label, (arm, comparison, delta, ranked, flags) in compared.items()
    )
    return effects, families


def _faults(arm: Arm, control: Arm, refusals: Mapping[str, int]) -> tuple[str, ...]:
    if not arm.rows or not control.rows:
        return ()
    both = []
    for one in (arm, control):
        faults, verdicts = (
            np.array([row.flows[name] for row in one.rows], dtype=np.int64)
            for name in ("faults", "verdicts")
        )
        refused = np.array([refusals.get(row.key, 0) for row in one.rows], dtype=np.int64)
        both.append(arm_faults(one.label, faults, refused, verdicts))
    return confounding(*both)


def _defined(values: Mapping[int, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.array(list(values.values()), dtype=np.float64)
    return found[np.isfinite(found)]


def _no_interval() -> Interval:
    return Interval(np.nan, np.nan, np.nan, (0, 0), "none")


def _nothing(why: str) -> Comparison:
    return Comparison(_no_interval(), untested(why))
