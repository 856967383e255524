"""What tests of acts share: a quiet community of two neighbours that are told what to do."""

from __future__ import annotations

from typing import Any

from agents.observation import OneAct
from model.community import CommunityModel
from tests.model.communities import events, live, quiet
from tests.model.minds import Puppet

SIDE_BY_SIDE = [(0, 0), (0, 1)]


def lived(
    acts: dict[int, dict[int, OneAct]], days: int | None = None, **fields: Any
) -> CommunityModel:
    """A quiet community in which nobody is hungry, after some days of given acts."""
    faults = fields.pop("faults", frozenset())
    fields = {"places": SIDE_BY_SIDE, "factory": (9, 9), "need": (0,), **fields}
    return live(quiet(Puppet(acts, faults=faults), **fields), days or max(acts))


def voids(model: CommunityModel) -> list[tuple[int, int, str]]:
    return [(row["actor"], row["target"], row["reason"]) for row in events(model, "void")]
