"""What the model tells once a day, and the recorder that keeps it in memory."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from model.store.columns import TYPES, Chunk, Given, arrow_table, frame


class Recorder(Protocol):
    """Whoever keeps the rows of a run."""

    def record(self, day: int, tables: Given) -> None:
        """Take in a day's rows.

        Args:
            day: the day that has just taken effect (0: the initial state).
            tables: table → column → values (see `model.store.columns`). A table without rows may
                be left out. The columns are the recorder's from now on: nobody changes them.
        """


class NullRecorder:
    """Keeps nothing, for runs of which only the daily numbers are wanted."""

    def record(self, day: int, tables: Given) -> None:
        """Drop a day's rows."""


class MemoryRecorder:
    """Keeps all rows in memory, for notebooks, sweeps and tests."""

    def __init__(self) -> None:
        self._chunks: dict[str, list[Chunk]] = {name: [] for name in TYPES}

    def record(self, day: int, tables: Given) -> None:
        """Take in a day's rows."""
        for name, columns in tables.items():
            self._chunks[name].append(columns)

    def table(self, name: str) -> pd.DataFrame:
        """One table of all that was recorded so far, as `load_run` would give it."""
        return frame(arrow_table(name, self._chunks[name]))

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables of all that was recorded so far."""
        return {name: self.table(name) for name in TYPES}
