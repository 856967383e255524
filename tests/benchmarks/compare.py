"""Two JSONs of `make bench` side by side, each number relative to its own run's baseline.

make bench-compare A=runs/bench/one.json B=runs/bench/other.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

#: A change that is smaller than this is what two runs of one commit differ by.
NOISE = 0.1


@dataclass(frozen=True)
class Change:
    """One quantity in both runs.

    Attributes:
        name: of the quantity.
        against: its baseline; empty for none, then the two are absolute.
        one: in units of the baseline, in the first run.
        other: likewise, in the second.
        more: whether more is better.
    """

    name: str
    against: str
    one: float
    other: float
    more: bool

    @property
    def factor(self) -> float:
        """How many times the first the second is."""
        return self.other / self.one if self.one else float("nan")

    @property
    def verdict(self) -> str:
        """Better, worse, or the same within the noise."""
        if not abs(self.factor - 1) > NOISE:
            return "same" if self.factor == self.factor else "not to be told"
        return "better" if (self.factor > 1) == self.more else "worse"


def changes(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Change]:
    """Every quantity that both runs measured against the same baseline."""
    before = {entry["name"]: entry for entry in one["measured"]}
    return [
        Change(
            entry["name"],
            entry["against"],
            _relative(before[entry["name"]]),
            _relative(entry),
            entry["more"],
        )
        for entry in other["measured"]
        if entry["name"] in before and before[entry["name"]]["against"] == entry["against"]
    ]


def only(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Quantities of the first that the second has not got."""
    return sorted({e["name"] for e in one["measured"]} - {e["name"] for e in other["measured"]})


def read(path: Path) -> dict[str, Any]:
    """A file that `make bench` wrote.

    Raises:
        SystemExit: it is none.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: cannot be read ({error})")
    if not isinstance(found, dict) or "measured" not in found:
        sys.exit(f"{path}: was not written by make bench (it has no 'measured')")
    return found


def _relative(entry: Mapping[str, Any]) -> float:
    value, baseline = float(entry["value"]), entry["baseline"]
    return value if baseline is None else value / float(baseline)


def _heading(path: Path, run: Mapping[str, Any]) -> str:
    about = run["about"]
    return f"{path.stem} ({', '.join(str(about[key]) for key in ('commit', 'python', 'cores'))})"


def main(words: list[str] | None = None) -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="make bench-compare")
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    given = parser.parse_args(words)
    one, other = read(given.one), read(given.other)
    table = Table("quantity", "relative to", "A", "B", "B / A", "", title="Benchmarks, compared")
    for change in changes(one, other):
        against = change.against or "nothing: absolute"
        numbers = (f"{change.one:.3g}", f"{change.other:.3g}", f"{change.factor:.2f}")
        table.add_row(change.name, against, *numbers, change.verdict)
    console = Console()
    console.print("A:", _heading(given.one, one), highlight=False)
    console.print("B:", _heading(given.other, other), highlight=False)
    console.print(table)
    for letter, missing in (("A", only(one, other)), ("B", only(other, one))):
        if missing:
            console.print(f"in {letter} alone: {'; '.join(missing)}", highlight=False)


if __name__ == "__main__":
    main()
