"""Emergent behaviours as the CIVA paper reports them: standardised shift and social prevalence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.analysis.measures import MEASURES
from model.measures.behaviour import LABELS
from model.measures.behaviour.components import NAMES as PARTS
from model.measures.behaviour.published_labels import PUBLISHED, REPORTED
from model.measures.effects import standardised_difference
from model.report.study_material import Floats, Material
from model.report.tables import Column, Table, digits, listed


def emergent_table(material: Material) -> Table | None:
    """Each treatment at its highest prevalence against the control; None without treatments."""
    treated, control = material.treated, material.control
    if not treated or control is None:
        return None
    rows = []
    for (value, mode), arms in treated.items():
        arm = arms[-1]
        for name in (*(label.name for label in LABELS), *PARTS):
            own, base = (_values(material, name, one.label) for one in (arm, control))
            spread = [_spread(material, name, one.label) for one in (arm, control)]
            rows.append(
                {
                    "treatment": f"{mode} {value} {float(arm.levels['prevalence']):g}",
                    "label": name,
                    "paper": PUBLISHED.get(name, ""),
                    "rate": _mean(own),
                    "rate_control": _mean(base),
                    "shift": _shift(own, base),
                    "of_able": spread[0],
                    "of_able_control": spread[1],
                    "runs": len(own),
                    "runs_control": len(base),
                }
            )
    columns = (
        Column("treatment", "treatment"),
        Column("label", "label", lambda name: str(name).replace("_", " ")),
        Column("paper", "the paper’s word"),
        Column("shift", "standardised shift", digits(2)),
        Column("of_able", "of the able", digits(2)),
        Column("of_able_control", "of the able, control", digits(2)),
    )
    note = (
        "Standardised shift: Hedges’ g of the runs’ rates per faultless resident-day, treatment "
        "less control; empty where neither varies. Of the able: residents with a hit of those with "
        "an opportunity (social prevalence), mean over runs. Exploratory, without any test. The "
        f"CIVA paper reports {REPORTED} behaviours, of which what could be read names "
        f"{len(PUBLISHED)}; our labels of that name are our own definitions, read off the log."
    )
    frame = pd.DataFrame(rows)
    return listed("emergent", "Shift and spread by value", frame, columns, note=note, folded=True)


def _values(material: Material, name: str, cell: str) -> Floats:
    values = np.array(list(material.read[cell].values(name).values()), dtype=float)
    known: Floats = values[np.isfinite(values)]
    return known


def _spread(material: Material, name: str, cell: str) -> float:
    column = f"of_able_{name}"
    return _mean(_values(material, column, cell)) if column in MEASURES else np.nan


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _shift(own: Floats, base: Floats) -> float:
    if min(len(own), len(base)) < 2 or np.ptp(np.concatenate([own, base])) == 0:
        return float("nan")
    return float(standardised_difference(own, base).g)
