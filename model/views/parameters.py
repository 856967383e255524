"""The scenario's fields as controls: names, ranges, units and words from `Scenario` itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin

from agents.csvfile import shown
from agents.errors import InputError
from agents.minds.register import NAMES as MINDS
from agents.values import NAMES, VALUES
from model.world.presets import PRESETS, preset
from model.world.scenario import Scenario
from model.world.scenario_files import parse_toml, scenario_from

Kind = Literal["choice", "whole", "share", "numbers", "text"]

#: Fields with a control of their own, in the order of the page; all others can be written out.
MAIN: Final = (
    "value",
    "mode",
    "prevalence",
    "residents",
    "days",
    "outputs",
    "halves",
    "regime",
    "network",
    "wording",
    "cognition",
    "mind",
)
LANGUAGE: Final = "a language model"


@dataclass(frozen=True)
class Parameter:
    """One field of the scenario as a control.

    Attributes:
        name: the field.
        label: what to call it.
        kind: how it is given.
        low, high: its range, where it has one.
        choices: what can be chosen, as (value, words).
        about: its meaning and unit.
    """

    name: str
    label: str
    kind: Kind
    low: float | None
    high: float | None
    choices: tuple[tuple[str, str], ...]
    about: str


def parameter(name: str) -> Parameter:
    """The control of a field."""
    field = Scenario.model_fields[name]
    bounds = {type(m).__name__: m for m in field.metadata}
    low = getattr(bounds.get("Ge"), "ge", None)
    high = getattr(bounds.get("Le"), "le", None)
    extra: Any = field.json_schema_extra
    choices = _choices(name, field.annotation)
    kind: Kind = "text"
    if choices:
        kind = "choice"
    elif field.annotation is int:
        kind = "whole"
    elif field.annotation is float:
        kind = "share"
    elif get_origin(field.annotation) is tuple:
        kind = "numbers"
    about = f"{field.description} ({extra['unit']})"
    return Parameter(name, name.replace("_", " "), kind, low, high, choices, about)


def _choices(name: str, annotation: Any) -> tuple[tuple[str, str], ...]:
    if name == "value":
        return (("", "none"), *((code, f"{NAMES[code]} ({code})") for code in VALUES))
    if name == "mind":
        return (*((mind, mind) for mind in MINDS), (LANGUAGE, LANGUAGE))
    if get_origin(annotation) is Literal:
        return tuple((str(choice), str(choice)) for choice in get_args(annotation))
    return ()


def fields_of(name: str) -> dict[str, Any]:
    """The main fields as a preset sets them."""
    start = scenario_from({"preset": name} | dict(preset(name)))
    return {field: getattr(start, field) for field in MAIN}


def as_text(value: Any) -> str:
    """A field's value as a text field holds it."""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def scenario_of(preset_name: str, fields: Mapping[str, Any], more: str) -> Scenario:
    """The scenario that the controls describe.

    Args:
        preset_name: the preset it starts from.
        fields: values of the main controls, texts where they were typed.
        more: any other fields, as lines of TOML.

    Raises:
        InputError: naming field, value and remedy.
    """
    if preset_name not in PRESETS:
        raise InputError(f"preset: {preset_name!r} is unknown; use one of {', '.join(PRESETS)}")
    given = {name: _read(parameter(name), value) for name, value in fields.items()}
    if not given.get("value"):
        given["prevalence"] = 0.0
    try:
        others = parse_toml(more)
    except ValueError as error:
        raise InputError(
            f"other parameters: not TOML ({error}); write one name = value a line"
        ) from None
    if both := sorted(set(given) & set(others)):
        raise InputError(f"{both[0]}: has a control of its own; set it there")
    return scenario_from({"preset": preset_name} | given | others)


def _read(one: Parameter, value: Any) -> Any:
    if not isinstance(value, str) or one.kind in ("choice", "text"):
        return value
    try:
        if one.kind == "numbers":
            return [int(part) for part in value.replace(";", ",").split(",") if part.strip()]
        return int(value) if one.kind == "whole" else float(value)
    except ValueError:
        wanted = "whole numbers, like 280, 40, 20" if one.kind == "numbers" else "a number"
        raise InputError(f"{one.label}: {shown(value)!r} is not usable; give {wanted}") from None
