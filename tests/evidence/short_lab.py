"""A lab that lives short communities in place of the long ones asked for, each once.

Every row is a real run's; only the number of days and what sets the arms apart are gone, so that
all tables of an evidence can be built in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from model.analysis.row import Row
from model.evidence.lab import Lab, LabRun
from model.world.scenario_files import scenario_from


class ShortLab(Lab):
    """Lives every case as a baseline community of its size, for a few days, in this process."""

    def __init__(self, days: int = 4) -> None:
        super().__init__(workers=0)
        self._days = days

    def live(self, arms: Mapping[Any, Iterable[LabRun]]) -> dict[Any, list[Row]]:
        return super().live(
            {name: [self._short(case) for case in arm] for name, arm in arms.items()}
        )

    def _short(self, case: LabRun) -> LabRun:
        scenario = scenario_from({"residents": case.scenario.residents, "days": self._days})
        return LabRun(scenario, case.seed, daily=case.daily, labels=case.labels)
