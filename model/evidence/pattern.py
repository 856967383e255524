"""The pattern over all ten values: published directions, shuffled labels, the circle, the table.

A single value's effect follows from the surrogate's table: a shuffled label falls on the same
column one time in ten. So the ten are tested together, and what the table alone implies stands
beside what emerged.

Shuffling the labels of measured effects is the same as shuffling the table's columns and living
everything again, up to the base profile: a treatment of value v in a world whose v acts by column
o(v) is a treatment of o(v) in the world as it is, only that untreated residents hold v and o(v)
with different weights. With the profile `even` the two are the same run; with the pan-cultural one
`permuted` minds are lived and compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.minds.constants import Temper
from agents.minds.nulls import permuted
from agents.minds.utilities import table as utilities
from agents.values import VALUES
from model.analysis.published import OUTCOMES, Effects, Floats, agreement
from model.analysis.row import Row
from model.evidence.contrasts import compared, effect, mean_effect
from model.evidence.fold import basin_of, sweep_cases
from model.evidence.lab import Lab, LabRun
from model.evidence.pattern_tables import (
    Beside,
    ComparedOf,
    agreement_table,
    circle_table,
    day_one_table,
    directions_table,
    jitter_table,
    numbers_of,
    rank_correlation,
)
from model.evidence.pictures import day_one, shuffles
from model.evidence.table import EvidenceFound, EvidenceTable
from model.evidence.values import MODES, ORIGINAL, PRESETS, cells, treated
from model.measures.sweep import DAYS as SWEEP_DAYS

JITTERS: Final = 20
JITTER_SEEDS: Final = 2
PERMUTED: Final = (1, 2, 3)
PERMUTED_SEEDS: Final = 6
FEWEST: Final = 5

Rows = Mapping[Any, Sequence[Row]]


def pattern(lab: Lab, seeds: int) -> EvidenceFound:
    """Everything above; fewer jitters and permutations where fewer than five seeds are asked."""
    few = min(seeds, JITTER_SEEDS)
    jitters, minds = (JITTERS, PERMUTED) if seeds >= FEWEST else (2, PERMUTED[:1])
    wanted: dict[Any, list[LabRun]] = {
        cell: arm for cell, arm in cells(seeds).items() if cell[3] in (0.0, 1.0)
    }
    wanted |= width_cases(min(seeds, 5))
    wanted |= permuted_cases(minds, min(seeds, PERMUTED_SEEDS))
    wanted |= jitter_cases(jitters, few)
    rows = lab.live(wanted)
    effects = {preset: effects_of(rows, preset) for preset in PRESETS}
    found = {preset: agreement(effects[preset]) for preset in PRESETS}
    first = day_one_table(seeds, effects["growing"])
    return EvidenceFound(
        "pattern",
        f"surrogate; permuted:{minds[0]}–{minds[-1]}; surrogate with jittered table",
        f"0–{seeds - 1} (widths 0–{min(seeds, 5) - 1}, permuted 0–{min(seeds, PERMUTED_SEEDS) - 1}"
        f", jitters 0–{few - 1})",
        (
            effects_table(rows, effects, seeds),
            directions_table(effects, compared_of(rows)),
            agreement_table(found),
            circle_table(effects),
            permuted_table(rows, effects["growing"], minds),
            *first,
            jitter_table(jitter_signs(rows, jitters), effects["growing"], few),
        ),
        {
            "shuffles": (
                shuffles(found["growing"].null, found["growing"].score),
                "Agreement with the published directions (line) and under 999 shuffled labellings.",
            ),
            "day-one": (
                day_one(first[0].frame),
                "Attacks and work on day 1 by the table, beside attacks and nAUP of whole runs.",
            ),
        },
    )


# --- what is lived


def width_cases(seeds: int) -> dict[Any, list[LabRun]]:
    """A small sweep for every treatment at ρ = 1, on the baseline's ground."""
    wanted: dict[Any, list[LabRun]] = {("width", "", ORIGINAL): sweep_cases(seeds, days=SWEEP_DAYS)}
    for value in VALUES:
        for mode in MODES:
            wanted["width", value, mode] = sweep_cases(
                seeds, days=SWEEP_DAYS, value=value, mode=mode, prevalence=1.0
            )
    return wanted


def permuted_cases(minds: Sequence[int], seeds: int) -> dict[Any, list[LabRun]]:
    """The twenty treatments and the control, lived by minds with shuffled columns."""
    wanted: dict[Any, list[LabRun]] = {}
    for one in minds:
        mind = f"permuted:{one}"
        wanted["permuted", one, "", ORIGINAL] = treated(seeds, "growing", mind=mind)
        for value in VALUES:
            for mode in MODES:
                wanted["permuted", one, value, mode] = treated(
                    seeds, "growing", value, mode, mind=mind
                )
    return wanted


def jitter_cases(jitters: int, seeds: int) -> dict[Any, list[LabRun]]:
    """The same, lived by surrogates whose tables are moved by −1, 0 or 1 an entry."""
    wanted: dict[Any, list[LabRun]] = {}
    for one in range(jitters):
        wanted["jitter", one, "", ORIGINAL] = treated(seeds, "growing", labels=False, jitter=one)
        for value in VALUES:
            for mode in MODES:
                wanted["jitter", one, value, mode] = treated(
                    seeds, "growing", value, mode, labels=False, jitter=one
                )
    return wanted


# --- what is read off


def effects_of(rows: Rows, preset: str) -> Effects:
    """Mean paired effects at ρ = 1 by (mode, outcome), values in circle order."""
    control = rows[preset, "", ORIGINAL, 0.0]
    found: dict[tuple[str, str], Floats] = {
        (mode, outcome): numbers_of(
            mean_effect(rows[preset, value, mode, 1.0], control, outcome) for value in VALUES
        )
        for mode in MODES
        for outcome in OUTCOMES
        if outcome != "width"
    }
    if preset == "growing":
        plain = basin_of(rows["width", "", ORIGINAL]).width
        for mode in MODES:
            found[mode, "width"] = numbers_of(
                basin_of(rows["width", value, mode]).width - plain for value in VALUES
            )
    return found


def compared_of(rows: Rows) -> ComparedOf:
    """A function that compares one direction's arm with its control in one preset."""

    def of(preset: str, value: str, mode: str, outcome: str) -> Beside:
        runs, control = rows[preset, value, mode, 1.0], rows[preset, "", ORIGINAL, 0.0]
        described = effect(runs, control, outcome)
        return Beside(
            compared(runs, control, outcome),
            described[f"Δ{outcome}_low"],
            described[f"Δ{outcome}_high"],
            sum(row.collapsed == 1 for row in runs),
            len(runs),
        )

    return of


def effects_table(rows: Rows, effects: Mapping[str, Effects], seeds: int) -> EvidenceTable:
    """All effects at ρ = 1."""
    found = []
    for preset, measured in effects.items():
        for mode in MODES:
            for k, value in enumerate(VALUES):
                line: dict[str, Any] = {"preset": preset, "mode": mode, "value": value}
                for outcome in OUTCOMES:
                    if (mode, outcome) in measured:
                        line[f"Δ{outcome}"] = float(measured[mode, outcome][k])
                found.append(line)
    return EvidenceTable(
        "effects",
        f"Mean paired effects at ρ = 1, {seeds} seeds",
        pd.DataFrame(found),
        "Differences to the control; attacks, betrayals, cooperation, power-seeking, deceptions "
        "and births (`growth`) per 1,000 resident-days. `width`: basin width of 8 starts × 5 seeds "
        "× 40 days on the baseline's ground against the untreated sweep; – where none is "
        "identified.",
    )


def permuted_table(rows: Rows, effects: Effects, minds: Sequence[int]) -> EvidenceTable:
    """Permuted minds against relabelled effects."""
    found = []
    for one in minds:
        order = column_order(one)
        control = rows["permuted", one, "", ORIGINAL]
        line: dict[str, Any] = {
            "mind": f"permuted:{one}",
            "columns": " ".join(f"{v}→{VALUES[k]}" for v, k in zip(VALUES, order, strict=True)),
        }
        for outcome in ("nAUP", "attacks", "cooperation"):
            lived, relabelled = [], []
            for mode in MODES:
                lived += [
                    mean_effect(rows["permuted", one, value, mode], control, outcome)
                    for value in VALUES
                ]
                relabelled += effects[mode, outcome][list(order)].tolist()
            line[f"{outcome}: rank correlation"] = rank_correlation(lived, relabelled)
        found.append(line)
    return EvidenceTable(
        "permuted",
        "Shuffled columns, lived, against shuffled labels of measured effects (`growing`)",
        pd.DataFrame(found),
        "Spearman correlation over 20 treatments of the effect in the permuted world with the "
        "effect of the value whose column it acts by. 1 would be exact equivalence; the base "
        "profile and the noise of few seeds take away from it.",
    )


def column_order(seed: int) -> tuple[int, ...]:
    """The column by which each value acts in the mind `permuted:seed`.

    Raises:
        ValueError: that mind shuffles its columns by another rule than is known here.
    """
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(VALUES))
    chosen = tuple(int(k) for k in order)
    lived = permuted(Temper(), seed).table.entries
    if not np.array_equal(utilities().permuted(chosen).entries, lived):
        raise ValueError(f"permuted:{seed} does not shuffle its columns as expected")
    return chosen


def jitter_signs(rows: Rows, jitters: int) -> dict[tuple[str, str], Floats]:
    """Effects by (mode, outcome) in every jittered world, shape [jitters, 10]."""
    found: dict[tuple[str, str], Floats] = {}
    for mode in MODES:
        for outcome in ("nAUP", "attacks"):
            found[mode, outcome] = np.array(
                [
                    [
                        mean_effect(
                            rows["jitter", one, value, mode],
                            rows["jitter", one, "", ORIGINAL],
                            outcome,
                        )
                        for value in VALUES
                    ]
                    for one in range(jitters)
                ]
            )
    return found
