"""The chapters of the report on a study, in the order of the page."""

from __future__ import annotations

from typing import Final

import pandas as pd

from agents.registers import Register
from model.measures.power import FEWEST_PAIRS, floor_words
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
from model.report.chapters.study_days import capacities, ensemble, fans
from model.report.chapters.study_drift import behaviour_matrix
from model.report.chapters.study_emergent import emergent_table
from model.report.chapters.study_runs import failures_table, faults_table, runs_table
from model.report.chapters.values_and_judges import TITLE, asked_beside
from model.report.section import Chapter, Section, known, told
from model.report.study_material import Material
from model.report.tables import Column, Table, digits, listed
from model.report.text import visible


def question(material: Material) -> Section:
    """What was asked and registered, and how."""
    design = material.design
    words = [
        design.question,
        f"Registered hypotheses: {design.registration.hypotheses.strip() or 'none in words.'}",
        f"Exclusions: {design.registration.exclusions}",
        _floor(material),
        "Whatever is not the registered family is exploratory.",
        f"Methods, to paste: {methods(material)}",
    ]
    return Section("What was asked", tuple(visible(one) for one in told(words)))


def hypotheses(material: Material) -> Section:
    """The registered family, and dose series wherever prevalence was varied."""
    none = material.analysis.primary is None
    return Section(
        "Hypotheses",
        ("The design registered no test.",) if none else (),
        tables=known(
            study_effects(material) if _contrasts(material) else None, series_table(material)
        ),
    )


def beside(material: Material) -> Section:
    """The manipulation check and what else was asked beside the runs, which are one folder."""
    return Section(TITLE, *asked_beside(material.study.path, []))


def doses(material: Material) -> Section:
    """The outcome over prevalence."""
    return Section(
        "Dose and response",
        told([halfway_words(material)]),
        known(heat_map(material), dose_curves(material)),
    )


def population(material: Material) -> Section:
    """Residents by day, and early warning across runs."""
    early = ensemble(material)
    if isinstance(early, str):
        return Section("Population", told([early]), (fans(material),))
    return Section("Population", (), (fans(material), early))


def four_capacities(material: Material) -> Section:
    """The capacities by cell."""
    return Section("Capacities", pictures=(capacities(material),))


def emergent(material: Material) -> Section:
    """Behaviours by treatment."""
    return Section(
        "Behaviours",
        pictures=known(behaviour_matrix(material)),
        tables=known(emergent_table(material)),
    )


def published(material: Material) -> Section:
    """The paper's findings beside what was measured."""
    return Section("CIVA’s findings", tables=(findings_table(material),))


def cells(material: Material) -> Section:
    """The registered outcome by cell, and what was not registered."""
    explored = None if _contrasts(material) else study_effects(material)
    return Section("Cells", tables=known(_cells(material), explored))


def every_run(material: Material) -> Section:
    """The runs behind it, and those that are no results."""
    tables = known(failures_table(material), faults_table(material), runs_table(material))
    return Section("Runs", tables=tables)


#: Chapters by name; those of plug-ins come last.
CHAPTERS: Final = Register(
    "civa.study_chapters",
    Chapter,
    {
        "question": Chapter(question),
        "hypotheses": Chapter(hypotheses),
        "values": Chapter(beside),
        "special": Chapter(special),
        "doses": Chapter(doses),
        "population": Chapter(population),
        "capacities": Chapter(four_capacities),
        "behaviours": Chapter(emergent),
        "published": Chapter(published),
        "implied": Chapter(implied),
        "cells": Chapter(cells),
        "runs": Chapter(every_run),
    },
)


def _contrasts(material: Material) -> bool:
    return material.design.registration.analysis == "contrasts"


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
