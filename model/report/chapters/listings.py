"""Tables about behaviours and networks that stand under their figures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from model.measures.behaviour import LABELS
from model.measures.intervals import mean_interval
from model.report.chapters.headline import interval_words
from model.report.conditions import Material
from model.report.figures.behaviours import behaviour_numbers
from model.report.measures import within
from model.report.tables import Cell, Column, Table, listed, number
from model.report.text import visible

_EXAMPLES = 2
#: Measure, title, least possible value; all are at most 1.
_NETWORK = (
    ("density", "density", 0.0),
    ("reciprocity", "reciprocity", 0.0),
    ("scc_share", "largest strongly connected part", 0.0),
    ("centralisation", "degree centralisation", 0.0),
    ("assortativity", "assortativity by first value", -1.0),
)


def behaviour_table(material: Material) -> Table:
    """All fourteen labels by condition: rate per opportunity, and per 1,000 resident-days."""
    frame = behaviour_numbers(material)
    places = {(row.condition, row.label): i for i, row in enumerate(frame.itertuples())}
    rows = []
    for label in LABELS:
        cells = [Cell(label.name.replace("_", " "), note=label.meaning)]
        for one in material.conditions:
            at = places[one.label, label.name]
            row = frame.iloc[at]
            rate = f"{number(row['per_opportunity'])}"
            limits = f"{number(row['per_opportunity_low'])} … {number(row['per_opportunity_high'])}"
            cells.append(
                Cell(
                    rate,
                    at,
                    f"{limits}; {number(row['per_1000'], 1)} per 1,000 days; "
                    f"{number(row['hits'], 0)} of {number(row['opportunities'], 0)}; "
                    f"{_runs_with_hit(row)}",
                )
            )
        rows.append(tuple(cells))
    head = ("label", *(one.label for one in material.conditions))
    note = (
        "Rate per opportunity, pooled over runs, with chi-square limits (95 %, dispersion over all "
        "conditions); then hits per 1,000 faultless resident-days, hits of opportunities, and, a "
        "number of its own, the share of runs with a hit among those with an opportunity "
        "(Clopper–Pearson). "
        "The first nine are the labels, the other five stand beside them so that they are not "
        "mistaken for one. The log shows contradiction, not intent."
    )
    return Table("behaviours", "Rates", frame, head, tuple(rows), note)


def _runs_with_hit(row: Any) -> str:
    """The share of runs with a hit, with its limits."""
    if not row["runs_with_opportunity"]:
        return "no run had an opportunity"
    low, high = 100 * row["runs_with_hit_low"], 100 * row["runs_with_hit_high"]
    hit = round(row["runs_with_hit"] * row["runs_with_opportunity"])
    return f"in {hit} of {row['runs_with_opportunity']:.0f} runs ({low:.0f}–{high:.0f} %)"


def treated_table(frame: pd.DataFrame) -> Table:
    """The same by treated and untreated actors."""
    columns = [
        Column("condition", "condition"),
        Column("label", "label", lambda value: str(value).replace("_", " ")),
        Column("actor", "actor"),
        Column("per_opportunity", "per opportunity"),
        Column("per_opportunity_low", "from"),
        Column("per_opportunity_high", "to"),
        Column("per_1000", "per 1,000 resident-days"),
    ]
    return listed("behaviours_by_treatment", "By treated and untreated actors", frame, columns)


def examples_table(material: Material) -> Table:
    """Some hits of each label with the lines of the log that make the case, as text."""
    records: list[dict[str, Any]] = []
    logs: list[str] = []
    for label in LABELS:
        found = [
            (condition.label, run, one)
            for condition, run in material.runs
            for one in run.examples
            if one.label == label.name
        ]
        # One from each condition first: three from the same run teach less.
        found.sort(key=lambda item: [one.label for one in material.conditions].index(item[0]))
        firsts = list({item[0]: item for item in reversed(found)}.values())[::-1]
        for condition, run, one in firsts[:_EXAMPLES]:
            records.append(
                {
                    "label": label.name,
                    "condition": condition,
                    "run": run.name,
                    "day": one.day,
                    "resident": one.resident,
                    "target": one.target,
                    "reason": one.reason,
                    "log": " | ".join(f"{where} {text}" for where, text in one.lines),
                }
            )
            logs.append("\n".join(visible(f"{where} {text}") for where, text in one.lines))
    names = ["label", "condition", "run", "day", "resident", "target", "reason", "log"]
    frame = pd.DataFrame(records, columns=pd.Index(names))
    rows = tuple(
        (
            Cell(row["label"].replace("_", " "), i),
            Cell(visible(row["reason"]), i, visible(f"{row['condition']}, {row['run']}")),
            Cell(logs[i]),
        )
        for i, row in enumerate(records)
    )
    note = (
        "The first hit of a condition, never the best. In brackets the table and row of the run. "
        "Words in quotation marks are a resident’s own, shown as they stand."
    )
    return Table(
        "examples",
        "Read in the log: examples of each label",
        frame,
        ("label", "why", "log"),
        rows,
        note,
        folded=True,
    )


def network_summary(frame: pd.DataFrame) -> Table:
    """Mean of each network measure over the runs of a condition, with its interval."""
    conditions = list(dict.fromkeys(frame["condition"]))
    records: list[dict[str, Any]] = []
    rows: list[tuple[Cell, ...]] = []
    for name, title, least in _NETWORK:
        cells = [Cell(title)]
        for condition in conditions:
            values = frame.loc[frame["condition"] == condition, name].to_numpy(dtype=float)
            found = within(mean_interval(values, resamples=999), least, 1.0)
            cells.append(Cell(number(found.estimate), len(records), interval_words(found, 1.0, 3)))
            records.append(
                {
                    "condition": condition,
                    "measure": name,
                    "estimate": found.estimate,
                    "low": found.low,
                    "high": found.high,
                    "runs": found.n[0],
                    "method": found.method,
                    "flags": "; ".join(found.flags),
                    "points": " ".join(f"{point:.6g}" for point in found.points[0]),
                }
            )
        rows.append(tuple(cells))
    note = "Mean over runs, 95 % interval (bootstrap-t; t below 6 runs). Undefined runs left out."
    return Table(
        "network_measures",
        "All runs, last day",
        pd.DataFrame(records),
        ("measure", *conditions),
        tuple(rows),
        note,
    )
