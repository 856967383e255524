"""Ask an OpenAI-compatible endpoint for its list of models: does it answer, and is the key good?

One GET, no retry, no redirect followed (a redirect would carry the key to another host), a short
time and a bounded body. The answer is a stranger's text and only its length is reported; what the
network says of a failure is cleaned of the key.
"""

import json
import time
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from agents.errors import InputError
from agents.llm.cleaning import Cleaner

TIMEOUT = 5.0  # seconds
LARGEST = 4_000_000  # bytes read of the answer


class Stay(HTTPRedirectHandler):
    """Follow no redirect: it comes back as the HTTP error that it is."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Refuse."""


def reach(base_url: str, key: str | None = None) -> tuple[str, str, str]:
    """Ask `base_url` for its models.

    Args:
        base_url: Where the API begins, as the clients take it (`http://host:port/v1`).
        key: Sent as the bearer token; never part of the answer.

    Returns:
        State (`ok`, `note` or `broken`), what was found, and the remedy.

    Raises:
        InputError: `base_url` is no HTTP address.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(f"--base-url {base_url!r} is no address: give http(s)://host[:port]/v1")
    if parts.username or parts.password or parts.query:
        raise InputError("--base-url holds a secret: put the key into OPENAI_API_KEY instead")
    url = base_url.rstrip("/") + "/models"
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    began = time.perf_counter()
    try:
        request = Request(url, headers=headers)  # noqa: S310 - the scheme was checked above
        with build_opener(Stay).open(request, timeout=TIMEOUT) as answer:
            body = answer.read(LARGEST)
    except HTTPError as error:
        with error:
            return refused(url, error.code, key)
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        said = Cleaner((key or "",)).line(reason)
        return "broken", f"{url}: {said}", "check the address, the server and the network"
    took = (time.perf_counter() - began) * 1000
    try:
        models = len(json.loads(body)["data"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "broken", f"{url} answers, but not with a list of models", "does it end in /v1?"
    return "ok", f"{url} offers {models} models ({took:.0f} ms)", ""


def refused(url: str, code: int, key: str | None) -> tuple[str, str, str]:
    """Say what an HTTP error means here."""
    if code in {401, 403}:
        sent = "the key that is set" if key else "a call without a key"
        return "broken", f"{url} refuses {sent} (HTTP {code})", "set OPENAI_API_KEY for it"
    if code in {404, 405, 501}:
        remedy = "does the address end in /v1? some servers list no models: then this is fine"
        return "note", f"{url} answers HTTP {code}", remedy
    if 300 <= code < 400:
        return "broken", f"{url} redirects (HTTP {code})", "give the address it leads to"
    return "broken", f"{url} answers HTTP {code}", "the server has trouble; ask again later"
