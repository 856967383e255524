"""The page: one HTML file that needs nothing beside it, and escapes whatever a log holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agents.minds.register import asks_language, model_of
from model.report.conditions import Material
from model.report.text import visible
from model.version import civa_version

if TYPE_CHECKING:
    from model.report.section import Section


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
    models = language_models(material.minds, _overseers(material))
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


def language_models(minds: Iterable[str], overseers: Iterable[str] = ()) -> list[str]:
    """The language models that took part, as a page names them; empty if none did.

    Args:
        minds: of runs, two minds of one community joined as runs join them (` + `).
        overseers: of the same runs.
    """
    parts = [part for mind in minds for part in mind.split(" + ")]
    found = [model_of(part) for part in parts if asks_language(part)]
    watching = [model_of(name) for name in overseers if asks_language(name)]
    return found + [f"{model} (overseer)" for model in dict.fromkeys(watching)]


def took_part(overseers: Iterable[str]) -> str:
    """How little a language model did where it decided for nobody."""
    if language_models((), overseers):
        return "A language model watched the messages and decided for nobody"
    return "No language model took part"


def _overseers(material: Material) -> list[str]:
    return [str(run.meta.scenario.get("overseer", "")) for _, run in material.runs]


def notices(material: Material) -> list[str]:
    """What must be read before anything else."""
    found = []
    if not language_models(material.minds):
        found.append(
            f"{took_part(_overseers(material))}: these residents were decided by "
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
