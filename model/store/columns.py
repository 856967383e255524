"""Columns as the model hands them over → Arrow tables → DataFrames, by the types of the tables.

A day's rows arrive as plain columns: lists or numpy arrays; words and texts as lists of `str`;
`ids` as lists of ids or as a pair (offsets, values) of integer arrays; a null in an `int?` column
as `NULL` in an array, or as None in a list. They are kept as they came until a flush, because
converting many days at once costs a fraction of converting each; from then on they are nobody
else's to change.

In a DataFrame `word` is a category, `text` a string, `int?` is `Int64` (with `<NA>`), and `ids` an
Arrow list of int32; the other types are numpy's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from model.store.tables import TABLES
from model.world.numbers import Day
from model.world.recorder import NULL, Chunk, Column

#: Table → column → type. `days` has the fields of `Day`.
TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "days": {field.name: str(field.type) for field in fields(Day)},
    **{
        table: {name: kind for name, (kind, _) in columns.items()}
        for table, columns in TABLES.items()
    },
}
_ARROW: Final[Mapping[str, pa.DataType]] = {
    "int": pa.int64(),
    "int?": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "word": pa.dictionary(pa.int32(), pa.string()),
    "text": pa.string(),
    "ids": pa.list_(pa.int32()),
}


def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema(
        [
            pa.field(name, _ARROW[kind], nullable=kind == "int?")
            for name, kind in TYPES[table].items()
        ]
    )


def rows_of(chunk: Mapping[str, Column]) -> int:
    """Number of rows of a day's columns of a table that begins with plain columns."""
    return len(next(iter(chunk.values())))


def arrow_table(table: str, chunks: Sequence[Chunk]) -> pa.Table:
    """Join days of one table.

    Raises:
        ValueError: a chunk's columns are not those of the table, or differ in length.
    """
    types = TYPES[table]
    for chunk in chunks:
        if chunk.keys() != types.keys():
            odd = ", ".join(sorted(chunk.keys() ^ types.keys()))
            raise ValueError(f"table {table}: columns missing or not of the table: {odd}")
    columns = [_join(kind, [chunk[name] for chunk in chunks]) for name, kind in types.items()]
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise ValueError(f"table {table}: columns of different lengths {sorted(lengths)}")
    return pa.Table.from_arrays(columns, schema=schema_of(table))


def frame(data: pa.Table) -> pd.DataFrame:
    """An Arrow table of a run as a DataFrame; the columns are those of the file, old or new."""
    data = data.unify_dictionaries()
    return pd.DataFrame(
        {field.name: _series(field, data.column(field.name)) for field in data.schema},
        copy=False,
    )


def _is_pair(column: Column) -> bool:
    return isinstance(column, tuple) and len(column) == 2 and isinstance(column[0], np.ndarray)


def _join(kind: str, parts: list[Column]) -> pa.Array:
    if kind == "ids":
        return _lists(parts)
    if kind == "word":
        return _texts(parts).dictionary_encode()
    if kind == "text":
        return _texts(parts)
    if kind == "int?":
        numbers = [_whole(part) for part in parts]
        joined = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
        return pa.array(joined, pa.int64(), mask=joined == NULL)
    dtype: Any = {"int": np.int64, "float": np.float64, "bool": np.bool_}[kind]
    if all(isinstance(part, list) for part in parts):
        return pa.array(np.array(list(chain.from_iterable(parts)), dtype=dtype))
    return pa.array(np.concatenate([np.asarray(part, dtype=dtype) for part in parts]))


def _whole(part: Column) -> npt.NDArray[np.int64]:
    if isinstance(part, np.ndarray):
        return part.astype(np.int64, copy=False)
    return np.array([NULL if x is None else x for x in part], dtype=np.int64)


def _texts(parts: list[Column]) -> pa.Array:
    flat = list(chain.from_iterable(parts))
    try:
        return pa.array(flat, pa.string())
    except UnicodeEncodeError:
        # A mind may write lone surrogates, which no UTF-8 file can hold.
        clean = [t.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for t in flat]
        return pa.array(clean, pa.string())


def _lists(parts: list[Column]) -> pa.Array:
    offsets: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]
    values: list[npt.NDArray[np.int32]] = []
    end = 0
    for part in parts:
        if _is_pair(part):
            starts, ids = part
        else:
            starts = np.zeros(len(part) + 1, np.int64)
            np.cumsum([len(ids) for ids in part], out=starts[1:])
            ids = np.array(list(chain.from_iterable(part)), dtype=np.int64)
        offsets.append(starts[1:] + end)
        values.append(ids.astype(np.int32))
        end += len(ids)
    flat = np.concatenate(values) if values else np.zeros(0, np.int32)
    return pa.ListArray.from_arrays(
        pa.array(np.concatenate(offsets).astype(np.int32)), pa.array(flat)
    )


def _series(field: pa.Field, column: pa.ChunkedArray) -> pd.Series[Any]:
    if pa.types.is_list(field.type):
        return pd.Series(pd.arrays.ArrowExtensionArray(column))
    if pa.types.is_int64(field.type) and field.nullable:
        return pd.Series(column.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    if pa.types.is_string(field.type):
        return pd.Series(column.to_pandas(), dtype="str")
    return pd.Series(column.to_pandas())
