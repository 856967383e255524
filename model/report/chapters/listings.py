"""Tables about behaviours and networks that stand under their figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from model.measures.behaviour import LABELS
from model.measures.behaviour.components import MEANINGS
from model.report.chapters.headline import hit_words, measures_table
from model.report.conditions import Material
from model.report.figures.behaviours import behaviour_numbers
from model.report.tables import Cell, Column, Table, listed, number
from model.report.text import visible

_EXAMPLES = 2
#: What is said of the last day's message network.
NETWORK = ("density", "reciprocity", "scc_share", "centralisation", "assortativity")


def behaviour_table(material: Material) -> Table:
    """All labels and the parts of two: rates by condition, and how many residents did it."""
    frame = behaviour_numbers(material)
    places = {(row.condition, row.label): i for i, row in enumerate(frame.itertuples())}
    shown = [(label.name, label.name.replace("_", " "), label.meaning) for label in LABELS]
    for name, meaning in MEANINGS.items():
        label, _, part = name.rpartition("_")
        last = max(i for i, (one, _, _) in enumerate(shown) if one.startswith(label))
        shown.insert(last + 1, (name, f"… {part}", meaning))
    rows = []
    for name, title, meaning in shown:
        cells = [Cell(title, note=meaning)]
        for one in material.conditions:
            at = places[one.label, name]
            row = frame.iloc[at]
            limits = f"{number(row['per_opportunity_low'])} … {number(row['per_opportunity_high'])}"
            spread = "" if np.isnan(row["of_able"]) else f"; by {row['of_able']:.0%} of the able"
            cells.append(
                Cell(
                    f"{number(row['per_opportunity'])}",
                    at,
                    f"{limits}; {number(row['per_1000'], 1)} per 1,000 days; "
                    f"{number(row['hits'], 0)} of {number(row['opportunities'], 0)}; "
                    f"{_runs_with_hit(row)}{spread}",
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
        "mistaken for one. Parts of cooperation and betrayal (…): an actor-day counts once, under "
        "the first of its deeds in the order shown, so they add up; “joint” is agreed joint work "
        "alone, “both said F1”. By so many of the able: residents with a hit of those with an "
        "opportunity, mean over runs. The log shows contradiction, not intent."
    )
    return Table("behaviours", "Rates", frame, head, tuple(rows), note)


def _runs_with_hit(row: Any) -> str:
    """The share of runs with a hit, with its limits."""
    if not row["runs_with_opportunity"]:
        return "no run had an opportunity"
    of = int(row["runs_with_opportunity"])
    hit = round(row["runs_with_hit"] * of)
    return hit_words(hit, of, row["runs_with_hit_low"], row["runs_with_hit_high"])


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


def network_summary(material: Material) -> Table:
    """Measures of the message network of every run's last day, by condition."""
    note = "Mean over runs, 95 % interval (bootstrap-t; t below 6 runs). Undefined runs left out."
    return measures_table(material, NETWORK, "network_measures", "All runs, last day", note)
