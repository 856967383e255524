"""The protocol of recorders, which are handed a run's rows once a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

#: Null of an `int?` column that is an array.
NULL: Final = int(np.iinfo(np.int64).min)

Column: TypeAlias = Any
Chunk: TypeAlias = Mapping[str, Column]
Given: TypeAlias = Mapping[str, Chunk]


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
