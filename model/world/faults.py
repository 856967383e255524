"""Reply faults of a day, as events of their own kind: what was not decided is no behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.decisions import Fault
from model.world.act import Effects
from model.world.ask import Answers
from model.world.events import EventKind, EventStage
from model.world.perceive import Snapshot

if TYPE_CHECKING:
    from model.world.state import World

_STAGE = {
    Fault.PERCEIVE: EventStage.PERCEIVE,
    Fault.COMMUNICATE: EventStage.COMMUNICATE,
    Fault.ACT: EventStage.ACT,
    Fault.REMEMBER: EventStage.REMEMBER,
}


def note_faults(world: World, morning: Snapshot, answers: Answers, e: Effects) -> None:
    """Log every fault, and on which day each resident had its last one."""
    for i, stage, cause in answers.faults:
        row = int(morning.rows[i])
        e.log.add(_STAGE[Fault(stage)], EventKind.FAULT, row + 1, 0, 0, 0, cause)
        world.residents.faulted[row] = morning.day
