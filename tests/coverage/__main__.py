"""Measures what intervals cover and how often families of nothing give a verdict.

make coverage                         2,000 studies a row, into docs/coverage.md
make coverage ARGS="--studies 200"    fewer, printed alone
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from tests.coverage.effects import Families, null_families
from tests.coverage.parts import PARTS
from tests.coverage.table import WHOLE, Row, markdown

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
BLOCK = re.compile(r"(<!-- coverage -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Print the table; write it into the page where it is whole. 1 if a bar is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=WHOLE, help="studies a row")
    studies = parser.parse_args().studies
    rows = [row for part in PARTS.values() for row in part(studies)]
    families = null_families(studies)
    text = text_of(rows, families, studies)
    print(text)
    if studies >= WHOLE:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda m: f"{m[1]}{text}\n{m[2]}", page), encoding="utf-8")
    return int(not kept(rows, families, studies))


def kept(rows: list[Row], families: list[Families], studies: int) -> bool:
    """Whether every bar is."""
    return all(row.kept(studies) for row in rows) and all(
        one.now <= one.allowed for one in families
    )


def text_of(rows: list[Row], families: list[Families], studies: int) -> str:
    """The tables, and what they come to."""
    barred = [row for row in rows if row.bar is not None]
    lowest = min(barred, key=lambda row: row.after)
    below = sum(not row.kept(studies) for row in barred)
    lines = [
        (
            f"{studies:,} studies a row, {len(rows)} rows, {len(barred)} of them barred: "
            f"{below} below their bar. Lowest: {lowest.after:.3f} "
            f"({lowest.part.split(';')[0]}: {lowest.truth}, n = {lowest.n})."
        ),
        "",
        f"**Families in which nothing differs, with a verdict; of {studies:,}**",
        "",
        "| family | interval and uncorrected test | “yes” | at most |",
        "|---|---:|---:|---:|",
        *(f"| {one.what} | {one.before} | {one.now} | {one.allowed} |" for one in families),
        "",
    ]
    return "\n".join(lines) + "\n" + markdown(rows, studies)


if __name__ == "__main__":
    sys.exit(main())
