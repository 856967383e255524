"""Basin width d_FB = N_s − N_u where the runs identify it, and the refusal where they do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.measures.basin import BasinWidth, basin_width
from model.report.conditions import Condition, Material
from model.report.pictures import Picture
from model.report.style import INK, QUIET, panels
from model.report.tables import Cell, Table, number
from model.report.text import visible

_RESAMPLES = 200


@dataclass(frozen=True)
class Basin:
    """The basin of one condition, its starts put together.

    Attributes:
        label: of the condition, without its number of residents.
        runs: runs used.
        colour: of the condition.
        found: the estimate.
    """

    label: str
    runs: int
    colour: str
    found: BasinWidth


def basins(material: Material) -> list[Basin]:
    """One estimate for each set of conditions that differ in their residents at the start alone."""
    groups: dict[str, list[Condition]] = {}
    for one in material.conditions:
        groups.setdefault(_beside_residents(one.scenario), []).append(one)
    found = []
    for members in groups.values():
        runs = [
            pd.DataFrame(
                {
                    "run": f"{one.key} {run.meta.seed}",
                    "day": run.days["day"].to_numpy(),
                    "population": run.days["population"].to_numpy(),
                    "n0": int(one.scenario["residents"]),
                }
            )
            for one in members
            for run in one.runs
        ]
        first = members[0]
        births = bool(first.scenario["births"]) and bool(first.scenario["merges"])
        born = sum(float(run.days["births"].sum()) for one in members for run in one.runs)
        name = first.label.replace(f", residents {first.scenario['residents']}", "")
        found.append(
            Basin(
                label=name if len(members) > 1 else first.label,
                runs=len(runs),
                colour=first.look.colour,
                found=basin_width(
                    pd.concat(runs, ignore_index=True),
                    births=int(born) if births else None,
                    resamples=_RESAMPLES,
                ),
            )
        )
    return found


def basin_table(found: list[Basin]) -> Table:
    """Width, threshold and stable size by condition, with flag and reason."""
    frame = pd.DataFrame(
        [
            {
                "condition": one.label,
                "runs": one.runs,
                "flag": str(one.found.flag),
                "width": one.found.width,
                "width_low": one.found.width_interval[0],
                "width_high": one.found.width_interval[1],
                "unstable": one.found.unstable,
                "stable": one.found.stable,
                "even_odds_at": one.found.committor.unstable,
                "late_median": one.found.late_median,
                "reason": one.found.reason,
            }
            for one in found
        ]
    )
    rows = tuple(
        (
            Cell(visible(one.label), i, f"{one.runs} runs"),
            Cell(str(one.found.flag).replace("_", " "), i),
            Cell(number(one.found.width, 1), i, _limits(one.found)),
            Cell(f"{number(one.found.unstable, 1)} and {number(one.found.stable, 1)}", i),
            Cell(
                f"{number(one.found.committor.unstable, 1)} and {number(one.found.late_median, 1)}",
                i,
            ),
            Cell(visible(one.found.reason), i),
        )
        for i, one in enumerate(found)
    )
    head = (
        *("condition", "verdict", "d_FB, residents", "N_u and N_s"),
        *("even odds at, late median", "why"),
    )
    words = found[0].found.interval_words
    note = (
        "d_FB = N_s − N_u, from the threshold below which a community shrinks to ruin to its "
        "stable size (definition ours). Only runs that start at many sizes can show it. Interval: "
        f"{words}. Even odds and late median are an independent cross-check."
    )
    return Table("basin", "Basin width", frame, head, rows, note)


def basin_picture(found: list[Basin]) -> Picture | None:
    """Drift curves where a band was estimated and a root identified; None otherwise."""
    shown = [one for one in found if one.found.band is not None and np.isfinite(one.found.width)]
    if not shown:
        return None
    frame = pd.concat([_curve(one) for one in shown], ignore_index=True)
    caption = (
        f"n = {', '.join(f'{one.runs} runs ({one.label})' for one in shown)}. Daily change of the "
        "population as a share of it, by its size; band: pointwise 95 % bootstrap of runs within "
        f"their start. Marks: N_u (hollow) and N_s; interval: {shown[0].found.interval_words}."
    )
    return Picture(
        "basin", "Distance to the fold", caption, draw(shown), Table("basin_drift", "Drift", frame)
    )


def draw(shown: list[Basin]) -> Figure:
    """One panel a condition."""
    figure, axes = panels(len(shown), height=2.8)
    for axis, one in zip(axes, shown, strict=True):
        band = one.found.band
        if band is None:
            raise ValueError(f"{one.label} has no drift curve to draw")
        known = band.supported
        size = np.where(known, band.size, np.nan)
        axis.fill_between(size, band.low, band.high, color=one.colour, alpha=0.18, linewidth=0)
        axis.plot(size, np.where(known, band.drift, np.nan), color=one.colour)
        axis.axhline(0, color=QUIET, lw=0.9)
        if one.found.unstable > 0:
            axis.plot(one.found.unstable, 0, "o", mfc="white", mec=INK, zorder=4)
        axis.plot(one.found.stable, 0, "o", color=INK, zorder=4)
        axis.set_xscale("log")
        axis.set_title(one.label, color=one.colour)
        axis.set_xlabel("residents N (log scale)")
    axes[0].set_ylabel("ΔN / N a day")
    return figure


def _curve(one: Basin) -> pd.DataFrame:
    band = one.found.band
    if band is None:
        raise ValueError(f"{one.label} has no drift curve")
    return pd.DataFrame(
        {
            "condition": one.label,
            "size": band.size,
            "drift": band.drift,
            "low": band.low,
            "high": band.high,
            "supported": band.supported,
        }
    )


def _limits(found: BasinWidth) -> str:
    low, high = found.width_interval
    return f"{number(low, 1)} … {number(high, 1)}" if low == low else "no interval"


def _beside_residents(scenario: Mapping[str, object]) -> str:
    return json.dumps({k: v for k, v in scenario.items() if k != "residents"}, sort_keys=True)
