"""Registers that others can add to: entries of ours, then those of installed plug-ins.

A plug-in is a package whose metadata names its entries under a group of entry points, e.g. in its
pyproject.toml `[project.entry-points."civa.regimes"]`, `seniority = "my_package:SENIORITY"`. They
are checked as ours are. Installing a package is what lets its code run: nothing is read from a
scenario, a run's folder or the working folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
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
    "civa.measures",
    "civa.run_chapters",
    "civa.study_chapters",
)
_Entry = TypeVar("_Entry")


class Register(Mapping[str, _Entry]):
    """Entries by name: ours, then those of plug-ins in the order of their names.

    The names of plug-ins are known from their metadata; a plug-in is imported when its entry is
    first looked up, so that its module may import the one that holds the register.
    """

    def __init__(
        self,
        group: str,
        kind: type[_Entry],
        ours: Mapping[str, _Entry],
        misfit: Callable[[_Entry], str] = lambda entry: "",
    ) -> None:
        """Take up the names of plug-ins.

        Args:
            group: one of `GROUPS`.
            kind: what every entry is.
            ours: the entries that civa brings.
            misfit: what is wrong with a plug-in's entry; empty if nothing.

        Raises:
            InputError: a plug-in takes a name that is taken; it names the package.
        """
        self._kind, self._misfit = kind, misfit
        self._entries = dict(ours)
        self._points = _plugins(group)
        for name, point in self._points.items():
            if name in ours:
                raise InputError(f"plug-in {source_of(point)}: {name} of {group} is civa's own")

    @property
    def plugins(self) -> tuple[str, ...]:
        """The names that plug-ins brought."""
        return tuple(self._points)

    def __getitem__(self, name: str) -> _Entry:
        """The entry of a name.

        Raises:
            KeyError: there is none.
            InputError: the plug-in that brings it cannot be imported, or gives something else; it
                names the package, which can then be removed or mended.
        """
        if name not in self._entries:
            self._entries[name] = self._load(self._points[name])
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        """All names."""
        return iter(dict.fromkeys((*self._entries, *self._points)))

    def __len__(self) -> int:
        """How many there are."""
        return len({*self._entries, *self._points})

    def _load(self, point: EntryPoint) -> _Entry:
        try:
            entry = point.load()
        except Exception as error:  # whatever a stranger's module raises when it is imported
            raise InputError(
                f"plug-in {source_of(point)}: {point.value} cannot be loaded "
                f"({type(error).__name__}: {error}); mend or uninstall the package"
            ) from error
        wrong = "" if isinstance(entry, self._kind) else f"is no {self._kind.__name__}"
        wrong = wrong or self._misfit(entry)
        if wrong:
            raise InputError(f"plug-in {source_of(point)}: {point.value} {wrong}; mend it")
        found: _Entry = entry
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
def _installed() -> dict[str, tuple[EntryPoint, ...]]:
    """The entry points of all groups: looking through the packages takes ten milliseconds."""
    found = entry_points()
    return {group: tuple(found.select(group=group)) for group in GROUPS}


def _plugins(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name.

    Raises:
        InputError: two packages bring one name; which is meant cannot be known.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(_installed()[group], key=lambda one: (one.name, one.value)):
        # An editable install may be listed twice; the same object is no second entry.
        if point.name in found and found[point.name].value != point.value:
            both = f"{source_of(found[point.name])} and {source_of(point)}"
            raise InputError(f"plug-ins {both} both bring {point.name} of {group}; uninstall one")
        found[point.name] = point
    return found
