"""The recorder that keeps a run's rows in memory."""

from __future__ import annotations

import pandas as pd

from model.store.columns import TYPES, arrow_table, frame
from model.world.recorder import Chunk, Given


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
