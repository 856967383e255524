"""Every number of a benchmark beside the baseline that was measured in the same run.

Seconds of two machines, or of one machine on two days, cannot be compared. What can is how a number
stands to its own baseline: Mesa's Sugarscape, a bare client, the bound of the latency, one process.
Where there is none (tokens, the dashboard's page) the number stands alone, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Measured:
    """One number of a run.

    Attributes:
        name: part and quantity; two runs are compared by it.
        value: as measured.
        baseline: what it is held against, in the same unit; None for nothing.
        against: what that is.
        more: whether more is better.
    """

    name: str
    value: float
    baseline: float | None
    against: str
    more: bool


def measured(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All numbers of the parts that were run, as plain data for the JSON."""
    return [asdict(one) for part, found in results.items() for one in _OF[part](found)]


def _world(found: Mapping[str, Any]) -> Iterator[Measured]:
    name, sugar = next((name, one) for name, one in found.items() if "Sugarscape" in name)
    for other, one in found.items():
        if other != name:
            yield Measured(
                f"world: {other}, agent-steps/s", one["per_second"], sugar["per_second"], name, True
            )


def _calls(found: Mapping[str, Any]) -> Iterator[Measured]:
    yield Measured("calls: CPU ms a call", found["ours"], found["bare"], "bare ChatOpenAI", False)


def _tokens(found: Mapping[str, Any]) -> Iterator[Measured]:
    for run in ("fused", "staged", "single"):
        for name, value in found.get(run, {}).items():
            yield Measured(f"tokens: {run}, {name}", value, None, "", False)


def _latency(found: Mapping[str, Any]) -> Iterator[Measured]:
    for day in found["days"]:
        name = f"latency: {day['residents']} residents at {1e3 * day['latency']:.0f} ms, s a day"
        yield Measured(name, day["seconds"], day["bound"], "bound of the latency", False)
    both = found["together"]
    yield Measured("latency: four communities, calls/s", both["many"], both["one"], "one", True)


def _page(found: Mapping[str, Any]) -> Iterator[Measured]:
    for name, value in found.items():
        yield Measured(f"page: {name}", value, None, "", name.startswith("days/s"))


def _study(found: Mapping[str, Any]) -> Iterator[Measured]:
    name = f"study: {found['workers']} processes, runs/s"
    yield Measured(name, found["pool"], found["alone"], "one process", True)


def _paper(found: Mapping[str, Any]) -> Iterator[Measured]:
    for name, value in found.items():
        if name != "rows":
            unit = "bytes" if name == "largest" else "s"
            yield Measured(f"paper: {name}, {unit}", value, None, "", False)


_OF = {
    "world": _world,
    "calls": _calls,
    "tokens": _tokens,
    "latency": _latency,
    "page": _page,
    "study": _study,
    "paper": _paper,
}
