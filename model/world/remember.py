"""What is kept of a day for the next: notes, relations, and what each is told happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.world.act import Effects
from model.world.ask import Answers
from model.world.perceive import Snapshot

if TYPE_CHECKING:
    from model.world.state import World


def remember(world: World, morning: Snapshot, answers: Answers, e: Effects) -> None:
    """Keep a day's notes and facts."""
    if world.scenario.memory:
        for row, note in zip(morning.rows.tolist(), answers.notes, strict=True):
            if note is not None:
                world.residents.note[row] = note
    world.memory.record(morning.day, e.facts)
    world.since = np.array(e.since, np.int64).reshape(-1, 4)
