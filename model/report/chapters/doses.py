"""An outcome over value and prevalence: the heat map, and the curves with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agents.values import NAMES
from model.analysis.arms import Arm
from model.analysis.estimates import estimate
from model.analysis.measures import Measure, measure
from model.measures.families import CANNOT_REJECT, Hypothesis
from model.measures.halfway import Halfway
from model.measures.intervals import proportion_interval
from model.measures.shares import none_collapsed_words
from model.report.pictures import Picture
from model.report.study_material import Material
from model.report.style import CONTROL, INK, MODE_COLOURS, MODE_LINES, MODE_MARKERS, canvas, panels
from model.report.tables import Column, Table, digits, listed


def cell_numbers(material: Material) -> pd.DataFrame:
    """Mean of the registered outcome by cell, with its interval and its runs."""
    outcome = material.analysis.outcome
    return pd.DataFrame([_record(arm, outcome) for arm in material.arms])


def heat_map(material: Material) -> Picture | None:
    """Mean outcome by value × prevalence, a panel a mode; None where values were not varied."""
    treated, control = material.treated, material.control
    if not treated or control is None:
        return None
    outcome = material.analysis.outcome
    title = outcome.title
    frame = cell_numbers(material)
    means = dict(zip(frame["cell"].tolist(), frame["mean"].tolist(), strict=True))
    figure = _heat(material, means)
    runs = sorted({len(arm.runs) for arms in treated.values() for arm in arms})
    caption = (
        f"Mean {title} over runs: {_span(runs)} a treated cell, {len(control.runs)} in the control "
        "(prevalence 0: one shared cell, shown in every row). Prevalence as assigned. Intervals "
        "stand in the CSV."
    )
    name = f"{title} by value and prevalence"
    return Picture("heat_map", name, caption, figure, Table("cells", name, frame))


def dose_curves(material: Material) -> Picture | None:
    """Outcome over prevalence, a panel a value, a line a mode, runs as dots."""
    treated, control = material.treated, material.control
    if not treated or control is None:
        return None
    outcome = material.analysis.outcome
    values = list(dict.fromkeys(value for value, _ in treated))
    figure, axes = panels(len(values), columns=5, height=2.1)
    records = []
    for axis, value in zip(axes, values, strict=True):
        for (one, mode), arms in treated.items():
            if one == value:
                records += _curve(axis, (control, *arms), mode, value, outcome)
        axis.set_title(NAMES.get(value, value))
        axis.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
        axis.set_xlim(-0.06, 1.06)
    for axis in axes[::5]:
        axis.set_ylabel(outcome.title)
    for axis in axes[-5:]:
        axis.set_xlabel("prevalence")
    modes = list(dict.fromkeys(mode for _, mode in treated))
    handles = [_handle(mode) for mode in modes]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(modes))
    caption = (
        "Dots: runs. Lines: means with 95 % intervals (bootstrap-t; Student’s t below 6 runs, "
        "which is unreliable; none where runs are equal). Prevalence 0 is the shared control, n = "
        f"{len(control.runs)}."
    )
    table = Table("dose_response", "Dose and response", pd.DataFrame(records))
    return Picture("dose_response", f"{outcome.title} over prevalence", caption, figure, table)


def series_table(material: Material) -> Table | None:
    """The dose series: test, decision, tipping, shape."""
    if not material.analysis.series:
        return None
    primary = material.analysis.primary
    registered = primary is not None and material.design.registration.analysis == "dose"
    seen = _seen(material)
    frame = pd.DataFrame(
        [
            {
                "series": one.name,
                "runs": " ".join(map(str, one.test.n)),
                "rho": one.test.statistic,
                "p": one.decision.p,
                "smallest_p": one.decision.smallest_p,
                "corrected_p": one.decision.adjusted,
                "decision": _decision(one.decision, seen.get(one.name, float("nan"))),
                "could_have_seen": seen.get(one.name, float("nan")),
                "tipping": _tipping(one.tipping),
                "tipping_p": one.tipping.p if one.tipping else np.nan,
                **_halfway(one.halfway),
                "shape": one.shapes.preferred if one.shapes else "not compared (paired seeds)",
                "flags": "; ".join(dict.fromkeys((*one.decision.flags, *_flags(one.tipping)))),
            }
            for one in material.analysis.series
        ]
    )
    columns = (
        Column("series", "treatment"),
        Column("rho", "Spearman ρ", digits(3)),
        Column("p", "p", digits(4)),
        Column("smallest_p", "smallest p", digits(4)),
        Column("corrected_p", "corrected p", digits(4)),
        Column("decision", "decision"),
        Column("tipping", "tipping (exploratory)"),
        Column("at_half", "at ρ = .5 against half of ρ = 1 (exploratory)"),
        Column("shape", "shape (exploratory)"),
    )
    family = f"Registered family. {primary}." if registered else "Not registered: exploratory."
    note = (
        f"{family} Permutation of the prevalence labels, the control included. Beside “not told "
        "apart”: the smallest difference of the highest level to the control that 80 of 100 such "
        "studies would have seen, uncorrected. A step is located "
        "only where 95 % of bootstrap choices fall into one interval between levels; otherwise the "
        "smallest set of intervals is given. Shapes are compared from 7 levels × 8 runs on."
    )
    return listed("dose_series", "Treatments, tested", frame, columns, note=note)


def halfway_words(material: Material) -> str:
    """In one line, of how many treatments the effect at .5 is more than half of that at 1."""
    found = [(one.name, one.halfway) for one in material.analysis.series if one.halfway]
    if not found:
        return ""
    more = [name for name, half in found if half.answer == "more than half"]
    less = [name for name, half in found if half.answer == "less than half"]
    names = f" ({', '.join(more)})" if more else ""
    return (
        f"At ρ = .5 the effect is more than half of that at ρ = 1 in {len(more)} of {len(found)} "
        f"treatments{names}, less in {len(less)}; in the others it is not told apart from half. "
        "95 % intervals without correction: exploratory."
    )


def _halfway(found: Halfway | None) -> dict[str, Any]:
    """The columns of the effect at half prevalence."""
    if found is None:
        nothing = dict.fromkeys(("excess_at_half", "excess_low", "excess_high"), np.nan)
        return {"at_half": "no such levels", **nothing}
    return {
        "at_half": found.answer,
        "excess_at_half": found.excess,
        "excess_low": found.low,
        "excess_high": found.high,
    }


def _record(arm: Arm, outcome: Measure) -> dict[str, Any]:
    found = estimate(arm, outcome, (arm,))
    return {
        "cell": arm.label,
        **{f"level_{name}": level for name, level in arm.levels.items()},
        "runs": len(arm.runs),
        "failed": arm.failed,
        "collapsed": len(arm.fell),
        **_collapse_columns(arm),
        "mean": found.estimate,
        "low": found.low,
        "high": found.high,
        "interval": found.method,
        "flags": "; ".join(found.flags),
        "values": " ".join(f"{value:.6g}" for value in arm.values(outcome.name).values()),
    }


def _collapse_columns(arm: Arm) -> dict[str, Any]:
    """Share of runs that collapsed, what none of them is compatible with, nAUP of the others."""
    gone, runs = len(arm.fell), len(arm.runs)
    share = proportion_interval(gone, runs)
    lived = estimate(arm, measure("naup_survived"), (arm,))
    return {
        "collapsed_low": share.low,
        "collapsed_high": share.high,
        "none_collapsed": none_collapsed_words(gone, runs),
        "naup_survived": lived.estimate,
        "naup_survived_low": lived.low,
        "naup_survived_high": lived.high,
    }


def _heat(material: Material, means: dict[str, float]) -> Figure:
    treated, control = material.treated, material.control
    assert control is not None
    modes = list(dict.fromkeys(mode for _, mode in treated))
    values = list(dict.fromkeys(value for value, _ in treated))
    levels = sorted({float(a.levels["prevalence"]) for arms in treated.values() for a in arms})
    middle = means[control.label]
    grids = []
    for mode in modes:
        grid = np.full((len(values), len(levels) + 1), np.nan)
        grid[:, 0] = middle
        for (value, one), arms in treated.items():
            for arm in arms if one == mode else ():
                column = levels.index(float(arm.levels["prevalence"])) + 1
                grid[values.index(value), column] = means[arm.label]
        grids.append(grid)
    reach = float(np.nanmax([np.nanmax(np.abs(grid - middle)) for grid in grids])) or 1e-9
    figure = canvas(9.6, 1.0 + 0.32 * len(values))
    axes = np.atleast_1d(figure.subplots(1, len(modes), sharey=True))
    for axis, mode, grid in zip(axes, modes, grids, strict=True):
        drawn = axis.imshow(
            grid, cmap="PuOr", vmin=middle - reach, vmax=middle + reach, aspect="auto"
        )
        for (y, x), number in np.ndenumerate(grid):
            if np.isfinite(number):
                dark = abs(number - middle) > 0.6 * reach
                colour = "white" if dark else "#1f2329"
                axis.text(x, y, f"{number:.2f}", ha="center", va="center", fontsize=8, color=colour)
        axis.set_xticks(range(len(levels) + 1), ["0", *(f"{level:g}" for level in levels)])
        axis.set_yticks(range(len(values)), [NAMES.get(value, value) for value in values])
        axis.set_title(mode)
        axis.set_xlabel("prevalence")
        axis.grid(visible=False)
        axis.tick_params(length=0)
    bar = figure.colorbar(drawn, ax=list(axes), shrink=0.9)
    bar.set_label(f"{material.analysis.outcome.title} (white: control)", color=INK)
    return figure


def _curve(
    axis: Axes, arms: tuple[Arm, ...], mode: str, value: str, outcome: Measure
) -> list[dict[str, Any]]:
    x = np.array([float(arm.levels.get("prevalence", 0.0)) for arm in arms])
    means = [estimate(arm, outcome, (arm,)) for arm in arms]
    y = np.array([found.estimate for found in means])
    low = np.array([found.low for found in means])
    high = np.array([found.high for found in means])
    colour = MODE_COLOURS[mode]
    shift = {"with": -0.012, "without": 0.012}.get(mode, 0.0)
    for at, arm in zip(x, arms, strict=True):
        runs = list(arm.values(outcome.name).values())
        faint = CONTROL if arm.control else colour
        axis.plot([at + shift] * len(runs), runs, "o", color=faint, alpha=0.25, ms=2.5, mew=0)
    axis.vlines(x + shift, low, high, color=colour, lw=1.2)
    axis.plot(x + shift, y, MODE_LINES[mode], marker=MODE_MARKERS[mode], color=colour, ms=4,
              mfc="white" if mode in ("without", "against") else colour, lw=1.4)  # fmt: skip
    return [
        {
            "value": value,
            "mode": mode,
            "prevalence": at,
            "runs": len(arm.runs),
            "mean": mean,
            "low": a,
            "high": b,
            "flags": "; ".join(found.flags),
        }
        for at, arm, mean, a, b, found in zip(x, arms, y, low, high, means, strict=True)
    ]


def _handle(mode: str) -> Any:
    from matplotlib.lines import Line2D

    face = "white" if mode in ("without", "against") else MODE_COLOURS[mode]
    line: Any = MODE_LINES[mode]
    return Line2D(
        [], [], color=MODE_COLOURS[mode], linestyle=line, marker=MODE_MARKERS[mode],
        mfc=face, label=mode,
    )  # fmt: skip


def _decision(found: Hypothesis, seen: float) -> str:
    if np.isnan(found.p):
        return "not tested"
    if found.rejected:
        return "changes with prevalence"
    if CANNOT_REJECT in found.flags:
        return "cannot reject"
    beside = "" if np.isnan(seen) else f" (could have seen ≥ {seen:.2g} at the highest level)"
    return f"not told apart{beside}"


def _seen(material: Material) -> dict[str, float]:
    """By series: the smallest difference that its highest level could have shown, uncorrected."""
    effects = {one.arm: one for one in material.analysis.effects}
    highest: dict[str, Arm] = {}
    for arm in sorted(material.arms, key=lambda arm: float(arm.levels.get("prevalence", 0.0))):
        if arm.label in effects:
            highest[arm.group] = arm
    return {name: effects[arm.label].verdict.seen for name, arm in highest.items()}


def _tipping(found: Any) -> str:
    if found is None:
        return "no data"
    sets = ", ".join(f"{a:g}–{b:g}" for a, b in found.intervals)
    return f"{found.status}: {sets}" if found.status in ("located", "refine") else found.status


def _flags(found: Any) -> tuple[str, ...]:
    return found.flags if found is not None else ()


def _span(numbers: list[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
