"""Who lives in a community: residents, their values, what they know, and their minds."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.batch import Batch
    from agents.decisions import (
        Acts,
        Claim,
        Fault,
        Further,
        Kind,
        Main,
        Messages,
        Promise,
        Regard,
        Replies,
    )
    from agents.errors import CivaError, InputError, RunFailed, StoppedEarly
    from agents.minds import Mind
    from agents.minds.mixed import Mixed
    from agents.minds.surrogate import Surrogate
    from agents.observation import Known, Near, Observation, Open, Rules, Since, Stage
    from agents.survey import Survey, read_survey
    from agents.values import NAMES, VALUES, told_weights, treat

#: Module → its public names; imported when first asked for, so that the command starts at once.
_NAMES = {
    "agents.batch": ("Batch",),
    "agents.decisions": (
        *("Acts", "Claim", "Fault", "Further", "Kind", "Main", "Messages", "Promise"),
        *("Regard", "Replies"),
    ),
    "agents.errors": ("CivaError", "InputError", "RunFailed", "StoppedEarly"),
    "agents.minds": ("Mind",),
    "agents.minds.mixed": ("Mixed",),
    "agents.minds.surrogate": ("Surrogate",),
    "agents.observation": ("Known", "Near", "Observation", "Open", "Rules", "Since", "Stage"),
    "agents.survey": ("Survey", "read_survey"),
    "agents.values": ("NAMES", "VALUES", "told_weights", "treat"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "NAMES",
    "VALUES",
    "Acts",
    "Batch",
    "CivaError",
    "Claim",
    "Fault",
    "Further",
    "InputError",
    "Kind",
    "Known",
    "Main",
    "Messages",
    "Mind",
    "Mixed",
    "Near",
    "Observation",
    "Open",
    "Promise",
    "Regard",
    "Replies",
    "Rules",
    "RunFailed",
    "Since",
    "Stage",
    "StoppedEarly",
    "Surrogate",
    "Survey",
    "read_survey",
    "told_weights",
    "treat",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'agents' has no attribute {name!r}")
