"""Language minds made ready for one run: endpoint, journal, accounts, and what to show of them.

The journal lies in the run's folder and is the run's checkpoint: what it holds is not asked again.
It knows its run by all of the identity but the seed, which the folder's card holds; a journal of
another seed shows itself at the first prompt.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from agents.errors import InputError
from agents.llm.caller import Caller
from agents.llm.errors import EndpointError
from agents.llm.journal import Journal, open_journal, read_journal
from agents.llm.spending import Spending, SpendingNow
from agents.minds.language import LanguageMind, LanguageMixed
from agents.minds.register import LANGUAGE_NAME, model_of
from agents.observation import Stage
from model.run.identity import canonical, digest, identity_of
from model.store.folder import JOURNAL
from model.world.minds import OpenMind, Spent, offline_mind

if TYPE_CHECKING:
    from agents.llm.endpoint import Endpoint
    from agents.llm.limiter import LimiterState
    from agents.minds import Mind
    from model.world.inputs import Inputs
    from model.world.minds import GroupOf
    from model.world.scenario import Scenario
    from model.world.settings import Settings


@dataclass(frozen=True)
class NamedModel:
    """One model as a scenario names it: what it is called, by which field, at which stages.

    The overseer's model is asked at no stage of the residents.
    """

    model: str
    field: str
    stages: tuple[Stage, ...]


def models_of(scenario: Scenario) -> list[NamedModel]:
    """All models that a scenario asks: the first group's, the second group's, the overseer's."""
    found: list[NamedModel] = []
    for field in scenario.language:
        name = model_of(getattr(scenario, field))
        if field == "mind":
            own = dict(entry.split("=", 1) for entry in scenario.stage_models)
            by_model: dict[str, list[Stage]] = {}
            for stage in Stage:
                model = own.get(stage.name.lower(), name)
                by_model.setdefault(model.strip(), []).append(stage)
            found += [NamedModel(model, field, tuple(stages)) for model, stages in by_model.items()]
        else:
            found.append(NamedModel(name, field, tuple(Stage) if field == "second_mind" else ()))
    return found


def open_language(
    scenario: Scenario,
    settings: Settings,
    folder: Path | None,
    *,
    offline: bool,
    group_of: GroupOf | None,
    shared: Spending | None = None,
    inputs: Inputs | None = None,
) -> OpenMind:
    """Open the minds of a scenario of which a mind or the overseer asks a language model.

    Args:
        scenario: names them.
        settings: where they are asked, what may be spent, how often.
        folder: folder of the run; None keeps the journal only while the mind is open.
        offline: forbid the network: what the journal does not hold is an error.
        group_of: which mind decides for residents of these ids, if there are two.
        shared: accounts of the study that the run belongs to, which must also have room.
        inputs: what was read of the files that the scenario names, for the journal's identity.

    Raises:
        InputError: no model is named, its address is none, a key is missing, or the journal
            cannot be used.
    """
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="civa-")))
        asked = models_of(scenario)
        endpoints = {} if offline else {one: _endpoint(one, scenario, settings) for one in asked}
        path = folder / JOURNAL
        journal = read_journal(path) if offline else open_journal(path, _identity(scenario, inputs))
        stack.callback(journal.close)
        prices = {one.model: settings.price_of(one.model) for one in asked}
        spending = Spending(
            settings.caps(),
            {model: price for model, price in prices.items() if price is not None},
            journal.spent(),
            shared,
        )
        callers = {
            one: Caller(
                journal,
                endpoints.get(one),
                spending,
                cache_key=f"civa-{digest({'scenario': scenario.model_dump(mode='json')})[:16]}",
                cache_buckets=settings.cache_buckets,
            )
            for one in asked
        }
        mind = _minds(scenario, settings, callers, group_of)
        close = stack.pop_all().close
    watch = _Watch(journal, spending, tuple(endpoints.values()))
    return OpenMind(mind, watch.spent, close, watch.usage, watch.line)


def check_keys(scenarios: Iterable[Scenario], settings: Settings) -> None:
    """Refuse scenarios whose models cannot be asked with the keys of this environment.

    Raises:
        InputError: a key is needed and missing, or cannot be sent; naming its variable.
    """
    from agents.llm.client import check_key

    checked: set[str] = set()
    for scenario in scenarios:
        for one in models_of(scenario):
            where = settings.endpoint(
                one.model, scenario.temperature, second=one.field == "second_mind"
            )
            if where.base_url in checked:
                continue
            checked.add(where.base_url)
            try:
                check_key(where)
            except EndpointError as error:
                raise InputError(str(error)) from None


def _minds(
    scenario: Scenario,
    settings: Settings,
    callers: Mapping[NamedModel, Caller],
    group_of: GroupOf | None,
) -> Mind:
    minds: list[Mind] = []
    for field in ("mind", "second_mind"):
        name = getattr(scenario, field)
        if not name:
            continue
        if field not in scenario.language:
            minds.append(offline_mind(name, scenario, field))
            continue
        by_stage = {
            stage: caller
            for one, caller in callers.items()
            if one.field == field
            for stage in one.stages
        }
        own = scenario.stage_models if field == "mind" else ()
        minds.append(
            LanguageMind(
                by_stage,
                " ".join([name, f"({', '.join(own)})"]) if own else name,
                thinking_tokens=scenario.thinking_tokens,
                stage_seconds=settings.stage_seconds,
            )
        )
    if len(minds) == 1:
        return _overseen(minds[0], scenario, callers)
    if group_of is None:
        raise InputError("second_mind: needs a community, which knows who belongs to which group")
    return _overseen(LanguageMixed(tuple(minds), group_of), scenario, callers)


def _overseen(mind: Mind, scenario: Scenario, callers: Mapping[NamedModel, Caller]) -> Mind:
    """The mind with the model beside it that watches its messages, if the scenario names one."""
    if "overseer" not in scenario.language:
        return mind
    from agents.asides.language_overseer import LanguageOverseer
    from agents.asides.oversight import Overseen

    watching = next(caller for one, caller in callers.items() if one.field == "overseer")
    return Overseen(mind, LanguageOverseer(watching, scenario.overseer, scenario.thinking_tokens))


def _endpoint(one: NamedModel, scenario: Scenario, settings: Settings) -> Endpoint:
    from agents.llm.endpoint import process_endpoints

    if not one.model.strip():
        raise InputError(f"{one.field}: names no model; write {LANGUAGE_NAME}")
    where = settings.endpoint(
        one.model,
        scenario.temperature,
        scenario.reasoning_effort,
        second=one.field == "second_mind",
    )
    try:
        return process_endpoints().open(where, settings.limits(), settings.policy())
    except EndpointError as error:
        raise InputError(str(error)) from None


def _identity(scenario: Scenario, inputs: Inputs | None) -> str:
    identity = identity_of(scenario, 0, inputs)
    del identity["seed"]
    return canonical(identity)


class _Watch:
    """What is to be known of a run's calls while it runs, and at its end."""

    def __init__(
        self, journal: Journal, spending: Spending, endpoints: tuple[Endpoint, ...]
    ) -> None:
        self._journal = journal
        self._spending = spending
        self._endpoints = endpoints

    def spent(self) -> Spent:
        """Calls, tokens and money, those of earlier sessions of the run included."""
        now = self._spending.snapshot()
        return Spent(now.calls, now.usage.tokens, now.money)

    def usage(self) -> dict[str, Any]:
        """The same by kind, with what the endpoints are called, as plain data for the card."""
        now = self._spending.snapshot()
        use = now.usage
        served = self._journal.query("SELECT DISTINCT served FROM calls ORDER BY served")
        terms = self._journal.query(
            "SELECT key, value FROM header WHERE key LIKE 'terms %' ORDER BY key"
        )
        return {
            "input": use.input,
            "cached": use.cached,
            "cached_share": None if math.isnan(use.cached_share) else use.cached_share,
            "written": use.written,
            "output": use.output,
            "reasoning": use.reasoning,
            "estimated": use.estimated,
            "unbelieved": use.unbelieved,
            "lost": now.lost,
            "failed_tries": int(self._journal.query("SELECT count(*) FROM errors")[0][0]),
            "served_by": [name for (name,) in served],
            "terms": {key.removeprefix("terms "): json.loads(value) for key, value in terms},
        }

    def line(self) -> str:
        """One line for a progress bar: calls, tokens, money, what is in flight, what hinders."""
        now = self._spending.snapshot()
        return progress_line(now, [one.limiter.state() for one in self._distinct()])

    def _distinct(self) -> list[Endpoint]:
        return list({id(one.limiter): one for one in self._endpoints}.values())


def progress_line(now: SpendingNow, limiters: list[LimiterState]) -> str:
    """`120 calls  0.3 M tokens  0.0412 spent  20/32 in flight  3 × 429  waits for …`."""
    parts = [f"{now.calls} calls", f"{now.usage.tokens / 1e6:.2f} M tokens"]
    if not math.isnan(now.money):
        parts.append(f"{now.money:.4f} spent")
    flying = "+".join(f"{s.in_flight}/{s.limit}" for s in limiters)
    if flying:
        parts.append(f"{flying} in flight")
    if throttled := sum(s.throttled for s in limiters):
        parts.append(f"{throttled} × 429")
    parts += [f"waits: {s.waiting_for}" for s in limiters if s.waiting_for]
    return "  ".join(parts)
