"""A row of the coverage table, and the table as the page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Limits = tuple[Floats, Floats]

#: Least coverage of what is called 95 %, at 2,000 studies a row, and at fewer.
BAR: Final = 0.93
SMALL_BAR: Final = 0.91
#: The same of effect sizes: Newcombe's intervals are score intervals, whose coverage of counts as
#: few as these swings about .95, down to .92 and up to .99.
SCORE_BAR: Final = 0.92
#: Studies a row from which on the first bar holds.
WHOLE: Final = 2_000


@dataclass(frozen=True)
class Row:
    """What many made-up studies of one truth gave.

    Attributes:
        part: what is covered.
        truth: what was true in all of them, in words.
        n: runs an arm.
        before: coverage of the interval that was used before; NaN where there was none.
        width_before: its median width, in the unit that `part` names.
        after: coverage of the interval in use.
        width_after: its median width.
        bar: least coverage at 2,000 studies; None for a row that is reported and not barred.
    """

    part: str
    truth: str
    n: int
    before: float
    width_before: float
    after: float
    width_after: float
    bar: float | None = BAR

    def kept(self, studies: int) -> bool:
        """Whether it covers as it says, by the bar for that many studies."""
        if self.bar is None:
            return True
        return self.after >= (self.bar if studies >= WHOLE else min(self.bar, SMALL_BAR))


def covered(limits: Limits, truth: float) -> float:
    """Share of all studies whose limits hold the truth; no limit holds nothing."""
    low, high = limits
    return float(((low <= truth) & (truth <= high)).mean())


def width(limits: Limits, unit: float = 1.0) -> float:
    """Median width of the limits that there are."""
    wide = (limits[1] - limits[0]) / unit
    return float(np.nanmedian(wide)) if np.isfinite(wide).any() else float("nan")


def markdown(rows: Iterable[Row], studies: int) -> str:
    """One table a part."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row)
    lines: list[str] = []
    for part, mine in parts.items():
        lines += [f"**{part}**", "", "| truth | n | before | width | now | width | |"]
        lines += ["|---|---:|---:|---:|---:|---:|---|"]
        for row in mine:
            word = "" if row.kept(studies) else "below the bar"
            lines.append(
                f"| {row.truth} | {row.n} | {_share(row.before)} | {_wide(row.width_before)} | "
                f"{_share(row.after)} | {_wide(row.width_after)} | "
                f"{'reported' if row.bar is None else word} |"
            )
        lines.append("")
    return "\n".join(lines)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _wide(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3g}"
