"""The surrogate's table of acts and values, read from `utilities.toml`, and its hash."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np

from agents.randomness import Floats
from agents.values import VALUES


@dataclass(frozen=True)
class UtilityTable:
    """Act × value entries.

    Attributes:
        acts: row names.
        entries: (acts, 10) in −2 … 2, columns in circle order.
        reasons: why an entry is what it is, by (act, value).
    """

    acts: tuple[str, ...]
    entries: Floats
    reasons: dict[tuple[str, str], str]

    @property
    def hash(self) -> str:
        """Identifies the entries (not the wording of the reasons)."""
        content = repr((self.acts, self.entries.astype(int).tolist()))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Where each act stands."""
        return {act: row for row, act in enumerate(self.acts)}

    def permuted(self, order: tuple[int, ...]) -> UtilityTable:
        """The table with its value labels shuffled: value k acts by the column `order[k]`."""
        return UtilityTable(
            self.acts, np.ascontiguousarray(self.entries[:, list(order)]), self.reasons
        )

    def flat(self) -> UtilityTable:
        """The table of zeros: a mind for which no act means anything."""
        return UtilityTable(self.acts, np.zeros_like(self.entries), {})

    def shifted(self, change: Floats) -> UtilityTable:
        """The table with its entries jittered, kept within −2 … 2."""
        return UtilityTable(self.acts, np.clip(self.entries + change, -2, 2), self.reasons)


@cache
def table() -> UtilityTable:
    """The table of `utilities.toml`."""
    source = files("agents.minds").joinpath("utilities.toml").read_text("utf-8")
    rows = tomllib.loads(source)
    entries = np.zeros((len(rows), len(VALUES)))
    reasons: dict[tuple[str, str], str] = {}
    for i, (act, given) in enumerate(rows.items()):
        for value, (entry, reason) in given.items():
            entries[i, VALUES.index(value)] = entry
            reasons[act, value] = reason
    return UtilityTable(tuple(rows), entries, reasons)
