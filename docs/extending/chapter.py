"""A chapter of the report on runs: how peaceful the days of each condition were."""

from model.report.chapters.headline import measures_table
from model.report.conditions import Material
from model.report.section import Chapter, Section


def peace(material: Material) -> Section:
    """One measure, a column a condition, with its interval."""
    note = "A day is peaceful if nobody was attacked; mean over runs."
    table = measures_table(material, ("peaceful_days",), "peace", "Peaceful days", note)
    return Section("Peace", tables=(table,))


PEACE = Chapter(peace)
