"""An evidence's tables: numbers in a CSV, the same numbers as a table of the page.

Every CSV begins with one comment line that says what made it. A quantity `x` with the columns
`x_low` and `x_high` is shown as `x [low, high]`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
from matplotlib.figure import Figure

from agents.minds.utilities import table as utilities
from model.identity import ENGINE
from model.report.style import house
from model.version import civa_version

#: Columns that hold a p, and the least that is printed.
_P: Final = re.compile(r"(^|[ _])p($|[ ,_])")
_LEAST_P: Final = 0.001


@dataclass(frozen=True)
class Table:
    """One table of an evidence.

    Attributes:
        name: of its file, after the evidence's name.
        title: above it on the page.
        frame: the numbers; intervals in columns `x_low`, `x_high` beside `x`.
        note: below it: what the columns are, how many runs, which interval.
        page: columns shown on the page, by name; all by default.
    """

    name: str
    title: str
    frame: pd.DataFrame
    note: str
    page: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What one evidence found.

    Attributes:
        name: of the command.
        mind: who decided, in words.
        seeds: how many, in words.
        tables: in the order of the page.
        figures: by file name without ending, with the text that stands for them.
    """

    name: str
    mind: str
    seeds: str
    tables: tuple[Table, ...]
    figures: dict[str, tuple[Figure, str]] = field(default_factory=dict)

    @property
    def provenance(self) -> str:
        """What made these numbers."""
        return (
            f"mind {self.mind} · table {utilities().hash} · seeds {self.seeds} · civa "
            f"{civa_version()} · engine {ENGINE}"
        )


def write(evidence: Evidence, out: Path) -> list[Path]:
    """Write an evidence's tables and figures; give their paths."""
    paths = []
    for table in evidence.tables:
        path = out / f"{evidence.name}-{table.name}.csv"
        text = table.frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        path.write_text(f"# {evidence.provenance}\n{text}", encoding="utf-8")
        paths.append(path)
    for name, (figure, _) in evidence.figures.items():
        path = out / f"{evidence.name}-{name}.png"
        # No time and no version of the drawing library: the same numbers give the same file.
        with house():
            figure.savefig(path, dpi=110, facecolor="white", metadata={"Software": None})
        paths.append(path)
    return paths


def read(path: Path) -> pd.DataFrame:
    """The numbers of a table that was written."""
    return pd.read_csv(path, comment="#")


def markdown(table: Table) -> str:
    """A table as Markdown."""
    frame = table.frame
    hidden = {f"{name}_{end}" for name in frame.columns for end in ("low", "high")}
    names = list(table.page) or [name for name in frame.columns if name not in hidden]
    lines = ["| " + " | ".join(_heading(name) for name in names) + " |"]
    lines.append("|" + "|".join(_rule(frame, name) for name in names) + "|")
    for _, row in frame.iterrows():
        lines.append("| " + " | ".join(_cell(row, name) for name in names) + " |")
    return "\n".join(lines)


def number(value: Any) -> str:
    """A number as the page shows it: about three digits, `–` where undefined."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    x = float(value)
    if not math.isfinite(x):
        return "–"
    if x == int(x) and abs(x) < 1e6:
        return str(int(x)).replace("-", "−")
    digits = 1 if abs(x) >= 10 else 2 if abs(x) >= 0.095 else 3
    return f"{x:.{digits}f}".replace("-", "−")


def _cell(row: pd.Series[Any], name: str) -> str:
    if _P.search(name) and 0 <= row[name] < _LEAST_P:
        return f"< {_LEAST_P}"
    shown = number(row[name])
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return shown
    return f"{shown} [{number(low)}, {number(high)}]"


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _rule(frame: pd.DataFrame, name: str) -> str:
    return "---:" if pd.api.types.is_numeric_dtype(frame[name]) else "---"
