"""The chapter "Values and judges": what lies in the folder, what the logs show, what is missing.

What was not done is named with the command that does it: a reader must not take an empty chapter
for an unremarkable one.
"""

from __future__ import annotations

from pathlib import Path

from model.analysis.side_tables import assessments, codings, judgements, quoted
from model.report.chapters.drift import behaving, drift_picture, influence_tables
from model.report.chapters.judges import (
    coder_tables,
    judge_pictures,
    judge_tables,
    judge_words,
    overseer_table,
)
from model.report.chapters.values import shift_picture, value_tables
from model.report.conditions import Material
from model.report.pictures import Picture
from model.report.tables import Table
from model.report.text import visible

TITLE = "Values and judges"
Parts = tuple[tuple[str, ...], tuple[Picture, ...], tuple[Table, ...]]


def values_and_judges(material: Material) -> Parts:
    """Words, pictures and tables of the chapter of a report on runs; drawn inside `house`.

    Raises:
        InputError: a table that a command left there is damaged.
    """
    runs = [run.path for _, run in material.runs]
    words, pictures, tables = asked_beside(material.source, runs)
    watched = overseer_table(material)
    if watched is None:
        words = (*words, "No overseer watched: civa run --set overseer=contradictions adds one.")
    else:
        tables = (*tables, watched)
    found = behaving(material)
    if isinstance(found, str):
        return (*words, found), pictures, tables
    drawn = drift_picture(found)
    if isinstance(drawn, str):
        return (*words, drawn), pictures, (*tables, *influence_tables(found))
    return words, (*pictures, drawn), (*tables, *influence_tables(found))


def asked_beside(source: Path, runs: list[Path]) -> Parts:
    """What residents, judges and coders said of these runs, or which command asks them.

    Raises:
        InputError: a table that a command left there is damaged.
    """
    named = quoted(source)
    assessed, judged, coded = (find(source, runs) for find in (assessments, judgements, codings))
    words, pictures, tables = [], [], list(value_tables(assessed))
    if not assessed:
        words.append(
            "No resident was asked what it values, so whether the treatments took is not known: "
            f"civa assess {named} asks them."
        )
    elif (drawn := shift_picture(assessed)) is not None:
        pictures.append(drawn)
    if judged:
        names = ", ".join(dict.fromkeys(judge_words(place) for place in judged))
        words.append(
            f"Judges: {names}. Rules read typed claims and acts, and a judge reads the same log "
            "blind; a scripted judge was told the truth and proves the statistics alone."
        )
        pictures += judge_pictures(judged)
        tables += judge_tables(judged)
    else:
        words.append(f"No judge has read these runs: civa judge {named} --mind openai:MODEL.")
    by_people = coder_tables(coded)
    if by_people:
        tables += by_people
    elif coded:
        words.append(f"A sample is drawn and not read back: civa code {named} --read FILE …")
    else:
        words.append(f"No person has coded these runs: civa code {named} makes a sample.")
    return tuple(visible(one) for one in words), tuple(pictures), tuple(tables)
