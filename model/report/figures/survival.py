"""Kaplan–Meier survival of residents by condition, with late entry."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.measures.families import benjamini_hochberg
from model.measures.log_rank import Lives, log_rank
from model.measures.survival import LEAST_RUNS, SurvivalCurve, kaplan_meier
from model.report.conditions import Condition, Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import canvas, label_ends
from model.report.tables import Table, number

_RESAMPLES = 500
_NO_TEST = dict.fromkeys(
    ("log_rank_observed", "log_rank_expected", "log_rank_p", "log_rank_smallest_p",
     "log_rank_corrected_p"), float("nan")
)  # fmt: skip


def survival(material: Material) -> Picture:
    """Survival by condition."""
    curves = [curve_of(one) for one in material.conditions]
    tests = log_rank_numbers(material)
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "condition": one.label,
                    "day": curve.day,
                    "at_risk": curve.at_risk,
                    "removed": curve.removed,
                    "survival": curve.survival,
                    "low": curve.lower,
                    "high": curve.upper,
                    **tests.get(one.label, _NO_TEST),
                }
            )
            for one, curve in zip(material.conditions, curves, strict=True)
        ],
        ignore_index=True,
    )
    few = any(not curve.reliable for curve in curves)
    doubt = f"; with fewer than {LEAST_RUNS} runs it covers less than that" if few else ""
    caption = (
        f"{runs_words(material.conditions)}. Kaplan–Meier in calendar time: newborns enter on the "
        "day of their birth, the end of a run censors. Band: nominal 95 %, percentiles of "
        f"{_RESAMPLES} resamples of runs{doubt}.{_log_rank_words(tests)}"
    )
    numbers = Table("survival", "Survival by day", frame)
    return Picture("survival", "Survival", caption, draw(material, curves), numbers)


def log_rank_numbers(material: Material) -> dict[str, dict[str, float]]:
    """Each condition's survival against the control's: p by permuting whole runs, corrected.

    Exploratory: Benjamini-Hochberg over all conditions. Empty without a control, or where seeds
    recur in some conditions only.
    """
    control, pairing = material.control, material.pairing
    if control is None or pairing == "mixed":
        return {}
    arms = [one for one in material.conditions if one is not control]
    found = {one.label: log_rank(_lives(one), _lives(control), pairing) for one in arms}
    corrected = benjamini_hochberg([one.test.p for one in found.values()]).tolist()
    return {
        name: {
            "log_rank_observed": one.observed,
            "log_rank_expected": one.expected,
            "log_rank_p": one.test.p,
            "log_rank_smallest_p": one.test.smallest_p,
            "log_rank_corrected_p": p,
        }
        for (name, one), p in zip(found.items(), corrected, strict=True)
    }


def _lives(condition: Condition) -> Lives:
    """All residents of a condition's runs, by seed."""
    lives = pd.concat([run.lives.assign(seed=run.meta.seed) for run in condition.runs])
    return Lives(lives["entered"], lives["left"], lives["removed"], lives["seed"])


def _log_rank_words(tests: dict[str, dict[str, float]]) -> str:
    if not tests:
        return ""
    each = "; ".join(
        f"{name} p {number(one['log_rank_corrected_p'], 4)} (smallest possible, uncorrected, "
        f"{number(one['log_rank_smallest_p'], 4)})"
        for name, one in tests.items()
    )
    return (
        " Log-rank against the control, whole runs permuted, Benjamini–Hochberg over conditions, "
        f"exploratory: {each}."
    )


def curve_of(condition: Condition) -> SurvivalCurve:
    """The curve of all residents of a condition's runs."""
    lives = pd.concat([run.lives.assign(run=i) for i, run in enumerate(condition.runs)])
    return kaplan_meier(
        lives["entered"],
        lives["left"],
        lives["removed"],
        lives["run"],
        rng=np.random.default_rng(0),
        resamples=_RESAMPLES,
    )


def draw(material: Material, curves: list[SurvivalCurve]) -> Figure:
    """All conditions in one panel."""
    figure = canvas(9.6, 3.8)
    axis = figure.subplots()
    ends = []
    for one, curve in zip(material.conditions, curves, strict=True):
        axis.fill_between(
            curve.day, curve.lower, curve.upper, step="post", color=one.look.colour, alpha=0.14,
            linewidth=0,
        )  # fmt: skip
        axis.step(curve.day, curve.survival, where="post", color=one.look.colour,
                  linestyle=one.look.line)  # fmt: skip
        known = curve.survival[~np.isnan(curve.survival)]
        ends.append((float(known[-1]), one.label, one.look.colour))
    axis.set_ylim(0, 1.02)
    axis.set_xlim(0, max(one.horizon for one in material.conditions))
    axis.set_xlabel("day")
    axis.set_ylabel("share of residents still alive, S(t)")
    label_ends(axis, ends)
    return figure
