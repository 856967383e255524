"""The secret in the address, and the cookie that stands for it afterwards.

The address that is printed carries the token. A browser that comes with it gets a cookie and is
sent on to the same address without it, so that no history, link or picture of the page shows it.
The cookie is derived from the token, so that whoever sees the one has not seen the other.
"""

from __future__ import annotations

import hmac
from hashlib import sha256


def cookie_name(port: int | None) -> str:
    """One name for each port: cookies do not tell ports apart, and two dashboards may run."""
    return f"civa-{port}"


def cookie_value(token: str, port: int | None) -> str:
    """What the cookie of a token says."""
    return hmac.new(token.encode(), cookie_name(port).encode(), sha256).hexdigest()


def same(given: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())


def cookies(headers: list[str]) -> list[tuple[str, str]]:
    """The names and values of Cookie headers."""
    parts = (part.strip().partition("=") for header in headers for part in header.split(";"))
    return [(name, value) for name, _, value in parts if name]


def holds(headers: list[str], token: str, port: int | None) -> bool:
    """Whether Cookie headers hold the cookie of a token."""
    right = cookie_value(token, port)
    mine = [value for name, value in cookies(headers) if name == cookie_name(port)]
    # A browser sends two of one name where two paths have one.
    return any(same(value, right) for value in mine)


def without_cookie(header: str, port: int | None) -> str:
    """A Cookie header without the dashboard's own: what stands behind the guard needs none."""
    kept = [part for part in cookies([header]) if part[0] != cookie_name(port)]
    return "; ".join(f"{name}={value}" for name, value in kept)


def set_cookie(token: str, port: int | None, path: str, *, secure: bool, framed: bool) -> str:
    """The Set-Cookie header that a right token is answered with; it lasts as long as the browser.

    Args:
        token: the token.
        port: on which port the server listens.
        path: what stands before every path.
        secure: whether the browser speaks https.
        framed: whether a page of another site may show the dashboard in a frame.
    """
    same_site = "None" if framed and secure else "Lax"
    return (
        f"{cookie_name(port)}={cookie_value(token, port)}; Path={path}/; HttpOnly; "
        f"SameSite={same_site}" + ("; Secure" if secure else "")
    )
