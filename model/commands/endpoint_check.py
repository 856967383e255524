"""Ask an OpenAI-compatible endpoint for its list of models: does it answer, and is the key good?

One GET, no retry, no redirect followed (a redirect would carry the key to another host), a short
time and a bounded body. The answer is a stranger's text and only its length is reported; what the
network says of a failure is cleaned of the key.
"""

import json
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from agents.llm.cleaning import Cleaner
from agents.llm.keys import Destination, secrets_in

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


def reach(where: Destination, environment: Mapping[str, str]) -> tuple[str, str, str]:
    """Ask an endpoint for its models.

    Args:
        where: Its address, and which variables hold its key.
        environment: Variables by name; the key is sent as the bearer token and is never part of
            the answer.

    Returns:
        State (`ok`, `note` or `broken`), what was found, and the remedy.

    Raises:
        InputError: no header can carry the key.
    """
    url = where.url + "/models"
    variable = where.variable(environment)
    headers = {"Accept": "application/json"}
    if variable:
        headers["Authorization"] = f"Bearer {where.key(environment)}"
    began = time.perf_counter()
    try:
        request = Request(url, headers=headers)  # noqa: S310 - an address of ours has a checked scheme
        with build_opener(Stay).open(request, timeout=TIMEOUT) as answer:
            body = answer.read(LARGEST)
    except HTTPError as error:
        with error:
            return refused(url, error.code, variable, where.keys)
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        said = Cleaner(secrets_in(environment, where.keys)).line(reason)
        return "broken", f"{url}: {said}", "check the address, the server and the network"
    took = (time.perf_counter() - began) * 1000
    try:
        models = len(json.loads(body)["data"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "broken", f"{url} answers, but not with a list of models", "does it end in /v1?"
    return "ok", f"{url} offers {models} models ({took:.0f} ms)", ""


def refused(url: str, code: int, variable: str, keys: tuple[str, ...]) -> tuple[str, str, str]:
    """Say what an HTTP error means here."""
    if code in {401, 403}:
        sent = f"the key in {variable}" if variable else "a call without a key"
        remedy = (
            f"set {' or '.join(keys)} for it"
            if keys
            else ("name the variable of its key: --endpoint NAME=URL,KEY_VARIABLE")
        )
        return "broken", f"{url} refuses {sent} (HTTP {code})", remedy
    if code in {404, 405, 501}:
        remedy = "does the address end in /v1? some servers list no models: then this is fine"
        return "note", f"{url} answers HTTP {code}", remedy
    if 300 <= code < 400:
        return "broken", f"{url} redirects (HTTP {code})", "give the address it leads to"
    return "broken", f"{url} answers HTTP {code}", "the server has trouble; ask again later"
