"""Small communities and hand-made logs for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from model.analysis.labelled_runs import RunTables
from model.asides.assess import Stated, assess_community
from model.community import CommunityModel
from model.measures.behaviour import Rules
from model.store import MemoryRecorder
from tests.fixtures.handwritten_log.reader import read_scenes, rules_of, tables_of

LOGS = Path(__file__).parents[1] / "fixtures" / "handwritten_log"
CONDITION = {
    "run": "one",
    "seed": 1,
    "mind": "surrogate",
    "family": "weights",
    "method": "weights",
    "paraphrase": 0,
    "value": "",
    "mode": "",
    "prevalence": 0.0,
}


def community(rng: int = 1, **fields: Any) -> CommunityModel:
    """A small community on its first morning."""
    small: dict[str, Any] = {"residents": 8, "days": 12}
    return CommunityModel(rng=rng, **{**small, **fields})


def assessed(rng: int = 1, **fields: Any) -> pd.DataFrame:
    """What the surrogate states with and without its treatment, on the first morning."""
    model = community(rng, prevalence=1.0, **fields)
    name = f"{fields.get('method', 'weights')} {fields['value']} {fields['mode']} {rng}"
    parts = [assess_community(model, Stated(), where) for where in ("bare", "reference")]
    return pd.concat(parts, ignore_index=True).assign(run=name)


def lived(name: str = "one", rng: int = 1, **fields: Any) -> RunTables:
    """A community that lived to its end, as a run in memory."""
    model = community(rng, **fields)
    while model.running:
        model.step()
    model.finish()
    assert isinstance(model.recorder, MemoryRecorder)
    treated = {n: fields[n] for n in ("value", "mode", "prevalence") if n in fields}
    return RunTables(name, {**CONDITION, "run": name, **treated}, model.recorder.tables(), Rules())


def scene(which: str) -> RunTables:
    """One scene of the log that was written by hand."""
    files = (LOGS / "log.txt", LOGS / "deceiver.txt")
    found = next(s for file in files for s in read_scenes(file) if s.name == which)
    people = pd.DataFrame({"resident": found.people, "treated": False})
    return RunTables(
        which, {**CONDITION, "run": which}, {**tables_of(found), "people": people}, rules_of(found)
    )
