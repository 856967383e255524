"""Emergent behaviours by condition, and who does them to whom where treated and untreated meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from model.measures.behaviour import LABELS
from model.measures.behaviour.components import NAMES as PARTS
from model.measures.rates import Arm, dispersion, rate_interval, share_with_hit
from model.report.conditions import Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import canvas
from model.report.tables import Table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NINE = tuple(label.name for label in LABELS if not label.beside)
ALL = tuple(label.name for label in LABELS)
#: Shares of residents that are means over runs, by their name in a digest's rates.
SPREAD = ("of_able", "of_all")
_GROUPS = ("treated", "untreated")


def behaviours(material: Material) -> Picture:
    """Rates per opportunity and per resident-day."""
    frame = behaviour_numbers(material)
    caption = (
        f"{runs_words(material.conditions)}. Rates pooled over runs; whiskers: 95 %, "
        "chi-square limits with the dispersion of all conditions (of fewer than three, of the "
        "untreated ones). Both scales are compressed "
        "near zero (square root), because the labels differ a hundredfold. A label without any "
        "opportunity has no rate and no dot."
    )
    numbers = Table("behaviours", "Emergent behaviours", frame)
    return Picture("behaviours", "Emergent behaviours", caption, draw(material, frame), numbers)


def behaviour_numbers(material: Material) -> pd.DataFrame:
    """condition, label or part of one, hits, rates with limits, runs, social prevalence."""
    plain = [not one.treated for one in material.conditions]
    tables = {
        label: [[run.rates.loc[label] for run in one.runs] for one in material.conditions]
        for label in (*ALL, *PARTS)
    }
    numbers = {label: _pooled(of, plain) for label, of in tables.items()}
    return pd.DataFrame(
        [
            {
                "condition": one.label,
                "label": label,
                **numbers[label][at],
                **_spread(tables[label][at]),
            }
            for at, one in enumerate(material.conditions)
            for label in (*ALL, *PARTS)
        ]
    )


def treated_numbers(material: Material) -> pd.DataFrame:
    """The same by treated and untreated actor, for conditions that have both; else empty."""
    mixed = {
        one.label: [run.by_treatment for run in one.runs if run.by_treatment is not None]
        for one in material.conditions
    }
    groups = [(name, actor) for name, tables in mixed.items() if tables for actor in _GROUPS]
    plain = [actor == "untreated" for _, actor in groups]
    numbers = {
        label: _pooled(
            [[_by_actor(table, label, actor) for table in mixed[name]] for name, actor in groups],
            plain,
        )
        for label in ALL
    }
    return pd.DataFrame(
        [
            {"condition": name, "label": label, "actor": actor, **numbers[label][at]}
            for name in dict.fromkeys(name for name, _ in groups)
            for label in ALL
            for at, (other, actor) in enumerate(groups)
            if other == name
        ]
    )


def draw(material: Material, frame: pd.DataFrame) -> Figure:
    """Two panels: per opportunity, per 1,000 resident-days; the nine labels."""
    count = len(material.conditions)
    figure = canvas(9.6, 0.9 + len(NINE) * max(0.36, 0.13 * count))
    left, right = figure.subplots(1, 2, sharey=True)
    step = min(0.2, 0.8 / max(count, 1))
    for axis, column, title in (
        (left, "per_opportunity", "per opportunity"),
        (right, "per_1000", "per 1,000 resident-days"),
    ):
        top = 0.0
        for place, one in enumerate(material.conditions):
            part = frame[frame["condition"] == one.label].set_index("label").loc[list(NINE)]
            y = np.arange(len(NINE))[::-1] + (count - 1) / 2 * step - place * step
            low = part[f"{column}_low"].to_numpy()
            high = part[f"{column}_high"].to_numpy()
            axis.hlines(y, low, high, color=one.look.colour, lw=1.3)
            axis.plot(
                part[column], y, one.look.marker, ms=4.6, color=one.look.colour, ls="",
                mfc=one.look.colour if one.look.filled else "white", label=one.label,
            )  # fmt: skip
            top = max([top, *high[np.isfinite(high)], *part[column].dropna()])
        axis.set_xscale("function", functions=(_root, np.square))
        axis.set_xlim(0, top * 1.05 if top else 1)
        ticks = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 1) if column == "per_opportunity" else (
            0, 10, 50, 100, 250, 500, 1000)  # fmt: skip
        axis.set_xticks([t for t in ticks if t <= max(top * 1.05, ticks[1])])
        axis.set_xticklabels([f"{t:g}" for t in axis.get_xticks()])
        axis.set_xlabel(title)
        for edge in np.arange(len(NINE) - 1) + 0.5:
            axis.axhline(edge, color="#8c959f", lw=0.5, alpha=0.35)
        axis.grid(visible=False, axis="y")
    left.set_yticks(np.arange(len(NINE))[::-1], [name.replace("_", " ") for name in NINE])
    left.set_ylim(-0.55, len(NINE) - 0.45)
    for axis in (left, right):
        axis.tick_params(axis="y", length=0)
    if count > 1:
        figure.legend(
            *left.get_legend_handles_labels(), loc="outside upper center", ncols=min(count, 4)
        )
    return figure


def _pooled(arms: list[list[Any]], untreated: list[bool]) -> list[dict[str, float]]:
    """Counts of one label by arm and run -> its numbers by arm."""
    counted = [_counts(tables) for tables in arms]
    chances, days = ([(did, of[k]) for did, of in counted] for k in (0, 1))
    per_chance, per_day = dispersion(chances, untreated), dispersion(days, untreated)
    return [
        _numbers(chance, day, per_chance, per_day)
        for chance, day in zip(chances, days, strict=True)
    ]


def _counts(tables: list[Any]) -> tuple[Ints, tuple[Ints, Ints]]:
    """Hits, and (opportunities, resident-days), of the runs in which the label is defined."""
    hits, chances, days = (
        np.array([table[name] for table in tables], dtype=float)
        for name in ("hits", "opportunities", "resident_days")
    )
    known = np.isfinite(hits) & np.isfinite(chances)
    did, could, lived = (a[known].astype(np.int64) for a in (hits, chances, days))
    return did, (could, lived)


def _numbers(chance: Arm, day: Arm, per_chance: float, per_day: float) -> dict[str, float]:
    of_chance, of_day = rate_interval(*chance, per_chance), rate_interval(*day, per_day)
    share = share_with_hit(*chance)
    known = len(chance[0]) > 0
    return {
        "hits": float(np.sum(chance[0])) if known else np.nan,
        "opportunities": float(np.sum(chance[1])) if known else np.nan,
        "per_opportunity": of_chance.estimate,
        "per_opportunity_low": of_chance.low,
        "per_opportunity_high": of_chance.high,
        "per_1000": of_day.estimate * 1000,
        "per_1000_low": of_day.low * 1000,
        "per_1000_high": of_day.high * 1000,
        "runs_with_opportunity": of_chance.n[0],
        "runs_with_hit": share.estimate,
        "runs_with_hit_low": share.low,
        "runs_with_hit_high": share.high,
    }


def _spread(tables: list[Any]) -> dict[str, float]:
    """Social prevalence: the mean over the runs in which it is defined; NaN for parts of labels."""
    shares = {name: np.array([table.get(name, np.nan) for table in tables]) for name in SPREAD}
    known = {name: share[np.isfinite(share.astype(float))] for name, share in shares.items()}
    return {name: float(one.mean()) if len(one) else np.nan for name, one in known.items()}


def _by_actor(table: pd.DataFrame, label: str, actor: str) -> dict[str, float]:
    """One actor group's counts: hits add up over targets, its chances and days stand in each."""
    part = table[(table["label"] == label) & (table["actor"] == actor)]
    return {
        "hits": float(part["hits"].sum(min_count=1)),
        "opportunities": float(part["opportunities"].max()),
        "resident_days": float(part["resident_days"].max()),
    }


def _root(values: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(values, 0)), dtype=np.float64)
