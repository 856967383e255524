"""DataFrames as CSV, through the one writer (`agents.csvwriter`), and their texts back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

import pandas as pd

from agents.csvwriter import csv_bytes, csv_plain

#: What an undefined number is read from; a text of that form is a text.
_UNDEFINED: Final = ("", "nan", "NaN")


def frame_csv(frame: pd.DataFrame, *, comment: str = "", digits: int = 0) -> bytes:
    """A DataFrame as the content of a CSV file; a named index comes first.

    Args:
        frame: columns of texts, numbers, truths or lists of these.
        comment: a first line, after a `#`; none if empty.
        digits: significant digits of numbers; 0 for all that there are.
    """
    whole = frame if frame.index.name is None else frame.reset_index()
    columns = [whole.iloc[:, place].tolist() for place in range(whole.shape[1])]
    return csv_bytes(
        [str(name) for name in whole.columns],
        zip(*columns, strict=True),
        comment=comment,
        digits=digits,
    )


def read_frame(
    source: Path | IO[bytes], texts: Sequence[str], numbers: Sequence[str], *, comment: str = ""
) -> pd.DataFrame:
    """Some columns of a table that was written so, those that are there.

    Args:
        source: the file.
        texts: columns of texts, given as they were before they were written; never missing.
        numbers: columns of numbers and truths; an empty cell is NaN.
        comment: with what a line begins that is none of the table.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no table, or a number is none.
    """
    wanted = frozenset((*texts, *numbers))
    frame = pd.read_csv(
        source,
        dtype=dict.fromkeys(texts, str),
        usecols=lambda name: name in wanted,
        keep_default_na=False,
        na_values={name: list(_UNDEFINED) for name in numbers},
        comment=comment or None,
    )
    for name in frame.columns:
        if name in numbers:
            frame[name] = pd.to_numeric(frame[name])
        else:
            frame[name] = plain_texts(frame[name])
    return frame


def plain_texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """The texts of a column as they were before they were written."""
    return pd.Series([csv_plain(str(cell)) for cell in column], index=column.index, dtype=str)
