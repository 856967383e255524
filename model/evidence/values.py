"""What the control shows: ten values × {with, without} × ρ, and `against`, in two presets.

The share treated is assigned (intention to treat); ρ = 0 is one cell shared by all. The surrogate
acts by its table, so for one value an effect follows from the table; `pattern` tests the ten
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from agents.values import VALUES
from model.analysis.row import Row
from model.evidence.contrasts import effect, estimate
from model.evidence.contrasts import values as outcomes_of
from model.evidence.lab import Lab, LabRun, cases
from model.evidence.pictures import doses
from model.evidence.table import EvidenceFound, EvidenceTable
from model.measures.families import family
from model.measures.pairing import dose
from model.measures.permutation import PermutationTest, dose_test

PRESETS: Final = ("growing", "scarce")
DAYS: Final = 60
MODES: Final = ("with", "without")
LEVELS: Final = (0.25, 0.5, 0.75, 1.0)
SHOWN: Final = ("nAUP", "attacks", "betrayal", "deceptions")
ORIGINAL: Final = "original"

Cell = tuple[str, str, str, float]


def values(lab: Lab, seeds: int) -> EvidenceFound:
    """All cells of both presets."""
    rows = lab.live(cells(seeds))
    tables = [
        table
        for preset in PRESETS
        for table in (
            cell_table(rows, preset, seeds),
            test_table(rows, preset, seeds),
            against_table(rows, preset, seeds),
        )
    ]
    figures = {
        f"{preset}-nAUP": (
            doses(tables[3 * k].frame, "nAUP"),
            f"nAUP by the share treated, ten values, `{preset}`.",
        )
        for k, preset in enumerate(PRESETS)
    }
    figures |= {
        f"{preset}-attacks": (
            doses(tables[3 * k].frame, "attacks"),
            f"Attacks per 1,000 resident-days by the share treated, ten values, `{preset}`.",
        )
        for k, preset in enumerate(PRESETS)
    }
    return EvidenceFound(
        "values", "surrogate", f"0–{seeds - 1} in every cell", tuple(tables), figures
    )


def cells(seeds: int) -> dict[Cell, list[LabRun]]:
    """Every cell's cases; the shared control under ("", "original", 0)."""
    wanted: dict[Cell, list[LabRun]] = {}
    for preset in PRESETS:
        wanted[preset, "", ORIGINAL, 0.0] = treated(seeds, preset)
        for value in VALUES:
            for mode in MODES:
                for level in LEVELS:
                    wanted[preset, value, mode, level] = treated(seeds, preset, value, mode, level)
            wanted[preset, value, "against", 1.0] = treated(seeds, preset, value, "against")
    return wanted


def treated(
    seeds: int,
    preset: str,
    value: str = "",
    mode: str = "with",
    level: float = 1.0,
    *,
    labels: bool = True,
    **fields: Any,
) -> list[LabRun]:
    """One cell's cases: untreated without a value."""
    if value:
        fields |= {"value": value, "mode": mode, "prevalence": level}
    return cases(seeds, preset=preset, days=DAYS, labels=labels, **fields)


def cell_table(rows: Mapping[Cell, Sequence[Row]], preset: str, seeds: int) -> EvidenceTable:
    """Means of every cell, and the change of nAUP."""
    control = rows[preset, "", ORIGINAL, 0.0]
    found = [_cell(control, control, "–", ORIGINAL, 0.0)]
    found += [
        _cell(rows[preset, value, mode, level], control, value, mode, level)
        for value in VALUES
        for mode in MODES
        for level in LEVELS
    ]
    return EvidenceTable(
        preset,
        f"Ten values in `{preset}`, {DAYS} days, {seeds} seeds a cell",
        pd.DataFrame(found),
        "Means over runs with 95 % intervals (bootstrap-t). Attacks, betrayals and deceptions per "
        "1,000 resident-days; betrayal: actor-days by attack or chosen breach against a "
        "cooperator; deceptions: labels of `model.measures.behaviour`. ΔnAUP: paired difference "
        "to the shared control, exploratory. Where one run of twelve collapsed, a bootstrap-t "
        "limit may lie below 0, which no run can.",
        page=("value", "mode", "ρ", *SHOWN, "ΔnAUP"),
    )


def _cell(
    rows: Sequence[Row], control: Sequence[Row], value: str, mode: str, level: float
) -> dict[str, Any]:
    line: dict[str, Any] = {"value": value, "mode": mode, "ρ": level}
    for outcome in (*SHOWN, "alive", "final", "social_capital"):
        line |= estimate(rows, outcome)
    if rows is not control:
        line |= effect(rows, control, "nAUP")
    return line


def test_table(rows: Mapping[Cell, Sequence[Row]], preset: str, seeds: int) -> EvidenceTable:
    """The primary family: does nAUP move with ρ? One test a value and mode, Holm over twenty."""
    tests: dict[str, PermutationTest] = {}
    for value in VALUES:
        for mode in MODES:
            levels, found, names = [], [], []
            for level in (0.0, *LEVELS):
                runs = rows[(preset, value, mode, level) if level else (preset, "", ORIGINAL, 0.0)]
                levels += [level] * len(runs)
                found += outcomes_of(runs, "nAUP")
                names += [row.seed for row in runs]
            tests[f"{mode} {value}"] = dose_test(dose(levels, found, names, "common"))
    corrected = family("nAUP moves with ρ", tests)
    frame = pd.DataFrame(
        {
            "hypothesis": list(tests),
            "rank correlation": [test.statistic for test in tests.values()],
            "p": [test.p for test in tests.values()],
            "p Holm": [one.adjusted for one in corrected.hypotheses],
            "smallest p": [test.smallest_p for test in tests.values()],
        }
    )
    return EvidenceTable(
        f"{preset}-tests",
        f"Does nAUP move with ρ? `{preset}`, twenty tests, Holm",
        frame,
        f"Mean within-seed Spearman correlation of ρ (0, .25 … 1) and nAUP over {seeds} seeds; "
        "labels permuted within seeds, 9,999 draws.",
    )


def against_table(rows: Mapping[Cell, Sequence[Row]], preset: str, seeds: int) -> EvidenceTable:
    """`without` and `against` at ρ = 1, as paired changes."""
    control = rows[preset, "", ORIGINAL, 0.0]
    found = []
    for value in VALUES:
        for mode in ("without", "against"):
            line: dict[str, Any] = {"value": value, "mode": mode}
            runs = rows[preset, value, mode, 1.0]
            line |= estimate(runs, "alive")
            for outcome in ("nAUP", "attacks", "betrayal", "deceptions"):
                line |= effect(runs, control, outcome)
            found.append(line)
    return EvidenceTable(
        f"{preset}-against",
        f"`without` and `against` at ρ = 1, `{preset}`, {seeds} seeds",
        pd.DataFrame(found),
        "Paired differences to the control with 95 % intervals and the p of the exact sign test, "
        "collapsed communities worst, uncorrected; "
        "rates per 1,000 resident-days.",
        page=(
            "value", "mode", "alive", "ΔnAUP", "Δattacks", "Δbetrayal", "Δdeceptions",
        ),
    )  # fmt: skip
