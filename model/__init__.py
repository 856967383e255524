"""The community, its measurement and its studies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.community import CommunityModel
    from model.day import Day
    from model.interventions import Intervention
    from model.scenario import Scenario
    from model.scenario_files import read_scenario
    from model.store import load_run

#: Public name → module; imported when first asked for, so that the command starts at once.
_HOME = {
    "CommunityModel": "model.community",
    "Day": "model.day",
    "Intervention": "model.interventions",
    "Scenario": "model.scenario",
    "load_run": "model.store",
    "read_scenario": "model.scenario_files",
}

__all__ = [
    "CommunityModel",
    "Day",
    "Intervention",
    "Scenario",
    "load_run",
    "read_scenario",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'model' has no attribute {name!r}")
