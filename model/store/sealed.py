"""Small JSON files with a checksum: a change after they were written is noticed.

The file's object carries `check`, a SHA-256 over the rest of it in canonical form. A flipped bit in
a number is still JSON; without the seal it would be another number. It guards against damage, not
against somebody who means to deceive. A file of a version that wrote no seal is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, Final

SEAL: Final = "check"


class SealBroken(ValueError):
    """The content is not what was written.

    Attributes:
        content: what stands there now; good for nothing but to tell a newer format.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__("its content is not what was written")
        self.content = content


def sealed(content: Mapping[str, Any], indent: int | None = None) -> bytes:
    """An object as JSON with its seal, one line at the end.

    Raises:
        ValueError: a number is not finite.
    """
    whole = {**content, SEAL: _seal(content)}
    return json.dumps(whole, indent=indent, allow_nan=False).encode("ascii") + b"\n"


def unsealed(text: bytes) -> Any:
    """The object without its seal, or whatever other JSON the text holds.

    Raises:
        SealBroken: the seal is there and does not fit.
        ValueError: no JSON.
    """
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict) or SEAL not in found:
        return found
    seal = found.pop(SEAL)
    if seal != _seal(found):
        raise SealBroken(found)
    return found


def _seal(content: Mapping[str, Any]) -> str:
    # Through JSON and back: what will be read is what is sealed (tuples are lists, keys are texts).
    plain = json.loads(json.dumps(content, allow_nan=False))
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def null_if_undefined(value: Any) -> Any:
    """A value as JSON can carry it: a number that is not finite is null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def with_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name as JSON can carry them."""
    return {name: null_if_undefined(value) for name, value in values.items()}


def with_nans(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name as they were before: what was written as null is NaN again."""
    return {name: math.nan if value is None else value for name, value in values.items()}
