"""What a language run will use, before anything is spent: calls, tokens, money, time.

The community is lived by the surrogate, and its questions are rendered through the real prompts
and counted (`agents.llm.counting`); so are the surrogate's replies, which are as short as replies
get. Where a language model watches the messages, the overseer of rules stands in for it. What a
language model will do differently is unknown beforehand: it writes longer reasons, and its
community may live longer or shorter. Hence `reply_most` stands beside the replies counted.

Cached is the static text with its schema, from the second time that a prefix is sent on a cache
key; a provider may keep less. Time is the longest of what latency, calls in flight and the rates
per minute allow.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from agents.asides.language_overseer import STAGE, oversight_call, written_alerts
from agents.asides.oversight import Alerts, Oversight
from agents.errors import InputError
from agents.llm.counting import tokens_in
from agents.llm.usage import Usage
from agents.minds.register import LANGUAGE_NAME, model_of
from agents.prompts.columns import answer
from agents.prompts.render import render
from agents.prompts.schemas import REPLY_TOKENS, schema
from model.community import CommunityModel
from model.run.prompts_of import stand_in
from model.store.sealed import with_nulls

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.batch import Batch
    from agents.decisions import Replies
    from model.world.scenario import Scenario
    from model.world.settings import Settings

#: Questions rendered of one stage; of more, as many are drawn evenly over the residents.
SAMPLE: Final = 50
#: Days lived; the days after them are taken to be like the last third of these.
LIVED: Final = 60
#: Tokens that roles and the chat's frame add to a call.
FRAME: Final = 8
#: Providers cache prefixes from this length on.
CACHEABLE: Final = 1024
#: Seconds of CPU that a call costs here (render, send, read, journal), measured on two cores.
CPU: Final = 0.0035


@dataclass(frozen=True)
class Estimate:
    """What one run is expected to use.

    Attributes:
        cognition: fused or staged.
        days: days with anybody alive.
        resident_days: mornings lived by residents who ask a language model; 0 where only the
            overseer does.
        mornings: mornings lived by all residents.
        calls: calls.
        usage: tokens by model; `written` counts each prefix once a cache key.
        reply_most: reply tokens if every reply were as long as it may be.
        prefix: tokens of the static text.
        seconds: wall time.
        money: at the prices given; NaN without.
        money_uncached: the same if no cache helped.
        money_most: the same as `money`, with replies as long as they may be.
        extrapolated: whether only the first days were lived.
    """

    cognition: str
    days: int
    resident_days: int
    mornings: int
    calls: int
    usage: dict[str, Usage]
    reply_most: int
    prefix: int
    seconds: float
    money: float
    money_uncached: float
    money_most: float
    extrapolated: bool

    @property
    def total(self) -> Usage:
        """Tokens over all models."""
        return sum(self.usage.values(), Usage())

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it: what is undefined is null."""
        total = self.total
        numbers = {
            "cognition": self.cognition,
            "days": self.days,
            "resident_days": self.resident_days,
            "calls": self.calls,
            "input": total.input,
            "cached": total.cached,
            "cached_share": total.cached_share,
            "output": total.output,
            "reply_most": self.reply_most,
            "prefix": self.prefix,
            "seconds": round(self.seconds, 1),
            "money": self.money,
            "money_uncached": self.money_uncached,
            "money_most": self.money_most,
            "extrapolated": self.extrapolated,
        }
        return with_nulls(numbers)


@dataclass
class _Sum:
    """Tokens of one model at one stage."""

    calls: float = 0.0
    prefix: int = 0
    own: float = 0.0
    reply: float = 0.0


@dataclass
class _Count:
    """What was counted so far, by (model, stage name)."""

    by: dict[tuple[str, str], _Sum] = field(default_factory=dict)
    resident_days: float = 0.0
    mornings: float = 0.0
    stages: float = 0.0
    most: float = 0.0

    def scaled(self, factor: float) -> _Count:
        """The same, so many times."""
        by = {
            key: replace(s, calls=s.calls * factor, own=s.own * factor, reply=s.reply * factor)
            for key, s in self.by.items()
        }
        return _Count(
            by,
            self.resident_days * factor,
            self.mornings * factor,
            self.stages * factor,
            self.most * factor,
        )

    def plus(self, other: _Count) -> _Count:
        """Both together."""
        by = dict(self.by)
        for key, s in other.by.items():
            old = by.get(key, _Sum(prefix=s.prefix))
            by[key] = _Sum(old.calls + s.calls, s.prefix, old.own + s.own, old.reply + s.reply)
        return _Count(
            by,
            self.resident_days + other.resident_days,
            self.mornings + other.mornings,
            self.stages + other.stages,
            self.most + other.most,
        )


def estimate(
    scenario: Scenario, settings: Settings, seed: int = 1, latency: float = 2.0
) -> list[Estimate]:
    """What a run would use, by cognition mode, the scenario's own first.

    Args:
        scenario: whose mind, second mind or overseer asks a language model.
        settings: prices, rates and calls in flight.
        seed: of the surrogate's run.
        latency: seconds that one reply takes.

    Raises:
        InputError: the scenario asks no language model, or the latency is no time.
    """
    if not scenario.asks_language:
        raise InputError(
            f"mind: {scenario.mind} asks no language model, so nothing is spent; "
            f"give --mind {LANGUAGE_NAME}"
        )
    if not latency > 0:
        raise InputError(f"latency: {latency:g} s is no time; give a number above 0")
    other = "staged" if scenario.cognition == "fused" else "fused"
    return [
        estimate_one(scenario.model_copy(update=changes), settings, seed, latency)
        for changes in ({}, {"cognition": other, "stage_models": ()})
    ]


def estimate_one(
    scenario: Scenario,
    settings: Settings,
    seed: int = 1,
    latency: float = 2.0,
    on_day: Callable[[], None] | None = None,
) -> Estimate:
    """What a run would use in the scenario's own cognition mode; nothing is sent.

    Args:
        scenario: whose mind or second mind asks a language model.
        settings: prices, rates and calls in flight.
        seed: of the surrogate's run.
        latency: seconds that one reply takes.
        on_day: called before each day that is lived; what it raises ends the estimate.
    """
    model = CommunityModel(stand_in(scenario), rng=seed)
    daily: list[_Count] = []
    while model.running and model.today < LIVED:
        if on_day is not None:
            on_day()
        daily.append(_day(model, scenario))
    lived, more = len(daily), scenario.days - len(daily)
    total = _Count()
    for one in daily:
        total = total.plus(one)
    extrapolated = model.running and more > 0
    if extrapolated:
        last = _Count()
        for one in daily[-max(1, lived // 3) :]:
            last = last.plus(one)
        total = total.plus(last.scaled(more / max(1, lived // 3)))
    return _made(total, scenario, settings, latency, lived + more * extrapolated, extrapolated)


def _day(model: CommunityModel, scenario: Scenario) -> _Count:
    """Live a day and count what a language mind would have been sent and have answered."""
    count = _Count()
    asking = model.day()
    model.steps += 1
    first = True
    try:
        batch = next(asking)
        while True:
            replies = model.mind.reply(batch)
            if isinstance(batch, Oversight):
                _oversight(scenario, batch, replies, count)
            else:
                count.mornings += len(batch) * first
                _stage(model, scenario, batch, replies, count, first)
            first = False
            batch = asking.send(replies)
    except StopIteration:
        return count
    finally:
        asking.close()


def _stage(
    model: CommunityModel,
    scenario: Scenario,
    batch: Batch,
    replies: Replies,
    count: _Count,
    first: bool,
) -> None:
    groups = model.group_of(batch.id)
    asked = False
    for group, field_ in enumerate(("mind", "second_mind")):
        rows = np.flatnonzero(groups == group)
        if field_ not in scenario.language or not len(rows):
            continue
        asked = True
        stage = batch.stage.name.lower()
        named = dict(entry.split("=", 1) for entry in scenario.stage_models)
        name = model_of(getattr(scenario, field_))
        name = name if group else named.get(stage, name).strip()
        taken = rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.int64)]
        one = count.by.setdefault((name, stage), _Sum())
        wire = json.dumps(schema(batch.stage, batch.rules), separators=(",", ":"))
        factor = len(rows) / len(taken)
        for row in taken.tolist():
            static, you, user = render(batch[row], batch.rules)
            one.prefix = tokens_in(wire) + tokens_in(static)
            one.own += factor * (tokens_in(you) + tokens_in(user) + FRAME)
            found = answer(replies, row, int(batch.id[row]), batch.stage, batch.rules)
            text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
            one.reply += factor * tokens_in(text)
        one.calls += len(rows)
        count.most += len(rows) * (REPLY_TOKENS[batch.stage] + scenario.thinking_tokens)
        if first:
            count.resident_days += len(rows)
    count.stages += asked


def _oversight(scenario: Scenario, batch: Oversight, replies: Replies, count: _Count) -> None:
    """Count the one call about a day's messages, if a language model watches them."""
    if "overseer" not in scenario.language:
        return
    call = oversight_call(batch, scenario.thinking_tokens)
    one = count.by.setdefault((model_of(scenario.overseer), STAGE), _Sum())
    static, heading, text = call.parts
    one.prefix = tokens_in(json.dumps(call.schema, separators=(",", ":"))) + tokens_in(static)
    one.own += tokens_in(heading) + tokens_in(text) + FRAME
    if isinstance(replies, Alerts):
        one.reply += tokens_in(written_alerts(replies.alerts))
    one.calls += 1
    count.most += call.max_reply_tokens
    count.stages += 1


def _made(
    count: _Count,
    scenario: Scenario,
    settings: Settings,
    latency: float,
    days: int,
    extrapolated: bool,
) -> Estimate:
    usage: dict[str, Usage] = {}
    keys = settings.cache_buckets
    for (name, _), one in count.by.items():
        calls = round(one.calls)
        cold = min(calls, keys)
        cached = (calls - cold) * one.prefix if one.prefix >= CACHEABLE else 0
        used = Usage(
            input=calls * one.prefix + round(one.own), cached=cached, output=round(one.reply)
        )
        usage[name] = usage.get(name, Usage()) + used
    calls = round(sum(one.calls for one in count.by.values()))
    total = sum(usage.values(), Usage())
    money = {"cached": 0.0, "uncached": 0.0, "most": 0.0}
    for name, used in usage.items():
        price = settings.price_of(name)
        share = count.most / max(1, total.output)
        for kind, told in (
            ("cached", used),
            ("uncached", replace(used, cached=0)),
            ("most", replace(used, output=round(used.output * share))),
        ):
            money[kind] += math.nan if price is None else price.cost(told)
    return Estimate(
        cognition=scenario.cognition,
        days=days,
        resident_days=round(count.resident_days),
        mornings=round(count.mornings),
        calls=calls,
        usage=usage,
        reply_most=round(count.most),
        prefix=max((one.prefix for one in count.by.values()), default=0),
        seconds=_seconds(count.stages, calls, total, settings, latency),
        money=money["cached"],
        money_uncached=money["uncached"],
        money_most=money["most"],
        extrapolated=extrapolated,
    )


def _seconds(stages: float, calls: int, total: Usage, settings: Settings, latency: float) -> float:
    """The longest of: stage after stage, slots, requests and tokens a minute, our own CPU."""
    rates = [
        stages * latency,
        calls * latency / settings.in_flight_limit,
        calls * CPU,
    ]
    if settings.requests_per_minute is not None:
        rates.append(60 * calls / settings.requests_per_minute)
    if settings.tokens_per_minute is not None:
        rates.append(60 * total.tokens / settings.tokens_per_minute)
    return max(rates)
