"""Which key goes where: a key belongs to an address, and is sent to no other.

Endpoints are plain data: a name, an address, and the name of the environment variable that holds
the key, never the key. The command line, the environment and the user's settings file name them.
A key is looked up by origin (scheme, host, port):

* an address of a named endpoint takes the key that this endpoint names;
* `OPENAI_API_KEY` is the key of `OPENAI_BASE_URL`, or of api.openai.com where that is not set;
* `CIVA_API_KEY` is the key of the one address that the user tells civa to ask;
* any other address, and a named endpoint that names no key, is asked without one.

A variable that a named endpoint claims is no longer anybody else's by the last two rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agents.csvfile import shown
from agents.errors import InputError
from agents.llm.address import Origin, address_of
from agents.llm.cleaning import well_formed
from agents.llm.errors import EndpointError

OPENAI_URL: Final = "https://api.openai.com/v1"
CIVA_KEY: Final = "CIVA_API_KEY"
OPENAI_KEY: Final = "OPENAI_API_KEY"
#: Where OpenAI's own clients look up an address.
OPENAI_ADDRESS: Final = "OPENAI_BASE_URL"
#: Endpoints by name, as `named_endpoint` reads them, with spaces between them.
ENDPOINTS: Final = "CIVA_ENDPOINTS"
#: The name of the endpoint that the environment gives by itself.
OPENAI: Final = "openai"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class NamedEndpoint:
    """An endpoint that can be chosen by its name.

    Attributes:
        name: a word without `/` and `:`.
        url: where the API begins, as `Address.url` writes it.
        key: the environment variable that holds its key; empty for an endpoint that takes none.
    """

    name: str
    url: str
    key: str = ""

    @property
    def origin(self) -> Origin:
        """What its key belongs to."""
        return address_of(self.url).origin


@dataclass(frozen=True, slots=True)
class Destination:
    """An address, and where the key that it may be sent is looked up.

    Attributes:
        url: where the API begins.
        keys: variables of the environment; the first that is set holds the key.
        needs_key: whether it is not asked without one.
    """

    url: str
    keys: tuple[str, ...] = ()
    needs_key: bool = False

    def variable(self, environment: Mapping[str, str]) -> str:
        """The variable that holds its key, or nothing if none is set."""
        return next((name for name in self.keys if environment.get(name, "").strip()), "")

    def key(self, environment: Mapping[str, str]) -> str:
        """Its key, or nothing if no variable is set.

        Raises:
            InputError: no HTTP header can carry it; the variable is named, the key not repeated.
        """
        variable = self.variable(environment)
        try:
            key = environment.get(variable, "").strip()
            return well_formed(key, variable, self.url) if key else ""
        except EndpointError as error:
            raise InputError(str(error)) from None

    def key_state(self, environment: Mapping[str, str]) -> str:
        """Its key in words: the variable and whether it is set, never what it holds."""
        if not self.keys:
            return "no key"
        if found := self.variable(environment):
            return f"{found} set"
        return f"{' or '.join(self.keys)} not set"


def named_endpoint(name: str, url: str, key: str, source: str) -> NamedEndpoint:
    """An endpoint from plain words.

    Raises:
        InputError: the name, the address or the variable is none; what might be a key is not
            repeated.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{source}: {shown(name)!r} is no name of an endpoint; use letters, digits, . _ and -"
        )
    if name == OPENAI:
        raise InputError(
            f"{source}: {OPENAI} is the endpoint that {OPENAI_ADDRESS} gives; set that, or use "
            "another name"
        )
    if key and not _VARIABLE.fullmatch(key):
        raise InputError(
            f"{source}: {name}: its key is given by the name of an environment variable in "
            "capitals, such as LOCAL_KEY, never by itself"
        )
    return NamedEndpoint(name, address_of(url, f"{source}: {name}").url, key)


def endpoint_in_words(words: str, source: str) -> NamedEndpoint:
    """`NAME=URL` or `NAME=URL,KEY_VARIABLE` as an endpoint.

    Raises:
        InputError: it is not of that form.
    """
    name, equals, rest = words.partition("=")
    url, _, key = rest.partition(",")
    if not equals:
        raise InputError(f"{source}: give NAME=URL or NAME=URL,KEY_VARIABLE")
    return named_endpoint(name.strip(), url.strip(), key.strip(), source)


def endpoints_in(environment: Mapping[str, str]) -> tuple[NamedEndpoint, ...]:
    """The endpoints that `CIVA_ENDPOINTS` names.

    Raises:
        InputError: one of them is not of the form `NAME=URL[,KEY_VARIABLE]`, or named twice.
    """
    words = environment.get(ENDPOINTS, "").split()
    return once((endpoint_in_words(word, ENDPOINTS) for word in words), ENDPOINTS)


def once(endpoints: Iterable[NamedEndpoint], source: str) -> tuple[NamedEndpoint, ...]:
    """The endpoints of one source.

    Raises:
        InputError: two have the same name.
    """
    found: dict[str, NamedEndpoint] = {}
    for one in endpoints:
        if one.name in found:
            raise InputError(f"{source}: names the endpoint {one.name} twice; name it once")
        found[one.name] = one
    return tuple(found.values())


def in_words(endpoints: Iterable[NamedEndpoint]) -> str:
    """Endpoints as `CIVA_ENDPOINTS` holds them."""
    return " ".join(f"{e.name}={e.url}" + (f",{e.key}" if e.key else "") for e in endpoints)


@dataclass(frozen=True)
class Registry:
    """The endpoints that are known, and the rule by which an address gets its key.

    Attributes:
        named: by the user; `openai`, which the environment gives, is not among them.
        environment: variables by name.
    """

    named: tuple[NamedEndpoint, ...]
    environment: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """What can be chosen, the environment's own endpoint first."""
        return (OPENAI, *(one.name for one in self.named))

    def find(self, where: str, field: str = "base_url", *, main: bool = True) -> Destination:
        """Where to ask, by name or by address.

        Args:
            where: a name, an address, or nothing for `openai`.
            field: what named it, for messages.
            main: whether this is the address that the user tells civa to ask, to which
                `CIVA_API_KEY` belongs; that of a second mind is not, nor one that a file names.

        Raises:
            InputError: the name is unknown, the address is none, or two endpoints of its origin
                have different keys.
        """
        if "/" in where or ":" in where:
            return self._by_address(where, field, main)
        return self.by_name(where or OPENAI, field, main=main)

    def by_name(self, name: str, field: str, *, main: bool = True) -> Destination:
        """Where to ask, by name alone.

        Raises:
            InputError: no endpoint has that name.
        """
        if name == OPENAI:
            return self._openai(main)
        for one in self.named:
            if one.name == name:
                return self._of(one, one.url)
        raise InputError(
            f"{field}: {shown(name)!r} is the name of no endpoint; known are "
            f"{', '.join(self.names)} (more by --endpoint NAME=URL)"
        )

    def _by_address(self, text: str, field: str, main: bool) -> Destination:
        address = address_of(text, field)
        here = [one for one in self.named if one.origin == address.origin]
        if here:
            same = [one for one in here if one.url == address.url] or here
            if len({one.key for one in same}) > 1:
                names = ", ".join(one.name for one in same)
                raise InputError(f"{field}: endpoints there have different keys; name one: {names}")
            return self._of(same[0], address.url)
        openai = self._openai(main)
        if address.origin == address_of(openai.url).origin:
            return replace(openai, url=address.url)
        return Destination(address.url, self._unclaimed(CIVA_KEY, address.origin) if main else ())

    def _of(self, one: NamedEndpoint, url: str) -> Destination:
        if one.key:
            return Destination(url, (one.key,), needs_key=True)
        openai = self._openai(main=False)
        same = one.origin == address_of(openai.url).origin
        return replace(openai, url=url) if same else Destination(url)

    def _openai(self, main: bool) -> Destination:
        text = self.environment.get(OPENAI_ADDRESS, "").strip()
        address = address_of(text or OPENAI_URL, OPENAI_ADDRESS)
        keys = self._unclaimed(OPENAI_KEY, address.origin)
        if main:
            keys = (*self._unclaimed(CIVA_KEY, address.origin), *keys)
        return Destination(address.url, keys, address.origin == address_of(OPENAI_URL).origin)

    def _unclaimed(self, variable: str, origin: Origin) -> tuple[str, ...]:
        """The variable, unless it is the key of a named endpoint elsewhere."""
        claimed = any(one.key == variable and one.origin != origin for one in self.named)
        return () if claimed else (variable,)


def secrets_in(environment: Mapping[str, str], variables: Iterable[str] = ()) -> tuple[str, ...]:
    """All keys in the environment that civa may be using, the longest first.

    Args:
        environment: variables by name.
        variables: further ones that hold keys, beside the well-known ones and those that
            `CIVA_ENDPOINTS` names.
    """
    named = (word.rpartition(",")[2] for word in environment.get(ENDPOINTS, "").split())
    names = {CIVA_KEY, OPENAI_KEY, *variables, *filter(_VARIABLE.fullmatch, named)}
    found = {environment.get(name, "").strip() for name in names}
    return tuple(sorted(filter(None, found), key=len, reverse=True))
