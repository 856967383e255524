"""JSON schemas in the one form that every server takes: closed objects of which all is required.

A server that constrains decoding refuses an object with optional fields or open ends, so nobody
here writes another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}


def word_of(words: Iterable[str]) -> Schema:
    """A text that is one of these words."""
    return {"type": "string", "enum": list(words)}


def whole_of(numbers: Iterable[int]) -> Schema:
    """A whole number that is one of these."""
    return {"type": "integer", "enum": list(numbers)}


def list_of(items: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": items}


def strict_object(parts: Schema) -> Schema:
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": parts,
        "required": list(parts),
        "additionalProperties": False,
    }
