"""Scenarios from files, presets, `key=value` words and keywords, and back into TOML.

All ways in go through `scenario_from`, so each gives the same one line about what is wrong. A
preset is a file in `model/world/presets/` that names the fields in which it differs from the
defaults; whoever names one (`preset = "scarce"`) starts from it.
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
from model.world.presets import PRESETS, preset
from model.world.scenario import RECORDED, Scenario
from model.world.settings import Settings, changed, settings_from, settings_of_file
from model.world.validation import refusal, unknown

LARGEST: Final = 1_000_000  # bytes of a scenario file
#: Levels of lists and tables in a scenario, settings or a design at most; they need four. More
#: would end in a RecursionError, here or wherever the value is shown, hashed or written.
DEEPEST: Final = 20
_TOO_DEEP: Final = "it is nested too deeply"
#: Bits of a whole number at most; Python turns no longer ones into text.
LONGEST_NUMBER: Final = 4_000

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
    for name in fields:
        if name not in Scenario.model_fields:
            raise unknown(name, Scenario.model_fields)
    given = {name: _plain(name, value) for name, value in fields.items()}
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
        return parse_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    except ValueError as error:
        raise InputError(f"{path}: is not TOML ({error}); mend that line") from None


def parse_toml(text: str) -> dict[str, Any]:
    """TOML that is nested no deeper than anything here needs, with numbers of bounded length.

    Raises:
        ValueError: it is not such TOML; the message says why.
    """
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # of int(), which refuses to read thousands of digits
        raise ValueError("a number has too many digits") from None
    if _depth(found) > DEEPEST:
        raise ValueError(_TOO_DEEP)
    return found


def _depth(value: Any) -> int:
    """Levels of lists and tables within each other, counted up to the first that is too many.

    Level by level: a function that calls itself would fall over what this is to find.
    """
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        inner = [one for one in level if isinstance(one, Mapping | list | tuple)]
        depth += bool(inner)
        level = [
            item for one in inner for item in (one.values() if isinstance(one, Mapping) else one)
        ]
    return depth


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
        found = parse_toml(f"value = {plain}")
    except tomllib.TOMLDecodeError:
        number = re.fullmatch(r"[+-]?(\.\d+|\d+\.)", plain)  # .5 and 1. are no TOML
        return name.strip(), float(plain) if number else plain
    except ValueError as error:
        raise InputError(
            f"{shown(name.strip())}: {shown(plain)!r} cannot be read ({error}); write a plain value"
        ) from None
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
    if _depth(value) > DEEPEST:
        raise InputError(f"{name}: {_TOO_DEEP}; give plain values")
    return _as_json(name, value)


def _as_json(name: str, value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_as_json(name, item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _as_json(name, item) for key, item in value.items()}
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:
        raise InputError(f"{name}: a number has too many digits; give a smaller one")
    if value is None or isinstance(value, str | int | float):
        return value
    raise InputError(f"{name}: {shown(repr(value))} is a {type(value).__name__}; give plain values")
