"""Small studies for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.study.design import Design, design_from
from model.study.job import Job
from model.study.manifest import read_manifest
from model.study.store import load_study


def design(**changes: Any) -> Design:
    fields: dict[str, Any] = {
        "name": "small",
        "seed": 5,
        "runs": 3,
        "scenario": {"residents": 6, "days": 5},
        "factors": {"value": ["BE"], "mode": ["with", "without"], "prevalence": [0.5, 1.0]},
        "registration": {"analysis": "dose"},
    }
    return design_from(fields | changes)


def hashes(folder: Path) -> dict[tuple[str, int], str]:
    """The hash of every run of a study, by cell and seed."""
    return {(row.cell, row.seed): row.hash for row in load_study(folder).done}


def planned(folder: Path) -> int:
    return len(read_manifest(folder).runs)


def seeds(jobs: list[Job]) -> list[int]:
    return [job.seed for job in jobs]
