"""What whoever starts the dashboard declares: token, outer address, frame, further names.

The command `civa dashboard` takes them as options; `solara run server.py` takes them from the
environment variables named here. Both are read by one function.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agents.errors import InputError
from model.views.door.addresses import HERE, WebOrigin, canonical, is_loopback, read_origin

BEHIND: Final = "CIVA_BEHIND"
FRAME: Final = "CIVA_FRAME"
ALLOW_HOST: Final = "CIVA_ALLOW_HOST"
NO_TOKEN: Final = "CIVA_NO_TOKEN"  # noqa: S105
TOKEN: Final = "CIVA_TOKEN"  # noqa: S105

#: What is said where there is no token.
OPEN: Final = "no token: every user of this machine can see and steer everything"
#: A token is as long as this at least, and of letters that need no quoting in an address.
SHORTEST: Final = 16
_TOKEN: Final = re.compile(rf"[A-Za-z0-9._~-]{{{SHORTEST},256}}")
_ADDRESS: Final = re.compile(r"(https?://[^/]+)((?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*/?)")


@dataclass(frozen=True)
class Outer:
    """The one address by which browsers reach the dashboard through a proxy.

    Attributes:
        origin: its scheme, host and port.
        path: what it puts before every path, without a slash at the end; may be empty.
    """

    origin: WebOrigin
    path: str


@dataclass(frozen=True)
class Door:
    """Who may come in.

    Attributes:
        token: the secret that the address carries; None lets in whoever reaches the machine itself.
        outer: the address of a proxy before it, or None.
        frame: the origin whose pages may show it in a frame, or None.
        names: further host names by which it is reached.
    """

    token: str | None
    outer: Outer | None = None
    frame: WebOrigin | None = None
    names: frozenset[str] = frozenset()

    @property
    def prefix(self) -> str:
        """What stands before every path as the browser sees it."""
        return self.outer.path if self.outer else ""

    @property
    def scheme(self) -> str:
        """How the browser speaks to it."""
        return self.outer.origin.scheme if self.outer else "http"


def declared(
    host: str,
    *,
    behind: str = "",
    frame: str = "",
    allow_hosts: tuple[str, ...] = (),
    no_token: bool = False,
    token: str | None = None,
) -> Door:
    """Read what was declared.

    Args:
        host: where the server listens; empty if that is not known.
        behind: the outer address of a proxy.
        frame: the origin of pages that may show it in a frame.
        allow_hosts: further host names.
        no_token: let in whoever reaches this machine's loopback address.
        token: the secret; None makes one.

    Raises:
        InputError: a value cannot be used; the message has the remedy.
    """
    outer = _outer(behind) if behind else None
    names = frozenset(_name(name) for name in allow_hosts)
    if no_token:
        _alone(host, behind)
    elif token is not None and not _TOKEN.fullmatch(token):
        raise InputError(
            f"{TOKEN}: needs {SHORTEST} to 256 letters, digits or any of . _ ~ -; "
            "set another one, or none at all and take what is made"
        )
    secret = None if no_token else token or secrets.token_urlsafe(24)
    return Door(secret, outer, _frame(frame, host, outer, names) if frame else None, names)


def from_environment(given: Mapping[str, str] = os.environ) -> Door:
    """Read what the environment declares, for a server that civa did not start itself.

    Raises:
        InputError: a value cannot be used.
    """
    plain = given.get(NO_TOKEN, "")
    if plain not in ("", "0", "1"):
        raise InputError(f"{NO_TOKEN}={plain}: neither 0 nor 1; leave it away to have a token")
    return declared(
        given.get("SERVER_NAME", ""),
        behind=given.get(BEHIND, ""),
        frame=given.get(FRAME, ""),
        allow_hosts=tuple(given.get(ALLOW_HOST, "").split()),
        no_token=plain == "1",
        token=given.get(TOKEN),
    )


def _outer(text: str) -> Outer:
    """Read `--behind`: scheme, host, perhaps a port and a path, nothing else."""
    found = _ADDRESS.fullmatch(text)
    origin = read_origin(found[1]) if found else None
    if found is None or origin is None or {".", ".."} & set(found[2].split("/")):
        raise InputError(
            f"--behind {text}: is no address of a page; give scheme, host and path as the browser "
            "has them, such as https://hub.example/user/ann/proxy/8765/"
        )
    return Outer(origin, found[2].rstrip("/"))


def _name(text: str) -> str:
    """Read `--allow-host`: a host name or IP address, without scheme and port."""
    try:
        ascii_name = text if ":" in text else text.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_name = ""
    name = canonical(ascii_name)
    if name is None:
        raise InputError(
            f"--allow-host {text}: is no host name; give a name such as lab.example, without "
            "scheme, port and path"
        )
    return name


def _frame(text: str, host: str, outer: Outer | None, names: frozenset[str]) -> WebOrigin:
    """Read `--frame`, and refuse a frame in which no browser would send the cookie.

    A page in a frame of another site gets only cookies that say `SameSite=None; Secure`, and these
    need https; on one host name over http the sites are one.
    """
    origin = read_origin(text.rstrip("/"))
    if origin is None:
        raise InputError(
            f"--frame {text}: is no origin; give scheme and host of the page around it, such as "
            "https://lab.example"
        )
    if outer and outer.origin.scheme == "https":
        return origin
    own = {outer.origin.host} if outer else {canonical(host), *HERE, *names}
    if origin.scheme == "http" and origin.host in own:
        return origin
    raise InputError(
        f"--frame {text}: a page of another site has no cookie in its frame over http; add "
        "--behind with the https address of this dashboard"
    )


def _alone(host: str, behind: str) -> None:
    """Refuse `--no-token` where others than this machine's own users get to the page."""
    if behind:
        raise InputError("--no-token: not with --behind, which lets others in; leave one away")
    if host and not is_loopback(host):
        raise InputError(f"--no-token: not on {host}, which lets others in; listen on 127.0.0.1")


def own_address(host: str, port: int, door: Door) -> str:
    """The address to open, with the token.

    Args:
        host: where the server listens.
        port: on which port.
        door: what was declared.
    """
    place = door.outer.origin if door.outer else WebOrigin("http", canonical(host) or host, port)
    return f"{place}{door.prefix}/" + (f"?token={door.token}" if door.token else "")
