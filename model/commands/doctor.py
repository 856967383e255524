"""`civa doctor`: what is installed, what is in the way, and whether a run could write and call.

The versions that are wanted are read from the metadata of the installed distribution, so that the
answer cannot drift from `pyproject.toml`. Three states: *ok*, *note* (nothing that civa needs is
wrong), *broken* (civa cannot be relied on until it is mended; the exit code is 1). A key is only
ever said to be set or not.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import (
    PackageNotFoundError,
    distribution,
    packages_distributions,
    requires,
    version,
)
from pathlib import Path
from typing import TYPE_CHECKING

import click

from civa import PACKAGES, installed_at, shadowed
from model.commands.endpoints import endpoint_option

if TYPE_CHECKING:
    from agents.llm.keys import Registry

OK, NOTE, BROKEN = "ok", "note", "broken"
LEAST_FREE = 1_000_000_000  # bytes; a study of a hundred small runs writes some tens of megabytes


@dataclass(frozen=True)
class Check:
    """One line of the answer: what was looked at, what was found, and the remedy if any."""

    what: str
    state: str
    found: str
    remedy: str = ""


@click.command()
@click.option("--base-url", metavar="NAME|URL", help="Also ask this OpenAI-compatible endpoint.")
@endpoint_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(base_url: str | None, endpoints: tuple[str, ...], as_json: bool) -> int:
    """Check versions, shadowed packages, disk, keys and, if named, an endpoint."""
    from model.world.endpoints import registry

    known = registry(endpoints)
    checks = [*examine(Path.cwd()), *keys(known)]
    if base_url:
        from model.commands.endpoint_check import reach

        found = known.find(base_url, "--base-url")
        checks.append(Check("endpoint", *reach(found, os.environ)))
    healthy = all(check.state != BROKEN for check in checks)
    if as_json:
        click.echo(json.dumps({"healthy": healthy, "checks": [asdict(c) for c in checks]}))
    else:
        show(checks)
    return 0 if healthy else 1


def examine(folder: Path) -> Iterator[Check]:
    """Yield every check that needs no network."""
    yield python()
    yield own_packages()
    yield from rivals()
    yield from requirements()
    yield writable(folder)
    yield free(folder)
    yield machine()


def keys(known: "Registry") -> Iterator[Check]:
    """The endpoints that can be named, where they are and whether the key of each is set."""
    for name in known.names:
        found = known.by_name(name, "endpoint")
        lacks = bool(found.keys) and not found.variable(os.environ)
        yield Check(
            f"endpoint {name}",
            NOTE if lacks else OK,
            f"{found.url}, {found.key_state(os.environ)}",
            "only needed by language minds behind a key" if lacks else "",
        )


def python() -> Check:
    """The interpreter, against what the installed distribution asks for."""
    from packaging.specifiers import SpecifierSet

    number = platform.python_version()
    found = f"{number} ({platform.python_implementation()}) at {sys.executable}"
    try:
        wanted = distribution("civa").metadata["Requires-Python"]
    except PackageNotFoundError:
        return Check("python", NOTE, found, "civa is not installed, so nothing is asked for")
    if not SpecifierSet(wanted).contains(number, prereleases=True):
        return Check("python", BROKEN, found, f"make .venv again with Python {wanted}")
    return Check("python", OK, found)


def own_packages() -> Check:
    """The names `model` and `agents` lead to civa's own code."""
    try:
        home = distribution("civa")
    except PackageNotFoundError:
        return Check("civa", BROKEN, "not installed", "pip install --editable . in its folder")
    trouble = shadowed()
    if trouble:
        return Check("civa", BROKEN, f"{home.version}: {trouble[0]}", "see the message")
    return Check("civa", OK, f"{home.version} at {installed_at(home)}")


def rivals() -> Iterator[Check]:
    """Other distributions that install packages of the same names; whichever came last won."""
    owners = packages_distributions()
    for name in PACKAGES:
        others = sorted(set(owners.get(name, ())) - {"civa"})
        if others:
            yield Check(
                f"package '{name}'",
                BROKEN,
                f"also installed by {', '.join(others)}",
                "give civa an environment of its own",
            )


def requirements() -> Iterator[Check]:
    """Every requirement of the installed distribution, against the version that is there."""
    from packaging.requirements import Requirement

    try:
        lines = requires("civa") or []
    except PackageNotFoundError:
        return
    for line in lines:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield Check(wanted.name, BROKEN, "not installed", f"pip install '{line}'")
            continue
        if wanted.specifier.contains(found, prereleases=True):
            yield Check(wanted.name, OK, found)
        else:
            yield Check(wanted.name, BROKEN, found, f"pip install '{line}'")


def writable(folder: Path) -> Check:
    """A file can be made and renamed in the folder, as the tables of a run are."""
    try:
        with tempfile.TemporaryDirectory(prefix=".civa-doctor-", dir=folder) as scratch:
            part = Path(scratch, "part")
            part.write_bytes(b"civa")
            part.rename(Path(scratch, "whole"))
    except OSError as error:
        remedy = "start from a folder you may write to, or give --out"
        return Check("folder", BROKEN, f"{folder}: {error.strerror or error}", remedy)
    return Check("folder", OK, f"{folder} is writable")


def free(folder: Path) -> Check:
    """Disk space where runs would be written."""
    left = shutil.disk_usage(folder).free
    found = f"{left / 1e9:.1f} GB free"
    if left < LEAST_FREE:
        return Check("disk", NOTE, found, "a large study may not fit")
    return Check("disk", OK, found)


def machine() -> Check:
    """How many processors this process may use, and the memory that is free."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory()
    found = f"{cores} CPUs, {memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB free"
    return Check("machine", OK, f"{found}, {platform.system()} {platform.machine()}")


def show(checks: list[Check]) -> None:
    """Print the checks as a table; whatever came from outside is shown as plain text."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {OK: "green", NOTE: "yellow", BROKEN: "bold red"}
    table = Table("", "what", box=None, header_style="bold")
    table.add_column("found", overflow="fold")
    table.add_column("remedy", overflow="fold")
    for check in checks:
        state = Text(check.state, style=colours[check.state])
        table.add_row(state, Text(check.what), Text(check.found), Text(check.remedy))
    Console().print(table)
