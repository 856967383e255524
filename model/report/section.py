"""A part of a report, and a chapter: what makes one of the material."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from model.report.pictures import Picture
from model.report.tables import Table

T = TypeVar("T")


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: heading.
        words: paragraphs before what follows.
        pictures: figures.
        tables: tables.
    """

    title: str
    words: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def anchor(self) -> str:
        """Name within the page."""
        return "".join(c if c.isalnum() else "-" for c in self.title.lower())


@dataclass(frozen=True)
class Chapter:
    """One chapter of a report.

    Attributes:
        make: material of the report → its section; None, or an empty one, is left out.
    """

    make: Callable[[Any], Section | None]


def sections_of(chapters: Mapping[str, Chapter], material: Any) -> tuple[Section, ...]:
    """All sections in the order of the page; drawn inside `style.house`."""
    made = (chapter.make(material) for chapter in chapters.values())
    return tuple(one for one in made if one and (one.words or one.pictures or one.tables))


def known(*found: T | None) -> tuple[T, ...]:
    """Those that are there."""
    return tuple(one for one in found if one is not None)


def told(words: Iterable[str]) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(one for one in words if one)
