"""The runs of a study: all of them, those that are no results, and the faults of their minds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.measures.faults_by_arm import faults_of_arms
from model.report.study_material import Material
from model.report.tables import Column, Table, digits, listed


def faults_table(material: Material) -> Table | None:
    """Fault and refusal rates by cell; None where no reply was a fault."""
    if not any(arm.total("faults") for arm in material.arms):
        return None
    counts = {arm.label: arm.counts("faults") for arm in material.arms}
    rates = faults_of_arms(
        {name: (faults, np.zeros_like(faults), of) for name, (faults, of) in counts.items()}
    )
    records = [
        {
            "cell": name,
            "runs": len(faults),
            "faults": int(faults.sum()),
            "verdicts": int(verdicts.sum()),
            "rate": rates[name].faults.estimate,
            "low": rates[name].faults.low,
            "high": rates[name].faults.high,
        }
        for name, (faults, verdicts) in counts.items()
    ]
    columns = (
        Column("cell", "cell"),
        Column("runs", "runs"),
        Column("faults", "faults"),
        Column("verdicts", "replies"),
        Column("rate", "rate", digits(4)),
        Column("low", "from", digits(4)),
        Column("high", "to", digits(4)),
    )
    note = "Faults are not missing at random: cells that differ by more than a point are flagged."
    return listed("faults", "Reply faults by cell", pd.DataFrame(records), columns, note=note)


def runs_table(material: Material) -> Table:
    """All runs: the file that every other number comes from."""
    frame = material.study.runs.drop(columns=["path"])
    note = "One row a run, with seed, hash, and the sums of its days."
    return Table("runs", "All runs", frame, note=note)


def failures_table(material: Material) -> Table | None:
    """Runs that are no results; None if all are."""
    frame = material.study.runs
    frame = frame.loc[frame["status"] != "done", ["cell", "seed", "status", "cause"]]
    if frame.empty:
        return None
    columns = tuple(Column(name, name) for name in frame.columns)
    note = "Left out of everything above, counted in every comparison they would belong to."
    return listed("failures", "Runs that are no results", frame, columns, note=note)
