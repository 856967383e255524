"""What language minds were asked and used, as their servers counted it; nothing for other minds."""

from __future__ import annotations

import pandas as pd

from model.report.conditions import Material
from model.report.tables import Column, Table, digits, listed
from model.run.usage import UsageTables, has_usage, usage_of

_COUNTS = (
    Column("calls", "calls"),
    Column("repairs", "repairs"),
    Column("faults", "faults"),
    Column("input", "tokens in"),
    Column("cached_share", "of them cached", digits(2)),
    Column("written", "written to a cache"),
    Column("output", "tokens out"),
    Column("reasoning", "of them reasoning"),
    Column("latency", "s a call", digits(2)),
)
_UNBELIEVED = (
    " What a server stated as its usage and cannot be true was not believed: the reply was kept "
    "and its tokens estimated."
)


def call_tables(material: Material) -> tuple[Table, ...]:
    """Usage by model and stage, by resident, troubles by cause, and who served.

    A run without a journal of calls is left out; with none, there are no tables.
    """
    found = [
        (condition.label, run.meta.seed, usage_of(run.path))
        for condition, run in material.runs
        if has_usage(run.path)
    ]
    if not found:
        return ()
    lied = any((tables.causes["of"] == "usage").any() for _, _, tables in found)
    head = (Column("condition", "condition"), Column("seed", "seed"))
    stages = _joined(found, "by_stage")
    return (
        listed(
            "usage-by-stage",
            "Calls and tokens by stage",
            stages.drop(columns="cost"),
            (*head, Column("model", "model"), Column("stage", "stage"), *_COUNTS),
            note="As the servers stated it; where some stated nothing it is estimated and marked "
            "so in the file. Reasoning is part of the tokens out, what was written to a cache part "
            "of those in.",
        ),
        listed(
            "usage-by-resident",
            "Calls and tokens by resident",
            _joined(found, "by_resident").drop(columns="cost"),
            (*head, Column("resident", "resident"), *_COUNTS),
            limit=50,
            folded=True,
        ),
        listed(
            "call-troubles",
            "Replies that could not be read, and requests that failed",
            _joined(found, "causes"),
            (*head, Column("of", "of"), Column("cause", "cause"), Column("times", "times")),
            note="A reply’s trouble may have been mended by its repair; an endpoint’s was tried "
            "again and is nobody’s fault." + (_UNBELIEVED if lied else ""),
        ),
        listed(
            "served-by",
            "Who answered",
            _joined(found, "models"),
            (
                *head,
                Column("model", "model asked"),
                Column("served", "as the server names it"),
                Column("endpoint", "address"),
                Column("calls", "calls"),
            ),
        ),
    )


def _joined(found: list[tuple[str, int, UsageTables]], name: str) -> pd.DataFrame:
    frames = []
    for label, seed, tables in found:
        frame: pd.DataFrame = getattr(tables, name)
        frames.append(frame.assign(condition=label, seed=seed))
    joined = pd.concat(frames, ignore_index=True)
    first = ["condition", "seed"]
    return joined[[*first, *(column for column in joined.columns if column not in first)]]
