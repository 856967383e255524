"""The row of a run that a study has just lived."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from model.analysis.measures import RunSource, columns_of
from model.analysis.row import Row
from model.analysis.summary import counts_of
from model.world.numbers import FLOWS

if TYPE_CHECKING:
    from model.community import CommunityModel
    from model.run.runs import Outcome
    from model.study.job import Job


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
        seconds=seconds,
        calls=outcome.calls,
        tokens=outcome.tokens,
        cost=outcome.cost,
    )
    if model is None or outcome.status != "done":
        return row
    return replace(row, **_numbers(model, outcome, job.daily))


def _numbers(model: CommunityModel, outcome: Outcome, daily: bool) -> dict[str, Any]:
    columns = columns_of(model.days)
    lived = RunSource(columns, model.scenario.days)
    return {
        "numbers": outcome.numbers,
        "counts": counts_of(lived, ("days",)),
        "treated_share": float(columns["treated_share"][-1]),
        "flows": {name: lived.total(name) for name in FLOWS},
        "daily": {name: column.tolist() for name, column in columns.items()} if daily else None,
    }
