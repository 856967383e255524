"""`civa estimate` for a design: what all its runs will use."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.study.detectable import Detectables
    from model.study.estimate import Span, StudyEstimate


def plain(found: StudyEstimate) -> dict[str, Any]:
    """As JSON can carry it: what is undefined is null."""
    from model.store.sealed import null_if_undefined

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: clean(item) for name, item in value.items()}
        if isinstance(value, tuple | list):
            return [clean(item) for item in value]
        return null_if_undefined(value)

    return {name: clean(value) for name, value in asdict(found).items()}


def show(found: StudyEstimate) -> None:
    """Print it as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None)
    table.add_column(style="dim")
    runs = f"{found.runs:,} in {found.cells:,} cells"
    if found.most_runs > found.runs:
        runs += f", at most {found.most_runs:,} (the rest of this page: for {found.runs:,})"
    rows = {
        "runs": runs,
        "resident-days": number(found.resident_days),
        "time": f"{span_time(found.seconds)}, {found.workers} at a time",
    }
    if found.calls.expected:
        rows["calls"] = number(found.calls)
        rows["tokens"] = number(found.tokens)
        rows["cost"] = (
            "no prices given" if math.isnan(found.money.expected) else number(found.money, 2)
        )
    for name, value in rows.items():
        table.add_row(name, value)
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"From {found.pilots} runs of the design; in brackets the 95 % interval of a mean over "
        "them. Nothing was sent and nothing was written."
    )
    if found.detectable is not None:
        show_detectable(found.detectable)


def show_detectable(found: Detectables) -> None:
    """Print what each arm can show, or how to find out."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\nWhat it can show in {found.outcome}: {found.floor}")
    if found.arms:
        columns = ("cell", "pilots", "s.d. (95 %)", f"seen with {found.runs}", "in its family")
        table = Table(*columns, box=None)
        for arm in found.arms:
            spread = arm.spread
            table.add_row(
                arm.cell,
                " v ".join(map(str, spread.n)),
                f"{spread.sd:.3g} ({spread.low:.3g} to {spread.high:.3g})",
                f"{arm.effect:.2g}",
                f"{arm.effect_in_family:.2g}",
            )
        console.print(table)
        console.print(
            "Seen: the smallest difference to the control that 80 of 100 such studies find, "
            f"uncorrected at {found.alpha:g}, and at the smallest Holm level of {found.family} "
            "hypotheses."
        )
    if found.without:
        console.print(f"Cells with too few pilots: {len(found.without)}.")
    console.print(found.pilots[:1].upper() + found.pilots[1:] + ".")


def number(span: Span, digits: int = 0) -> str:
    """A number with its interval."""
    text = f"{span.expected:,.{digits}f}"
    return f"{text} ({span.low:,.{digits}f} to {span.high:,.{digits}f})"


def span_time(span: Span) -> str:
    """A time with its interval, in the unit that suits it."""
    unit, name = next(
        (unit, name)
        for unit, name in ((3_600, "h"), (60, "min"), (1, "s"))
        if span.expected >= 2 * unit or unit == 1
    )
    low, middle, high = (value / unit for value in (span.low, span.expected, span.high))
    return f"{middle:,.1f} {name} ({low:,.1f} to {high:,.1f})"
