"""The design of a study: what is varied, how often it is run, and what was registered beforehand.

A design is a TOML file. Its registered content (all but the operational settings and the wording of
its description) is hashed before the first run: the file is the pre-registration, and what a report
finds beyond it is marked exploratory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.analysis.registration import Registration
from model.measures.pairing import Pairing
from model.measures.power import default_pairing
from model.world.scenario_files import read_toml
from model.world.settings import Settings, settings_from, settings_of_file
from model.world.validation import unknown, validated

DESIGNS: Final = (
    "civa-paper",
    "values",
    "benevolence",
    "fold",
    "hysteresis",
    "sensitivity",
    "nulls",
    "alignment",
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stop(_Strict):
    """Replicate until precise: more runs until an interval is narrow enough, never until p is.

    Attributes:
        width: wanted width of the 95 % interval of each cell's mean outcome.
        cap: runs a cell at most.
        batch: runs added to a cell at a time.
    """

    width: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    cap: Annotated[int, Field(ge=2, le=10_000)]
    batch: Annotated[int, Field(ge=1, le=1_000)] = 4


class Ramp(_Strict):
    """A prevalence ramp up and down by retraining, for factor `ramp` (days a step).

    Attributes:
        value: the value treated.
        mode: how.
        settle: days before the ramp begins.
    """

    value: str
    mode: Literal["with", "without", "middle", "against"] = "without"
    settle: Annotated[int, Field(ge=0, le=1_000)] = 20


class Design(_Strict):
    """A study.

    Attributes:
        name: short name, part of folder names.
        question: what it asks, in words.
        seed: the one seed from which all are derived.
        runs: runs a cell.
        control_runs: runs of the control cell; as many as `runs` by default.
        pairing: `none`: every run has its own seed; `common`: the same seeds in every cell. By
            default `common` from 10 runs a cell on (`model.measures.power.default_pairing`).
        control: whether the base scenario itself, untreated, is a cell: the one shared control.
        method: full `factorial`, or `points` drawn by `lhs` (Latin hypercube) or `sobol`.
        points: points of an `lhs`; base sample size (a power of two) of a `sobol` design.
        scenario: base scenario: a preset's name and any fields.
        factors: what is varied: field -> levels, or -> {low, high} for drawn points. A level that
            is a table changes several fields at once and has a `label`.
        ramp: for the factor `ramp`.
        registration: what is tested.
        stop: replicate until precise.
        settings: operational settings, not part of the registration.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    question: Annotated[str, Field(max_length=4_000)] = ""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)]
    runs: Annotated[int, Field(ge=1, le=100_000)]
    control_runs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    pairing: Pairing = "none"
    control: bool = True
    method: Literal["factorial", "lhs", "sobol"] = "factorial"
    points: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    scenario: dict[str, Any] = Field(default_factory=dict)
    factors: dict[str, Any]
    ramp: Ramp | None = None
    registration: Registration = Registration()
    stop: Stop | None = None
    settings: Settings = Settings()

    @model_validator(mode="before")
    @classmethod
    def _paired_from_ten_runs(cls, fields: Any) -> Any:
        """Name the pairing of a design that does not; what runs are is judged by the fields."""
        if isinstance(fields, Mapping) and "pairing" not in fields:
            runs = fields.get("runs")
            if isinstance(runs, int):
                return {**fields, "pairing": default_pairing(runs)}
        return fields

    @model_validator(mode="after")
    def _parts_fit(self) -> Design:
        problem = next(_misfits(self), None)
        if problem:
            raise ValueError(problem)
        return self

    @property
    def of_control(self) -> int:
        """Runs of the control cell."""
        return self.runs if self.control_runs is None else self.control_runs

    def registered(self) -> dict[str, Any]:
        """What the registration covers, as plain data."""
        return self.model_dump(mode="json", exclude={"settings", "question"})

    def hash(self) -> str:
        """SHA-256 of the registered content."""
        text = json.dumps(self.registered(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def read_design(source: str) -> Design:
    """A design by the name of a ready one, or from a TOML file.

    Raises:
        InputError: naming file or field, value and remedy.
    """
    fields = read_toml(_file(source))
    settings = settings_of_file(fields.pop("settings", {}))
    return design_from({**fields, "settings": settings_from(settings)})


def is_design(source: str) -> bool:
    """Whether a name or a TOML file is a design's: it names factors, as no scenario does."""
    if source in DESIGNS:
        return True
    return Path(source).is_file() and "factors" in read_toml(Path(source))


def design_from(fields: Mapping[str, Any]) -> Design:
    """A design from plain values.

    Raises:
        InputError: naming field, value and remedy.
    """
    return validated(Design, fields)


def design_text(source: str) -> str:
    """The text of a design's file, as it was registered."""
    return _file(source).read_text("utf-8-sig")


def _file(source: str) -> Path:
    if source in DESIGNS:
        return Path(str(files("model.study") / "designs" / f"{source}.toml"))
    path = Path(source)
    if not path.exists():
        raise unknown(source, DESIGNS, "design or file")
    return path


def _misfits(design: Design) -> Any:
    """What does not fit together, as `field: what is wrong; remedy`."""
    d = design
    if not d.factors:
        yield "factors: nothing is varied; name at least one factor with its levels"
    drawn = d.method != "factorial"
    if drawn and d.points is None:
        yield f"points: method {d.method} needs the number of points"
    if not drawn and d.points is not None:
        yield f"points: {d.points} without use; set method to lhs or sobol, or leave points out"
    if d.method == "sobol" and d.points and d.points & (d.points - 1):
        yield f"points: {d.points} is no power of two, which a sobol design needs"
    if (d.registration.analysis == "sobol") != (d.method == "sobol"):
        yield "registration: analysis sobol and method sobol go together"
    if d.pairing == "common" and d.of_control != d.runs:
        yield (
            f"control_runs: {d.of_control} beside runs {d.runs}, but under pairing common (the "
            "default from 10 runs on) every cell runs the same seeds; make them equal, or set "
            "pairing none"
        )
    if d.stop and d.stop.cap < max(d.runs, d.of_control if d.control else 0):
        yield f"stop: cap {d.stop.cap} lies below the runs that are made anyway; raise it"
    if d.stop and drawn:
        yield "stop: is for cells that are compared, not for drawn points; leave it out"
    if ("ramp" in d.factors) != (d.ramp is not None):
        yield "ramp: the table [ramp] and the factor ramp (days a step) go together"
    if (d.registration.analysis == "hysteresis") != (d.ramp is not None):
        yield "registration: analysis hysteresis needs [ramp], and [ramp] needs it"
    if d.registration.analysis == "basin" and "residents" not in d.factors:
        yield "factors: a basin needs residents as a factor: the sizes that communities start at"
    if d.registration.analysis == "dose" and "prevalence" not in d.factors:
        yield "factors: analysis dose needs prevalence as a factor"
    for name, levels in d.factors.items():
        yield from _factor_misfits(name, levels, drawn)


def _factor_misfits(name: str, levels: Any, drawn: bool) -> Any:
    if drawn:
        ends = levels if isinstance(levels, dict) else {}
        numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in ends.values())
        if ends.keys() != {"low", "high"} or not numbers or not ends["low"] < ends["high"]:
            yield f"factors: {name} needs {{low = …, high = …}}, two numbers in that order"
    elif not isinstance(levels, list) or not levels:
        yield f"factors: {name} has no levels; give a list of them"
    else:
        plain = [json.dumps(level, sort_keys=True, default=str) for level in levels]
        twice = next((one for one in plain if plain.count(one) > 1), None)
        if twice:
            yield f"factors: {name} has the level {twice} twice; name each level once"
        labels = [level.get("label") for level in levels if isinstance(level, dict)]
        if not all(isinstance(label, str) and label for label in labels):
            yield f"factors: {name} has a level of several fields without a label; give it one"
        if len(set(labels)) < len(labels):
            yield f"factors: {name} has two levels of the same label; name each differently"
