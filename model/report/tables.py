"""A table of a report: the numbers as CSV, and rows for the page that each point into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model.report.text import visible
from model.store.csvtables import frame_csv


@dataclass(frozen=True)
class Cell:
    """One cell of the page.

    Attributes:
        text: what is shown.
        row: row of the CSV whose numbers it shows (0 is the first after the heading); None for a
            cell without numbers.
        note: a second, smaller line.
        alarm: whether it is a red flag; the text says so too, for colour alone tells nothing.
    """

    text: str
    row: int | None = None
    note: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Table:
    """A table: whole as CSV, and what of it the page shows.

    Attributes:
        name: of its file, `tables/{name}.csv`.
        title: heading on the page.
        frame: everything, one row an observation; undefined is an empty cell.
        head: column headings on the page; none if the page only links the file.
        rows: the page's rows.
        note: how to read it, and by which rules it was made.
        folded: whether the page folds it away until asked for.
    """

    name: str
    title: str
    frame: pd.DataFrame
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    note: str = ""
    folded: bool = False

    @property
    def csv(self) -> bytes:
        """Its file's content."""
        return frame_csv(self.frame.reset_index(drop=True))

    @property
    def file(self) -> str:
        """Path beside the page."""
        return f"tables/{self.name}.csv"


def plain(value: Any) -> str:
    """Any value as text: whole numbers whole, texts as they stand, undefined a dash."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value).replace("-", "−")
    if isinstance(value, float | np.floating):
        return number(float(value), 0 if float(value).is_integer() else 3)
    return visible("" if value is None else str(value))


@dataclass(frozen=True)
class Column:
    """A column of a plain table: which of the frame, its heading, and how a cell reads."""

    name: str
    head: str
    show: Callable[[Any], str] = plain


def listed(
    name: str,
    title: str,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    note: str = "",
    limit: int | None = None,
    folded: bool = False,
) -> Table:
    """A table whose page rows are rows of its CSV, the first `limit` of them."""
    shown = frame if limit is None else frame.head(limit)
    rows = tuple(
        tuple(Cell(column.show(value), i) for column, value in zip(columns, line, strict=True))
        for i, line in enumerate(
            zip(*(shown[column.name].tolist() for column in columns), strict=True)
        )
    )
    if len(shown) < len(frame):
        note = f"{note} The first {len(shown)} of {len(frame)} rows.".strip()
    return Table(name, title, frame, tuple(column.head for column in columns), rows, note, folded)


def number(value: float, digits: int = 3) -> str:
    """A number as the page shows it, to so many decimals; undefined is a dash."""
    if value is None or not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) != 0 else text.lstrip("-")


def digits(count: int) -> Callable[[Any], str]:
    """A cell reader with so many decimals."""
    return lambda value: number(float(value), count)
