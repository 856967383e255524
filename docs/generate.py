"""The parts of these pages that are made from code: fields, columns, flags, modules.

A page marks such a part by two comments, `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a
key of `PARTS`. `python docs/generate.py` writes all of them anew, `--check` only says which pages
are out of date. The tests check, so that no table here can drift from the code.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from docs.reference_pages import reference

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PART = re.compile(r"(<!-- generated: ([a-z -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Write every generated part anew, or with `--check` say which pages are out of date."""
    stale = [path for path in sorted(DOCS.rglob("*.md")) if filled(path) != path.read_text("utf-8")]
    for path in stale:
        print(path.relative_to(ROOT))
        if "--check" not in sys.argv:
            path.write_text(filled(path), "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


def filled(path: Path) -> str:
    """A page's text as it should be."""
    return PART.sub(
        lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[3]}", path.read_text("utf-8")
    )


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def code(value: object) -> str:
    """A value as code, or nothing for nothing."""
    text = str(value)
    return f"`{text}`" if text else "*empty*"


def scenario_fields() -> str:
    """Every parameter of a community, in the groups of a written scenario file."""
    from model.world.scenario import Scenario
    from model.world.scenario_files import HEADINGS

    parts: list[str] = []
    rows: list[list[str]] = []

    def close() -> None:
        if rows:
            parts.append(table(("field", "default", "unit", "meaning", "range", "source"), rows))
            rows.clear()

    for name, info in Scenario.model_fields.items():
        if name in HEADINGS:
            close()
            parts.append(f"#### {HEADINGS[name]}")
        extra: Any = info.json_schema_extra
        rows.append(
            [
                f"`{name}`",
                code(_toml(info.default)),
                extra["unit"],
                str(info.description),
                bounds(info.metadata) or choices(info.annotation),
                extra["source"],
            ]
        )
    close()
    return "\n\n".join(parts)


def assumptions() -> str:
    """How many parameters rest on what, and the names of those that are ours alone."""
    from model.world.scenario import OURS, Scenario

    by: dict[str, list[str]] = {}
    for name, info in Scenario.model_fields.items():
        extra: Any = info.json_schema_extra
        by.setdefault(extra["source"], []).append(name)
    order = sorted(by, key=lambda source: (source == OURS, source))
    return table(
        ("source", "fields", "which"),
        ((source, len(by[source]), ", ".join(map(code, by[source]))) for source in order),
    )


def presets() -> str:
    """The fields in which each preset differs from the defaults."""
    from model.world.presets import PRESETS, preset

    return table(
        ("preset", "differs from the defaults in"),
        (
            (
                f"`{name}`",
                ", ".join(f"`{k} = {_toml(v)}`" for k, v in preset(name).items() if k != "preset")
                or "nothing: it is the defaults",
            )
            for name in PRESETS
        ),
    )


def public_names(package: str) -> Callable[[], str]:
    """A maker of the table of what a package offers by name, with where it stands."""

    def make() -> str:
        offered = import_module(package)
        rows = []
        for name in offered.__all__:
            found = getattr(offered, name)
            home = getattr(found, "__module__", "") or ""
            told = (inspect.getdoc(found) or "") if callable(found) else _plain(found)
            rows.append((f"`{name}`", told.partition("\n")[0], code(home) if home else ""))
        return table((f"`from {package} import …`", "what it is", "written in"), rows)

    return make


def regimes() -> str:
    """How a factory's output may be shared, and what residents are told of it."""
    from agents.regimes import REGIMES

    return table(
        ("`regime`", "base weight", "what residents are told"),
        ((f"`{name}`", one.base.__doc__, one.says) for name, one in REGIMES.items()),
    )


def interventions() -> str:
    """What a researcher can do to a running community."""
    from model.world.intervention_kinds import INTERVENTIONS

    return table(
        ("kind", "what it does"), ((f"`{k}`", one.means) for k, one in INTERVENTIONS.items())
    )


def plug_in(name: str) -> str:
    """A plug-in's file and its test, as they are run."""
    files = (DOCS / "extending" / f"{one}.py" for one in (name, f"test_{name}"))
    return "\n\n".join(f"```python\n{file.read_text('utf-8').rstrip()}\n```" for file in files)


def measures() -> str:
    """Every number that is said of a run."""
    from model.analysis.measures import MEASURES

    rows = (
        (f"`{one.name}`", one.title, one.unit, one.reads, one.kind, one.better)
        for one in MEASURES.values()
    )
    return table(("name", "title", "unit", "read off", "over runs", "better"), rows)


def settings() -> str:
    """Operational settings: what a run may use, never what happens in it."""
    from model.world.settings import Settings

    rows = []
    for name, info in Settings.model_fields.items():
        extra: Any = info.json_schema_extra
        default = "no limit" if info.default is None else code(_toml(info.default))
        rows.append((f"`{name}`", default, extra["unit"], info.description))
    return table(("setting", "default", "unit", "meaning"), rows)


def columns() -> str:
    """Every column of every table but `days`."""
    from model.store.tables import TABLES

    return "\n\n".join(
        f"### `{name}`\n\n"
        + table(
            ("column", "type", "meaning"),
            ((f"`{column}`", kind, meaning) for column, (kind, meaning) in spec.items()),
        )
        for name, spec in TABLES.items()
    )


def labels() -> str:
    """The emergent behaviours that are read off the log."""
    from model.measures.behaviour.catalogue import LABELS

    return table(
        ("label", "the actor …", "not defined without the message kinds"),
        (
            (
                f"`{one.name}`" + (" (beside the nine)" if one.beside else ""),
                one.meaning,
                ", ".join(sorted(one.needs)) or "–",
            )
            for one in LABELS
        ),
    )


def utilities() -> str:
    """The surrogate's table: what each act means to each value."""
    from agents.minds.utilities import table as utility_table
    from agents.values import VALUES

    found = utility_table()
    return table(
        ("act", *VALUES),
        (
            (f"`{act}`", *(f"{int(entry):+d}" if entry else "·" for entry in row))
            for act, row in zip(found.acts, found.entries.tolist(), strict=True)
        ),
    )


def commands() -> str:
    """Every command with its flags, from the command line itself."""
    import click

    from model.cli import COMMANDS, LazyGroup

    group = LazyGroup("civa")
    parts = []
    for name, (_, line) in COMMANDS.items():
        command = group.get_command(click.Context(group), name)
        assert command is not None
        context = click.Context(command, info_name=f"civa {name}")
        arguments = " ".join(
            piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"
        )
        parts.append(f"### `civa {name}{' ' + arguments if arguments else ''}`\n\n{line}")
        records = (parameter.get_help_record(context) for parameter in command.params)
        rows = [(f"`{one[0]}`", one[1]) for one in records if one is not None]
        if rows:
            parts.append(table(("flag", "meaning"), rows))
    return "\n\n".join(parts)


def glossary_index() -> str:
    """Every name a reader can meet: fields, settings, columns, flags."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for name, where, meaning in names():
        rows.setdefault(name, [])
        if (where, meaning) not in rows[name]:
            rows[name].append((where, meaning))
    return table(
        ("name", "where", "meaning"),
        (
            (
                f"`{name}`",
                "<br>".join(where for where, _ in found),
                "<br>".join(meaning for _, meaning in found),
            )
            for name, found in sorted(rows.items(), key=lambda item: item[0].lstrip("-").lower())
        ),
    )


def names() -> Iterable[tuple[str, str, str]]:
    """Name, where it stands, and its meaning: of every field, setting, column and flag."""
    import click

    from model.cli import COMMANDS, LazyGroup
    from model.store.tables import TABLES
    from model.world.numbers import Day
    from model.world.scenario import Scenario
    from model.world.settings import Settings

    for model, where in ((Scenario, "scenario"), (Settings, "setting")):
        for name, info in model.model_fields.items():
            yield name, where, str(info.description)
    meanings = day_meanings()
    for name in Day.__slots__:
        yield name, "column of `days`", meanings.get(name, "")
    for name, spec in TABLES.items():
        for column, (_, meaning) in spec.items():
            yield column, f"column of `{name}`", meaning
    group = LazyGroup("civa")
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for flag in (*parameter.opts, *parameter.secondary_opts):
                    yield flag, f"flag of `civa {name}`", parameter.help or PLAIN.get(flag, "")


def day_meanings() -> dict[str, str]:
    """What each column of `days` means, from the table of the page on run folders."""
    text = (DOCS / "run-folder.md").read_text("utf-8")
    part = text.partition("## The table `days`")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+?) \|$", part, re.MULTILINE))


def bounds(metadata: Iterable[Any]) -> str:
    """A field's range, as `a … b`."""
    low = high = ""
    for one in metadata:
        low = low or _number(getattr(one, "ge", getattr(one, "gt", None)))
        high = high or _number(getattr(one, "le", getattr(one, "lt", None)))
    return f"{low or '−∞'} … {high or '∞'}" if low or high else ""


def choices(annotation: Any) -> str:
    """The words that a field takes, where it takes words."""
    from typing import Literal, get_args, get_origin

    inner = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return ", ".join(map(str, get_args(inner))) if get_origin(inner) is Literal else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,g}".replace(",", " ")


def _plain(constant: Any) -> str:
    pairs = constant.items() if hasattr(constant, "items") else [(one,) for one in constant]
    return ", ".join(" ".join(pair) for pair in pairs)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return str(value)


#: Flags that some commands leave to speak for themselves.
PLAIN = {
    "--days": "Days to live.",
    "--port": "Port to listen on.",
    "--seed": "Seed of the run, from which all chance follows.",
    "--workers": "Processes.",
}

#: What may stand between the two comments.
PARTS: dict[str, Callable[[], str]] = {
    **{
        f"plug-in {one}": partial(plug_in, one)
        for one in ("regime", "mind", "network", "event", "measure", "chapter")
    },
    "table of measures": measures,
    "scenario fields": scenario_fields,
    "assumptions": assumptions,
    "presets": presets,
    "regimes": regimes,
    "interventions": interventions,
    "settings": settings,
    "columns": columns,
    "labels": labels,
    "utilities": utilities,
    "commands": commands,
    "glossary index": glossary_index,
    "public names of agents": public_names("agents"),
    "public names of model": public_names("model"),
    "reference agents": reference(("agents",), ("agents.llm", "agents.minds", "agents.prompts")),
    "reference minds": reference(("agents.minds", "agents.prompts", "agents.llm")),
    "reference model": reference(
        ("model",),
        ("model.measures", "model.study", "model.views", "model.report", "model.commands"),
    ),
    "reference measures": reference(("model.measures",)),
    "reference studies": reference(("model.study", "model.report")),
    "reference screens": reference(("model.views", "model.commands")),
}

if __name__ == "__main__":
    raise SystemExit(main())
