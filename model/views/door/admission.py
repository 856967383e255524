"""Whether a request may come in at all, by its headers: Host, Origin, and what proxies add.

A browser says truthfully which host it believes to speak to and which page asks; a page cannot
change either. So the Host must be one that the server listens on (or a stranger's name, made to
lead to this machine, would have the whole page), and the Origin must be that same host's (or any
page in the browser could open a session). A websocket without Origin comes from no page of ours.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from model.views.door.addresses import (
    HERE,
    canonical,
    is_loopback,
    literal,
    read_origin,
    read_place,
)
from model.views.door.settings import Door

if TYPE_CHECKING:
    from starlette.types import Scope

Headers = Iterable[tuple[bytes, bytes]]

#: What proxies add; Solara would take the first one's word for the whole process.
_FORWARDED: Final = (b"forwarded", b"script-name", b"x-script-name", b"x-real-ip")


class Refusal(NamedTuple):
    """Why a request is turned away: the status and one line."""

    status: int
    why: str


def refusal(scope: Scope, door: Door) -> Refusal | None:
    """Why a request or websocket may not come in; None lets it in.

    Args:
        scope: the ASGI scope, `http` or `websocket`.
        door: what was declared.
    """
    hosts, origins = values(scope["headers"], b"host"), values(scope["headers"], b"origin")
    if len(hosts) != 1 or len(origins) > 1:
        return Refusal(400, "one Host and at most one Origin, please")
    address, port = scope.get("server") or ("", None)
    if door.token is None and not is_loopback(address):
        return Refusal(403, "without a token only this machine itself is served")
    asked = read_place(hosts[0], "http")
    outer = door.outer.origin if door.outer else None
    through = outer is not None and read_place(hosts[0], outer.scheme) == outer
    direct = asked is not None and asked.port == port and _ours(asked.host, address, door)
    if not through and not direct:
        return Refusal(403, "this host name is not served here; see --allow-host and --behind")
    if not origins:
        return Refusal(403, "no Origin") if scope["type"] == "websocket" else None
    origin = read_origin(origins[0])
    rewritten = direct and origin == outer and from_loopback(scope)
    if origin is not None and (origin == (outer if through else asked) or rewritten):
        return None
    return Refusal(403, "asked by a page of another origin")


def values(headers: Headers, name: bytes) -> list[str]:
    """The values of a header, in their order; names are compared without case."""
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def cleaned(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers without what a proxy may have added, or somebody in its name."""
    return [(key, value) for key, value in headers if not _is_forwarded(key.lower())]


def from_loopback(scope: Scope) -> bool:
    """Whether a connection comes from this machine.

    uvicorn, where it is not told otherwise, replaces the peer by what `X-Forwarded-For` says if the
    peer is trusted, which by default is loopback alone. What it then names has port 0, which no
    connection has.
    """
    host, port = scope.get("client") or ("", None)
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1").split(",")
    return is_loopback(host) or (port == 0 and all(is_loopback(one.strip()) for one in trusted))


def _ours(host: str, address: str, door: Door) -> bool:
    """Whether a host is one that leads to the address of this connection and cannot be borrowed.

    Loopback and IP addresses cannot be made to lead elsewhere. The machine's own name can, by
    whoever answers for names in its network, so it is taken only where the network is served.
    """
    if host in HERE or host in door.names or literal(host) == (literal(address) or address):
        return True
    return not is_loopback(address) and host in own_names()


def own_names() -> frozenset[str]:
    """What this machine calls itself, in full and its first part; no name server is asked."""
    full = socket.gethostname()
    return frozenset(filter(None, (canonical(full), canonical(full.partition(".")[0]))))


def _is_forwarded(name: bytes) -> bool:
    return name in _FORWARDED or name.startswith(b"x-forwarded-")
