"""`civa evidence`: live the communities that `docs/world-evidence.md` speaks of, and write it anew.

Nothing is read that was written before: every number on the page is of this version's world.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agents.errors import InputError

if TYPE_CHECKING:
    from model.evidence.lab import OnDone

#: name: seeds by default. Each is a function of that name in the module of that name.
EVIDENCES: Final = {"fold": 12, "fates": 16, "phases": 12, "values": 12, "pattern": 12}
PAGE: Final = "world-evidence.md"


@click.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice([*EVIDENCES, "all"]))
@click.option(
    "--seeds",
    type=click.IntRange(2, 10_000),
    metavar="N",
    help="Seeds an arm; 12 to 16 by default.",
)
@click.option(
    "--workers", type=click.IntRange(0, 1024), metavar="N", help="Processes; one a core by default."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("docs/evidence"),
    show_default=True,
    help="Folder of the CSV tables and PNG figures.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    help=f"Page whose tables are written anew; {PAGE} beside the folder, if it is there.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
def evidence(
    names: tuple[str, ...],
    seeds: int | None,
    workers: int | None,
    out: Path,
    page: Path | None,
    quiet: bool,
) -> int:
    """Measure what this world does: NAMES are evidences, or all."""
    check_target(out)
    if page is None and (out.absolute().parent / PAGE).is_file():
        page = out.parent / PAGE
    elif page is not None and not page.is_file():
        raise InputError(f"--page: there is no file {page}")
    from model.evidence.lab import Lab
    from model.evidence.page import fill
    from model.evidence.table import write

    out.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in EVIDENCES if one in names or "all" in names]
    with progress(quiet) as tell, Lab(workers_of(workers), tell) as lab:
        for one in chosen:
            began = time.monotonic()
            measure = getattr(import_module(f"model.evidence.{one}"), one)
            found = measure(lab, seeds or EVIDENCES[one])
            for path in write(found, out):
                click.echo(path)
            if page is not None:
                fill(page, found, out)
                click.echo(f"{page}: tables of {one}")
            click.echo(f"{one}: {time.monotonic() - began:.0f} s", err=True)
    return 0


def workers_of(given: int | None) -> int:
    """Processes to use."""
    from model.study.many import cores

    return cores() if given is None else given


def check_target(out: Path) -> None:
    """Refuse a folder that cannot be written.

    Raises:
        InputError: with the remedy.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out: {out} is a file; name a folder")
    parent = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"--out: {parent} is not writable; choose another folder")


@contextmanager
def progress(quiet: bool) -> Iterator[OnDone]:
    """A bar on stderr over the runs of one evidence."""
    bar = Progress(
        TextColumn("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
    with bar:
        task = bar.add_task("runs", total=None)
        tell: Callable[[int, int], None] = lambda done, wanted: bar.update(  # noqa: E731
            task, completed=done, total=wanted
        )
        yield tell
