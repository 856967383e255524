"""The chapters of the report on runs, in the order of the page."""

from __future__ import annotations

from typing import Final

from agents.registers import Register
from model.report.chapters.calls import call_tables
from model.report.chapters.case import case_of, case_table
from model.report.chapters.effects import effects_of, runs_effects
from model.report.chapters.headline import headline, others_table, runs_table
from model.report.chapters.listings import (
    behaviour_table,
    examples_table,
    network_summary,
    treated_table,
)
from model.report.chapters.robustness import same_days_table, windows_table
from model.report.chapters.values_and_judges import TITLE, values_and_judges
from model.report.conditions import Material
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
from model.report.pictures import Picture
from model.report.section import Chapter, Section, known

_ON_PAGE: Final = (
    "naup", "founder_rmst", "social_capital", "cooperation", "betrayal", "deception",
)  # fmt: skip


def at_a_glance(material: Material) -> Section:
    """Every measure by condition."""
    return Section("At a glance", tables=(headline(material),))


def against_the_control(material: Material) -> Section:
    """Each condition compared with the untreated one."""
    found = effects_of(material)
    return Section(
        "Against the control",
        (f"No comparison: {found.reason}.",) if found.reason else (),
        known(effects(material, found)),
        (runs_effects(found, material, _ON_PAGE),) if found.effects else (),
    )


def people(material: Material) -> Section:
    """Residents by day, and how long they live."""
    return Section("Population", pictures=(population(material), survival(material)))


def economy(material: Material) -> Section:
    """Stocks, and who holds them."""
    return Section("Economy", pictures=(stocks(material), top_tenth(material)))


def four_capacities(material: Material) -> Section:
    """The capacities, also on the days that every run lived."""
    tables = known(same_days_table(material))
    return Section("Capacities", pictures=(capacities(material),), tables=tables)


def days_of_conduct(material: Material) -> Section:
    """Cooperation, betrayal and attacks by day, and what residents did."""
    return Section("Conduct", pictures=(conduct(material), acts(material)))


def emergent(material: Material) -> Section:
    """The labels: rates, who does them, under other windows, and examples from the log."""
    treated = treated_numbers(material)
    no_split = (
        "In no condition do treated and untreated residents live together (ρ is 0 or 1), so rates "
        "by treated and untreated actors are not to be had."
    )
    return Section(
        "Behaviours",
        () if len(treated) else (no_split,),
        (behaviours(material),),
        known(
            behaviour_table(material),
            treated_table(treated) if len(treated) else None,
            windows_table(material),
            examples_table(material),
        ),
    )


def asked_beside(material: Material) -> Section:
    """What residents, judges and overseers said of it."""
    return Section(TITLE, *values_and_judges(material))


def a_case(material: Material) -> Section:
    """Two residents, day by day."""
    case = case_of(material)
    if case is None:
        why = "No label that joins two residents was found in any run, so there is no case to tell."
        return Section("A case", (why,))
    return Section("A case", (), (case_study(case),), (case_table(case),))


def messages(material: Material) -> Section:
    """Who told whom, on the last day."""
    return Section("Network", pictures=(network(material),), tables=(network_summary(material),))


def warning(material: Material) -> Section:
    """Early warning, and how far the fold is."""
    together, basin = ensemble(material), basins(material)
    drawn = together if isinstance(together, Picture) else None
    return Section(
        "Early warning and distance to the fold",
        (together,) if isinstance(together, str) else (),
        known(drawn, basin_picture(basin)),
        (warning_table(material), basin_table(basin)),
    )


def calls(material: Material) -> Section:
    """What language models were asked, and what it cost; empty without any."""
    return Section("Language calls", tables=call_tables(material))


def every_run(material: Material) -> Section:
    """The runs behind it, and those that are no results."""
    return Section("Runs", tables=known(runs_table(material), others_table(material)))


#: Chapters by name; those of plug-ins come last.
CHAPTERS: Final = Register(
    "civa.run_chapters",
    Chapter,
    {
        "glance": Chapter(at_a_glance),
        "control": Chapter(against_the_control),
        "population": Chapter(people),
        "economy": Chapter(economy),
        "capacities": Chapter(four_capacities),
        "conduct": Chapter(days_of_conduct),
        "behaviours": Chapter(emergent),
        "values": Chapter(asked_beside),
        "case": Chapter(a_case),
        "network": Chapter(messages),
        "warning": Chapter(warning),
        "calls": Chapter(calls),
        "runs": Chapter(every_run),
    },
)
