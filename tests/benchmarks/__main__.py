"""Everything `make bench` measures, as tables and as one JSON that can be compared.

make bench                       all parts
make bench ARGS="world"          some parts
make bench ARGS="--json FILE"    the JSON elsewhere than in runs/bench/
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.baselines import measured
from rich.console import Console
from rich.table import Table

from model.run.process import calm_collector


def world() -> dict[str, Any]:
    """Resident-days a second beside Mesa's examples."""
    from benchmarks.world import run

    speeds = run()
    columns = ("what", "agents", "left", "steps/s", "from–to", "Sugarscape = 1")
    table = Table(*columns, title="World speed")
    sugar = next(s.per_second for s in speeds if "Sugarscape" in s.name)
    for s in speeds:
        ratio = f"{s.per_second / sugar:.2f}"
        spread = f"{s.slowest:,.0f}–{s.fastest:,.0f}"
        rate = f"{s.per_second:,.0f}"
        table.add_row(s.name, f"{s.agents:,}", f"{s.left:,}", rate, spread, ratio)
    Console().print(table)
    return {s.name: asdict(s) for s in speeds}


def calls() -> dict[str, Any]:
    """CPU of a journalled call beside a bare one, and where it goes."""
    from benchmarks.calls import measure

    found = measure(profile=True)
    table = Table("what", "CPU ms a call", "calls/s", title="A language call")
    table.add_row("bare ChatOpenAI on aiohttp", f"{found.bare:.2f}", f"{found.bare_rate:.0f}")
    table.add_row("ours, journalled", f"{found.ours:.2f}", f"{found.ours_rate:.0f}")
    Console().print(table)
    print(f"ratio {found.ratio:.2f} (aim: at most 1.4)")
    return {**asdict(found), "ratio": found.ratio}


def tokens() -> dict[str, Any]:
    """Tokens of prompts and replies by o200k; needs npm and node."""
    from benchmarks.tokens import ceiling, run, static_texts, value_texts

    from agents.errors import InputError

    folder = Path("runs/.tiktoken")
    try:
        found = {
            "fused": run(folder),
            "staged": run(folder, cognition="staged"),
            "single": run(folder, family="single", method="gloss", value="BE", prevalence=1.0),
        }
        rest = {
            "ceiling": ceiling(folder),
            "static": static_texts(folder),
            "value texts": value_texts(folder),
        }
    except InputError as error:
        print(f"tokens: skipped: {error}")
        return {"skipped": str(error)}
    table = Table("mean of a resident-day", *found, title="Tokens (o200k)")
    for name in found["fused"]:
        table.add_row(name, *(f"{run[name]:,.2f}" for run in found.values()))
    Console().print(table, rest)
    return {**found, **rest}


def latency() -> dict[str, Any]:
    """A day's wall time beside its bound, and four communities beside one."""
    from benchmarks.latency import run

    days, together = run()
    table = Table("residents", "latency", "s a day", "bound", "ratio", title="Language days, fused")
    for day in days:
        row = (f"{day.residents:,}", f"{day.latency * 1e3:.0f} ms", f"{day.seconds:.3f}")
        table.add_row(*row, f"{day.bound:.2f}", f"{day.ratio:.2f}")
    Console().print(table)
    print(
        f"four communities of 25 at 500 ms: {together.many:.0f} calls/s, one {together.one:.0f}, "
        f"ratio {together.ratio:.2f} (aim: at least 3.5)"
    )
    lived = [{**asdict(day), "bound": day.bound} for day in days]
    return {"days": lived, "together": asdict(together)}


def page() -> dict[str, float]:
    """How soon the dashboard answers in a real browser."""
    from benchmarks.page import run

    found = run()
    table = Table("what", "measured", "aim", title="Dashboard")
    aims = ("< 5", "< 1", "< 0.3", "≥ 2")
    for (name, value), aim in zip(found.items(), aims, strict=True):
        table.add_row(name, f"{value:.2f}", aim)
    Console().print(table)
    return found


def study() -> dict[str, Any]:
    """Runs a second of a study, in one process and on all cores."""
    from benchmarks.study import run

    found = run()
    table = Table("processes", "runs/s", "of one", title="Study: 25 residents, 50 days")
    table.add_row("1", f"{found.alone:.2f}", "1.00")
    table.add_row(str(found.workers), f"{found.pool:.2f}", f"{found.pool / found.alone:.2f}")
    Console().print(table)
    return asdict(found)


def paper() -> dict[str, Any]:
    """A study of the paper's size, and reading it again."""
    from benchmarks.paper import run

    # A process begins with the peak of the one it came from: not with that of other benchmarks.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        found = apart.submit(run).result()
    table = Table("what", "measured", "aim", title="Study civa-paper, 312 runs")
    table.add_row("civa study civa-paper", f"{found.study:.1f} s", "≤ 90 s")
    table.add_row("civa report", f"{found.report:.1f} s", "≤ 30 s")
    table.add_row("largest process", f"{found.largest / 1e6:.0f} MB", "< 1000 MB")
    table.add_row("the table of runs", f"{found.table:.2f} s", "< 1 s")
    table.add_row(f"{found.rows:,} events grouped", f"{found.aggregated:.2f} s", "< 2 s")
    table.add_row("2,000 runs that are all done", f"{found.resumed:.1f} s", "< 5 s")
    Console().print(table)
    return asdict(found)


PARTS: dict[str, Callable[[], Any]] = {
    "world": world,
    "calls": calls,
    "tokens": tokens,
    "latency": latency,
    "page": page,
    "study": study,
    "paper": paper,
}


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with calm_collector():  # as `civa run` and the workers of a study do
        results = {name: PARTS[name]() for name in given.parts or PARTS}
    about = {
        "civa": version("civa"),
        "commit": commit(),
        "at": datetime.now(UTC).isoformat("T", "seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    path = given.json or Path("runs/bench", f"{about['commit']}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"about": about, "measured": measured(results), "results": results}
    path.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    print(f"written to {path}; compare two by make bench-compare A=… B=…")


def commit() -> str:
    """The commit that is checked out, with a + if anything differs from it."""
    words = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        found = subprocess.run(words, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


if __name__ == "__main__":
    main()
