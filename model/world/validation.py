"""pydantic's validation errors as one line: field, value, remedy."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from agents.csvfile import shown
from agents.errors import InputError

_WANTED: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text in quotes",
    "tuple": "a list in brackets",
}


#: Characters of a message at most.
_LONGEST: Final = 1_000
_HALF: Final = "holds half a character, which no file can keep; write it whole"
_Model = TypeVar("_Model", bound=BaseModel)


def validated(
    model: type[_Model], fields: Mapping[str, Any], *, strict: bool | None = None
) -> _Model:
    """A model from plain values; `strict` as its fields say, or for all of them.

    Raises:
        InputError: naming field, value and remedy.
    """
    try:
        return model.model_validate(dict(fields), strict=strict)
    except ValidationError as error:
        raise refusal(error, model) from None
    except UnicodeEncodeError as error:  # a name with a lone surrogate, which pydantic cannot say
        near = shown(error.object[max(0, error.start - 8) : error.start + 8])
        raise InputError(f"{near}: {_HALF}") from None


def refusal(error: ValidationError, model: type[BaseModel]) -> InputError:
    """The first thing wrong as an `InputError`, and how many more there are."""
    found = error.errors(include_url=False)
    line = _line(found[0], model)
    names = list(dict.fromkeys(str(e["loc"][0]) for e in found[1:] if e["loc"]))
    more = f" (and more is wrong, in {', '.join(names[:5])})" if names else ""
    return InputError(shown(line + more, _LONGEST))


def unknown(name: str, known: Iterable[str], what: str = "parameter") -> InputError:
    """A name that is none of those known, with the nearest one."""
    names = list(known)
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if near:
        remedy = f"did you mean {near[0]}?"
    else:
        remedy = f"use one of {', '.join(names)}" if len(names) <= 12 else "see the guide for names"
    return InputError(f"{shown(name)}: unknown {what}; {remedy}")


def _line(found: Any, model: type[BaseModel]) -> str:
    kind, given = found["type"], _value(found["input"])
    if not found["loc"]:
        # What does not fit together names its field itself.
        return f"{given}: {_HALF}" if kind == "string_unicode" else str(found["ctx"]["error"])
    field = str(found["loc"][0])
    place = field + "".join(
        f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in found["loc"][1:]
    )
    if kind == "extra_forbidden":
        known = model.model_fields if len(found["loc"]) == 1 else _inner_names(model, field)
        return (
            str(unknown(place.rsplit(".")[-1], known))
            if len(found["loc"]) == 1
            else (f"{place.rsplit('.', 1)[0]}: {unknown(str(found['loc'][-1]), known)}")
        )
    if kind == "value_error":
        text = str(found["ctx"]["error"])
        return text if text.startswith(f"{field}:") else f"{place}: {given}: {text}"
    if kind == "literal_error":
        allowed = found["ctx"]["expected"].replace("'", "")
        words = allowed.replace(" or ", ", ").split(", ")
        near = get_close_matches(str(found["input"]), words, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? " if near else ""
        return f"{place}: {given} is unknown; {hint}use {allowed}"
    if kind == "missing":
        return f"{place}: is missing; give it"
    if kind == "finite_number":
        return f"{place}: {given} is no finite number; give one{_range(model, field, found)}"
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return f"{place}: {given} is out of range; use a number{_range(model, field, found)}"
    wanted = _WANTED.get(kind.split("_")[0])
    if wanted:
        return f"{place}: {given} is not {wanted}; write {wanted}{_range(model, field, found)}"
    return f"{place}: {given}: {found['msg'][0].lower()}{found['msg'][1:]}"


def _range(model: type[BaseModel], field: str, found: Any) -> str:
    """The bounds of the field, in words; those of a nested one are in the error alone."""
    if len(found["loc"]) > 1 or field not in model.model_fields:
        bounds = {k: v for k, v in found.get("ctx", {}).items() if k in ("ge", "le", "gt", "lt")}
    else:
        bounds = {}
        for item in model.model_fields[field].metadata:
            for name in ("ge", "le", "gt", "lt"):
                if getattr(item, name, None) is not None:
                    bounds[name] = getattr(item, name)
    low, high = bounds.get("ge"), bounds.get("le")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    words = {"ge": "at least", "le": "at most", "gt": "above", "lt": "below"}
    return "".join(f" {words[name]} {value:g}" for name, value in bounds.items())


def _value(given: Any) -> str:
    return shown(given if isinstance(given, str) and given else repr(given))


def _inner_names(model: type[BaseModel], field: str) -> Iterable[str]:
    """Names of the fields of the models inside a field's type."""
    for inner in _models(model.model_fields[field].annotation):
        yield from inner.model_fields


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (tuple, list, Union, types.UnionType):
        for inner in get_args(annotation):
            yield from _models(inner)
    elif get_origin(annotation) is Literal:
        return
