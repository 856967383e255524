"""The community, its measurement and its studies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.analysis.label_rules import rules_of
    from model.analysis.runs import load_run
    from model.community import CommunityModel
    from model.measures.behaviour import detect
    from model.run.runs import Outcome, run_into
    from model.store import MemoryRecorder, Run
    from model.study.design import Design, read_design
    from model.study.job import Job
    from model.study.many import run_many
    from model.study.runner import run_study
    from model.study.store import Study, load_study
    from model.world.interventions import Intervention
    from model.world.numbers import Day
    from model.world.scenario import Scenario
    from model.world.scenario_files import read_scenario, to_toml
    from model.world.settings import Settings

#: Public name → module; imported when first asked for, so that the command starts at once.
_HOME = {
    "CommunityModel": "model.community",
    "Day": "model.world.numbers",
    "Design": "model.study.design",
    "Intervention": "model.world.interventions",
    "Job": "model.study.job",
    "MemoryRecorder": "model.store",
    "Outcome": "model.run.runs",
    "Run": "model.store",
    "Scenario": "model.world.scenario",
    "Settings": "model.world.settings",
    "Study": "model.study.store",
    "detect": "model.measures.behaviour",
    "load_run": "model.analysis.runs",
    "load_study": "model.study.store",
    "read_design": "model.study.design",
    "read_scenario": "model.world.scenario_files",
    "rules_of": "model.analysis.label_rules",
    "run_into": "model.run.runs",
    "run_many": "model.study.many",
    "run_study": "model.study.runner",
    "to_toml": "model.world.scenario_files",
}

__all__ = [
    "CommunityModel",
    "Day",
    "Design",
    "Intervention",
    "Job",
    "MemoryRecorder",
    "Outcome",
    "Run",
    "Scenario",
    "Settings",
    "Study",
    "detect",
    "load_run",
    "load_study",
    "read_design",
    "read_scenario",
    "rules_of",
    "run_into",
    "run_many",
    "run_study",
    "to_toml",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'model' has no attribute {name!r}")
