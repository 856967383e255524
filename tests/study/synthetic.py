"""Studies whose truth is known: rows drawn, not lived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from model.analysis.measures import MEASURES
from model.analysis.row import Row
from model.study.cells import Cell, cells_of, jobs_of
from model.study.design import Design
from model.world.numbers import FLOWS
from tests.study.small import design

Truth = Callable[[Cell, np.random.Generator], float]


def dosed(**changes: Any) -> Design:
    """Four hypotheses over five levels."""
    factors = {
        "value": ["BE", "PO"],
        "mode": ["with", "without"],
        "prevalence": [0.25, 0.5, 0.75, 1.0],
    }
    return design(**({"factors": factors, "runs": 6} | changes))


def drawn(plan: Design, truth: Truth, number: int, **numbers: float) -> tuple[Any, list[Row]]:
    """Cells and rows of one synthetic study; common seeds share a part of their noise."""
    cells = cells_of(plan)
    by_label = {cell.label: cell for cell in cells}
    rng = np.random.default_rng([number, 77])
    worlds: dict[int, float] = {}
    rows = []
    for job in jobs_of(plan, cells):
        world = worlds.setdefault(job.seed, float(rng.normal(0, 1)))
        noise = world if plan.pairing == "common" else 0.0
        rows.append(
            Row(
                cell=job.cell,
                seed=job.seed,
                key=f"{job.cell}/{job.seed}",
                status="done",
                mind="synthetic",
                numbers={
                    **dict.fromkeys(MEASURES, float("nan")),
                    "naup": truth(by_label[job.cell], rng) + noise,
                    "collapsed": 0.0,
                    "resident_days": 300.0,
                    **numbers,
                },
                counts={"faults": (0.0, 600.0)},
                flows=dict.fromkeys(FLOWS, 0.0) | {"verdicts": 600.0},
            )
        )
    return cells, rows


def with_numbers(row: Row, **numbers: float) -> Row:
    """The row of a run with these numbers."""
    return replace(row, numbers={**row.numbers, **numbers})
