"""Each cell against its control, as a table with everything a referee asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from model.analysis.effects import Effect
from model.measures.families import CANNOT_REJECT
from model.measures.faults_by_arm import faults_of_arms
from model.measures.verdicts import EXPLANATION
from model.report.chapters.contrasts import PAIRING_WORDS
from model.report.chapters.doses import TITLES
from model.report.study_material import Material
from model.report.tables import Cell, Column, Table, digits, listed, number


def effects_table(material: Material) -> Table | None:
    """Differences to the control; None where no cell has one."""
    effects = material.analysis.effects
    if not effects:
        return None
    frame = pd.DataFrame([_record(one) for one in effects])
    rows = tuple(_row(one, i) for i, one in enumerate(effects))
    head = ("cell", "difference", "δ", "p", "smallest p", "corrected p", "verdict", "")
    families = material.analysis.families
    registered = [str(one) for one in families if not one.exploratory]
    words = (
        f"Registered family. {registered[0]}."
        if registered
        else f"Exploratory: {len(families)} families, Benjamini–Hochberg within each treatment."
    )
    paired = PAIRING_WORDS[material.design.pairing]
    note = (
        f"{TITLES[material.analysis.outcome]} less that of the control. {paired} {words} "
        f"{EXPLANATION}"
    )
    folded = not registered
    return Table("effects", "Cells against the control", frame, head, rows, note, folded)


def faults_table(material: Material) -> Table | None:
    """Fault and refusal rates by cell; None where no reply was a fault."""
    if not any(row.flows["faults"] for arm in material.arms for row in arm.rows):
        return None
    records = []
    counts = {
        arm.label: tuple(
            np.array([row.flows[name] for row in arm.rows], dtype=np.int64)
            for name in ("faults", "verdicts")
        )
        for arm in material.arms
    }
    rates = faults_of_arms(
        {name: (faults, np.zeros_like(faults), of) for name, (faults, of) in counts.items()}
    )
    for name, (faults, verdicts) in counts.items():
        found = rates[name].faults
        records.append(
            {
                "cell": name,
                "runs": len(faults),
                "faults": int(faults.sum()),
                "verdicts": int(verdicts.sum()),
                "rate": found.estimate,
                "low": found.low,
                "high": found.high,
            }
        )
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


def _record(effect: Effect) -> dict[str, Any]:
    found = effect.found
    difference, test = found.comparison.difference, found.comparison.test
    return {
        "cell": effect.cell,
        "against": effect.against,
        "outcome": effect.outcome,
        "worst_ranks": found.ranked,
        "difference": difference.estimate,
        "low": difference.low,
        "high": difference.high,
        "interval": difference.method,
        "runs": " v ".join(map(str, difference.n)),
        "delta": found.delta.estimate,
        "delta_low": found.delta.low,
        "delta_high": found.delta.high,
        "delta_interval": found.delta.method,
        "test": test.method,
        "p": test.p,
        "smallest_p": effect.decision.smallest_p,
        "corrected_p": effect.decision.adjusted,
        "rejected": effect.decision.rejected,
        "verdict": effect.verdict.word,
        "could_have_seen": effect.verdict.seen,
        "could_have_seen_in_family": effect.verdict.seen_in_family,
        "flags": "; ".join(dict.fromkeys((*found.flags, *effect.decision.flags))),
        "runs_compared": " | ".join(
            " ".join(f"{value:.6g}" for value in arm) for arm in difference.points
        ),
    }


def _row(effect: Effect, row: int) -> tuple[Cell, ...]:
    found, decision = effect.found, effect.decision
    difference, delta = found.comparison.difference, found.delta
    limits, sizes = (
        f"{number(one.low)} … {number(one.high)}" if one.low == one.low else "no interval"
        for one in (difference, delta)
    )
    blocked = (CANNOT_REJECT,) if CANNOT_REJECT in decision.flags else ()
    flags = dict.fromkeys((*found.flags, *blocked))
    return (
        Cell(effect.cell),
        Cell(number(difference.estimate), row, limits),
        Cell(number(delta.estimate, 2), row, sizes),
        Cell(number(decision.p, 4), row),
        Cell(number(decision.smallest_p, 4), row),
        Cell(number(decision.adjusted, 4), row),
        Cell(effect.verdict.words()),
        Cell("", None, "; ".join(flags)),
    )
