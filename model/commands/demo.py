"""`civa demo`: four conditions, offline, and a report on them, in less than a minute.

The conditions are the original community, without benevolence, with benevolence and with power
(everybody treated), each on the same seeds, so that they are compared within seeds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from agents.errors import InputError, StoppedEarly

if TYPE_CHECKING:
    from model.analysis.digest import Digest

PRESET: Final = "growing"
#: Name → what differs from the untreated community.
CONDITIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "original": {},
    "without-benevolence": {"value": "BE", "mode": "without", "prevalence": 1.0},
    "with-benevolence": {"value": "BE", "mode": "with", "prevalence": 1.0},
    "with-power": {"value": "PO", "mode": "with", "prevalence": 1.0},
}
#: Below 8 seeds no paired test could survive the correction over three comparisons.
SEEDS: Final = 12
DAYS: Final = 60


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs") / "demo",
              show_default=True, help="Folder of runs and report.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(1, 1000), default=SEEDS, show_default=True,
              metavar="N", help="Runs a condition, on seeds 1 … N.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 5000), default=DAYS, show_default=True, metavar="N")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N")
@click.option("--quiet", is_flag=True, help="No progress.")
def demo(out: Path, seeds: int, days: int, workers: int, quiet: bool) -> int:
    """Let communities of four conditions live, offline, and report on them.

    Residents are decided by the surrogate, no language model is asked. What was done before is
    not done again. The path of the report is the last line.
    """
    from model.report.build import report_on
    from model.report.place import place_for

    target = place_for(out)
    click.echo(str(report_on(out, live(out, seeds, days, workers, quiet), target)))
    return 0


def live(out: Path, seeds: int, days: int, workers: int, quiet: bool) -> list[Digest]:
    """Run every condition on every seed, by some processes, and read what came of it.

    Raises:
        InputError: the folder cannot be used.
        StoppedEarly: interrupted; the same command resumes.
    """
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    # Seed by seed, so that an interrupted demo has complete pairs.
    work = [
        (out / f"{name}-{seed:02d}", name, seed, days)
        for seed in range(1, seeds + 1)
        for name in CONDITIONS
    ]
    _strangers(out, {path.name for path, *_ in work})
    # Two processes share the cores; a BLAS pool in each would only make them wait.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        with _bar(len(work), quiet) as on_done:
            running = [pool.submit(one_run, *item) for item in work]
            for future in as_completed(running):
                on_done(future.result().name)
            return [future.result() for future in running]
    except KeyboardInterrupt:
        raise StoppedEarly(f"{out}: interrupted; the same command resumes") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def one_run(path: Path, name: str, seed: int, days: int) -> Digest:
    """One community from its first day to its last, measured; what a worker does.

    Raises:
        StoppedEarly: interrupted.
    """
    from model.analysis.digest import digest
    from model.run.runs import run_into
    from model.world.scenario_files import scenario_from

    outcome = run_into(
        path, scenario_from({"preset": PRESET, "days": days, **CONDITIONS[name]}), seed
    )
    if outcome.status == "stopped":
        raise StoppedEarly(f"{path}: {outcome.cause}; the same command resumes")
    return digest(path)


def _strangers(out: Path, names: set[str]) -> None:
    """Refuse a folder with runs that are not of this demo: they would enter its report."""
    from agents.owned import check_folder
    from model.store.meta import FILE

    if not out.is_dir():
        return
    for name in names:
        check_folder(out / name)
    strangers = sorted(
        path.name for path in out.iterdir() if (path / FILE).is_file() and path.name not in names
    )
    if strangers:
        raise InputError(
            f"{out}: holds other runs ({strangers[0]}…), which would enter the report; choose "
            "another folder with --out, or remove them"
        )


@contextmanager
def _bar(total: int, quiet: bool) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _name: None
        return
    columns = (TextColumn("communities"), BarColumn(), MofNCompleteColumn(), Remaining(),
               TextColumn("{task.fields[last]}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, last="")
        yield lambda name: bar.update(task, advance=1, last=name)
