"""Runs for the tests of reports: real ones on disk, and made-up numbers in their form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from model.analysis.digest import Digest
from model.analysis.drift import Blocks
from model.analysis.measures import MEASURES
from model.analysis.summary import Summary
from model.measures.behaviour import LABELS
from model.measures.behaviour.components import NAMES as PARTS
from model.measures.value_profiles import TENDENCY
from model.report.conditions import Material, gather
from model.run.runs import run_into
from model.store import RunMeta
from model.world.numbers import FLOWS, Day
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from

SMALL = {"preset": "growing", "residents": 8, "days": 16}
NO_BLOCKS = Blocks(
    1,
    pd.DataFrame(
        columns=["days", *TENDENCY],
        index=pd.MultiIndex.from_arrays([[], []], names=["block", "resident"]),
        dtype=float,
    ),
    pd.DataFrame({"resident": [], "other": [], "messages": []}),
)
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "$\\frac{1}{0}$ {{ 7 * 7 }} {% raw %} **bold** [x](http://evil.example)",
    '=HYPERLINK("http://evil.example","x")',
    "one\ttwo\r\nthree\u202egnorw\u0000 --> ]]> </svg></span>",
    "\U0001f642 \u4f60\u597d & &lt;b&gt;",
]


def live(folder: Path, seed: int, **fields: Any) -> Path:
    """A real community with the surrogate, on disk."""
    path = folder / f"run-{len(list(folder.glob('run-*')))}"
    run_into(path, scenario_from({**SMALL, **fields}), seed)
    return path


def say(path: Path, words: Sequence[str]) -> None:
    """Put these words into the mouths of a run's residents, one after the other.

    The run is then one that vouches for no bytes, as runs of older versions were.
    """
    unseal(path)
    for name, columns in {"messages": ["text"], "decisions": ["why", "view", "note"]}.items():
        for part in sorted((path / name).glob("*.parquet")):
            table = pq.read_table(part)
            texts = pa.array([words[i % len(words)] for i in range(len(table))])
            for column in columns:
                kind = table.schema.field(column).type
                table = table.set_column(
                    table.schema.get_field_index(column), column, texts.cast(kind)
                )
            pq.write_table(table, part)


def unseal(path: Path) -> None:
    """Take a run's hashes of its own files away."""
    card = path / "run.json"
    told = json.loads(card.read_text())
    del told["check"]
    card.write_text(json.dumps({**told, "tables": ""}))
    for part in sorted((path / "days").glob("*.parquet")):
        table = pq.read_table(part)
        kept = {k: v for k, v in (table.schema.metadata or {}).items() if k != b"civa.sha256"}
        pq.write_table(table.replace_schema_metadata(kept), part)


def made_up(
    population: Sequence[int],
    *,
    seed: int = 1,
    status: str = "done",
    scenario: Mapping[str, Any] | None = None,
    output: Sequence[float] | None = None,
    births: int = 0,
    name: str = "",
    **numbers: float,
) -> Digest:
    """A digest of a run that never was: this population, these numbers, nothing else."""
    people = np.asarray(population)
    days = pd.DataFrame(
        {f.name: np.zeros(len(people)) for f in fields(Day)} | {"day": np.arange(len(people))}
    )
    days["population"] = people
    days["founders"] = people
    days["stock"] = people * 40
    days["output"] = people * 11.0 if output is None else output
    days.loc[1, "births"] = births
    settled = Scenario(days=len(people) - 1, residents=int(people[0])).model_dump(mode="json")
    identity = {
        "engine": 1,
        "seed": seed,
        "mind": "surrogate",
        "scenario": {**settled, **(scenario or {})},
        "prompts": {},
        "inputs": {"utilities": "abc"},
    }
    names = [*(label.name for label in LABELS), *PARTS]
    rates = pd.DataFrame(
        {"hits": 1.0, "opportunities": 10.0, "resident_days": 100.0, "rate": 0.1,
         "per_resident_day": 0.01, "residents": 1.0, "of_able": 0.5, "of_all": 0.25,
         "with_any": 1.0},
        index=pd.Index(names, name="label"),
    )  # fmt: skip
    known = {
        **dict.fromkeys(MEASURES, 0.5),
        "collapsed": float(people[-1] == 0),
        "collapse_day": math.nan,
        "population": float(people[-1]),
        "resident_days": 100.0,
        "days_alive": 10.0,
        "faults": 0.0,
        "refusals": 0.0,
    }
    rate = {one.name: (1.0, 100.0) for one in MEASURES.values() if one.hits is not None}
    counts = {**rate, "faults": (0.0, 200.0), "refusals": (0.0, 200.0)}
    conduct = pd.DataFrame({"day": np.arange(1, len(people)), "faultless": people[:-1]})
    for label in ("cooperation", "betrayal", "deception"):
        conduct[label] = 0
    return Digest(
        path=Path(name or f"made-up-{seed}"),
        meta=RunMeta(identity, "2026-01-01T00:00:00+00:00", status=status),
        days=days,
        summary=Summary(
            seed, name, derived({**known, **numbers}), counts, dict.fromkeys(FLOWS, 0.0)
        ),
        conduct=conduct,
        rates=rates,
        by_treatment=None,
        lives=pd.DataFrame(
            {"resident": np.arange(people[0]), "entered": 0, "left": len(people) - 1,
             "removed": False}
        ),
        graph={"day": 1.0, "residents": float(people[0])},
        examples=(),
        pair=None,
        blocks=NO_BLOCKS,
        watched=None,
    )  # fmt: skip


def derived(numbers: Mapping[str, float]) -> dict[str, float]:
    """Numbers with those that follow from others."""
    fell = numbers["collapsed"] == 1
    return {
        **numbers,
        "alive": float(not fell),
        "naup_survived": math.nan if fell else numbers["naup"],
    }


def with_numbers(run: Digest, **numbers: float) -> Digest:
    """A digest with these numbers."""
    return replace(
        run, summary=replace(run.summary, numbers=derived({**run.summary.numbers, **numbers}))
    )


def arms(
    control: Mapping[int, float], treated: Mapping[int, float], *, fell: Sequence[int] = ()
) -> Material:
    """Two conditions, seed → nAUP; treated runs of the seeds in `fell` have collapsed."""
    lived = [10] * 11
    runs = [made_up(lived, seed=seed, naup=value) for seed, value in control.items()]
    runs += [
        replace(
            made_up(
                lived,
                seed=seed,
                naup=value,
                scenario={"value": "PO", "mode": "with", "prevalence": 1.0},
            ),
        )
        for seed, value in treated.items()
    ]
    marked = [
        with_numbers(run, collapsed=1.0, gini=np.nan)
        if run.meta.seed in fell and run.meta.scenario["value"]
        else run
        for run in runs
    ]
    return gather(Path("made-up"), marked)
