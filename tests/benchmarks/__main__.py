"""Everything `make bench` measures, as tables and as one JSON that can be compared.

    make bench                       all parts
    make bench ARGS="world"          some parts
    make bench ARGS="--json FILE"    the numbers as JSON as well
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def world() -> dict[str, Any]:
    """Resident-days a second beside Mesa's examples."""
    from benchmarks.world import run

    speeds = run()
    table = Table("what", "agents", "left", "agent-steps/s", "of Sugarscape", title="World speed")
    sugar = next(s.per_second for s in speeds if "Sugarscape" in s.name)
    for s in speeds:
        ratio = f"{s.per_second / sugar:.2f}"
        table.add_row(s.name, f"{s.agents:,}", f"{s.left:,}", f"{s.per_second:,.0f}", ratio)
    Console().print(table)
    return {s.name: asdict(s) for s in speeds}


PARTS: dict[str, Callable[[], Any]] = {"world": world}


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = {name: PARTS[name]() for name in given.parts or PARTS}
    if given.json:
        about = {"civa": version("civa"), "python": platform.python_version()}
        given.json.write_text(json.dumps({"about": about, "results": results}, indent=1))


if __name__ == "__main__":
    main()
