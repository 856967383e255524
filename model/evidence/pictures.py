"""The figures of an evidence: tables in, matplotlib figures out, in the house's style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from agents.values import NAMES, VALUES
from model.analysis.row import Row
from model.report.style import (
    CONTROL,
    MODE_COLOURS,
    MODE_LINES,
    QUIET,
    VALUE_COLOURS,
    canvas,
    house,
    panels,
)

_WIDTH: Final = 9.6


def survival_by_start(frame: pd.DataFrame) -> Figure:
    """Share alive by start, brute force with intervals and the small sweep's curve."""
    with house():
        figure = canvas(_WIDTH * 0.7, 3.2)
        axes = figure.subplots()
        share = frame["P(alive)"]
        axes.errorbar(
            frame["N0"],
            share,
            yerr=[share - frame["P(alive)_low"], frame["P(alive)_high"] - share],
            fmt="o",
            color=VALUE_COLOURS["BE"],
            label="brute force, 95 %",
        )
        axes.plot(frame["N0"], frame["8 × 5 sweep"], color=CONTROL, label="8 × 5 sweep")
        axes.axhline(0.5, color=QUIET, linewidth=0.8, linestyle=":")
        axes.set(
            xlabel="residents at the start", ylabel="share alive after 40 days", ylim=(-0.03, 1.03)
        )
        axes.legend(loc="lower right")
    return figure


def curves(sweeps: Mapping[str, Sequence[Row]]) -> Figure:
    """Every run's population, darker the more it started from."""
    with house():
        figure, axes = panels(len(sweeps), columns=2, height=3.2)
        for axis, (name, rows) in zip(axes, sweeps.items(), strict=True):
            most = max(row.residents for row in rows)
            for row in rows:
                population = (row.daily or {})["population"]
                shade = 0.25 + 0.75 * row.residents / most
                axis.plot(population, color=VALUE_COLOURS["BE"], alpha=0.6 * shade, linewidth=0.8)
            axis.set(title=name, xlabel="day", ylabel="residents", ylim=(0, None))
    return figure


def effects(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Paired change of nAUP by arm, one panel a preset."""
    with house():
        figure, axes = panels(len(tables), columns=2, height=4.2, share=False)
        for place, (axis, (name, frame)) in enumerate(zip(axes, tables.items(), strict=True)):
            arms = frame[frame["ΔnAUP"].notna()].iloc[::-1].reset_index(drop=True)
            change, rows = arms["ΔnAUP"], np.arange(len(arms))
            axis.axvline(0, color=QUIET, linewidth=0.8)
            axis.errorbar(
                change,
                rows,
                xerr=[
                    (change - arms["ΔnAUP_low"]).fillna(0.0),
                    (arms["ΔnAUP_high"] - change).fillna(0.0),
                ],
                fmt="o",
                color=VALUE_COLOURS["BE"],
            )
            axis.set_yticks(rows, arms["arm"] if place == 0 else [""] * len(arms))
            axis.set(title=name, xlabel="change of nAUP")
    return figure


def heat_maps(frame: pd.DataFrame, axis: str) -> Figure:
    """Share alive and nAUP over richness (up) and another axis (right), numbers in the cells."""
    with house():
        figure = canvas(_WIDTH, 3.6)
        pair = figure.subplots(1, 2)
        for axes, (outcome, title) in zip(
            pair, (("alive", "share alive"), ("nAUP", "nAUP")), strict=True
        ):
            grid = frame.pivot_table(index="richness", columns=axis, values=outcome)
            top = 1.0 if outcome == "alive" else float(np.nanmax(grid.to_numpy()))
            shown = axes.imshow(
                grid.to_numpy(), origin="lower", aspect="auto", cmap="cividis", vmin=0.0, vmax=top
            )
            axes.grid(visible=False)
            axes.set_xticks(range(grid.shape[1]), [f"{x:g}" for x in grid.columns])
            axes.set_yticks(range(grid.shape[0]), [f"{y:g}" for y in grid.index])
            axes.set(title=title, xlabel=f"{axis} (probability a day)", ylabel="richness")
            for (i, j), x in np.ndenumerate(grid.to_numpy()):
                colour = "black" if x > 0.55 * top else "white"
                axes.text(j, i, f"{x:.2f}", ha="center", va="center", color=colour, fontsize=7.5)
            figure.colorbar(shown, ax=axes, shrink=0.9)
    return figure


def doses(frame: pd.DataFrame, outcome: str) -> Figure:
    """An outcome by the share treated, one panel a value, a line a mode."""
    with house():
        figure, axes = panels(len(VALUES), columns=5, height=2.1)
        control = frame[frame["mode"] == "original"]
        for k, (axis, value) in enumerate(zip(axes, VALUES, strict=True)):
            for mode in ("with", "without"):
                cells = frame[(frame["value"] == value) & (frame["mode"] == mode)]
                line = pd.concat([control, cells])
                axis.fill_between(
                    line["ρ"],
                    line[f"{outcome}_low"].fillna(line[outcome]),
                    line[f"{outcome}_high"].fillna(line[outcome]),
                    color=MODE_COLOURS[mode],
                    alpha=0.15,
                    linewidth=0,
                )
                axis.plot(
                    line["ρ"],
                    line[outcome],
                    color=MODE_COLOURS[mode],
                    linestyle=MODE_LINES[mode],
                    label=mode,
                )
            axis.set_title(f"{value} {NAMES[value]}")
            if k >= len(VALUES) - 5:
                axis.set_xlabel("share treated ρ")
            if k % 5 == 0:
                axis.set_ylabel(outcome)
            axis.set_ylim(bottom=0.0)  # a limit of an interval may lie below, no run can
        axes[0].legend(fontsize=7.5)
    return figure


def day_one(frame: pd.DataFrame) -> Figure:
    """What the table alone implies on day 1 beside what emerges, each over its largest change."""
    pairs = (("day 1: attack", "Δattacks", "attacks"), ("day 1: work", "ΔnAUP", "work and nAUP"))
    with house():
        figure, axes = panels(4, columns=2, height=2.7)
        for k, axis in enumerate(axes):
            early, late, words = pairs[k // 2]
            mode = ("with", "without")[k % 2]
            rows = frame[frame["mode"] == mode].iloc[::-1]
            place = np.arange(len(rows))
            axis.axvline(0, color=QUIET, linewidth=0.8)
            for name, offset, marker, label in (
                (early, 0.13, "o", "day 1, by the table"),
                (late, -0.13, "D", "emergent"),
            ):
                most = float(rows[name].abs().max())
                colours = [VALUE_COLOURS[str(value)] for value in rows["value"]]
                share = rows[name] / most if most > 0 else rows[name]
                axis.scatter(share, place + offset, c=colours, marker=marker, s=26, label=label)
            axis.set_yticks(place, [str(value) for value in rows["value"]])
            axis.set(title=f"{words}, {mode}", xlabel="change over the largest change")
        axes[0].legend(fontsize=7.5, loc="lower right")
    return figure


def shuffles(null: np.ndarray[tuple[int], np.dtype[np.float64]], observed: float) -> Figure:
    """The pattern's score under shuffled labels, and as measured."""
    with house():
        figure = canvas(_WIDTH * 0.6, 2.8)
        axes = figure.subplots()
        axes.hist(null, bins=30, color=CONTROL, alpha=0.6)
        axes.axvline(observed, color=VALUE_COLOURS["PO"], linewidth=2)
        axes.set(xlabel="agreement with the published directions", ylabel="shuffled labellings")
    return figure
