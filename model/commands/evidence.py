"""`civa evidence`: live the communities that `docs/world-evidence.md` speaks of, and write it anew.

Nothing is read that was written before: every number on the page is of this version's world.
"""

from __future__ import annotations

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
from agents.owned import check_file

if TYPE_CHECKING:
    from model.evidence.lab import OnDone
    from model.store.outputs import Outputs

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
    chosen = [one for one in EVIDENCES if one in names or "all" in names]
    outputs = {one: outputs_of(one, out) for one in chosen}
    if page is None and (out.absolute().parent / PAGE).is_file():
        page = out.parent / PAGE
    elif page is not None and not page.is_file():
        raise InputError(f"--page: there is no file {page}")
    if page is not None:
        check_file(page)
    from model.evidence.lab import Lab
    from model.evidence.page import fill
    from model.evidence.table import files_of

    with progress(quiet) as tell, Lab(workers_of(workers), tell) as lab:
        for one in chosen:
            began = time.monotonic()
            measure = getattr(import_module(f"model.evidence.{one}"), one)
            found = measure(lab, seeds or EVIDENCES[one])
            files = files_of(found)
            outputs[one].write(files)
            for name in files:
                click.echo(out / name)
            if page is not None:
                fill(page, found, out)
                click.echo(f"{page}: tables of {one}")
            click.echo(f"{one}: {time.monotonic() - began:.0f} s", err=True)
    return 0


def workers_of(given: int | None) -> int:
    """Processes to use."""
    from model.study.many import cores

    return cores() if given is None else given


def outputs_of(evidence: str, out: Path) -> Outputs:
    """The folder of an evidence's files, none of which is somebody else's.

    Raises:
        InputError: with the remedy.
    """
    from model.evidence.table import is_former
    from model.store.outputs import Outputs

    # What its files are called beyond this is not known before they are made.
    there = out.iterdir() if out.is_dir() else ()
    names = [path.name for path in there if path.name.startswith(f"{evidence}-")]
    return Outputs(out, "evidence", names, is_former)


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
