"""The scenario: every constant of a community as a named, validated field.

Each field states its unit, default, source and meaning; what no source gives is marked "our
assumption". A scenario is part of a run's identity; endpoints, caps, prices and folders are not
(`model.world.settings`). TOML in, TOML out; presets lie in `model/world/presets/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from agents.errors import InputError
from agents.minds import register
from agents.observation import FUSED, STAGED, Rules
from agents.regimes import REGIMES
from model.world.hearing import NETWORKS
from model.world.interventions import Intervention, ValueCode, before_day_1, why_not
from model.world.presets import PRESETS, preset

OURS = "our assumption"
CIVA = "Zhang et al. 2026 (reported)"
#: Context of validation in which a scenario is read that was accepted before: shocks that later
#: rules would refuse do not keep anybody from reading the run.
RECORDED: Final = "recorded"

if TYPE_CHECKING:
    Regime = str
    Network = str
else:  # the names of all that there are, so that another is refused with the nearest of them
    Regime = Literal[tuple(REGIMES)]
    Network = Literal[tuple(NETWORKS)]
Mode = Literal["with", "without", "middle", "against"]
Inherit = Literal["fixed_share", "parents", "mutate"]
MessageKind = Literal[
    "inform", "ask", "offer", "accept", "refuse", "ally", "praise", "threaten", "demand"
]
KINDS: tuple[MessageKind, ...] = get_args(MessageKind)


def _field(default: Any, unit: str, meaning: str, source: str = OURS, **bounds: Any) -> Any:
    if isinstance(default, float):
        bounds.setdefault("allow_inf_nan", False)
    return Field(
        default,
        description=meaning,
        json_schema_extra={"unit": unit, "source": source},
        **bounds,
    )


class Scenario(BaseModel):
    """Every parameter of a community. Units: 10 units are a day's food; 100 skill one worker."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    # The community and its ground
    preset: str = _field(
        "baseline", "name", "preset it was made from, for the record", max_length=64
    )
    residents: int = _field(25, "residents", "residents at the start", CIVA, ge=1, le=20_000)
    days: int = _field(50, "days", "days a run lasts", ge=1, le=5_000)
    width: int = _field(12, "cells", "width of the grid", ge=1, le=1_000)
    height: int = _field(12, "cells", "height of the grid", ge=1, le=1_000)
    sight: int = _field(2, "cells", "how far a resident sees (Chebyshev)", ge=0, le=20)
    earshot: int = _field(3, "cells", "how far a message carries on the grid", ge=0, le=20)
    reach: int = _field(1, "cells", "how far gift, attack and merge reach", ge=0, le=20)
    walk_secure: int = _field(4, "cells", "walk a day toward a factory", ge=1, le=100)
    walk_explore: int = _field(3, "cells", "walk a day when exploring", ge=1, le=100)

    # Factories and their production law
    outputs: tuple[int, ...] = _field(
        (280, 40, 20), "units/day", "greatest output P of each factory; the law is CIVA's S-shape"
    )
    halves: tuple[int, ...] = _field(
        (940, 300, 200), "skill points", "labour H at which each factory makes half of P"
    )
    richness: float = _field(1.0, "factor", "multiplies every P", ge=0.0, le=100.0)
    factory_spacing: int = _field(4, "cells", "least distance between factories", ge=1, le=100)
    start_known: float = _field(
        0.25, "probability", "a factory is known to a resident at the start", ge=0.0, le=1.0
    )
    regime: Regime = _field("equal", "regime", "how output is shared among those who worked")
    allocation_noise: float = _field(
        0.2, "sd", "relative noise of a share (bell-shaped)", ge=0.0, le=1.0
    )
    noise_floor: float = _field(0.05, "factor", "least noise factor of a share", ge=0.001, le=1.0)

    # Food, start and death
    need: tuple[int, ...] = _field(
        (9, 10, 11), "units/day", "food needed a day, equally likely; noisy after CIVA"
    )
    hunger_limit: int = _field(30, "units", "removed when the debt exceeds it", ge=0, le=100_000)
    start_stock: int = _field(40, "units", "store of each at the start", ge=0, le=100_000)
    start_skill: int = _field(100, "points", "skill at the start and of newborns", ge=1, le=10_000)
    start_standing: tuple[int, int] = _field(
        (100, 100), "points", "standing at the start, uniform from … to"
    )
    mortality: float = _field(0.0, "probability/day", "death by chance", ge=0.0, le=1.0)
    immigration: float = _field(0.0, "probability/day", "a newcomer arrives", ge=0.0, le=1.0)

    # Acts
    promote_step: int = _field(10, "units", "promotion is bought in steps of this", ge=1, le=1_000)
    promote_steps: int = _field(2, "steps", "steps at most a day", ge=1, le=100)
    skill_limit: int = _field(150, "points", "skill tends to this", ge=1, le=10_000)
    skill_part: int = _field(5, "parts", "a step closes 1/this of the gap", ge=1, le=1_000)
    standing_gain: int = _field(20, "points", "standing per step", ge=0, le=10_000)
    standing_newborn: int = _field(100, "points", "standing of newborns", ge=0, le=10_000)
    loot_percent: int = _field(40, "%", "of the victim's stock an attack moves", ge=0, le=100)
    fight_loss: int = _field(5, "units", "each side loses in a fight", ge=0, le=10_000)
    gifts: bool = _field(True, "switch", "residents can give")
    attacks: bool = _field(True, "switch", "residents can attack")
    merge_days: int = _field(3, "days", "an ask to merge stays open", ge=1, le=100)

    # Households and births
    max_household: int = _field(6, "residents", "largest household", ge=1, le=6)
    merges: bool = _field(True, "switch", "households can merge; off means births off")
    births: bool = _field(True, "switch", "households of two or more can have children")
    birth_threshold: int = _field(
        50, "units/member", "store less debts needed for a child", ge=1, le=100_000
    )
    birth_pause: int = _field(2, "days", "between two births of a household", ge=1, le=1_000)
    child_stock: int = _field(30, "units", "store a child is given", ge=0, le=100_000)
    mutation_rate: float = _field(0.1, "probability", "a child's weight is changed", ge=0.0, le=1.0)
    mutation_size: int = _field(10, "weight points", "by up to this, either way", ge=0, le=100)

    # Messages, promises, memory
    messages: bool = _field(True, "switch", "residents can talk")
    kinds: tuple[MessageKind, ...] = _field(
        KINDS, "kinds", "message kinds switched on; none: messages carry no kind"
    )
    announcements: bool = _field(True, "switch", "claims about one's own plan are carried")
    factory_claims: bool = _field(True, "switch", "claims about factories are carried")
    promise_days: int = _field(10, "days", "a promise is due within this", ge=0, le=1_000)
    memory: bool = _field(True, "switch", "relations, promises and the note are shown")
    network: Network = _field("distance", "network", "who can hear whom")
    small_world_k: int = _field(
        4, "neighbours", "Watts–Strogatz k", "Watts & Strogatz 1998", ge=2, le=1_000
    )
    small_world_p: float = _field(0.1, "probability", "Watts–Strogatz p", ge=0.0, le=1.0)
    scale_free_m: int = _field(
        2, "edges", "Barabási–Albert m", "Barabási & Albert 1999", ge=1, le=1_000
    )
    edges: tuple[tuple[int, int], ...] = _field(
        (), "pairs of residents", "who hears whom, for network = supplied"
    )

    # Values
    population: Literal["pan-cultural", "even", "file", "explicit"] = _field(
        "pan-cultural", "source", "where untreated profiles come from", "Schwartz & Bardi 2001"
    )
    population_file: str = _field("", "path", "profiles made by `civa survey --out`")
    profiles: tuple[tuple[int, ...], ...] = _field(
        (), "ten weights each", "explicit profiles, one a founder, each summing to 500"
    )
    value: ValueCode = _field("", "value", "the treated value; empty for none")
    mode: Mode = _field("with", "mode", "how the value is treated")
    prevalence: float = _field(0.0, "share", "share of residents treated", CIVA, ge=0.0, le=1.0)
    compensated: bool = _field(True, "switch", "the other nine weights share the rest")
    inherit: Inherit = _field("fixed_share", "rule", "who of the newborns is treated")
    family: Literal["weights", "single"] = _field("weights", "family", "how values become words")
    method: Literal[
        "weights", "gloss", "portrait", "ranked", "contrast", "none", "placebo", "sham"
    ] = _field("weights", "method", "the text within the family")
    paraphrase: int = _field(0, "index", "which wording of the text", ge=0, le=2)

    # The mind
    mind: str = _field(
        "surrogate", "mind", "surrogate, random, flat, permuted, scripted:…, openai:…"
    )
    second_mind: str = _field("", "mind", "mind of a second group; empty for none")
    second_share: float = _field(0.0, "share", "share of residents with it", ge=0.0, le=1.0)
    cognition: Literal["staged", "fused"] = _field("fused", "mode", "four questions a day or two")
    wording: Literal["plain", "neutral"] = _field("plain", "wording", "words for acts and kinds")
    temperature: float = _field(1.0, "-", "sampling temperature of a language mind", ge=0.0, le=2.0)
    stage_models: tuple[str, ...] = _field(
        (), "stage=model", "stages that ask another model than the mind's, e.g. evening=gpt-5-mini"
    )
    thinking_tokens: int = _field(
        0, "tokens", "added to each reply's limit, for models that reason first", ge=0, le=100_000
    )
    reasoning_effort: str = _field(
        "", "word", "sent as the request's reasoning_effort; empty sends none", max_length=32
    )
    fault_limit: float = _field(
        0.02, "share", "a run with more reply faults ends as failed", ge=0.0, le=1.0
    )
    fault_limit_from: int = _field(
        200, "verdicts", "the limit is checked daily from here on", ge=1, le=1_000_000
    )

    # Who watches the messages
    overseer: str = _field(
        "", "overseer", "contradictions or openai:MODEL watches the messages; empty for none"
    )
    overseer_acts: Literal["none", "warn", "suspend"] = _field(
        "none",
        "act",
        "what an alert does that day: none; warn its readers (a mind that reads no text is not "
        "moved by it); suspend: its sender's acts toward others are void",
    )

    # The surrogate's assumptions
    choice_temperature: float = _field(
        0.7, "utility", "softmax temperature of the surrogate", ge=0.01, le=100.0
    )
    value_factor: float = _field(
        0.5, "utility", "weight of values against needs in the surrogate", ge=0.0, le=100.0
    )
    expectation: float = _field(
        0.75, "share", "of its hearers that a surrogate expects along when planning", ge=0.0, le=1.0
    )
    expectation_acting: float = _field(0.0, "share", "the same when it acts", ge=0.0, le=1.0)

    lies: bool = _field(True, "switch", "the surrogate weighs false claims and promises too")

    # What will be done to it
    shocks: tuple[Intervention, ...] = _field((), "rows", "scheduled before the run")

    @field_validator("need")
    @classmethod
    def _need_is_positive(cls, given: tuple[int, ...]) -> tuple[int, ...]:
        if not given or not all(0 <= need <= 10_000 for need in given):
            raise ValueError("needs one or more amounts from 0 to 10000")
        return given

    @field_validator("start_standing")
    @classmethod
    def _standing_is_a_range(cls, given: tuple[int, int]) -> tuple[int, int]:
        if not 0 <= given[0] <= given[1] <= 100_000:
            raise ValueError("needs two points, low then high, within 0 to 100000")
        return given

    @model_validator(mode="after")
    def _parts_fit(self, info: ValidationInfo) -> Scenario:
        recorded = info.context == RECORDED
        problem = next(chain(_misfits(self), () if recorded else _shock_misfits(self)), None)
        if problem is not None:
            raise ValueError(problem)
        return self

    @property
    def language(self) -> tuple[str, ...]:
        """The fields that name a language model, out of mind, second_mind and overseer."""
        fields = ("mind", "second_mind", "overseer")
        return tuple(field for field in fields if register.asks_language(getattr(self, field)))

    @property
    def asks_language(self) -> bool:
        """Whether anybody in it asks a language model: a mind, or the overseer."""
        return bool(self.language)

    def rules(self) -> Rules:
        """The constants that a resident may know."""
        return Rules(
            days=self.days,
            width=self.width,
            height=self.height,
            sight=self.sight,
            earshot=self.earshot,
            reach=self.reach,
            walk_secure=self.walk_secure,
            walk_explore=self.walk_explore,
            need=self.need,
            hunger_limit=self.hunger_limit,
            regime=self.regime,
            network=self.network,
            promote_step=self.promote_step,
            promote_steps=self.promote_steps,
            skill_limit=self.skill_limit,
            skill_part=self.skill_part,
            standing_gain=self.standing_gain,
            loot_percent=self.loot_percent,
            fight_loss=self.fight_loss,
            gifts=self.gifts,
            attacks=self.attacks,
            merge_days=self.merge_days,
            max_household=self.max_household,
            merges=self.merges,
            births=self.births and self.merges,
            birth_threshold=self.birth_threshold,
            birth_pause=self.birth_pause,
            child_stock=self.child_stock,
            promise_days=self.promise_days,
            kinds=self.kinds,
            messages=self.messages,
            announcements=self.announcements,
            factory_claims=self.factory_claims,
            memory=self.memory,
            wording=self.wording,
            cognition=self.cognition,
            family=self.family,
            method=self.method,
        )


def _misfits(s: Scenario) -> Any:
    """What does not fit together, as `field: what is wrong; remedy`."""
    # A name alone would be a label on the defaults: whoever names a preset here gives its fields.
    if s.preset in PRESETS and not preset(s.preset).keys() <= s.model_fields_set | {"preset"}:
        yield (
            f"preset: {s.preset} is only named, its fields are not given; start from it by "
            f'read_scenario("{s.preset}")'
        )
    if not s.outputs or len(s.outputs) != len(s.halves):
        yield "outputs: needs one entry for each of halves (at least one factory)"
    if not all(0 <= p <= 100_000 for p in s.outputs):
        yield "outputs: every factory's output lies within 0 to 100000 units"
    if not all(1 <= h <= 1_000_000 for h in s.halves):
        yield "halves: every factory's half-labour lies within 1 to 1000000 points"
    room = -(-s.width // s.factory_spacing) * -(-s.height // s.factory_spacing)
    if len(s.outputs) > room:
        yield (
            f"outputs: {len(s.outputs)} factories, but a {s.width}×{s.height} grid with spacing "
            f"{s.factory_spacing} has room for {room}; enlarge width and height or name fewer"
        )
    if s.births and s.merges and s.birth_threshold <= s.start_stock:
        yield (
            f"birth_threshold: {s.birth_threshold} must exceed start_stock {s.start_stock}, or "
            "births begin on day 1"
        )
    if s.overseer_acts != "none" and not s.overseer:
        yield f"overseer_acts: {s.overseer_acts} without an overseer; name one"
    if s.prevalence > 0 and not s.value:
        yield f"prevalence: {s.prevalence} of nothing; name the treated value"
    if any(not 1 <= a <= s.residents or not 1 <= b <= s.residents or a == b for a, b in s.edges):
        yield f"edges: each pair names two different residents from 1 to {s.residents}"
    if misfit := NETWORKS[s.network].misfit(s):
        yield misfit
    if s.population == "file" and not s.population_file:
        yield "population_file: population = file needs the path of a profiles file"
    if s.population == "explicit" and len(s.profiles) != s.residents:
        yield f"profiles: {len(s.profiles)} given for {s.residents} residents; give one for each"
    if any(len(p) != 10 or sum(p) != 500 or min(p) < 0 or max(p) > 100 for p in s.profiles):
        yield "profiles: each is ten whole weights from 0 to 100 that sum to 500"
    if (s.family == "weights") != (s.method == "weights"):
        yield f"method: {s.method} is not of the family {s.family}"
    yield from _stage_misfits(s)
    if s.second_share > 0 and not s.second_mind:
        yield "second_mind: second_share needs the name of the second group's mind"


def _shock_misfits(s: Scenario) -> Iterator[str]:
    """What shocks cannot be carried out, by the rules for every intervention."""
    for shock in s.shocks:
        if why := why_not(shock, before_day_1(s), s.shocks):
            yield f"shocks: {why}"


def _stage_misfits(s: Scenario) -> Any:
    """What is wrong with the models named for single stages."""
    stages = {stage.name.lower() for stage in (FUSED if s.cognition == "fused" else STAGED)}
    if s.stage_models and "mind" not in s.language:
        yield f"stage_models: the mind {s.mind} asks no model; name one, or leave them out"
    named = [entry.partition("=")[::2] for entry in s.stage_models]
    for entry, (stage, model) in zip(s.stage_models, named, strict=True):
        if stage not in stages or not model.strip():
            known = ", ".join(sorted(stages))
            yield f"stage_models: {entry!r} is not STAGE=MODEL with one of the stages {known}"
    if len({stage for stage, _ in named}) < len(named):
        yield "stage_models: names a stage twice; give each one model"


__all__ = ["InputError", "Scenario"]
