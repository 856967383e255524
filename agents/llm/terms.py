"""On what terms an endpoint takes a request: which form of structured output, which parameters.

Settled once by the probe and recorded in the journal, so that a resume or replay never probes.
"""

from __future__ import annotations

import enum
import json
from dataclasses import asdict, dataclass
from typing import Any


class Rung(enum.StrEnum):
    """The ladder of structured output, from what binds the model most to what only asks it."""

    JSON_SCHEMA = "json_schema"
    OBJECT_SCHEMA = "json_object+schema"
    JSON_OBJECT = "json_object"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the endpoint takes.

    Attributes:
        rung: the form in which the schema goes out.
        limit_field: the name under which the server reads the maximum reply.
        seed: whether the seed is sent; False means it was refused and dropped.
        breakpoints: whether the static text carries an explicit cache breakpoint.
        cache_key: whether `prompt_cache_key` is sent.
        notes: what the probe met, in words, for the record.
    """

    rung: Rung = Rung.JSON_SCHEMA
    limit_field: str = "max_completion_tokens"
    seed: bool = True
    breakpoints: bool = False
    cache_key: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line for the journal's header."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Terms:
        """Back from `to_json`."""
        fields = json.loads(text)
        fields["rung"] = Rung(fields["rung"])
        fields["notes"] = tuple(fields["notes"])
        return cls(**fields)


def response_format(rung: Rung, name: str, schema: dict[str, Any]) -> dict[str, Any] | None:
    """The request's `response_format` on this rung; None where nothing is sent."""
    if rung is Rung.JSON_SCHEMA:
        return {
            "type": "json_schema",
            "json_schema": {"name": name, "strict": True, "schema": schema},
        }
    if rung is Rung.OBJECT_SCHEMA:
        return {"type": "json_object", "schema": schema}
    return {"type": "json_object"} if rung is Rung.JSON_OBJECT else None
