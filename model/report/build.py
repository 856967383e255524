"""From a folder of runs to a report: read, measure, draw, write; nothing is left half written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from model.analysis.digest import Digest, digest
from model.report.chapters.calls import call_tables
from model.report.chapters.case import case_of, case_table
from model.report.chapters.effects import Comparisons, effects_of, runs_effects
from model.report.chapters.headline import headline, others_table, runs_table
from model.report.chapters.listings import (
    behaviour_table,
    examples_table,
    network_summary,
    treated_table,
)
from model.report.chapters.robustness import same_days_table, windows_table
from model.report.chapters.values_and_judges import TITLE, values_and_judges
from model.report.conditions import Material, find_runs, gather
from model.report.figures.basin import basin_picture, basin_table, basins
from model.report.figures.behaviours import behaviours, treated_numbers
from model.report.figures.case_study import case_study
from model.report.figures.conduct import acts, conduct
from model.report.figures.dots import capacities
from model.report.figures.economy import stocks, top_tenth
from model.report.figures.effects import effects
from model.report.figures.network import network
from model.report.figures.population import population
from model.report.figures.survival import survival
from model.report.figures.warning import ensemble, warning_table
from model.report.html import page
from model.report.pictures import Picture, draw
from model.report.place import FIGURES, PAGE, place_for, put_report
from model.report.style import house
from model.report.tables import Table

#: From so many runs on, reading them is shared by two processes: starting one takes two seconds.
_MANY = 60
_ON_PAGE = ("naup", "founder_rmst", "social_capital", "cooperation", "betrayal", "deception")

OnRun = Callable[[int, int], None]


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
        sections = compose(material)
    return write(material, sections, target)


def read(paths: list[Path], on_run: OnRun | None = None) -> list[Digest]:
    """Digests of runs, in their order; by two processes where there are many."""
    if len(paths) < _MANY:
        return _counted(map(digest, paths), len(paths), on_run)
    workers = min(2, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return _counted(pool.map(digest, paths, chunksize=4), len(paths), on_run)


def compose(material: Material) -> tuple[Section, ...]:
    """All figures and tables, in the order of the page; drawn inside `house`."""
    found = effects_of(material)
    case = case_of(material)
    basin = basins(material)
    together = ensemble(material)
    others = others_table(material)
    drift = basin_picture(basin)
    treated = treated_numbers(material)
    calls = call_tables(material)
    no_split = (
        ()
        if len(treated)
        else (
            (
                "In no condition do treated and untreated residents live together (ρ is 0 or 1), "
                "so rates by treated and untreated actors are not to be had."
            ),
        )
    )
    no_case = "No label that joins two residents was found in any run, so there is no case to tell."
    return (
        Section("At a glance", tables=(headline(material),)),
        Section(
            "Against the control",
            _effect_words(found),
            _some(effects(material, found)),
            (runs_effects(found, material, _ON_PAGE),) if found.effects else (),
        ),
        Section("Population", pictures=(population(material), survival(material))),
        Section("Economy", pictures=(stocks(material), top_tenth(material))),
        Section(
            "Capacities",
            pictures=(capacities(material),),
            tables=_known(same_days_table(material)),
        ),
        Section("Conduct", pictures=(conduct(material), acts(material))),
        Section(
            "Behaviours",
            no_split,
            (behaviours(material),),
            (
                behaviour_table(material),
                *((treated_table(treated),) if len(treated) else ()),
                *_known(windows_table(material)),
                examples_table(material),
            ),
        ),
        Section(TITLE, *values_and_judges(material)),
        Section(
            "A case",
            () if case else (no_case,),
            (case_study(case),) if case else (),
            (case_table(case),) if case else (),
        ),
        Section(
            "Network",
            pictures=(network(material),),
            tables=(network_summary(material),),
        ),
        Section(
            "Early warning and distance to the fold",
            (together,) if isinstance(together, str) else (),
            (*((together,) if isinstance(together, Picture) else ()), *_some(drift)),
            (warning_table(material), basin_table(basin)),
        ),
        *((Section("Language calls", tables=calls),) if calls else ()),
        Section(
            "Runs",
            tables=(runs_table(material), *((others,) if others else ())),
        ),
    )


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


def _effect_words(found: Comparisons) -> tuple[str, ...]:
    return (f"No comparison: {found.reason}.",) if found.reason else ()


def _known(table: Table | None) -> tuple[Table, ...]:
    return () if table is None else (table,)


def _some(picture: Picture | None) -> tuple[Picture, ...]:
    return () if picture is None else (picture,)
