"""Everything that the report on a study is made from, read and analysed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from agents.errors import InputError
from agents.values import VALUES
from model.analysis.arms import Arm
from model.analysis.study import Analysis, analyse
from model.report.chapters.study_behaviours import OnRun, behaviours
from model.report.style import Look, look
from model.study.design import Design
from model.study.job import folder_name
from model.study.store import Study

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """A study, analysed.

    Attributes:
        study: as it lies on disk.
        design: as registered.
        analysis: what is tested.
        reading: gives one row a run (key, cell, measures of its log) once all logs are read.
    """

    study: Study
    design: Design
    analysis: Analysis
    reading: Future[pd.DataFrame]

    @property
    def behaviours(self) -> pd.DataFrame:
        """One row a run: key, cell, measures of its log; waits until all logs are read."""
        return self.reading.result()

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Cells with at least one result."""
        return tuple(arm for arm in self.analysis.arms if arm.runs)

    @property
    def minds(self) -> tuple[str, ...]:
        """Minds that decided, by name."""
        return tuple(sorted({row.mind for row in self.study.done}))

    @cached_property
    def control(self) -> Arm | None:
        """The one control; None if there is none, or several."""
        found = [arm for arm in self.arms if arm.control]
        return found[0] if len(found) == 1 else None

    @cached_property
    def treated(self) -> Mapping[tuple[str, str], tuple[Arm, ...]]:
        """(value, mode) -> its arms by rising prevalence, where nothing else is varied."""
        found: dict[tuple[str, str], list[Arm]] = {}
        if self.control is None:
            return {}
        for arm in self.arms:
            levels = arm.levels
            if {"value", "prevalence"} <= levels.keys() <= {"value", "mode", "prevalence"}:
                mode = str(levels.get("mode", self.design.scenario.get("mode", "with")))
                found.setdefault((str(levels["value"]), mode), []).append(arm)
        return {
            key: tuple(sorted(arms, key=lambda arm: float(arm.levels["prevalence"])))
            for key, arms in sorted(found.items(), key=lambda item: _circle(item[0]))
        }

    @cached_property
    def population(self) -> dict[str, Floats]:
        """Cell -> population, runs × days; nobody lives after a community's end."""
        return self.study.daily("population", ended=0.0)

    @cached_property
    def read(self) -> Mapping[str, Arm]:
        """Its arms by label, with what is read off the logs of their runs; waits for it."""
        table = self.behaviours.set_index("key").drop(columns="cell")
        numbers = {
            str(key): {str(name): float(one) for name, one in row.items()}
            for key, row in table.iterrows()
        }
        return {arm.label: arm.beside(numbers) for arm in self.arms}


def look_of(arm: Arm) -> Look:
    """How a cell is drawn."""
    levels = arm.levels
    value = str(levels.get("value", ""))
    mode = str(levels.get("mode", "with"))
    return look(value if value in VALUES else "", mode, float(levels.get("prevalence", 1.0)))


@contextmanager
def gather(study: Study, on_run: OnRun | None = None) -> Iterator[Material]:
    """Read and analyse a study; its logs are read meanwhile.

    Raises:
        InputError: no run of it is finished.
    """
    if not study.done:
        raise InputError(f"{study.path}: no run of this study is finished; run it first")
    design = study.manifest.as_design()
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(behaviours, study, on_run)
        analysis = analyse(
            design.registration,
            design.pairing,
            study.manifest.cells,
            study.rows,
            refusals=_refusals(study),
        )
        yield Material(study, design, analysis, reading)


def _refusals(study: Study) -> dict[str, int]:
    """Run's key -> replies that were refusals; a study without faults has none to look for."""
    if not any(row.flows["faults"] for row in study.done):
        return {}
    found = study.query(
        "SELECT run, count(*) AS n FROM events WHERE kind = 'fault' AND reason LIKE 'refused%' "
        "GROUP BY run"
    )
    counts = dict(zip(found["run"], found["n"], strict=True))
    return {row.key: int(counts.get(folder_name(row.key), 0)) for row in study.done}


def _circle(treatment: tuple[str, str]) -> tuple[int, Any]:
    value, mode = treatment
    return VALUES.index(value) if value in VALUES else len(VALUES), mode
