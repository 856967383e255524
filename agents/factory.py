"""Factories: shared production units, as Mesa agents fixed on the community grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mesa.discrete_space import FixedAgent

from agents.mesa_ids import NUMBERS

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

    from agents.decisions import Ints


class FactoryColumns(Protocol):
    """The factories in columns, one entry each, as the resource scheduler keeps them."""

    output: Ints
    half: Ints
    workers: Ints
    made: Ints


class Factory(FixedAgent):
    """One factory: its place and its law; what it made yesterday.

    Attributes:
        id: its number in every table and prompt: F1, F2, …
        output: greatest output P, units a day (before `richness`).
        half: labour H at which it makes half of P, skill points.
    """

    _ids: Any = NUMBERS

    def __init__(self, model: Any, factories: FactoryColumns, row: int, cell: Cell) -> None:
        super().__init__(model)
        self.factories = factories
        self.id = row + 1
        self.output = int(factories.output[row])
        self.half = int(factories.half[row])
        self.cell = cell

    @property
    def workers(self) -> int:
        """Hands at work on the last day."""
        return int(self.factories.workers[self.id - 1])

    @property
    def made(self) -> int:
        """Units made on the last day."""
        return int(self.factories.made[self.id - 1])
