"""An evidence's tables: numbers in a CSV, the same numbers as a table of the page.

Every CSV begins with one comment line that says what made it. A quantity `x` with the columns
`x_low` and `x_high` is shown as `x [low, high]`.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
from matplotlib.figure import Figure

from agents.minds.utilities import table as utilities
from agents.owned import check_file
from model.report.style import house
from model.run.identity import ENGINE
from model.store.csvtables import frame_csv, plain_texts
from model.version import civa_version

#: Columns that hold a p, and the least that is printed.
_P: Final = re.compile(r"(^|[ _])p($|[ ,_])")
_LEAST_P: Final = 0.001
_PROVENANCE: Final = re.compile(rb"# mind [^\n]* \xc2\xb7 civa [^\n]* \xc2\xb7 engine \d+\n")


@dataclass(frozen=True)
class EvidenceTable:
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
class EvidenceFound:
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
    tables: tuple[EvidenceTable, ...]
    figures: dict[str, tuple[Figure, str]] = field(default_factory=dict)

    @property
    def provenance(self) -> str:
        """What made these numbers."""
        return (
            f"mind {self.mind} · table {utilities().hash} · seeds {self.seeds} · civa "
            f"{civa_version()} · engine {ENGINE}"
        )


def files_of(evidence: EvidenceFound) -> dict[str, bytes]:
    """An evidence's tables and figures as files, by name."""
    files: dict[str, bytes] = {}
    for table in evidence.tables:
        content = frame_csv(
            table.frame.reset_index(drop=True), comment=evidence.provenance, digits=6
        )
        files[f"{evidence.name}-{table.name}.csv"] = content
    for name, (figure, _) in evidence.figures.items():
        stream = io.BytesIO()
        # No time and no version of the drawing library: the same numbers give the same file.
        with house():
            figure.savefig(
                stream, format="png", dpi=110, facecolor="white", metadata={"Software": None}
            )
        files[f"{evidence.name}-{name}.png"] = stream.getvalue()
    return files


def is_former(path: Path) -> bool:
    """Whether an earlier version, which kept no list, wrote this table, or the table beside this.

    A table says in its first line what made it; a figure has one of its evidence beside it.
    """
    if path.suffix == ".csv":
        with path.open("rb") as file:
            return _PROVENANCE.match(file.read(1_000)) is not None
    evidence = path.name.partition("-")[0]
    tables = path.parent.glob(f"{evidence}-*.csv")
    return path.suffix == ".png" and any(is_former(one) for one in tables if check_file(one))


def read(path: Path) -> pd.DataFrame:
    """The numbers of a table that was written, and its texts as they were."""
    frame = pd.read_csv(path, comment="#")
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = plain_texts(frame[name])
    return frame


def markdown(table: EvidenceTable) -> str:
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
