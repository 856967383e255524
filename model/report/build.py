"""From a folder of runs to a report: read, measure, draw, write; nothing is left half written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from model.analysis.digest import Digest, digest
from model.report.conditions import Material, find_runs, gather
from model.report.html import page
from model.report.pictures import draw
from model.report.place import FIGURES, PAGE, place_for, put_report
from model.report.run_chapters import CHAPTERS
from model.report.section import Section, sections_of
from model.report.style import house
from model.report.tables import Table

#: From so many runs on, reading them is shared by two processes: starting one takes two seconds.
_MANY = 60

OnRun = Callable[[int, int], None]


def report(source: Path, out: Path | None = None, on_run: OnRun | None = None) -> Path:
    """Make the report of a run, or of several, and return the path of its page.

    Args:
        source: folder of a run, or of runs.
        out: folder of the report; by default `report` in the source.
        on_run: called with (runs read, runs in all).

    Raises:
        InputError: there is no run, one is damaged, or the folder holds something else.
        StoppedEarly: the disk does not take it.
    """
    target = place_for(source, out)
    return report_on(source, read(find_runs(source), on_run), target)


def report_on(source: Path, digests: Iterable[Digest], target: Path) -> Path:
    """Make the report of runs already read; `target` comes from `place_for`."""
    material = gather(source, digests)
    with house():
        sections = sections_of(CHAPTERS, material)
    return write(material, sections, target)


def read(paths: list[Path], on_run: OnRun | None = None) -> list[Digest]:
    """Digests of runs, in their order; by two processes where there are many."""
    if len(paths) < _MANY:
        return _counted(map(digest, paths), len(paths), on_run)
    workers = min(2, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return _counted(pool.map(digest, paths, chunksize=4), len(paths), on_run)


def write(material: Material, sections: tuple[Section, ...], target: Path) -> Path:
    """Write the report of runs (`write_page`)."""
    return write_page(lambda svgs: page(material, sections, svgs), sections, target)


def write_page(
    make: Callable[[dict[str, str]], str], sections: tuple[Section, ...], target: Path
) -> Path:
    """Draw a report, and put it, when it is complete, in the place of the old one.

    Args:
        make: figures by name, as they stand in a page -> the page.
        sections: what it holds.
        target: from `place_for`.

    Raises:
        InputError: meanwhile something else came into the folder.
        StoppedEarly: the disk does not take it.
    """
    contents: dict[str, bytes] = {}
    svgs = {}
    for picture in (picture for section in sections for picture in section.pictures):
        drawn = draw(picture)
        contents |= {f"{FIGURES}/{name}": content for name, content in drawn.files.items()}
        svgs[picture.name] = drawn.inline
    for table in _tables(sections):
        contents[table.file] = table.csv
    contents[PAGE] = make(svgs).encode("utf-8")
    put_report(target, contents)
    return target / PAGE


def _tables(sections: Iterable[Section]) -> list[Table]:
    tables = [table for section in sections for table in section.tables]
    tables += [picture.numbers for section in sections for picture in section.pictures]
    return list({table.name: table for table in tables}.values())


def _counted(found: Iterable[Digest], total: int, on_run: OnRun | None) -> list[Digest]:
    kept = []
    for one in found:
        kept.append(one)
        if on_run is not None:
            on_run(len(kept), total)
    return kept
