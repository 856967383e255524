"""The page: one HTML file that needs nothing beside it, and escapes whatever a log holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from model.minds_of import asks_language
from model.report.data import Material
from model.report.text import visible
from model.version import civa_version

if TYPE_CHECKING:
    from model.report.build import Section


def page(material: Material, sections: Sequence[Section], svgs: dict[str, str]) -> str:
    """The whole page.

    Args:
        material: for the heading: who produced this.
        sections: what it holds.
        svgs: figures by name, as they stand in a page.
    """
    return render(
        material.source.resolve().name, facts(material), notices(material), sections, svgs
    )


def render(
    title: str,
    facts: Sequence[tuple[str, str]],
    notices: Sequence[str],
    sections: Sequence[Section],
    svgs: dict[str, str],
) -> str:
    """A whole page of any report; all texts are escaped, whatever they hold.

    Args:
        title: of the page.
        facts: pairs of name and value in its heading.
        notices: what must be read before anything else.
        sections: what it holds.
        svgs: figures by name, as they stand in a page.
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=visible(title),
            facts=facts,
            notices=notices,
            sections=sections,
            # The one thing not escaped: what matplotlib drew, whose texts it has escaped itself.
            svgs={name: Markup(svg) for name, svg in svgs.items()},  # noqa: S704
            style=Markup(_style()),  # noqa: S704
        )
    )


def facts(material: Material) -> list[tuple[str, str]]:
    """What made these runs, as pairs of name and value."""
    runs = [run for _, run in material.runs]
    scenario = runs[0].meta.scenario
    seeds = sorted({run.meta.seed for run in runs})
    tables = {str(run.meta.identity["inputs"].get("utilities", "")) for run in runs} - {""}
    models = [
        mind.partition(":")[2] for name in material.minds for mind in name.split(" + ")
        if asks_language(mind)
    ]  # fmt: skip
    found = [
        ("mind", ", ".join(material.minds)),
        ("language model", ", ".join(models) or "none"),
        ("scenario", ", ".join(dict.fromkeys(str(run.meta.scenario["preset"]) for run in runs))),
        ("residents at the start", _span(int(run.meta.scenario["residents"]) for run in runs)),
        ("days", _span(int(run.meta.scenario["days"]) for run in runs)),
        ("untreated profiles", str(scenario["population"])),
        ("runs", f"{len(runs)} in {len(material.conditions)} conditions"
                 if len(material.conditions) > 1 else str(len(runs))),
        ("seeds", _span(seeds) + f" ({len(seeds)}; {_pairing(material)})"),
        ("surrogate’s table", ", ".join(sorted(tables)) or "not used"),
        ("engine", _span(int(run.meta.identity["engine"]) for run in runs)),
        ("runs made by civa", ", ".join(
            sorted({run.meta.versions.get("civa", "unknown") for run in runs}))),
        ("report made by civa", civa_version()),
    ]  # fmt: skip
    return [(name, visible(value)) for name, value in found]


def notices(material: Material) -> list[str]:
    """What must be read before anything else."""
    found = []
    language = any(asks_language(name.strip()) for m in material.minds for name in m.split("+"))
    if not language:
        found.append(
            "No language model took part: these residents were decided by "
            f"{', '.join(material.minds)}. This is a control, it separates what the world does "
            "from what a language model does, and it is no result about language models."
        )
        if any("surrogate" in mind for mind in material.minds):
            found.append(
                "What a value does to an act stands in the surrogate’s table, written by hand. "
                "That treated residents act as the table says is no finding; what a community "
                "makes of it can be one."
            )
    unfinished = [run for _, run in material.runs if not run.scored]
    for run in unfinished:
        cause = f" ({run.meta.cause})" if run.meta.cause else ""
        found.append(f"This run is {run.meta.status}{cause}: it is no result.")
    if material.others:
        found.append(
            f"{len(material.others)} more runs lie in this folder that are not done; they are "
            "listed at the end and not scored."
        )
    return [visible(one) for one in found]


def _span(numbers: Any) -> str:
    """Whole numbers in few words: `7`, `1–12`, or a list."""
    known = sorted(set(numbers))
    if len(known) > 2 and known == list(range(known[0], known[-1] + 1)):
        return f"{known[0]}–{known[-1]}"
    shown = ", ".join(map(str, known[:12]))
    return shown + (f" and {len(known) - 12} more" if len(known) > 12 else "")


def _pairing(material: Material) -> str:
    if len(material.conditions) < 2:
        return "one condition"
    return {
        "common": "the same in every condition: paired",
        "none": "none used twice: unpaired",
        "mixed": "some shared, some not",
    }[material.pairing]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("model.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _style() -> str:
    return (files("model.report") / "templates" / "page.css").read_text("utf-8")
