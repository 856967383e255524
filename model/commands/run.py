"""`civa run`: one community, from its first day to its last, into a folder."""

from __future__ import annotations

import json
import math
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from agents.errors import RunFailed, StoppedEarly
from model.commands.endpoints import endpoint_option
from model.run.process import calm_collector
from model.version import civa_version

if TYPE_CHECKING:
    from model.community import CommunityModel
    from model.run.runs import Outcome
    from model.world.minds import OpenMind
    from model.world.scenario import Scenario

SEEDS = click.IntRange(0, 2**63 - 1)


@click.command()
@click.argument("source", metavar="[SCENARIO.toml|PRESET]", required=False)
@click.option("--days", type=int, metavar="N", help="Days to live.")
@click.option("--seed", type=SEEDS, default=1, show_default=True, metavar="N")
@click.option(
    "--mind", metavar="NAME", help="surrogate, random, flat, permuted, scripted:…, openai:MODEL"
)
@click.option("--base-url", metavar="NAME|URL", help="Endpoint of a language mind.")
@endpoint_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run; new by default.")
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Any other parameter.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
@click.option("--quiet", is_flag=True, help="No progress and no table.")
def run(
    source: str | None,
    days: int | None,
    seed: int,
    mind: str | None,
    base_url: str | None,
    endpoints: tuple[str, ...],
    out: Path | None,
    words: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """Let one community live, day by day.

    What it is comes from a TOML file or a preset (baseline, scarce, abundant, growing, meanfield).
    The same command resumes a run that was stopped, and says so if it was done before.
    """
    from model.run.identity import digest, identity_of
    from model.world.endpoints import named_endpoints
    from model.world.inputs import read_inputs
    from model.world.scenario_files import read_scenario, word_value

    changes = dict(word_value(word) for word in words)
    flags = {"days": days, "mind": mind, "base_url": base_url}
    changes |= {name: value for name, value in flags.items() if value is not None}
    changes.setdefault("endpoints", named_endpoints(endpoints))
    scenario, settings = read_scenario(source, changes)
    inputs = read_inputs(scenario)
    if out is None:
        identity = identity_of(scenario, seed, inputs)
        out = Path("runs") / folder_name(scenario, seed, digest(identity))

    from model.run.runs import run_into

    with terminating(), progress(scenario.days, quiet) as (on_day, on_open), calm_collector():
        outcome = run_into(out, scenario, seed, settings, on_day, on_open, inputs)
    if as_json:
        click.echo(json.dumps(outcome.plain(), allow_nan=False))
    elif not quiet:
        show(outcome, scenario)
    if outcome.status == "failed":
        raise RunFailed(f"{outcome.path}: {outcome.cause}")
    if outcome.status == "stopped":
        raise StoppedEarly(
            f"{outcome.path}: stopped after day {outcome.days} ({outcome.cause}); the same command "
            "resumes"
        )
    return 0


def folder_name(scenario: Scenario, seed: int, digest: str) -> str:
    """Name of a run's folder: what it is, and enough of its identity to be alone of that name."""
    mind = re.sub(r"[^A-Za-z0-9.]+", "_", scenario.mind)[:40].strip("_.")
    return f"{scenario.preset}-{mind}-{seed}-{digest[:8]}"


@contextmanager
def terminating() -> Iterator[None]:
    """Take a request to terminate (as clusters send it) like Ctrl-C."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread: whoever runs us there decides
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def progress(days: int, quiet: bool) -> Iterator[tuple[Any, Any]]:
    """A bar on the terminal; gives what to call after each day, and with the mind once opened."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None, None
        return

    class Calls(ProgressColumn):
        """What a language mind spends and waits for, as it is now, not as of the last day."""

        line: Any = staticmethod(str)

        def render(self, task: Task) -> Text:
            return Text(self.line())

    calls = Calls()
    columns = (
        TextColumn("day {task.completed:.0f}/{task.total:.0f}"),
        BarColumn(),
        TextColumn(
            "{task.fields[population]} residents  {task.fields[acts]} acts  "
            "{task.fields[faults]} faults"
        ),
        Remaining(),
        calls,
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=days, population="…", acts=0, faults=0)
        acts = 0

        def on_day(model: CommunityModel) -> None:
            nonlocal acts
            acts += acts_of(model)
            bar.update(
                task,
                completed=model.today,
                population=model.latest.population,
                acts=acts,
                faults=model.fault_verdicts,
            )

        def on_open(opened: OpenMind) -> None:
            calls.line = opened.line

        yield on_day, on_open


def acts_of(model: CommunityModel) -> int:
    """Acts done on the latest day: main acts that were not idle, and further acts."""
    day = model.latest
    return int(
        day.work + day.travel + day.explore + day.promote + day.gifts + day.attacks + day.merge_asks
    )


def show(outcome: Outcome, scenario: Scenario) -> None:
    """Print the end of a run as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    rows: dict[str, str] = {
        "run": outcome.path,
        "status": outcome.status + (" before; nothing was computed" if outcome.again else ""),
        "scenario": scenario.preset,
        "mind": outcome.mind,
        "seed": str(outcome.seed),
        "civa": civa_version(),
        "days": f"{outcome.days} of {scenario.days}",
        "population": f"{scenario.residents} → {outcome.population}",
        "nAUP": "undefined" if math.isnan(outcome.naup) else f"{outcome.naup:.4f}",
        "faults": str(outcome.faults),
        "hash": outcome.hash or "none: the run is not done",
    }
    if scenario.value and scenario.prevalence > 0:
        rows["treatment"] = f"{scenario.mode} {scenario.value}, ρ = {scenario.prevalence:g}"
    if outcome.calls:
        cost = "no prices given" if math.isnan(outcome.cost) else f"{outcome.cost:.4f}"
        rows |= {"calls": str(outcome.calls), "tokens": str(outcome.tokens), "cost": cost}
        if unbelieved := outcome.usage.get("unbelieved"):
            rows["tokens"] += f", {unbelieved} replies estimated: their counts cannot be true"
    for name, value in rows.items():
        table.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
    Console(highlight=False).print(table)
