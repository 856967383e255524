"""Addresses of endpoints: parsed strictly, written in one way, compared by origin.

An address is taken apart once and written anew from its parts, and only that writing is compared
and contacted. Whatever two parsers could read differently (a user name, a backslash, a space, a
percent sign or an odd number in the host) is refused, so the host whose key is looked up is the
host that is asked. The origin is that of RFC 6454: scheme, host, port.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from agents.csvfile import shown
from agents.errors import InputError

Origin = tuple[str, str, int]

_PORTS: Final = {"http": 80, "https": 443}
_URL: Final = re.compile(r"(https?)://([^/]+)(/[!-~]*)?", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{0,8}))?")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an API begins.

    Attributes:
        scheme: http or https.
        host: a name in lower case without its last dot, letters outside ASCII as IDNA 2008 has
            them; or an IP address, IPv6 in brackets.
        port: the port, also where the scheme implies it.
        path: what follows, without a slash at its end.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> Origin:
        """What a key belongs to."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The one way of writing it."""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


def address_of(text: str, field: str = "base_url") -> Address:
    """Parse an address.

    Args:
        text: `http(s)://host[:port]/path`.
        field: what named it, for messages.

    Raises:
        InputError: it is no such address, or could hold a secret; a secret is not repeated.
    """
    if any(mark in text for mark in "@?#"):
        raise InputError(
            f"{field}: holds a secret; put the key into a variable of the environment, such as "
            "CIVA_API_KEY, and give the address without it"
        )
    refusal = InputError(f"{field}: {shown(text)!r} is no address; give http(s)://host[:port]/v1")
    parts = _URL.fullmatch(text)
    where = parts and _AUTHORITY.fullmatch(parts[2])
    if not parts or not where or "\\" in text:
        raise refusal
    scheme = parts[1].lower()
    host = _host(where[1])
    port = int(where[2]) if where[2] else _PORTS[scheme]
    if not host or not 0 < port < 65536:
        raise refusal
    return Address(scheme, host, port, (parts[3] or "").rstrip("/"))


def _host(text: str) -> str:
    """A host in its one writing, or nothing if it is none."""
    try:
        if text.startswith("["):
            return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
        if not text.isascii():
            text = _idna(text)
        labels = text.lower().removesuffix(".").split(".")
        if _NUMBER.fullmatch(labels[-1]):
            # 127.1, 0x7f.1 and 2130706433 are addresses to some resolvers: only the plain form is.
            return str(ipaddress.IPv4Address(".".join(labels)))
    except ValueError:
        return ""
    host = ".".join(labels)
    return host if len(host) < 254 and all(map(_LABEL.fullmatch, labels)) else ""


def _idna(host: str) -> str:
    """A host in ASCII, as the HTTP client itself would write it.

    Raises:
        ValueError: it is no name of IDNA 2008.
    """
    import httpx2

    try:
        return httpx2.URL(f"http://{host}/").raw_host.decode("ascii")
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise ValueError(str(error)) from None
