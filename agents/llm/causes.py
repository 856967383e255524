"""What a failed request means: worth another try, hopeless as configured, or the model's reply.

Three kinds (transient, permanent, reply fault) decide what happens next; the cause is one word to
count by; the message says what to do. Works on the exceptions of openai, aiohttp, httpx2 and of
any `BaseChatModel` whose errors carry a `status_code`.
"""

from __future__ import annotations

import email.utils
import json
import math
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from agents.llm.cleaning import Cleaner

Kind = Literal["transient", "permanent", "reply"]

_QUOTA = ("insufficient_quota", "billing_hard_limit", "quota_exceeded", "billing_not_active")
_CONTEXT = ("context_length", "context window", "maximum context", "prompt is too long")
_FILTER = ("content_filter", "content_policy", "responsibleaipolicy")

LONGEST_WAIT: Final = 1e7
"""Seconds to wait (four months) that are believed; quotas begin anew sooner."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failed try.

    Attributes:
        kind: what to do about it.
        cause: one word to count by.
        detail: what the endpoint or the network said, cleaned and shortened.
        status: HTTP status, or None.
        retry_after: seconds the endpoint asked to wait, or None.
        param: the request parameter that the endpoint named as the problem, or "".
    """

    kind: Kind
    cause: str
    detail: str
    status: int | None = None
    retry_after: float | None = None
    param: str = ""


class ReplyTooLarge(Exception):
    """A reply's body passed the size that any honest reply can have."""


class EncodedReply(Exception):
    """A reply came compressed although it was asked for plain: its size cannot be bounded."""


class Failed(Exception):
    """A try that failed below the SDK, told by its meaning: what the network said stays there.

    Attributes:
        trouble: the meaning.
    """

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"{trouble.cause}: {trouble.detail}")
        self.trouble = trouble


def classify(error: BaseException, cleaner: Cleaner | None = None) -> Trouble:
    """Say what a failed try means.

    Args:
        error: what was raised.
        cleaner: takes the keys out of what it says.
    """
    cleaner = cleaner or Cleaner()
    for link in _chain(error):
        if isinstance(link, Failed):
            return link.trouble
    if isinstance(error, ReplyTooLarge):
        return Trouble("reply", "too_large", str(error))
    if isinstance(error, EncodedReply):
        return Trouble("transient", "bad_body", str(error))
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 100 <= status <= 999:
        return _by_status(status, error, cleaner)
    return _by_exception(error, cleaner)


def remedy(trouble: Trouble, *, endpoint: str, model: str, key: str | None = None) -> str:
    """The message of an endpoint error: what happened, where, what to do.

    Args:
        trouble: of the last try.
        endpoint: where.
        model: which was asked for.
        key: the variable whose key was sent; empty if none was, None if it is not ours to know.
    """
    advice = {
        "bad_key": _about_the_key(key),
        "forbidden": f"the key may not use model {model!r} here. Use another key or model",
        "no_model": f"there is no model {model!r} at this address. Check the model's name and "
        "that the base URL ends where the API begins (mostly /v1)",
        "quota": "the account's quota is used up. Add credit or use another key, then resume",
        "context_length": f"a prompt is longer than model {model!r} can take. Use a model with a "
        "longer context, or a smaller maximum reply",
        "bad_request": f"it refuses the request for model {model!r}. Change the setting that it "
        "names",
        "redirect": "it redirects elsewhere, and only the configured host is contacted. Put the "
        "new address in the base URL",
        "dns": "the host name is not known. Check the base URL and the network",
        "tls": "the TLS connection cannot be trusted. Check the certificate, the clock and "
        "SSL_CERT_FILE",
        "bad_url": "the base URL cannot be used. Give one like http://127.0.0.1:8089/v1",
        "connection_refused": "nothing listens there. Start the server or correct the base URL",
    }.get(trouble.cause, f"it failed with {trouble.cause}")
    said = f" It said: {trouble.detail}" if trouble.detail else ""
    return f"{endpoint}: {advice}.{said}"


def _about_the_key(key: str | None) -> str:
    if key is None:
        return "the key was not accepted. Set a valid one on the chat model"
    if key:
        return f"the key in {key} was not accepted. Set {key} to a valid key"
    return (
        "it wants a key, and none was sent because none belongs to this address. Set CIVA_API_KEY "
        "and give the address by --base-url, or name both: --endpoint NAME=URL,KEY_VARIABLE"
    )


def _by_status(status: int, error: BaseException, cleaner: Cleaner) -> Trouble:
    body = getattr(error, "body", None)
    detail = _said(error, cleaner)
    text = f"{getattr(error, 'code', '')} {getattr(error, 'type', '')} {detail}".lower()
    param = cleaner.line(getattr(error, "param", None) or "")
    wait = _retry_after(error)
    if status == 401:
        return Trouble("permanent", "bad_key", detail, status)
    if any(mark in text for mark in _QUOTA) or status == 402:
        return Trouble("permanent", "quota", detail, status)
    if status == 403:
        return Trouble("permanent", "forbidden", detail, status)
    if status in (404, 405):
        return Trouble("permanent", "no_model", detail, status)
    if status == 429:
        return Trouble("transient", "rate_limited", detail, status, wait)
    if status in (408, 409, 425) or status >= 500:
        cause = "timeout" if status in (408, 504) else "server_error"
        return Trouble("transient", cause, detail, status, wait)
    if 300 <= status < 400:
        return Trouble("permanent", "redirect", detail, status)
    if any(mark in text for mark in _FILTER) or _mentions(body, "innererror"):
        return Trouble("reply", "filtered", detail, status)
    if any(mark in text for mark in _CONTEXT):
        return Trouble("permanent", "context_length", detail, status)
    return Trouble("permanent", "bad_request", detail, status, param=param)


def _by_exception(error: BaseException, cleaner: Cleaner) -> Trouble:
    """No HTTP status: the network, the TLS, or a body that is no chat completion."""
    import aiohttp
    import httpx2

    chain = list(_chain(error))
    detail = _said(chain[-1], cleaner) or _said(error, cleaner)
    for link in chain:
        if isinstance(link, (ssl.SSLError, aiohttp.ClientSSLError, ssl.CertificateError)):
            return Trouble("permanent", "tls", _said(link, cleaner))
        if isinstance(link, aiohttp.ClientConnectorDNSError):
            return Trouble("transient", "dns", _said(link, cleaner))
        if isinstance(link, (aiohttp.InvalidURL, httpx2.UnsupportedProtocol)):
            return Trouble("permanent", "bad_url", _said(link, cleaner))
        if isinstance(link, ConnectionRefusedError):
            return Trouble("transient", "connection_refused", _said(link, cleaner))
    names = {type(link).__name__ for link in chain}
    for link in chain:
        if isinstance(link, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            return Trouble("transient", "connection_reset", _said(link, cleaner))
        if isinstance(link, aiohttp.ClientPayloadError):
            return Trouble("transient", "connection_reset", _said(link, cleaner))
        if isinstance(link, aiohttp.ClientResponseError):
            return Trouble("transient", "bad_body", _said(link, cleaner))
    if any(isinstance(link, TimeoutError) for link in chain) or "APITimeoutError" in names:
        return Trouble("transient", "timeout", detail)
    if any(isinstance(link, (aiohttp.ClientError, OSError, httpx2.RequestError)) for link in chain):
        return Trouble("transient", "connection_reset", detail)
    if names & {"APIConnectionError", "ModelConnectionError"}:
        return Trouble("transient", "connection_reset", detail)
    if isinstance(error, UnicodeEncodeError) and error.encoding == "ascii":
        # Only headers are sent so, and which letter it was is part of the key.
        return Trouble("permanent", "bad_key", "the key holds a letter outside ASCII")
    if isinstance(error, UnicodeEncodeError):
        return Trouble("permanent", "bad_request", f"the prompt is no valid text: {detail}")
    unreadable = (json.JSONDecodeError, UnicodeDecodeError, ValueError, TypeError, KeyError)
    if isinstance(error, (*unreadable, AttributeError, IndexError)):
        return Trouble("transient", "bad_body", _named(error, cleaner))
    return Trouble("permanent", "unexpected", _named(error, cleaner))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _said(error: BaseException, cleaner: Cleaner, limit: int = 300) -> str:
    """One short line of what an error says."""
    return cleaner.line(getattr(error, "message", None) or error, limit)


def _named(error: BaseException, cleaner: Cleaner) -> str:
    return f"{type(error).__name__}: {_said(error, cleaner, 240)}"


def _mentions(body: object, key: str) -> bool:
    return isinstance(body, Mapping) and key in body and "filter" in str(body[key]).lower()


def _retry_after(error: Any) -> float | None:
    """Seconds from `retry-after-ms` or `Retry-After` (seconds or a date); None if unreadable.

    A wait beyond `LONGEST_WAIT` is as unreadable as one that is no number.
    """
    headers = getattr(getattr(error, "response", None), "headers", None)
    if headers is None:
        return None
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds if seconds <= LONGEST_WAIT else None
    try:
        date = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
        seconds = date.timestamp() - time.time()
    except (ValueError, OverflowError, TypeError):
        return None
    return max(0.0, seconds) if seconds <= LONGEST_WAIT else None
