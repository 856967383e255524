"""What a study registers before its first run: what is tested, and what is left out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from model.analysis.measures import MEASURES


def _registrable(name: str) -> str:
    known = [one.name for one in MEASURES.values() if one.registered]
    if name not in known:
        raise ValueError(f"{name!r} is no outcome; use one of {', '.join(known)}")
    return name


Outcome = Annotated[str, AfterValidator(_registrable)]
Analysis = Literal["dose", "contrasts", "basin", "hysteresis", "sobol"]


class Registration(BaseModel):
    """What is tested, in which family, and what is left out.

    Attributes:
        analysis: `dose`: |Spearman| over prevalence for each value and mode; `contrasts`: each
            cell against the control; `basin`: the basin width over starting sizes, by condition;
            `hysteresis`: loop areas by rate; `sobol`: sensitivity indices.
        outcome: the number of a run that is tested.
        alpha: of the family.
        hypotheses: in words.
        exclusions: which runs are left out, in words; runs that failed always are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    analysis: Analysis = "contrasts"
    outcome: Outcome = "naup"
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    hypotheses: Annotated[str, Field(max_length=4_000)] = ""
    exclusions: Annotated[str, Field(max_length=4_000)] = "Runs that failed; nothing else."
