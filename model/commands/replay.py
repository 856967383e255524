"""`civa replay`: execute a run again, offline, and say whether the same happened."""

from __future__ import annotations

from pathlib import Path

import click

from agents.errors import RunFailed


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Compare every row of every table, too.")
def replay(folder: Path, check: bool) -> int:
    """Execute the run in FOLDER again, without any network, and compare hashes.

    Nothing in the folder is changed. A run that was not finished has no hash: it is executed as
    far as its tables go, and --check compares these.
    """
    from model.run.runs import replay as execute
    from model.store import load_run
    from model.store.compare import first_difference

    done = execute(folder)
    if done.recorded and not done.same:
        where = first_difference(load_run(folder), done.tables)
        raise RunFailed(
            f"{folder}: is not what was recorded: hash {done.hash}, recorded {done.recorded}"
            + (f"; first in {where}" if where else "")
        )
    if check:
        where = first_difference(load_run(folder), done.tables)
        if where:
            raise RunFailed(f"{folder}: is not what was recorded: {where}")
    kind = "the same hash" if done.recorded else "unfinished, so it has no hash"
    rows = ", and all tables are the same" if check else ""
    click.echo(f"{folder}: {done.days} days again, {kind}{rows}\n{done.hash}")
    return 0
