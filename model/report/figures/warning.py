"""Early warning: across runs where there are enough, in single runs where they are long enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from model.measures.early_warning import early_warning
from model.measures.ensemble import MIN_RUNS, ensemble_ac1
from model.report.conditions import Condition, Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import canvas, label_ends
from model.report.tables import Column, Table, digits, listed

_SURROGATES = 199


def warning_table(material: Material) -> Table:
    """Each run's own trend, or why there is none, with what such a trend could ever show."""
    rows = []
    for one, run in material.runs:
        found = early_warning(run.days["output"].to_numpy(dtype=float)[1:], surrogates=_SURROGATES)
        rows.append(
            {
                "condition": one.label,
                "seed": run.meta.seed,
                "days": found.length,
                "tau_ac1": found.tau_ac1,
                "p_ac1": found.p_ac1,
                "tau_variance": found.tau_variance,
                "p_variance": found.p_variance,
                "power": found.power,
                "not_computed": found.reason or "",
            }
        )
    frame = pd.DataFrame(rows)
    longest = int(frame["days"].to_numpy().argmax())
    power = frame["power"].iloc[longest]
    note = (
        "Kendall’s τ of rolling lag-1 autocorrelation and variance of output (detrended, window "
        f"half the run), p from {_SURROGATES} AR(1) surrogates; the CSV gives each run’s reason or "
        "numbers."
    )
    columns = [
        Column("condition", "condition"),
        Column("seed", "seed"),
        Column("tau_ac1", "τ of AC1", digits(2)),
        Column("p_ac1", "p", digits(3)),
        Column("tau_variance", "τ of variance", digits(2)),
        Column("p_variance", "p", digits(3)),
    ]
    title = "Early warning in single runs"
    if frame["tau_ac1"].isna().all():
        why = f"in the longest, {frame['not_computed'].iloc[longest]}"
        words = f"Not computed in any of {len(frame)} runs: {why} ({power}). {note}"
        return Table("early_warning", title, frame, note=words)
    words = f"{note} Power: {power}."
    return listed("early_warning", title, frame, columns, note=words, limit=24)


def ensemble_numbers(material: Material) -> pd.DataFrame:
    """condition, day, runs, ac1, low, high, reason: see `model.measures.ensemble`."""
    frames = []
    for one in material.conditions:
        output = one.daily("output")[:, 1:]
        alive = one.daily("population")[:, 1:] > 0
        found = ensemble_ac1(output, alive & np.isfinite(output))
        frames.append(
            pd.DataFrame(
                {
                    "condition": one.label,
                    "day": np.arange(1, len(found.ac1) + 1),
                    "runs": found.runs,
                    "ac1": found.ac1,
                    "low": found.low,
                    "high": found.high,
                    "reason": [reason or "" for reason in found.reason],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def ensemble(material: Material) -> Picture | str:
    """The ensemble AC1 where 60 runs live; otherwise the reason, in words."""
    most = max(len(one.runs) for one in material.conditions)
    if most < MIN_RUNS:
        return (
            f"The ensemble AC1 (correlation over runs of one day’s output with the next) needs "
            f"{MIN_RUNS} runs of a condition alive on both days; the largest has {most}."
        )
    frame = ensemble_numbers(material)
    if frame["ac1"].isna().all():
        return f"The ensemble AC1 is undefined on every day: {frame['reason'].iloc[0]}."
    caption = (
        f"{runs_words(material.conditions)}. Correlation over the runs alive on both days of "
        "output with the next day’s; band: 95 % by Fisher’s z. Where fewer than "
        f"{MIN_RUNS} live there is no value."
    )
    return Picture(
        "ensemble_ac1",
        "Early warning across runs",
        caption,
        draw(material.conditions, frame),
        Table("ensemble_ac1", "Ensemble AC1", frame),
    )


def draw(conditions: tuple[Condition, ...], frame: pd.DataFrame) -> Figure:
    """All conditions in one panel."""
    figure = canvas(9.6, 3.4)
    axis = figure.subplots()
    ends = []
    for one in conditions:
        part = frame[frame["condition"] == one.label]
        axis.fill_between(
            part["day"], part["low"], part["high"], color=one.look.colour, alpha=0.14, linewidth=0
        )
        axis.plot(part["day"], part["ac1"], color=one.look.colour, linestyle=one.look.line)
        known = part["ac1"].dropna()
        ends.append((float(known.iloc[-1]) if len(known) else np.nan, one.label, one.look.colour))
    axis.axhline(0, color="#8c959f", lw=0.8)
    axis.set_ylim(-1, 1)
    axis.set_xlabel("day")
    axis.set_ylabel("AC1 of output over runs")
    label_ends(axis, ends)
    return figure
