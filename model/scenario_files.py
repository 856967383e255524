"""Scenarios from files, presets, `key=value` words and keywords, and back into TOML.

All ways in go through `scenario_from`, so each gives the same one line about what is wrong. A
preset is a file in `model/presets/` that names the fields in which it differs from the defaults;
whoever names one (`preset = "scarce"`) starts from it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import tomli_w
from pydantic import ValidationError

from agents.csvfile import shown
from agents.errors import InputError
from model.presets import PRESETS, preset
from model.refusal import refusal, unknown
from model.scenario import RECORDED, Scenario
from model.settings import Settings, changed, settings_from, settings_of_file

LARGEST: Final = 1_000_000  # bytes of a scenario file

#: Heading of the written file → the first field under it.
HEADINGS: Final[Mapping[str, str]] = {
    "preset": "The community and its ground",
    "outputs": "Factories and their production law",
    "need": "Food, start and death",
    "promote_step": "Acts",
    "max_household": "Households and births",
    "messages": "Messages, promises, memory",
    "population": "Values",
    "mind": "The mind",
    "overseer": "Who watches the messages",
    "choice_temperature": "The surrogate's assumptions",
}


def scenario_from(
    fields: Mapping[str, Any], over: Scenario | None = None, *, recorded: bool = False
) -> Scenario:
    """A scenario from plain values: of a TOML file, of `key=value` words, or keywords.

    Args:
        fields: values by field name; numpy's numbers and lists for tuples are taken, texts for
            numbers are not.
        over: the scenario in which these fields change; by default the preset that they name, or
            the defaults.
        recorded: it was accepted before, and is read from a run: its shocks are not judged again.

    Raises:
        InputError: naming field, value and remedy.
    """
    given = {name: _plain(name, value) for name, value in fields.items()}
    for name in given:
        if name not in Scenario.model_fields:
            raise unknown(name, Scenario.model_fields)
    if over is None:
        start = given.get("preset")
        base: Mapping[str, Any] = preset(start) if isinstance(start, str) else {}
    elif not given:
        return over
    else:
        base = over.model_dump(mode="json")
    try:
        # Through JSON, where strict means: no text or truth for a number, but a list for a tuple.
        text = json.dumps({**base, **given})
        context = RECORDED if recorded else None
        return Scenario.model_validate_json(text, strict=True, context=context)
    except ValidationError as error:
        raise refusal(error, Scenario) from None


def read_scenario(
    source: str | None, changes: Mapping[str, Any] | None = None
) -> tuple[Scenario, Settings]:
    """A scenario and operational settings from a preset's name or a file, and changes to it.

    Args:
        source: name of a preset, or path of a TOML file; None for the defaults. A file may hold
            settings in a table `[settings]`.
        changes: fields and settings, by name, that go before those of the source.

    Raises:
        InputError: naming file or field, value and remedy.
    """
    if source is None or source in PRESETS:
        fields: dict[str, Any] = {} if source is None else {"preset": source}
        settings: dict[str, Any] = {}
    else:
        fields = read_toml(Path(source))
        settings = settings_of_file(fields.pop("settings", {}))
    own: dict[str, Any] = {}
    for name, value in (changes or {}).items():
        if name in Settings.model_fields:
            own[name] = value
        elif name in Scenario.model_fields:
            fields[name] = value
        else:
            raise unknown(name, [*Scenario.model_fields, *Settings.model_fields])
    return scenario_from(fields), settings_from(changed(settings, own))


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file of bounded size.

    Raises:
        InputError: it is missing, no file, too large, not UTF-8 or not TOML.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a directory; give the path of a TOML file")
        if not path.exists():
            near = unknown(str(path), PRESETS, "preset or file")
            raise near
        if not path.is_file():
            raise InputError(f"{path}: is no ordinary file; give the path of a TOML file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: cannot be read ({reason}); check the path") from None
    if len(content) > LARGEST:
        size = path.stat().st_size
        raise InputError(
            f"{path}: has {size} bytes, a scenario at most {LARGEST}; give the path of a TOML file"
        )
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is not TOML ({error}); mend that line") from None


def word_value(word: str) -> tuple[str, Any]:
    """`key=value` as name and value: TOML where it is TOML, otherwise the text itself.

    Raises:
        InputError: it is not of that form.
    """
    name, equals, text = word.partition("=")
    if not equals or not name.strip():
        raise InputError(f"--set: {shown(word)!r} is not key=value; write e.g. richness=0.8")
    plain = text.strip()
    try:
        found = tomllib.loads(f"value = {plain}")
    except tomllib.TOMLDecodeError:
        number = re.fullmatch(r"[+-]?(\.\d+|\d+\.)", plain)  # .5 and 1. are no TOML
        return name.strip(), float(plain) if number else plain
    return name.strip(), found["value"] if len(found) == 1 else plain


def to_toml(scenario: Scenario) -> str:
    """All fields of a scenario as TOML, each with its unit and meaning, grouped."""
    lines: list[str] = []
    tables = ""
    for name, value in scenario.model_dump(mode="json").items():
        info = Scenario.model_fields[name]
        extra: Any = info.json_schema_extra
        about = f"# {info.description} ({extra['unit']}; {extra['source']})"
        if name in HEADINGS:
            lines += (
                ["", f"# {'-' * 3} {HEADINGS[name]}", ""]
                if lines
                else [f"# {'-' * 3} {HEADINGS[name]}", ""]
            )
        if name == "shocks" and value:
            # Tables come last: whatever followed them would belong to them.
            rows = [{k: v for k, v in row.items() if v != ""} for row in value]
            tables = f"\n{about}\n" + tomli_w.dumps({name: rows}, multiline_strings=False)
        else:
            lines += [about, tomli_w.dumps({name: value}).rstrip("\n")]
    return "\n".join(lines) + "\n" + tables


def _plain(name: str, value: Any) -> Any:
    """A value as JSON can carry it."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(name, item) for key, item in value.items()}
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if value is None or isinstance(value, str | int | float):
        return value
    raise InputError(f"{name}: {shown(repr(value))} is a {type(value).__name__}; give plain values")
