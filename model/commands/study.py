"""`civa study`: all runs of a design, begun, gone on with, or found finished, by one command."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agents.errors import InputError, RunFailed, StoppedEarly
from model.commands.endpoints import endpoint_option
from model.commands.run import terminating

if TYPE_CHECKING:
    from model.study.design import Design
    from model.study.runner import Ended, OnProgress, Progress
    from model.world.scenario import Scenario
    from model.world.settings import Settings


@click.command()
@click.argument("source", metavar="DESIGN.toml|NAME")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the study; studies/NAME.")
@click.option("--workers", type=int, metavar="N", help="Processes; one a core by default.")
@click.option("--dask", metavar="ADDRESS", help="Scheduler of a Dask cluster, or `local`.")
@click.option("--limit", type=float, metavar="SECONDS", help="Time a run may take; an hour.")
@click.option("--memory", type=float, metavar="GB", help="Memory a worker may use.")
@click.option("--base-url", metavar="NAME|URL", help="Endpoint of a language mind.")
@endpoint_option
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="An operational setting.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
@click.option("--quiet", is_flag=True, help="No progress and no summary.")
def study(
    source: str,
    out: Path | None,
    workers: int | None,
    dask: str | None,
    limit: float | None,
    memory: float | None,
    base_url: str | None,
    endpoints: tuple[str, ...],
    words: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """Run a study: many communities, from one design.

    The design is a TOML file or the name of a ready one (civa-paper, values, benevolence, fold,
    hysteresis, sensitivity, nulls). It is registered before the first run. The same command goes on
    with what is missing, and says so if all is done.
    """
    from model.study.cells import cells_of
    from model.study.design import design_text, read_design
    from model.study.many import LIMIT

    design = with_settings(read_design(source), base_url, words, endpoints)
    cells = cells_of(design)
    if dask is None:  # a cluster's workers have keys of their own
        refuse_bad_keys([cell.scenario for cell in cells], design.settings)
    target = out or Path("studies") / design.name
    options: dict[str, Any] = {
        "text": design_text(source),
        "limit": LIMIT if limit is None else positive("--limit", limit),
        "memory": None if memory is None else int(positive("--memory", memory) * 2**30),
    }
    with terminating(), following(design, quiet or as_json) as on_progress:
        ended = _run(design, target, workers, dask, {**options, "on_progress": on_progress})
    if as_json:
        click.echo(json.dumps(plain(ended), allow_nan=False))
    elif not quiet:
        show(ended)
    if ended.stopped:
        raise StoppedEarly(
            f"{target}: {ended.stopped} runs stopped ({ended.cause}); the same command resumes"
        )
    if ended.failed:
        count = sum(map(len, ended.failed.values()))
        raise RunFailed(f"{target}: {count} runs failed, in the cells {named(ended.failed)}")
    return 0


def _run(
    design: Design,
    target: Path,
    workers: int | None,
    dask: str | None,
    options: dict[str, Any],
) -> Ended:
    from model.study.runner import run_study

    if dask is None:
        return run_study(design, target, workers=workers, **options)
    from model.study.cluster import dask_executor

    with dask_executor(dask, workers) as executor:
        return run_study(design, target, executor=executor, **options)


def with_settings(
    design: Design, base_url: str | None, words: tuple[str, ...], endpoints: tuple[str, ...] = ()
) -> Design:
    """The design with operational settings of the command line.

    Raises:
        InputError: a name that is no setting: what decides a result belongs into the design.
    """
    from model.world.endpoints import named_endpoints
    from model.world.scenario_files import word_value
    from model.world.settings import Settings, changed, settings_from

    changes = dict(word_value(word) for word in words)
    if base_url is not None:
        changes["base_url"] = base_url
    odd = next((name for name in changes if name not in Settings.model_fields), None)
    if odd is not None:
        raise InputError(
            f"--set: {odd} is no operational setting; what decides a result is part of the design, "
            "so change it there"
        )
    changes.setdefault("endpoints", named_endpoints(endpoints))
    settings = settings_from(changed(dict(design.settings), changes))
    return design.model_copy(update={"settings": settings})


def refuse_bad_keys(scenarios: Sequence[Scenario], settings: Settings) -> None:
    """Refuse a study whose language models cannot be asked with the keys that are set.

    Raises:
        InputError: naming the variable.
    """
    if asking := [one for one in scenarios if one.asks_language]:
        from model.run.language import check_keys

        check_keys(asking, settings)


def positive(name: str, value: float) -> float:
    """A number above 0, or a refusal."""
    if not value > 0:
        raise InputError(f"{name}: {value:g} is out of range; use a number above 0")
    return value


def named(cells: Any) -> str:
    """The first labels of some, quoted."""
    shown = [repr(label) for label in cells]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def plain(ended: Ended) -> dict[str, Any]:
    """The end of a study as JSON can carry it."""
    done = [row for row in ended.rows if row.status == "done"]
    cost = sum(row.cost for row in done if row.calls)
    return {
        "status": "stopped" if ended.stopped else "failed" if ended.failed else "done",
        "path": str(ended.path),
        "study": ended.name,
        "mind": " / ".join(sorted({row.mind for row in done})),
        "planned": ended.planned,
        "done": ended.done,
        "failed": {label: len(rows) for label, rows in ended.failed.items()},
        "stopped": ended.stopped,
        "lived": ended.lived,
        "resident_days": sum(row["resident_days"] for row in done),
        "mornings": sum(row["mornings"] for row in done),
        "calls": sum(row.calls for row in done),
        "tokens": sum(row.tokens for row in done),
        "cost": cost if cost == cost else None,  # NaN without prices
        "seconds": round(ended.seconds, 3),
        "cause": ended.cause,
    }


@contextmanager
def following(design: Design, quiet: bool) -> Iterator[OnProgress | None]:
    """A bar on the terminal that follows the runs; gives what to call after each."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return

    class Waiting(TextColumn):
        """What the endpoints do just now, read whenever the bar is drawn."""

        def render(self, task: Any) -> Any:
            task.fields["asking"] = asking()
            return super().render(task)

    columns = (
        TextColumn(design.name),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
        Waiting("{task.fields[asking]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, words="starting", asking="")

        def on_progress(now: Progress) -> None:
            over = now.done + now.failed
            bar.update(task, total=now.planned, completed=over, words=progress_words(now))

        yield on_progress


def progress_words(now: Progress) -> str:
    """How far a study is, in a line."""
    parts = [f"{now.failed} failed"] if now.failed else []
    if now.lived:
        parts.append(f"{now.pace:,.0f} mornings/s")
    if now.calls:
        parts.append(f"{now.calls / now.seconds:,.1f} calls/s  {now.tokens / 1e6:,.2f} M tokens")
        parts += [f"{now.cost:,.4f} spent"] if now.cost == now.cost else []
    return "  ".join(parts)


def asking() -> str:
    """What the endpoints of this process do: in flight, 429s, and what the next call waits for."""
    import sys

    module = sys.modules.get("agents.llm.endpoint")
    if module is None:
        return ""
    parts = []
    for state in module.process_endpoints().states():
        parts.append(f"{state.in_flight}/{state.limit} in flight")
        parts += [f"{state.throttled} × 429"] if state.throttled else []
        parts += [f"waits: {state.waiting_for}"] if state.waiting_for else []
    return "  ".join(parts)


def show(ended: Ended) -> None:
    """Print the end of a study as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    done = [row for row in ended.rows if row.status == "done"]
    lived = sum(row["resident_days"] for row in done)
    table = Table(show_header=False, box=None)
    rows = {
        "study": str(ended.path),
        "mind": " / ".join(sorted({row.mind for row in done})) or "none",
        "runs": f"{ended.done} of {ended.planned} done, {ended.lived} of them now",
        "resident-days": f"{lived:,.0f}",
        "time": time.strftime("%H:%M:%S", time.gmtime(ended.seconds)),
    }
    for label, failures in list(ended.failed.items())[:20]:
        rows[f"failed: {label}"] = f"{len(failures)} × {failures[0].cause}"
    if calls := sum(row.calls for row in done):
        rows["calls"] = f"{calls:,}, {sum(row.tokens for row in done):,} tokens"
    if ended.complete:
        rows["next"] = f"civa report {shlex.quote(str(ended.path))}"
    for name, value in rows.items():
        table.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
    Console(highlight=False).print(table)
