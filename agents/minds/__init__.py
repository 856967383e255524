"""Minds: one protocol, several minds. All are asked batches and give replies, row by row."""

from __future__ import annotations

from typing import Protocol

from agents.batch import Batch
from agents.decisions import Replies


class Mind(Protocol):
    """Whoever decides for residents: one reply a question, each from its own question alone."""

    @property
    def name(self) -> str:
        """What every table, screen and report calls it."""

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""

    async def areply(self, batch: Batch) -> Replies:
        """The same, for a driver that runs many communities on one event loop."""


__all__ = ["Mind"]
