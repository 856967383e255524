"""Registers that others can add to: entries of ours, then those of installed plug-ins.

A plug-in is a package whose metadata names its entries under a group of entry points, e.g. in its
pyproject.toml `[project.entry-points."civa.regimes"]`, `seniority = "my_package:SENIORITY"`. They
are read once, when the register is first imported, and checked as ours are. Installing a package
is what lets its code run: nothing is read from a scenario, a run's folder or the working folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, TypeVar

from agents.errors import InputError

#: The registers that plug-ins can add to, by the group of their entry points.
GROUPS: Final = (
    "civa.regimes",
    "civa.minds",
    "civa.networks",
    "civa.events",
    "civa.interventions",
)
_Entry = TypeVar("_Entry")


def register(group: str, kind: type[_Entry], ours: Mapping[str, _Entry]) -> dict[str, _Entry]:
    """Our entries by name, then those of plug-ins in the order of their names.

    Args:
        group: one of `GROUPS`.
        kind: what every entry is.
        ours: the entries that civa brings.

    Raises:
        InputError: a plug-in cannot be imported, gives something else, or takes a name that is
            taken; it names the package, which can then be removed or mended.
    """
    found = dict(ours)
    for name, point in _plugins(group).items():
        if name in ours:
            raise InputError(f"plug-in {source_of(point)}: {name} is a name of civa's own {group}")
        try:
            entry = point.load()
        except Exception as error:  # whatever a stranger's module raises when it is imported
            raise InputError(
                f"plug-in {source_of(point)}: {point.value} cannot be loaded "
                f"({type(error).__name__}: {error}); mend or uninstall the package"
            ) from error
        if not isinstance(entry, kind):
            raise InputError(
                f"plug-in {source_of(point)}: {point.value} is no {kind.__name__}, as {group} asks"
            )
        found[name] = entry
    return found


def provenance(group: str, name: str) -> str:
    """The package, version and file hash of the plug-in that brought an entry; "" for ours."""
    point = _plugins(group).get(name)
    if point is None:
        return ""
    file = Path(str(import_module(point.module).__file__))
    return f"{source_of(point)} sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def source_of(point: EntryPoint) -> str:
    """The package that brings an entry, with its version."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module


@cache
def _plugins(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name.

    Raises:
        InputError: two packages bring one name; which is meant cannot be known.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda one: (one.name, one.value)):
        # An editable install may be listed twice; the same object is no second entry.
        if point.name in found and found[point.name].value != point.value:
            both = f"{source_of(found[point.name])} and {source_of(point)}"
            raise InputError(f"plug-ins {both} both bring {point.name} of {group}; uninstall one")
        found[point.name] = point
    return found
