"""From a study's folder to its report: read, analyse, draw, write; nothing is left half written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TypeVar

import pandas as pd

from agents.owned import check_folder
from model.measures.power import FEWEST_PAIRS, floor_words
from model.report.build import Section, write_page
from model.report.chapters.doses import (
    cell_numbers,
    dose_curves,
    halfway_words,
    heat_map,
    series_table,
)
from model.report.chapters.effects import study_effects
from model.report.chapters.findings import findings_table
from model.report.chapters.implied import implied
from model.report.chapters.methods import methods
from model.report.chapters.special_designs import special
from model.report.chapters.study_behaviours import DERIVED, OnRun
from model.report.chapters.study_days import capacities, ensemble, fans
from model.report.chapters.study_drift import behaviour_matrix
from model.report.chapters.study_emergent import emergent_table
from model.report.chapters.study_runs import failures_table, faults_table, runs_table
from model.report.chapters.values_and_judges import TITLE, Parts, asked_beside
from model.report.html import language_models, render, took_part
from model.report.pictures import Picture
from model.report.place import place_for
from model.report.study_material import Material, gather
from model.report.style import house
from model.report.tables import Column, Table, digits, listed
from model.report.text import visible
from model.study.earlier import earlier
from model.study.store import load_study

T = TypeVar("T")


def study_report(source: Path, out: Path | None = None, on_run: OnRun | None = None) -> Path:
    """Make the report of a study and return the path of its page.

    Args:
        source: folder of the study.
        out: folder of the report; by default `report` in the source.
        on_run: called with (runs read, runs in all).

    Raises:
        InputError: no run of it is finished, one is damaged, or the folder holds something else.
        StoppedEarly: the disk does not take it.
    """
    target = place_for(source, out)
    check_folder(source / DERIVED)
    with gather(load_study(source), on_run) as material:
        with house():
            sections = compose(material)
        name = f"study {material.study.manifest.name}"
        return write_page(
            lambda svgs: render(name, facts(material), notices(material), sections, svgs),
            sections,
            target,
        )


def compose(material: Material) -> tuple[Section, ...]:
    """All sections, in the order of the page; drawn inside `house`."""
    early = ensemble(material)
    warning = early if isinstance(early, str) else ""
    sections = [
        _registration(material),
        Section("Hypotheses", _hypotheses(material), (), _tested(material)),
        Section(TITLE, *_asked_beside(material)),
        *special(material),
        Section(
            "Dose and response",
            _halfway(material),
            _some(heat_map(material)) + _some(dose_curves(material)),
        ),
        Section("Population", (warning,) if warning else (), (fans(material), *_drawn(early))),
        Section("Capacities", (), (capacities(material),)),
        Section(
            "Behaviours",
            (),
            _some(behaviour_matrix(material)),
            _some(emergent_table(material)),
        ),
        Section("CIVA’s findings", (), (), (findings_table(material),)),
        *implied(material),
        Section("Cells", (), (), (_cells(material), *_explored(material))),
        Section(
            "Runs",
            (),
            (),
            (
                *_some(failures_table(material)),
                *_some(faults_table(material)),
                runs_table(material),
            ),
        ),
    ]
    return tuple(s for s in sections if s.words or s.pictures or s.tables)


def facts(material: Material) -> list[tuple[str, str]]:
    """What this study is, as pairs of name and value."""
    manifest, design = material.study.manifest, material.design
    before = earlier(material.study.path, manifest)
    runs = Counter(row.status for row in material.study.rows)
    planned = len(manifest.runs)
    models = language_models(material.minds, _overseers(material))
    found = [
        ("mind", ", ".join(material.minds)),
        ("language model", ", ".join(models) or "none"),
        ("scenario", str(manifest.cells[0].scenario["preset"])),
        ("cells", str(len(manifest.cells))),
        ("runs", f"{runs['done']} of {planned} done, {runs['failed']} failed"),
        ("seeds", f"from {design.seed}; pairing {design.pairing}"),
        ("registered", manifest.created),
        ("registration", manifest.registration),
        *((("registered before", str(before)),) if before else ()),
        ("engine", str(manifest.engine)),
        ("civa", manifest.versions.get("civa", "unknown")),
    ]
    return [(name, visible(value)) for name, value in found]


def _overseers(material: Material) -> list[str]:
    return [str(cell.scenario.get("overseer", "")) for cell in material.study.manifest.cells]


def notices(material: Material) -> list[str]:
    """What must be read before anything else."""
    found = []
    if not language_models(material.minds):
        found.append(
            f"{took_part(_overseers(material))}: residents were decided by "
            f"{', '.join(material.minds)}. This is a control, it separates what the world does "
            "from what a language model does, and it is no result about language models."
        )
    missing = len(material.study.manifest.runs) - len(material.study.done)
    if missing:
        found.append(
            f"{missing} of {len(material.study.manifest.runs)} runs are not finished or failed: "
            "what follows is preliminary, and the same study command goes on with them."
        )
    return [visible(one) for one in found]


def _registration(material: Material) -> Section:
    design = material.design
    words = [
        design.question,
        f"Registered hypotheses: {design.registration.hypotheses.strip() or 'none in words.'}",
        f"Exclusions: {design.registration.exclusions}",
        _floor(material),
        "Whatever is not the registered family is exploratory.",
        f"Methods, to paste: {methods(material)}",
    ]
    return Section("What was asked", tuple(visible(one) for one in words if one))


def _floor(material: Material) -> str:
    """What the design can reject at all; empty where two arms are not compared."""
    families = [one for one in material.analysis.families if not one.exploratory]
    size = sum(one.size for one in families) or max(
        (one.size for one in material.analysis.families), default=0
    )
    design = material.design
    if not size:
        return ""
    words = floor_words(design.runs, design.pairing, size, design.registration.alpha)
    why = (
        f"Pairing {design.pairing}, as registered; where a design names none it is common from "
        f"{FEWEST_PAIRS} runs on."
    )
    return f"{why} {words}"


def _asked_beside(material: Material) -> Parts:
    """The manipulation check and what else was asked beside the runs, which are one folder."""
    return asked_beside(material.study.path, [])


def _halfway(material: Material) -> tuple[str, ...]:
    words = halfway_words(material)
    return (words,) if words else ()


def _hypotheses(material: Material) -> tuple[str, ...]:
    if material.analysis.primary is None:
        return ("The design registered no test.",)
    return ()


def _tested(material: Material) -> tuple[Table, ...]:
    """The registered family, and dose series wherever prevalence was varied."""
    contrasts = material.design.registration.analysis == "contrasts"
    return (*_some(study_effects(material) if contrasts else None), *_some(series_table(material)))


def _explored(material: Material) -> tuple[Table, ...]:
    contrasts = material.design.registration.analysis == "contrasts"
    return _some(None if contrasts else study_effects(material))


def _cells(material: Material) -> Table:
    frame: pd.DataFrame = cell_numbers(material)
    columns = (
        *(Column(name, name) for name in ("cell", "runs", "collapsed")),
        Column("collapsed_low", "share from", digits(2)),
        Column("collapsed_high", "to", digits(2)),
        *(Column(name, name) for name in ("mean", "low", "high")),
        Column("naup_survived", "nAUP of those not collapsed", digits(3)),
        Column("none_collapsed", "collapse"),
        Column("flags", "flags"),
    )
    note = (
        f"{material.analysis.outcome.title} by cell, mean over runs with a 95 % interval; share of "
        "runs collapsed by Clopper–Pearson. nAUP of the runs that did not collapse is conditional "
        "on an outcome of the treatment: printed, never tested."
    )
    return listed("cells", "Cells", frame, columns, note=note, folded=True)


def _drawn(found: Picture | str) -> tuple[Picture, ...]:
    return () if isinstance(found, str) else (found,)


def _some(found: T | None) -> tuple[T, ...]:
    return () if found is None else (found,)
