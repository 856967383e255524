"""One probe before the first question: on what terms does this endpoint take a request?

It walks down the ladder of structured output and drops the parameters that the endpoint refuses,
asking a question whose answer only the schema makes likely. A rung holds if the server takes the
request *and* the reply obeys; a server that ignores what it does not know is so found out. What
can be sent but not seen to work (the seed) is only known as taken or refused.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from agents.llm.causes import Trouble
from agents.llm.client import EndpointSettings
from agents.llm.records import CallRecord
from agents.llm.shapes import strict_object, word_of
from agents.llm.terms import Rung, Terms

PROBE_PARTS = (
    (
        "This is a test of the connection. Every reply is one JSON object with the one field "
        '"answer", which is "yes" or "no", and nothing else.'
    ),
    "There is nobody here.",
    "Is this a test? Reply with the JSON object.",
)
"""Static, resident's and user text of the probe; a server that reads prompts knows it by them."""

PROBE_SCHEMA_NAME = "probe"
PROBE_SCHEMA = strict_object({"answer": word_of(["yes", "no"])})
PROBE_SEED = 1
PROBE_TOKENS = 1024
"""Room for the hidden reasoning of models that cannot do without."""

_LADDER = (Rung.JSON_SCHEMA, Rung.OBJECT_SCHEMA, Rung.JSON_OBJECT, Rung.PLAIN)


class Refused(Exception):
    """The endpoint refused the probe's request; another form of it may be taken."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


def first_terms(settings: EndpointSettings, *, seed: bool = True) -> Terms:
    """What to offer first.

    OpenAI's hosts read `max_completion_tokens` and refuse `max_tokens` for newer models; most
    others read `max_tokens`, and some silently ignore the other name, so that a reply would have
    no bound.
    """
    explicit = settings.cache == "explicit" or (settings.cache == "auto" and settings.is_openai)
    return Terms(
        rung=Rung.JSON_SCHEMA,
        limit_field="max_completion_tokens" if settings.is_openai else "max_tokens",
        seed=seed,
        breakpoints=explicit,
        cache_key=settings.cache != "off" and (settings.is_openai or explicit),
    )


async def settle_terms(ask: Callable[[Terms], Awaitable[CallRecord]], offer: Terms) -> Terms:
    """Find terms that the endpoint takes, with as few requests as that needs (mostly one).

    Args:
        ask: sends the probe on these terms; raises `Refused` for a 400, 422 or 5xx that another
            form may avoid, and anything else as it is.
        offer: what to try first.

    Raises:
        Refused: if the endpoint takes no form at all.
    """
    terms, ladder = offer, list(_LADDER)
    taken: Terms | None = None
    while True:
        try:
            reply = await ask(terms)
            # A reply can be bad by chance; a rung is given up for two of them.
            if not obeys(reply):
                reply = await ask(terms)
        except Refused as refusal:
            smaller = _without_named(terms, refusal.trouble)
            if smaller is None and ladder[1:]:
                ladder.pop(0)
                smaller = _noted(replace(terms, rung=ladder[0]), terms.rung, refusal.trouble)
            if smaller is None and taken is not None:
                break
            if smaller is None:
                smaller = _without_any(terms, refusal.trouble)
                ladder = list(_LADDER)
            if smaller is None:
                raise
            terms = smaller
            continue
        if obeys(reply):
            return terms
        taken = terms
        if not ladder[1:]:
            break
        note = f"{terms.rung}: taken but not obeyed ({reply.outcome})"
        ladder.pop(0)
        terms = replace(terms, rung=ladder[0], notes=(*terms.notes, note))
    # No rung was seen to bind the model: send none of them, so that nothing is claimed.
    return replace(taken, rung=Rung.PLAIN, notes=(*terms.notes, "no rung was obeyed"))


def obeys(reply: CallRecord) -> bool:
    """Whether the probe's reply is what its schema allows."""
    if reply.outcome != "ok":
        return False
    try:
        value = json.loads(reply.reply)
    except ValueError:
        return False
    return value in ({"answer": "yes"}, {"answer": "no"})


def _without_named(terms: Terms, trouble: Trouble) -> Terms | None:
    """Terms without the parameter that the refusal names, if it names one that can go."""
    text = f"{trouble.param} {trouble.detail}".lower()
    if "max_tokens" in text or "max_completion_tokens" in text:
        other = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
        smaller = replace(terms, limit_field=other[terms.limit_field])
        swapped = any("limit_field" in note for note in terms.notes)
        return None if swapped else _noted(smaller, "limit_field", trouble)
    if terms.cache_key and "prompt_cache_key" in text:
        return _noted(replace(terms, cache_key=False), "prompt_cache_key", trouble)
    if terms.breakpoints and ("prompt_cache" in text or "breakpoint" in text):
        return _noted(replace(terms, breakpoints=False), "prompt_cache_breakpoint", trouble)
    if terms.seed and "seed" in text:
        return _noted(replace(terms, seed=False), "seed", trouble)
    return None


def _without_any(terms: Terms, trouble: Trouble) -> Terms | None:
    """The whole ladder was refused without a name: drop what else could be meant, one by one."""
    top = replace(terms, rung=_LADDER[0])
    if terms.breakpoints:
        return _noted(replace(top, breakpoints=False), "prompt_cache_breakpoint", trouble)
    if terms.cache_key:
        return _noted(replace(top, cache_key=False), "prompt_cache_key", trouble)
    if terms.seed:
        return _noted(replace(top, seed=False), "seed", trouble)
    return None


def _noted(terms: Terms, what: str, trouble: Trouble) -> Terms:
    return replace(terms, notes=(*terms.notes, f"{what} refused ({trouble.status})"))
