"""From a study's folder to its report: read, analyse, draw, write; nothing is left half written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from agents.owned import check_folder
from model.report.build import write_page
from model.report.chapters.study_behaviours import DERIVED, OnRun
from model.report.html import language_models, render, took_part
from model.report.place import place_for
from model.report.section import sections_of
from model.report.study_chapters import CHAPTERS
from model.report.study_material import Material, gather
from model.report.style import house
from model.report.text import visible
from model.study.earlier import earlier
from model.study.store import load_study


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
            sections = sections_of(CHAPTERS, material)
        name = f"study {material.study.manifest.name}"
        return write_page(
            lambda svgs: render(name, facts(material), notices(material), sections, svgs),
            sections,
            target,
        )


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
