"""Would it look otherwise? The same days in every run, and other windows for the labels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from model.analysis.estimates import within
from model.analysis.label_rules import rules_of_run
from model.analysis.labels import log_of
from model.analysis.measures import measure as measure_of
from model.measures.behaviour import LABELS, sensitivity
from model.measures.behaviour.rates import WINDOWS
from model.measures.comparison import NotComparableError, same_days
from model.measures.intervals import mean_interval
from model.report.chapters.headline import interval_words
from model.report.conditions import Condition, Material
from model.report.tables import Cell, Table, number
from model.store import load_run
from model.store.meta import FILE

#: Daily columns whose mean describes a community only while it lives.
DAILY: Final = ("development", "communication", "competence", "gini", "top_share")
#: Runs of a condition whose logs are read again under other windows: each takes half a second.
READ: Final = 1


def same_days_table(material: Material) -> Table | None:
    """Capacities over the days that every run of every condition lived; None for one condition."""
    if len(material.conditions) < 2:
        return None
    records: list[dict[str, Any]] = []
    rows: list[tuple[Cell, ...]] = []
    for name in DAILY:
        measure = measure_of(name)
        cells = [Cell(measure.title, note=measure.unit)]
        daily = {one.label: one.daily(name)[:, 1:] for one in material.conditions}
        try:
            shared = same_days(_equally_long(daily))
        except NotComparableError:
            rows.append((*cells, Cell("no day is shared"), *[Cell("")] * len(daily)))
            continue
        cells.append(
            Cell(str(len(shared.days)), note=f"of {max(d.shape[1] for d in daily.values())}")
        )
        for label in daily:
            values = shared.values[label]  # noqa: PD011, not a frame
            mean = within(mean_interval(values, resamples=999), measure.least, measure.most)
            limits = interval_words(mean, measure.scale, measure.digits)
            cells.append(Cell(number(mean.estimate, measure.digits), len(records), limits))
            records.append(
                {
                    "measure": name,
                    "condition": label,
                    "days": len(shared.days),
                    "runs": len(values),
                    "estimate": mean.estimate,
                    "low": mean.low,
                    "high": mean.high,
                    "points": " ".join(f"{value:.6g}" for value in values),
                }
            )
        rows.append(tuple(cells))
    names = ["measure", "condition", "days", "runs", "estimate", "low", "high", "points"]
    note = (
        "Mean over the days on which every run of every condition has the measure, so that no "
        "condition is judged by its survivors alone. Where runs die early few days are left; then "
        "only ranks compare."
    )
    head = ("measure", "days shared", *(one.label for one in material.conditions))
    frame = pd.DataFrame(records, columns=pd.Index(names))
    return Table("same_days", "On the same days", frame, head, tuple(rows), note, folded=True)


def windows_table(material: Material) -> Table | None:
    """Rates of the labels under k = 3, 5 and 10 days, of the first runs of each condition."""
    parts = [_windows(one) for one in material.conditions]
    if any(part is None for part in parts):
        return None
    frame = pd.concat([part for part in parts if part is not None], ignore_index=True)
    rows = []
    for label in LABELS:
        own = frame[frame["label"] == label.name].set_index(["condition", "window"])
        cells = [Cell(label.name.replace("_", " "))]
        for one in material.conditions:
            rates = [number(float(own["rate"].to_dict()[one.label, k])) for k in WINDOWS]
            cells.append(Cell(" · ".join(rates)))
        rows.append(tuple(cells))
    note = (
        f"Rate per opportunity with “within k days” read as k = {' · '.join(map(str, WINDOWS))}; "
        f"5 is what everything else on this page uses. Hits over opportunities of the first {READ} "
        "runs of each condition, to see whether the window decides; no intervals."
    )
    head = ("label", *(one.label for one in material.conditions))
    return Table("windows", "Under other windows", frame, head, tuple(rows), note, folded=True)


def _windows(condition: Condition) -> pd.DataFrame | None:
    """Hits and opportunities by window and label, summed over the first runs; None without logs."""
    tables = []
    for run in condition.runs[:READ]:
        if not (run.path / FILE).is_file():
            return None
        saved = load_run(run.path)
        rules = rules_of_run(saved)
        tables.append(sensitivity(log_of(saved), rules, windows=WINDOWS, tolerances=()))
    counts = pd.concat(tables).groupby(["window", "label"], sort=False)
    frame = counts[["hits", "opportunities"]].sum(min_count=1).reset_index()
    frame["rate"] = frame["hits"] / frame["opportunities"].where(frame["opportunities"] > 0)
    frame.insert(0, "condition", condition.label)
    return frame


def _equally_long(
    daily: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Tables filled with NaN to the longest run's days."""
    longest = max(table.shape[1] for table in daily.values())
    return {
        name: np.pad(table, ((0, 0), (0, longest - table.shape[1])), constant_values=np.nan)
        for name, table in daily.items()
    }
