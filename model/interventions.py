"""What a researcher does to a running community: shocks scheduled before, interventions during.

Both are the same append-only rows (id, day, what); they act only at the start of a day.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _code(given: str) -> str:
    from agents.values import value_code

    return value_code(given) if given else ""


ValueCode = Annotated[str, AfterValidator(_code)]
"""A value of the circle by its code, whatever name or case it was given in; or empty."""

Kind = Literal[
    "aid",
    "outage",
    "cull",
    "newcomers",
    "broadcast",
    "remove",
    "retrain",
    "richness",
]
KINDS: tuple[str, ...] = Kind.__args__  # type: ignore[attr-defined]

#: What `size` and `target` mean for each kind, for messages, forms and the guide.
MEANING = {
    "aid": "size units into every household's store, per member",
    "outage": "factory `target` makes nothing for `duration` days",
    "cull": "share `size` (0 to 1) of the living is removed, drawn by seed",
    "newcomers": "size residents enter with the start stock",
    "broadcast": "`text` is shown to everybody that day as coming from outside",
    "remove": "resident `target` is removed",
    "retrain": (
        "resident `target` (0: share `size` of all) is given `mode` of `value`; "
        "mode `original` takes the treatment away"
    ),
    "richness": "richness moves to `size` in equal steps over `duration` days",
}


class Intervention(BaseModel):
    """One row: on day `day` (before anything else), do `kind`.

    Attributes:
        day: day at whose start it acts, ≥ 1.
        kind: what is done, see `MEANING`.
        size: amount, share, count or level, as the kind says.
        target: factory or resident id, 0 where the kind needs none.
        duration: days, for outage and richness.
        text: words of a broadcast (data, never rendered unquoted).
        value: value code of a retraining.
        mode: mode of a retraining.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: Annotated[int, Field(ge=1, le=1_000_000)]
    kind: Kind
    size: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] = 0.0
    target: Annotated[int, Field(ge=0)] = 0
    duration: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    text: Annotated[str, Field(max_length=280)] = ""
    value: ValueCode = ""
    mode: Literal["", "with", "without", "middle", "against", "original"] = ""
