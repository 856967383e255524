"""Stock per head and its inequality by day, and how much the top tenth holds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from model.measures.inequality import top_share_at_equality
from model.report.conditions import Condition, Material
from model.report.figures.spread import (
    WORDS,
    draw_spread,
    runs_words,
    spread_numbers,
    spread_of,
)
from model.report.pictures import Picture
from model.report.style import QUIET, label_ends, panels
from model.report.tables import Table

Floats = npt.NDArray[np.float64]


def stocks(material: Material) -> Picture:
    """Stock per head and Gini by day."""
    frames = [spread_numbers(material, ["gini"])]
    for one in material.conditions:
        table = spread_of(stock_per_head(one))
        table.insert(0, "quantity", "stock_per_head")
        table.insert(0, "condition", one.label)
        frames.append(table)
    numbers = Table("stocks", "Stock and Gini by day", pd.concat(frames, ignore_index=True))
    caption = (
        f"{runs_words(material.conditions)}. {WORDS} A collapsed run has neither: where runs "
        "collapsed, lines describe those that lived."
    )
    return Picture("stocks", "Stocks and their inequality", caption, draw_stocks(material), numbers)


def draw_stocks(material: Material) -> Figure:
    """Two panels, all conditions in each."""
    figure, axes = panels(2, columns=2, height=3.3, share=False)
    horizon = max(one.horizon for one in material.conditions)
    for axis, title, unit in zip(
        axes,
        ("Stock per head", "Gini of stock per head"),
        ("units (10 = a day’s food)", "0 all alike … 1 one holds all"),
        strict=True,
    ):
        ends = []
        for one in material.conditions:
            daily = stock_per_head(one) if title.startswith("Stock") else one.daily("gini")
            ends.append(
                (draw_spread(axis, daily, one.look, runs=False), one.label, one.look.colour)
            )
        axis.set_title(title)
        axis.set_ylabel(unit)
        axis.set_xlabel("day")
        axis.set_xlim(0, horizon)
        axis.set_ylim(bottom=0)
        label_ends(axis, ends)
    return figure


def top_tenth(material: Material) -> Picture:
    """Share of the richest tenth beside what it would be if all held the same."""
    frame = spread_numbers(material, ["top_share"])
    frame["at_equality"] = np.concatenate(
        [spread_of(equality(one))["median"] for one in material.conditions]
    )
    numbers = Table("top_tenth", "Share of the top tenth by day", frame)
    caption = (
        f"{runs_words(material.conditions)}. {WORDS} Dotted: the same share if all held alike "
        "(⌈.1·N⌉ / N, median over runs): it falls as a community grows."
    )
    return Picture("top_tenth", "Inequality", caption, draw_top_tenth(material), numbers)


def draw_top_tenth(material: Material) -> Figure:
    """One panel a condition."""
    figure, axes = panels(len(material.conditions), height=2.4)
    for place, (axis, one) in enumerate(zip(axes, material.conditions, strict=True)):
        draw_spread(axis, one.daily("top_share"), one.look)
        level = spread_of(equality(one))["median"].to_numpy()
        axis.plot(np.arange(len(level)), level, color=QUIET, lw=1.2, ls=":")
        axis.set_title(one.label, color=one.look.colour)
        axis.set_xlim(0, one.horizon)
        axis.set_ylim(0, 1)
        axis.set_xlabel("day")
        if place % 4 == 0:
            axis.set_ylabel("share of all stock")
    return figure


def stock_per_head(condition: Condition) -> Floats:
    """Stock over residents, runs × days; NaN where nobody lives."""
    heads = condition.daily("population")
    found: Floats = np.divide(
        condition.daily("stock"), heads, out=np.full(heads.shape, np.nan), where=heads > 0
    )
    return found


def equality(condition: Condition) -> Floats:
    """The top share at equality, runs × days; NaN where nobody lives."""
    heads = np.nan_to_num(condition.daily("population")).astype(np.int64)
    sizes, place = np.unique(heads, return_inverse=True)
    shares = np.array([top_share_at_equality(int(size)) for size in sizes])
    return np.asarray(shares[place].reshape(heads.shape), dtype=np.float64)
