"""Phase diagrams of scripted residents: richness against hostility, and against generosity.

Hostility: `scripted:spread`, paired, equal shares. Generosity can decide only where residents do
not share a store and shares are unequal, so there regime `rank`, standings 0–200 and no pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from model.evidence.contrasts import estimate
from model.evidence.lab import Lab, LabRun, cases
from model.evidence.pictures import heat_maps
from model.evidence.table import EvidenceFound, EvidenceTable

DAYS: Final = 60
RICHNESS: Final = (0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)
LEVELS: Final = {
    "hostility": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5),
    "generosity": (0.0, 0.1, 0.2, 0.4, 0.7, 1.0),
}
_GROUND: Final[Mapping[str, Mapping[str, Any]]] = {
    "hostility": {},
    "generosity": {"regime": "rank", "start_standing": (0, 200)},
}
_SCRIPT: Final = {
    "hostility": "scripted:spread,hostile={}",
    "generosity": "scripted:spread,pair=0,generous={}",
}


def phases(lab: Lab, seeds: int) -> EvidenceFound:
    """Both diagrams."""
    wanted: dict[Any, list[LabRun]] = {}
    for axis, levels in LEVELS.items():
        for richness in RICHNESS:
            for level in levels:
                wanted[axis, richness, level] = cases(
                    seeds,
                    days=DAYS,
                    richness=richness,
                    mind=_SCRIPT[axis].format(level),
                    **_GROUND[axis],
                )
    rows = lab.live(wanted)
    tables, figures = [], {}
    for axis, levels in LEVELS.items():
        found = []
        for richness in RICHNESS:
            for level in levels:
                line: dict[str, Any] = {"richness": richness, axis: level}
                for outcome in ("alive", "nAUP", "final"):
                    line |= estimate(rows[axis, richness, level], outcome)
                found.append(line)
        frame = pd.DataFrame(found)
        tables.append(
            EvidenceTable(
                axis,
                f"Scripted residents: richness × {axis}, 25 residents, {DAYS} days, {seeds} seeds",
                frame,
                "Means over runs with 95 % intervals (`alive`: Clopper–Pearson).",
            )
        )
        figures[axis] = (
            heat_maps(frame, axis),
            f"Share of communities alive and nAUP by richness and {axis}.",
        )
    return EvidenceFound(
        "phases", "scripted:spread", f"0–{seeds - 1} in every cell", tuple(tables), figures
    )
