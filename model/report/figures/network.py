"""The message network on a run's last day: who told whom, coloured by what they value most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from agents.values import NAMES, VALUES
from model.analysis.digest import Digest
from model.analysis.message_graph import first_values, last_day_graph
from model.measures.networks import Graph
from model.report.conditions import Condition, Material
from model.report.pictures import Picture
from model.report.style import INK, QUIET, VALUE_COLOURS, mixed, panels
from model.report.tables import Table
from model.store import load_run

_SEED = 7


@dataclass(frozen=True)
class Spoken:
    """The last day's messages of one run.

    Attributes:
        condition: it belongs to.
        run: which.
        day: the day drawn.
        graph: sender → reader, weight = messages.
        first: resident → place on the circle of the value it was told weighs most.
        treated: residents who carry the treatment.
    """

    condition: Condition
    run: Digest
    day: int
    graph: Graph
    first: dict[int, int]
    treated: frozenset[int]


def network(material: Material) -> Picture:
    """One network a condition: of the run whose nAUP is the median of its condition."""
    spoken = [spoken_in(one, middle_run(one)) for one in material.conditions]
    frame = pd.concat([_edges(one) for one in spoken], ignore_index=True)
    caption = (
        "One run a condition, that of median nAUP (the lower one of two; named above its "
        "network), on the last day on which two or more lived. An arrow leads from a sender to "
        "each resident who was shown the message. Colour: the value that weighs most in what a "
        "resident was told; ring: it carries the treatment. One day of one run: no interval; the "
        "table beside it has all runs."
    )
    numbers = Table("network", "Messages of the last day, by sender and reader", frame)
    return Picture("network", "Message network on the last day", caption, draw(spoken), numbers)


def middle_run(condition: Condition) -> Digest:
    """The run of median nAUP, the lower one of two; ties go to the lower seed."""
    order = sorted(condition.runs, key=lambda run: (run.summary["naup"], run.meta.seed))
    return order[(len(order) - 1) // 2]


def spoken_in(condition: Condition, found: Digest) -> Spoken:
    """Read one run's last day."""
    run = load_run(found.path)
    day, graph = last_day_graph(run)
    people = run.people[run.people["day"] <= day].drop_duplicates("resident", keep="last")
    return Spoken(
        condition=condition,
        run=found,
        day=day,
        graph=graph,
        first=first_values(run, day),
        treated=frozenset(people.loc[people["treated"], "resident"].tolist()),
    )


def draw(spoken: list[Spoken]) -> Figure:
    """One panel a network; the layout is seeded, so that it comes out the same."""
    figure, axes = panels(len(spoken), height=3.0, share=False)
    used: set[int] = set()
    for axis, one in zip(axes, spoken, strict=True):
        drawn = one.graph.to_networkx()
        places = _places(drawn)
        _arrows(axis, drawn, places)
        found = [one.first.get(int(who), 0) for who in places]
        ringed = [int(who) in one.treated for who in places]
        used.update(found)
        if places:
            x, y = np.array(list(places.values())).T
            axis.scatter(
                x,
                y,
                s=600 / np.sqrt(len(drawn)),
                c=[VALUE_COLOURS[VALUES[value]] for value in found],
                edgecolors=[INK if ring else "white" for ring in ringed],
                linewidths=[1.3 if ring else 0.6 for ring in ringed],
                zorder=3,
            )
        axis.set_title(one.condition.label, color=one.condition.look.colour, pad=16)
        axis.text(
            0.0, 1.02, f"seed {one.run.meta.seed}, day {one.day}: {len(drawn)} residents, "
            f"{drawn.number_of_edges()} links", transform=axis.transAxes, fontsize=7.5,
            color=QUIET, va="bottom",
        )  # fmt: skip
        axis.set_axis_off()
        axis.margins(0.12)
    handles = [
        Line2D([], [], marker="o", ls="", ms=6, color=VALUE_COLOURS[VALUES[k]],
               label=f"{VALUES[k]} {NAMES[VALUES[k]]}")
        for k in sorted(used)
    ]  # fmt: skip
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=8)
    return figure


def _places(drawn: Any) -> dict[Any, Any]:
    """Positions: pieces that do not talk to each other stand side by side, not far apart."""
    if not len(drawn):
        return {}
    both: nx.Graph[Any] = nx.Graph(drawn)
    found = nx.spring_layout(both, seed=_SEED, k=1.6 / np.sqrt(len(drawn)), iterations=80)
    return {who: tuple(at) for who, at in found.items()}


def _arrows(axis: Axes, drawn: Any, places: dict[Any, Any]) -> None:
    """All arrows as two collections: shafts, and heads a little before the reader."""
    if not drawn.number_of_edges():
        return
    ends = np.array([(places[a], places[b]) for a, b in drawn.edges], dtype=float)
    tail, tip = ends[:, 0], ends[:, 1]
    along = (tip - tail) / np.maximum(np.linalg.norm(tip - tail, axis=1, keepdims=True), 1e-9)
    across = along[:, ::-1] * (-1, 1)
    reach = np.ptp(np.array(list(places.values())), axis=0).max()
    point = tip - along * reach * 0.035
    back = point - along * reach * 0.03
    colour = mixed(QUIET, "#ffffff", 0.2)
    axis.add_collection(
        LineCollection(list(np.stack([tail, point], axis=1)), colors=colour, lw=0.5, alpha=0.45)
    )
    wing = across * reach * 0.010
    heads = np.stack([point, back + wing, back - wing], axis=1)
    axis.add_collection(PolyCollection(list(heads), facecolors=colour, lw=0, alpha=0.75))


def _edges(one: Spoken) -> pd.DataFrame:
    edges = one.graph.weights.tocoo()
    names = np.array(one.graph.residents)
    sender, reader = (names[side] if len(names) else side for side in edges.coords)
    return pd.DataFrame(
        {
            "condition": one.condition.label,
            "seed": one.run.meta.seed,
            "day": one.day,
            "sender": sender,
            "reader": reader,
            "messages": edges.data,
            "sender_value": [VALUES[one.first.get(int(who), 0)] for who in sender],
            "sender_treated": [int(who) in one.treated for who in sender],
        }
    )
