"""Residents: their state as columns, and the Mesa agents that are views into it.

State only: what a resident does is decided by its mind and carried out by the world. Rows are never
reused: resident R7 stands in row 6 for ever, dead or alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from mesa.discrete_space import CellAgent

from agents.decisions import Ints
from agents.mesa_ids import NUMBERS

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

_INTS = (
    "x",
    "y",
    "skill",
    "standing",
    "debt",
    "household",
    "alive",
    "treated",
    "value",
    "mode",
    "paraphrase",
    "group",
    "born",
    "faulted",
    "island",
)


class Residents:
    """The state of all who ever lived, one row each.

    Attributes:
        x, y: cell.
        skill, standing: points.
        debt: units of food owed.
        household: index of its household.
        alive: 1 or 0.
        treated: 1 if it carries the treatment; value, mode, paraphrase: its text (value −1: none).
        group: which of the community's minds decides for it.
        born: day of entry.
        faulted: last day with a fault, −1 never.
        island: which community of the world it lives in.
        profile, told: (rows, 10) weights: what it is, what its text conveys.
        note: the free note.
        count: how many rows are in use.
    """

    x: Ints
    y: Ints
    skill: Ints
    standing: Ints
    debt: Ints
    household: Ints
    alive: Ints
    treated: Ints
    value: Ints
    mode: Ints
    paraphrase: Ints
    group: Ints
    born: Ints
    faulted: Ints
    island: Ints

    def __init__(self, capacity: int = 64) -> None:
        self.count = 0
        self.note: list[str] = []
        for name in _INTS:
            setattr(self, name, np.zeros(capacity, np.int64))
        self.profile: Ints = np.zeros((capacity, 10), np.int64)
        self.told: Ints = np.zeros((capacity, 10), np.int64)

    def add(self, **state: Any) -> int:
        """Give a new resident a row; unnamed columns are 0. Returns the row (its id − 1)."""
        row = self.count
        if row == len(self.x):
            for name in (*_INTS, "profile", "told"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
        self.count += 1
        self.note.append("")
        self.alive[row] = 1
        self.faulted[row] = -1
        for name, value in state.items():
            getattr(self, name)[row] = value
        return row

    def living(self) -> Ints:
        """Rows of the living, ascending."""
        return np.flatnonzero(self.alive[: self.count])


class Stores(Protocol):
    """The households' stores."""

    def stock_of(self, home: int) -> Any:
        """Units per member of a household, rounded down."""


class Resident(CellAgent):
    """One resident as a Mesa agent: a view of its row, placed on the community grid."""

    _ids: Any = NUMBERS

    def __init__(
        self,
        model: Any,
        residents: Residents,
        stores: Stores,
        row: int,
        cell: Cell,
        number: int,
    ) -> None:
        super().__init__(model)
        self.unique_id = number
        self.residents = residents
        self.stores = stores
        self.row = row
        self.cell = cell

    @property
    def id(self) -> int:
        """Its number in every table and prompt (R1, R2, …)."""
        return self.row + 1

    @property
    def stock(self) -> int:
        """Units: its share of the household's store, rounded down."""
        return int(self.stores.stock_of(self.household))

    @property
    def debt(self) -> int:
        """Units of food owed."""
        return int(self.residents.debt[self.row])

    @property
    def skill(self) -> int:
        """Skill points; 100 is one ordinary worker."""
        return int(self.residents.skill[self.row])

    @property
    def standing(self) -> int:
        """Standing points."""
        return int(self.residents.standing[self.row])

    @property
    def household(self) -> int:
        """Index of its household."""
        return int(self.residents.household[self.row])

    @property
    def treated(self) -> bool:
        """Whether it carries the treatment."""
        return bool(self.residents.treated[self.row])

    @property
    def told(self) -> tuple[int, ...]:
        """Ten weights: what its value text conveys, in circle order."""
        return tuple(self.residents.told[self.row].tolist())

    @property
    def profile(self) -> tuple[int, ...]:
        """Ten weights: what it is, untreated, in circle order."""
        return tuple(self.residents.profile[self.row].tolist())
