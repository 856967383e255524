"""Hosts and origins as browsers write them, read strictly: what is unusual is no address.

A host is compared in one form only: names in lower case, IPv6 in brackets and shortened. Whatever
another reader of the same text might take for something else (user information, a dot at the end, a
port with a leading zero, percent signs, letters outside ASCII) is not read at all.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

#: Ports that a browser leaves out.
USUAL: Final = {"http": 80, "https": 443}
#: What a browser on this machine may call it.
HERE: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))
#: Longest name of a host in DNS.
LONGEST: Final = 253

_NAME: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_PLACE: Final = re.compile(rf"(\[[0-9A-Fa-f:.]+\]|{_NAME})(?::([1-9][0-9]{{0,4}}))?")


class WebOrigin(NamedTuple):
    """Scheme, host and port of an address; two pages of one origin may read each other."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return it as a browser writes it: the usual port is left out."""
        usual = USUAL[self.scheme] == self.port
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")


def read_place(text: str, scheme: str) -> WebOrigin | None:
    """Read the value of a Host header; a port left out is the usual one of the scheme."""
    found = _PLACE.fullmatch(text)
    host = canonical(found[1]) if found else None
    port = int(found[2] or USUAL[scheme]) if found else 0
    return WebOrigin(scheme, host, port) if host and port < 65536 else None


def read_origin(text: str) -> WebOrigin | None:
    """Read the value of an Origin header; `null` and whatever has a path are none."""
    scheme, mark, rest = text.partition("://")
    return read_place(rest, scheme) if mark and scheme in USUAL else None


def canonical(host: str) -> str | None:
    """The one form in which a host is compared, or None where it is no host.

    Args:
        host: a name in ASCII, an IPv4 address, or an IPv6 address with or without brackets.
    """
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed or ":" in host:
        try:
            return f"[{IPv6Address(host[1:-1] if bracketed else host)}]"
        except ValueError:
            return None
    # What ends in a number is an IPv4 address to a browser, whatever it looks like: 127.1, 0x7f.1.
    if re.search(r"(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)$", host):
        return str(literal(host)) if literal(host) else None
    right = re.fullmatch(_NAME, host) and len(host) <= LONGEST and ".." not in host
    return host.lower() if right else None


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, or None for a name; IPv4 in IPv6's form is IPv4."""
    try:
        # A zone (fe80::1%eth0) says by which interface, not where.
        address = ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else: `localhost`, 127.0.0.0/8 or ::1."""
    address = literal(host)
    return address.is_loopback if address else host.lower() == "localhost"


def is_wildcard(host: str) -> bool:
    """Whether listening on a host listens on every address of the machine."""
    address = literal(host)
    return address.is_unspecified if address else host == ""
