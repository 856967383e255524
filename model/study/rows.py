"""The row of a run that a study has just lived."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.row import FLOWS, Row
from model.measures.run_numbers import numbers_of_days
from model.world.numbers import Day

if TYPE_CHECKING:
    from model.community import CommunityModel
    from model.run.runs import Outcome
    from model.study.job import Job

#: Numbers of `numbers_of_days` that a row holds; the others are its flows, or are known before.
_OWN: Final = frozenset(f.name for f in fields(Row)) - {"population"}


def row_of(job: Job, outcome: Outcome, model: CommunityModel | None, seconds: float) -> Row:
    """The row of a run that has ended.

    Args:
        job: what was lived.
        outcome: how it ended.
        model: the community at its end; None if it lived no day.
        seconds: it took.
    """
    row = Row(
        cell=job.cell,
        seed=job.seed,
        key=job.key,
        status=outcome.status,
        cause=outcome.cause,
        mind=outcome.mind,
        path=outcome.path,
        hash=outcome.hash,
        days=outcome.days,
        residents=job.scenario.residents,
        population=outcome.population,
        seconds=seconds,
        calls=outcome.calls,
        tokens=outcome.tokens,
        cost=outcome.cost,
    )
    if model is None or outcome.status != "done":
        return row
    return replace(row, **_numbers(model, job.scenario.days, job.daily))


def _numbers(model: CommunityModel, horizon: int, daily: bool) -> dict[str, Any]:
    columns = {
        name: np.array([getattr(day, name) for day in model.days], dtype=np.float64)
        for name in Day.__slots__
    }
    numbers = numbers_of_days(columns, horizon)
    known = {name: numbers[name] for name in _OWN & numbers.keys()}
    return known | {
        "treated_share": float(columns["treated_share"][-1]),
        "flows": {name: float(columns[name][1:].sum()) for name in FLOWS},
        "daily": {name: column.tolist() for name, column in columns.items()} if daily else None,
    }
