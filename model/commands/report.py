"""`civa report`: one page of figures and tables for a run, for several, or for a study."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from model.report.build import OnRun


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the report; FOLDER/report.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
@click.option("--quiet", is_flag=True, help="No progress.")
def report(folder: Path, out: Path | None, as_json: bool, quiet: bool) -> int:
    """Make one HTML page of figures and tables for the run, the runs, or the study in FOLDER.

    Runs are grouped by condition; a study's hypotheses are tested as its design registered them.
    The page needs no network and nothing beside it; figures (PNG, SVG) and numbers (CSV) are
    written next to it. Its path is the last line.
    """
    from model.study.folder import is_study

    if is_study(folder):
        from model.report.study import study_report as make
    else:
        from model.report.build import report as make

    with reading(quiet or as_json) as on_run:
        page = make(folder, out, on_run)
    click.echo(json.dumps({"status": "done", "path": str(page)}) if as_json else str(page))
    return 0


@contextmanager
def reading(quiet: bool) -> Iterator[OnRun | None]:
    """A bar on the terminal that follows the runs read; gives what to call after each."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading runs", total=None)

        def on_run(done: int, total: int) -> None:
            words = "reading runs" if done < total else "drawing"
            bar.update(task, completed=done, total=total, description=words)

        yield on_run
