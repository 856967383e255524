"""Paths as the browser has them and as Solara sees them, and the token in the query."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote, unquote_plus

#: The name of the parameter that carries the token.
PARAMETER: Final = "token"


def taken_out(query: bytes) -> tuple[str | None, str]:
    """Part a query into its token and the rest.

    Returns:
        The token (empty where two are given, None without any), and the query without it, in
        letters that can stand in a header.
    """
    parts = [part for part in query.decode("latin-1").split("&") if part]
    found = [part for part in parts if unquote_plus(part.partition("=")[0]) == PARAMETER]
    rest = "&".join(part for part in parts if part not in found)
    token = unquote_plus(found[0].partition("=")[2]) if len(found) == 1 else ""
    return token if found else None, quote(rest, safe="!$&'()*+,;=:@/?%-._~")


def onward(prefix: str, path: str, rest: str) -> str:
    """Where to go without the token: always a path on this host.

    Two slashes at its beginning would name another host, and to a browser a backslash is a slash.
    """
    quoted = quote(path.lstrip("/"), safe="/!$&'()*+,;=:@-._~")
    return f"{prefix}/{quoted}" + (f"?{rest}" if rest else "")


def fields(rest: str) -> list[tuple[str, str]]:
    """The parameters of a query without its token, for a form to send along."""
    parts = (part.partition("=") for part in rest.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]


def inner(path: str, root: str, prefix: str) -> str:
    """The path behind the server's own root path and the proxy's prefix, if it has them."""
    for before in (root.rstrip("/"), unquote(prefix)):
        if before and (path == before or path.startswith(f"{before}/")):
            path = path[len(before) :]
    return path or "/"
