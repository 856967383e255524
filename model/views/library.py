"""Runs and studies that lie under a folder: found by their cards alone, opened when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.errors import InputError
from model.store.meta import FILE as RUN_CARD
from model.store.meta import read_meta
from model.study.manifest import FILE as STUDY_CARD

#: How deep folders are searched, and how much is listed at most.
DEPTH: Final = 3
MOST: Final = 500


@dataclass(frozen=True)
class Shelf:
    """What lies under a folder.

    Attributes:
        runs: folders that hold a run.
        studies: folders that hold a study.
        more: whether there are more than are listed.
    """

    runs: tuple[Path, ...]
    studies: tuple[Path, ...]
    more: bool


@dataclass(frozen=True)
class CardLabel:
    """What the card of a run says of it; `trouble` where it cannot be read."""

    path: Path
    scenario: str = ""
    mind: str = ""
    seed: int = 0
    status: str = ""
    days: str = ""
    trouble: str = ""


def shelf(root: Path) -> Shelf:
    """Look under a folder.

    Raises:
        InputError: it is no folder, or cannot be read.
    """
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; name one that holds runs or studies")
    runs: list[Path] = []
    studies: list[Path] = []
    for path in _folders(root, DEPTH):
        if (path / RUN_CARD).is_file():
            runs.append(path)
        elif (path / STUDY_CARD).is_file():
            studies.append(path)
        if len(runs) > MOST:
            break
    return Shelf(tuple(runs[:MOST]), tuple(studies), len(runs) > MOST)


def label(path: Path) -> CardLabel:
    """What a run's card says."""
    try:
        meta = read_meta(path)
    except InputError as error:
        return CardLabel(path, trouble=str(error))
    scenario = meta.scenario
    treated = bool(scenario.get("value")) and float(scenario.get("prevalence", 0)) > 0
    words = str(scenario.get("preset", ""))
    if treated:
        words += f", {scenario['mode']} {scenario['value']}, ρ = {scenario['prevalence']:g}"
    lived = meta.summary.get("days", "?")
    return CardLabel(
        path, words, meta.mind, meta.seed, meta.status, f"{lived} of {scenario.get('days', '?')}"
    )


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """A folder and those in it, by name; what lies inside a run or a study is not entered."""
    yield root
    if depth == 0 or (root / RUN_CARD).exists() or (root / STUDY_CARD).exists():
        return
    try:
        with os.scandir(root) as entries:
            # A link may lead out of the dashboard's folder, and a sender's folder may hold some.
            names = sorted(
                e.name
                for e in entries
                if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")
            )
    except OSError:
        return
    for name in names:
        yield from _folders(root / name, depth - 1)
