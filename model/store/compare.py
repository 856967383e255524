"""Where the tables of two executions of a run first differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.store.load import Run

#: By what day and time the rows of a table came about.
_ORDER = ("events", "messages", "decisions", "residents", "people", "commitments", "days")


def first_difference(run: Run, tables: Mapping[str, pd.DataFrame]) -> str:
    """Name the first table, row and column in which a run differs from other tables of it.

    Args:
        run: a run on disk.
        tables: tables of another execution, by name.

    Returns:
        Table, day, row and column with both values; empty if all rows are the same.
    """
    for name in _ORDER:
        found = _difference(run.table(name), tables[name])
        if found:
            return f"{name}: {found}"
    return ""


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> str:
    both = min(len(one), len(other))
    first: tuple[int, str] | None = None
    for column in one.columns:
        same = _same(one[column].iloc[:both], other[column].iloc[:both])
        rows = (~same).nonzero()[0]
        if len(rows) and (first is None or rows[0] < first[0]):
            first = (int(rows[0]), column)
    if first is not None:
        row, column = first
        return (
            f"day {one['day'].iloc[row]}, row {row}, {column} is {other[column].iloc[row]!r}, "
            f"recorded {one[column].iloc[row]!r}"
        )
    return "" if len(one) == len(other) else f"{len(other)} rows, recorded {len(one)}"


def _same(left: pd.Series[Any], right: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Whether two columns agree, row by row; undefined agrees with undefined."""
    if isinstance(left.dtype, pd.ArrowDtype):
        pairs = zip(left.to_list(), right.to_list(), strict=True)
        return np.array([list(a) == list(b) for a, b in pairs], dtype=bool)
    if isinstance(left.dtype, pd.CategoricalDtype):
        left, right = left.astype("str"), right.astype("str")
    same = (left == right).fillna(False) | (left.isna() & right.isna())
    return same.to_numpy(dtype=bool)
