"""Emergent behaviours beside the values that were treated: correlations with n and intervals."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from agents.values import NAMES
from model.measures.behaviour import LABELS
from model.measures.families import benjamini_hochberg
from model.report.pictures import Picture
from model.report.study_material import Floats, Material
from model.report.style import INK, canvas
from model.report.tables import Table, number

_ALPHA: Final = 0.05
_LEAST: Final = 4  # runs below which Fisher's z has no interval


def behaviour_matrix(material: Material) -> Picture | None:
    """Spearman correlation of prevalence and a behaviour's rate, by treatment; None without any."""
    treated, control = material.treated, material.control
    if not treated or control is None:
        return None
    frame = pd.DataFrame(
        [
            {"behaviour": label.name, "value": value, "mode": mode}
            | _correlation(*_pairs(material, label.name, (value, mode)))
            for (value, mode) in treated
            for label in LABELS
        ]
    )
    # A family is a behaviour over all treatments.
    frame["corrected_p"] = frame.groupby("behaviour", sort=False)["p"].transform(
        lambda p: benjamini_hochberg(p.to_numpy(dtype=float))
    )
    modes = list(dict.fromkeys(mode for _, mode in treated))
    values = list(dict.fromkeys(value for value, _ in treated))
    names = [label.name for label in LABELS]
    figure = canvas(9.6, 0.9 + 0.3 * len(names))
    axes = np.atleast_1d(figure.subplots(1, len(modes), sharey=True))
    for axis, mode in zip(axes, modes, strict=True):
        grid = np.full((len(names), len(values)), np.nan)
        sure = np.zeros(grid.shape, dtype=bool)
        for _, row in frame[frame["mode"] == mode].iterrows():
            at = names.index(row["behaviour"]), values.index(row["value"])
            grid[at] = row["rho"]
            sure[at] = (row["low"] > 0 or row["high"] < 0) and row["corrected_p"] <= _ALPHA
        drawn = axis.imshow(grid, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
        for (y, x), rho in np.ndenumerate(grid):
            if np.isfinite(rho):
                axis.text(
                    x, y, number(rho, 1), ha="center", va="center", fontsize=7,
                    color="white" if abs(rho) > 0.6 else "#1f2329",
                    fontweight="bold" if sure[y, x] else "normal",
                )  # fmt: skip
        axis.set_xticks(range(len(values)), values)
        axis.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        axis.set_title(mode)
        axis.grid(visible=False)
        axis.tick_params(length=0)
    bar = figure.colorbar(drawn, ax=list(axes), shrink=0.9)
    bar.set_label("Spearman ρ of prevalence and rate", color=INK)
    runs = sorted(set(frame["runs"].tolist()))
    counts = " to ".join(map(str, dict.fromkeys((runs[0], runs[-1]))))
    caption = (
        "Each number: correlation over runs of the share of residents treated (as assigned, the "
        f"control included) with a behaviour’s rate per faultless resident-day; n = "
        f"{counts} runs. Bold: the 95 % interval (Fisher’s z, Fieller’s "
        "variance) leaves out 0 and its p is at most .05 after Benjamini–Hochberg over "
        "a behaviour’s treatments: exploratory. Empty: the behaviour never "
        f"varied or is undefined. Values: {', '.join(f'{v} {NAMES.get(v, v)}' for v in values)}."
    )
    table = Table("behaviours", "Behaviours by treatment", frame)
    return Picture("behaviours", "Behaviours and values", caption, figure, table)


def _pairs(material: Material, label: str, treatment: tuple[str, str]) -> tuple[Floats, Floats]:
    """Prevalence and rate of the runs of one treatment, the control's included."""
    control = material.control
    arms = [*([control] if control else []), *material.treated[treatment]]
    level = [float(arm.levels.get("prevalence", 0.0)) for arm in arms for _ in arm.runs]
    rate = [rate for arm in arms for rate in material.read[arm.label].values(label).values()]
    x, y = np.array(level), np.array(rate)
    known = np.isfinite(y)
    return x[known], y[known]


def _correlation(x: Floats, y: Floats) -> dict[str, float]:
    n = x.size
    if n < _LEAST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {"rho": np.nan, "low": np.nan, "high": np.nan, "p": np.nan, "runs": n}
    rho = float(stats.spearmanr(x, y).statistic)
    if abs(rho) > 1 - 1e-12:
        return {"rho": rho, "low": np.nan, "high": np.nan, "p": np.nan, "runs": n}
    # Fieller, Hartley & Pearson 1957: the variance of z of Spearman's rho is 1.06 / (n - 3).
    half = float(stats.norm.ppf(0.975)) * np.sqrt(1.06 / (n - 3))
    z = np.arctanh(rho)
    p = 2 * float(stats.norm.sf(abs(z) / np.sqrt(1.06 / (n - 3))))
    return {"rho": rho, "low": np.tanh(z - half), "high": np.tanh(z + half), "p": p, "runs": n}
