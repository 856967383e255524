"""The tables of the pattern test: effects in, frames with their words out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import spearmanr

from agents.values import VALUES
from model.analysis.published import (
    OUTCOMES,
    PUBLISHED,
    Agreement,
    Direction,
    Effects,
    Floats,
)
from model.evidence.contrasts import verdicts
from model.evidence.table import EvidenceTable
from model.measures.arm_effect import ArmEffect
from model.measures.circle import fit_sinusoid
from model.measures.intervals import proportion_interval
from model.measures.verdicts import EXPLANATION, SUGGESTIVE, YES
from model.run.first_day import ACTS, first_day
from model.world.scenario_files import scenario_from


@dataclass(frozen=True)
class Beside:
    """An arm beside its control.

    Attributes:
        found: how they compare.
        low: limits of the mean difference.
        high: see low.
        fell: runs of the arm that collapsed.
        runs: of the arm.
    """

    found: ArmEffect
    low: float
    high: float
    fell: int
    runs: int


ComparedOf = Callable[[str, str, str, str], Beside]
"""Preset, value, mode and outcome -> the arm beside its control."""
_MODES: Final = ("with", "without")
_SHUFFLES: Final = 999
_CIRCLE: Final = ("preset", "mode", "measure", "R²", "highest near", "amplitude", "p")


def numbers_of(values: Iterable[float]) -> Floats:
    """Numbers as an array."""
    return np.array(list(values), dtype=np.float64)


def rank_correlation(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Spearman's correlation; NaN where one side is undefined or all alike."""
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(a) < 2 or not np.isfinite([a, b]).all() or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)


def directions_table(effects: Mapping[str, Effects], compared_of: ComparedOf) -> EvidenceTable:
    """Each published direction beside what was measured."""
    found = []
    for preset, measured in effects.items():
        known = [one for one in PUBLISHED if (one.mode, one.outcome) in measured]
        made = {
            one.reads: compared_of(preset, one.value, one.mode, one.outcome)
            for one in known
            if one.outcome != "width"
        }
        told = verdicts(
            f"{preset}: published directions", {name: one.found for name, one in made.items()}
        )
        for one in known:
            all_ten = measured[one.mode, one.outcome]
            here = float(all_ten[VALUES.index(one.value)])
            arm = made.get(one.reads)
            p, word = told.get(one.reads, (np.nan, ""))
            found.append(
                {
                    "preset": preset,
                    "published": f"{one.mode} {one.value}: {one.reads}",
                    "measure": one.outcome,
                    "sign": "+" if one.sign > 0 else "−",
                    "effect": here,
                    "effect_low": arm.low if arm else np.nan,
                    "effect_high": arm.high if arm else np.nan,
                    "δ": arm.found.delta.estimate if arm else np.nan,
                    "p Holm": p,
                    "appears": _appears(one, here, arm, word),
                    "rank of ten": _rank(all_ten, here, one.sign),
                }
            )
    return EvidenceTable(
        "directions",
        "The published directions, one by one",
        pd.DataFrame(found),
        "Effect: mean paired difference, a description. δ: paired, collapsed communities worst; p "
        "of the exact sign test, Holm over the directions of a preset. `appears`: the verdict, "
        "with the side where it is the other one; a fall of nAUP is no collapse unless most "
        f"communities collapsed. {EXPLANATION} For the basin width, which has no pairs here, the "
        "sign alone. "
        "`rank of ten`: 1 is the value whose effect goes furthest the published way. "
        "Published directions are known to us for BE and TR alone.",
    )


def _appears(one: Direction, effect: float, arm: Beside | None, word: str) -> str:
    """The verdict, and the side that it is on where that is not the published one."""
    if arm is None:
        if np.isnan(effect):
            return "not determined"
        return "sign agrees" if one.sign * effect > 0 else "sign disagrees"
    if word in (YES, SUGGESTIVE) and one.sign * arm.found.delta.estimate < 0:
        return f"{word}, the other way"
    if "collapses" in one.reads and proportion_interval(arm.fell, arm.runs).low <= 0.5:
        fell = f"{arm.fell} of {arm.runs} collapsed"
        return f"no: {fell}" if word != YES else f"falls, but {fell}"
    return word


def _rank(all_ten: Floats, here: float, sign: int) -> float:
    if np.isnan(here):
        return float("nan")
    return float((sign * all_ten > sign * here).sum() + 1)


def agreement_table(found: Mapping[str, Agreement]) -> EvidenceTable:
    """The score over all directions against shuffled labels."""
    frame = pd.DataFrame(
        [
            {
                "preset": preset,
                "directions used": len(one.used),
                "score": one.score,
                "p, 999 shuffles": one.p,
                "p, all assignments": one.p_exact,
            }
            for preset, one in found.items()
        ]
    )
    return EvidenceTable(
        "agreement",
        "Rank agreement with the published directions against shuffled value labels",
        frame,
        "Score: mean over directions of sign × the value's rank among the ten effects, from −1 to "
        "1; 0 is chance. One-sided p. Only two labels are named, so there are 90 different "
        "assignments and no p below 1/90 = .011; a measure with an undefined effect is left out.",
    )


def circle_table(effects: Mapping[str, Effects]) -> EvidenceTable:
    """Do the ten effects follow the circle? Fit of a wave against shuffled labels."""
    rng = np.random.default_rng(0)
    orders = np.array([rng.permutation(len(VALUES)) for _ in range(_SHUFFLES)])
    found = []
    for preset, measured in effects.items():
        for mode in _MODES:
            for outcome in OUTCOMES:
                ten = measured.get((mode, outcome))
                if ten is None or not np.isfinite(ten).all() or np.ptp(ten) == 0:
                    continue
                wave = fit_sinusoid(ten)
                null = np.array([fit_sinusoid(ten[order]).r2 for order in orders])
                found.append(
                    {
                        "preset": preset,
                        "mode": mode,
                        "measure": outcome,
                        "R²": wave.r2,
                        "highest near": VALUES[round(wave.phase / 36) % len(VALUES)],
                        "amplitude": wave.amplitude,
                        "p": float(((null >= wave.r2 - 1e-12).sum() + 1) / (_SHUFFLES + 1)),
                    }
                )
    return EvidenceTable(
        "circle",
        "Do the ten effects follow Schwartz's circle?",
        pd.DataFrame(found, columns=list(_CIRCLE)),
        "Fit of m + a·cos θ + b·sin θ to the ten effects; p: share of 999 shuffled labellings that "
        "fit at least as well, uncorrected. This uses all ten values, but the table's columns were "
        "themselves read off definitions that lie on the circle.",
    )


def day_one_table(seeds: int, effects: Effects) -> tuple[EvidenceTable, EvidenceTable]:
    """Day-1 choice probabilities beside emergent effects, and how far the first tell the second."""
    seeds = min(seeds, 8)
    plain = first_day(scenario_from({"preset": "growing"}), seeds)
    found = []
    for mode in _MODES:
        for k, value in enumerate(VALUES):
            chosen = first_day(
                scenario_from(
                    {"preset": "growing", "value": value, "mode": mode, "prevalence": 1.0}
                ),
                seeds,
            )
            line: dict[str, Any] = {"mode": mode, "value": value}
            line |= {f"day 1: {act}": 100 * (chosen[act] - plain[act]) for act in ACTS}
            line["Δattacks"] = float(effects[mode, "attacks"][k])
            line["ΔnAUP"] = float(effects[mode, "nAUP"][k])
            found.append(line)
    frame = pd.DataFrame(found)
    control = ", ".join(f"{act} {100 * plain[act]:.1f}" for act in ACTS)
    choices = EvidenceTable(
        "day-one",
        "The first morning's plan by the table alone, beside what emerged (`growing`)",
        frame,
        f"Change of probability in percentage points, 400 keys × residents × {seeds} seeds, ρ = 1. "
        f"Original: {control} %. Main acts sum to 100; gift, attack and merge are further acts. "
        "Δattacks per 1,000 resident-days and ΔnAUP over 60 days.",
    )
    pairs = []
    for mode in _MODES:
        rows = frame[frame["mode"] == mode]
        for act in ACTS:
            for outcome in ("Δattacks", "ΔnAUP"):
                told = rank_correlation(rows[f"day 1: {act}"], rows[outcome])
                pairs.append({"mode": mode, "day-1 act": act, outcome: told})
    told_frame = pd.DataFrame(pairs).groupby(["mode", "day-1 act"], sort=False).first()
    follows = EvidenceTable(
        "day-one-follows",
        "How far the first morning orders the emergent effects (Spearman, ten values)",
        told_frame.reset_index(),
        "A value near ±1 says that the ordering of the ten values follows from the table.",
    )
    return choices, follows


def jitter_table(
    jittered: Mapping[tuple[str, str], Floats], effects: Effects, seeds: int
) -> EvidenceTable:
    """How often the sign of an effect survives moving the table's entries."""
    found = []
    for mode in _MODES:
        for k, value in enumerate(VALUES):
            line: dict[str, Any] = {"mode": mode, "value": value}
            for outcome in ("nAUP", "attacks"):
                here = float(effects[mode, outcome][k])
                worlds = jittered[mode, outcome][:, k]
                line[f"Δ{outcome}"] = here
                line[f"{outcome}: same sign"] = float((np.sign(worlds) == np.sign(here)).mean())
                line[f"{outcome}: jittered"] = float(np.nanmedian(worlds))
            found.append(line)
    count = len(next(iter(jittered.values())))
    return EvidenceTable(
        "jitter",
        "Does the sign survive when every entry of the table is moved by −1, 0 or 1? (`growing`)",
        pd.DataFrame(found),
        f"{count} jittered tables × {seeds} seeds, ρ = 1, entries kept within −2 … 2. `same sign`: "
        "share of jittered tables with the sign of the unjittered effect; `jittered`: their median "
        "effect.",
    )
