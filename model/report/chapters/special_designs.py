"""What designs of their own kind show: basins, loops, sensitivities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from model.analysis.arms import Arm
from model.measures.basin import basin_width
from model.measures.recovery import RAMP_STEP, hysteresis, ramp_plan, rate_trend
from model.measures.sensitivity import SobolDesign, sobol_indices
from model.report.figures.basin import Basin, basin_picture, basin_table
from model.report.pictures import Picture
from model.report.section import Section
from model.report.study_material import Material
from model.report.style import INK, canvas, look
from model.report.tables import Column, Table, digits, listed
from model.study.cells import points_of

_RESAMPLES: Final = 200


def special(material: Material) -> Section | None:
    """The section of the registered analysis, if it is one of these."""
    makers: dict[str, Callable[[Material], Section]] = {
        "basin": _basins,
        "hysteresis": _loops,
        "sobol": _sensitivities,
    }
    make = makers.get(material.design.registration.analysis)
    return None if make is None else make(material)


def _basins(material: Material) -> Section:
    groups: dict[str, list[Arm]] = {}
    for arm in material.arms:
        rest = {name: level for name, level in arm.levels.items() if name != "residents"}
        groups.setdefault(" ".join(map(str, rest.values())) or "base", []).append(arm)
    births = any(bool(cell.scenario["births"]) for cell in material.study.manifest.cells)
    spare = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
    found = []
    for number, (label, arms) in enumerate(groups.items()):
        born = sum(arm.total("births") for arm in arms)
        table = pd.concat([_started(material, arm) for arm in arms], ignore_index=True)
        width = basin_width(table, births=int(born) if births else None, resamples=_RESAMPLES)
        runs = sum(len(arm.runs) for arm in arms)
        colour = look("", "").colour if label == "original" else spare[number % len(spare)]
        found.append(Basin(label, runs, colour, width))
    picture = basin_picture(found)
    return Section(
        "Distance to the fold",
        ("The baseline’s width is an input that was calibrated: compare conditions here only.",),
        (picture,) if picture else (),
        (basin_table(found),),
    )


def _started(material: Material, arm: Arm) -> pd.DataFrame:
    population = material.population[arm.label]
    runs, days = population.shape
    return pd.DataFrame(
        {
            "run": np.repeat([f"{arm.label} {run.seed}" for run in arm.runs], days),
            "day": np.tile(np.arange(days), runs),
            "population": population.ravel(),
            "n0": int(arm.levels["residents"]),
        }
    )


def _loops(material: Material) -> Section:
    ramp = material.design.ramp
    if ramp is None:
        raise ValueError("a hysteresis study has a ramp")
    immigration = float(material.study.manifest.cells[0].scenario["immigration"])
    records: list[dict[str, Any]] = []
    figure = canvas(9.6, 3.4)
    axes = np.atleast_1d(figure.subplots(1, len(material.arms), sharey=True))
    drawn = []
    for axis, arm in zip(axes, material.arms, strict=True):
        days = int(arm.levels["ramp"])
        levels = np.repeat([level for _, level in ramp_plan(days)], days)
        for run, population in zip(arm.runs, material.population[arm.label], strict=True):
            # Day t of the table is the evening of day t; the ramp begins after `settle` days.
            loop = hysteresis(levels, population[ramp.settle + 1 :], immigration)
            records.append(
                {
                    "cell": arm.label,
                    "seed": run.seed,
                    "rate": RAMP_STEP / days,
                    "verdict": loop.verdict,
                    "area": loop.area,
                    "relative_area": loop.relative_area,
                    "reason": loop.reason,
                }
            )
            top = len(loop.prevalence) // 2
            up, down = slice(0, top + 1), slice(top, None)
            axis.plot(loop.prevalence[up], loop.population[up], color="#0072b2", alpha=0.7)
            axis.plot(loop.prevalence[down], loop.population[down], "--", color="#d55e00")
            drawn += [
                {"cell": arm.label, "seed": run.seed, "step": k, "prevalence": p, "population": n}
                for k, (p, n) in enumerate(zip(loop.prevalence, loop.population, strict=True))
            ]
        axis.set_title(f"{days} days a step")
        axis.set_xlabel(f"prevalence, {ramp.mode} {ramp.value}")
    axes[0].set_ylabel("residents, mean of a step")
    frame = pd.DataFrame(records)
    words = _trend_words(frame)
    columns = (
        Column("cell", "ramp"),
        Column("rate", "prevalence a day", digits(5)),
        Column("verdict", "verdict"),
        Column("area", "area", digits(2)),
        Column("reason", "why"),
    )
    table = listed("loops", "Loops", frame, columns)
    caption = (
        f"Each run a loop, {len(frame)} in all; solid: rising, dashed: falling prevalence. Points "
        "are means over the days of a step; no interval."
    )
    numbers = Table("loop_steps", "Steps of the loops", pd.DataFrame(drawn))
    picture = Picture("loops", "Population over prevalence, up and down", caption, figure, numbers)
    return Section("Hysteresis", (words,), (picture,), (table,))


def _trend_words(frame: pd.DataFrame) -> str:
    """The area of a loop that is run without any haste, or why it cannot be told."""
    closed = frame[frame["verdict"] == "closed"]
    if closed["rate"].nunique() >= 3:
        trend = rate_trend(closed["rate"].tolist(), closed["area"].tolist())
        return (
            f"Loop area at rate 0: {trend.static_area:.2f} residents, 95 % interval "
            f"{trend.lower:.2f} to {trend.upper:.2f}, from {trend.runs} closed loops at "
            f"{trend.rates} rates. "
            + (
                "The interval excludes 0."
                if trend.lower > 0 or trend.upper < 0
                else "The interval holds 0: no hysteresis is shown."
            )
        )
    return (
        f"{len(closed)} of {len(frame)} loops closed, at {closed['rate'].nunique()} rates: a "
        "trend over rates needs three. Loops that did not close are irreversible here and have "
        "no area."
    )


def _sensitivities(material: Material) -> Section:
    design, outcome = material.design, material.analysis.outcome
    bounds = {name: (float(f["low"]), float(f["high"])) for name, f in design.factors.items()}
    laid = SobolDesign(bounds, points_of(design), design.points or 0)
    means = []
    for arm in material.analysis.arms:
        known = np.array(list(arm.values(outcome.name).values()))
        known = known[np.isfinite(known)]
        means.append(float(known.mean()) if known.size else float("nan"))
    missing = int(np.isnan(means).sum())
    if missing:
        words = (
            (
                f"{missing} of {len(means)} points have no defined run: the design is broken and "
                "no index is estimated. Run the study to its end."
            ),
        )
        return Section("Sensitivity", words)
    frame = pd.DataFrame([vars_of(one) for one in sobol_indices(laid, means)])
    figure = canvas(9.6, 0.8 + 0.45 * len(frame))
    axis = figure.subplots()
    places = np.arange(len(frame))[::-1]
    for shift, name, colour in ((0.12, "total", "#d55e00"), (-0.12, "first", "#0072b2")):
        axis.errorbar(
            frame[name], places + shift, xerr=frame[f"{name}_half_width"], fmt="o", color=colour,
            ecolor=INK, elinewidth=1.0, label=f"{name} order" if name == "first" else "total",
        )  # fmt: skip
    axis.set_yticks(places, frame["parameter"].tolist())
    axis.set_xlabel(f"share of the variance of mean {outcome.title}")
    axis.axvline(0, color=INK, lw=0.6)
    axis.legend(loc="lower right")
    caption = (
        f"Sobol’ indices from {len(means)} points, each the mean of {design.runs} runs (what runs "
        "differ by is counted as interaction); bars: 95 % bootstrap."
    )
    numbers = Table("sensitivity", "Sensitivity", frame)
    picture = Picture("sensitivity", "What the outcome hangs on", caption, figure, numbers)
    return Section("Sensitivity", (), (picture,))


def vars_of(one: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass as a row."""
    return {name: getattr(one, name) for name in one.__slots__}
