r"""The one place that cleans what a server sent: no key goes on, and a name is only a name.

A server knows the key it was sent and may say it anywhere, on purpose or by carelessness. `Cleaner`
takes the keys out of every text from the wire before anything else sees it, in the spellings in
which programs pass on what they were given:

* as it is, in capitals or small letters, with white space, control, zero-width and bidirectional
  characters or accents between its letters, in full-width letters;
* percent-encoded, backslash-escaped (`\u002d`, `\x2d`), as HTML entities, once or many times;
* in hexadecimal, in base64 at any offset (a key inside `user:key`), URL-safe or not;
* cut short: half of it, and 12 letters at least, in a row.

What a server enciphers some other way (reversed, with a letter between) is not found, and cannot
be: it could as well be kept by the server, which has the key.
"""

from __future__ import annotations

import base64
import functools
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

from agents.llm.errors import EndpointError

#: Stands in a text where a key stood.
MARK: Final = "[key]"
#: Letters; a shorter key cannot be told from a word, and is looked for as a word of its own only.
SHORTEST: Final = 8
#: Letters in a row that are taken for a part of a longer key.
_FRAGMENT: Final = 12
#: How texts spell single letters. Escapes of escapes are one escape; `\n` and its like are space.
_ESCAPE: Final = re.compile(
    r"\\+(?:u(?P<u>[0-9a-fA-F]{4})|x(?P<x>[0-9a-fA-F]{2})|[nrtbfv])"
    r"|%(?:25)*(?P<percent>[0-9a-fA-F]{2})"
    r"|&(?:amp;)*(?P<entity>#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,12});"
)
_SPACE: Final = re.compile(r"\\+[nrtbfv]")
#: Letters that are looked up at a time to see whether a text may hold a part of a key.
_PIECE: Final = 6
#: Small letters, one alphabet of base64, and nothing of what cannot be seen.
_FOLD: Final = {
    **dict.fromkeys((*range(33), ord("\\"), 0x7F)),
    **{ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    ord("-"): "+",
    ord("_"): "/",
}


class Cleaner:
    """Takes keys out of texts, and everything but a line of letters out of names and messages.

    Args:
        secrets: the keys; empty ones are none. More can be learnt.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._plain: tuple[str, ...] = ()
        self._spellings: tuple[_Spelling, ...] = ()
        self._pieces: frozenset[str] = frozenset()
        self._size = self._stride = 1
        self._words: re.Pattern[str] | None = None
        self._sent: re.Pattern[str] | None = None
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Take this key out too, from now on."""
        if not secret or secret in self._known:
            return
        self._known.add(secret)
        # The longest goes first: one key may be the beginning of another.
        known = sorted(self._known, key=lambda one: (-len(one), one))
        self._plain = tuple(one for one in known if len(one) >= SHORTEST)
        found = {spelt: None for one in self._plain for spelt in _spellings(one)}
        self._spellings = tuple(_Spelling(letters) for letters in found)
        if self._spellings:
            # A part of a key that is long enough holds a piece that begins at a stride's multiple.
            least = min(spelling.least for spelling in self._spellings)
            self._size = min(_PIECE, least // 2)
            self._stride = least - self._size + 1
            self._pieces = frozenset(
                letters[at : at + self._size]
                for letters in found
                for at in range(len(letters) - self._size + 1)
            )
        short = "|".join(re.escape(one) for one in known if len(one) < SHORTEST)
        if short:
            self._words = re.compile(rf"{re.escape(MARK)}|(?<![^\W_])(?:{short})(?![^\W_])")
            self._sent = re.compile(rf"(?<=Bearer )(?:{short})(?![^\W_])")

    def text(self, text: str) -> str:
        """The text without the keys; the very same text if it holds none.

        Of a key of fewer than `SHORTEST` letters only an echoed `Bearer …` is taken out: it may
        be any word of a reply.
        """
        while spans := self._found(text):
            for start, end in reversed(spans):
                text = text[:start] + MARK + text[end:]
        return text if self._sent is None else self._sent.sub(MARK, text)

    def line(self, value: object, limit: int = 300) -> str:
        """A message or a name on one line: no key, nothing invisible, no more than `limit` letters.

        Control, escape and bidirectional characters are left out, white space is one space. Keys go
        before the line is cut, so that no part of one is left at its end.
        """
        text = self.text(value if isinstance(value, str) else str(value))
        text = " ".join(text.split())
        if not text.isprintable():
            text = self.text("".join(letter for letter in text if letter.isprintable()))
        if self._words is not None:
            text = self._words.sub(MARK, text)
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def holds(self, text: str) -> bool:
        """Whether a key stands in the text."""
        return bool(self._found(text)) or bool(self._sent and self._sent.search(text))

    def value(self, value: Any) -> Any:
        """The same for what JSON can say: every text in it, names of fields too, and numbers."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if isinstance(value, (int, float)) and self.holds(repr(value)):
            return None
        return value

    def _found(self, text: str) -> list[tuple[int, int]]:
        """Where keys stand: from, to; in order, those that touch made one."""
        spans = list(_verbatim(text, self._plain))
        if not self._spellings:
            return spans
        folded = _folded(text)
        size = self._size
        looks = [folded[at : at + size] for at in range(0, len(folded), self._stride)]
        if not self._pieces.isdisjoint(looks):
            places = list(_places(text))
            letters = "".join(letter for letter, _, _ in places)
            for spelling in self._spellings:
                for start, end in spelling.runs(letters):
                    spans.append((places[start][1], places[end - 1][2]))
        return _joined(spans)


class _Spelling:
    """One way of writing a key, as `_folded` leaves it, and how to find it or half of it."""

    def __init__(self, letters: str) -> None:
        self._letters = letters
        self.least = min(len(letters), max(_FRAGMENT, -(-len(letters) // 2)))
        # A run of that length holds one of these whole, wherever it begins.
        size = (self.least + 1) // 2
        starts = range(0, len(letters) - size + 1, size)
        self._blocks = [(start, letters[start : start + size]) for start in starts]

    def runs(self, folded: str) -> Iterator[tuple[int, int]]:
        """Every stretch that equals a long enough part of the key."""
        for offset, block in self._blocks:
            at = folded.find(block)
            while at >= 0:
                head = folded[max(0, at - offset) : at]
                rest = self._letters[offset:]
                before = _common(self._letters[:offset][::-1], head[::-1])
                after = _common(rest, folded[at : at + len(rest)])
                if before + after >= self.least:
                    yield at - before, at + after
                at = folded.find(block, at + (after if before + after >= self.least else 1))


def well_formed(key: str, source: str, address: str, least: int = 1) -> str:
    """The key, if it can be sent at all.

    Args:
        key: as the user gave it.
        source: what holds it, for the message; the key itself is never part of it.
        address: label of the endpoint.
        least: letters that a key has there.

    Raises:
        EndpointError: it holds what no header can carry (a space, a line break, a letter outside
            ASCII), or it is too short.
    """
    if len(key) < least:
        raise EndpointError(
            "bad_key",
            address,
            f"{source}: {len(key)} letters are no key of {address}, whose keys have {least} and "
            "more. Copy the key again, whole",
        )
    for place, letter in enumerate(key, start=1):
        if not "!" <= letter <= "~":
            plain = letter <= "\x7f"
            kind = "a space or control character" if plain else "a letter outside ASCII"
            raise EndpointError(
                "bad_key",
                address,
                f"{source}: character {place} of {len(key)} is {kind}, and no key has one. Copy "
                "the key again, without anything before or after it",
            )
    return key


@functools.lru_cache(maxsize=64)
def _spellings(secret: str) -> tuple[str, ...]:
    """The key, its hexadecimal and its base64 at three offsets, folded."""
    raw = secret.encode("utf-8", "surrogatepass")
    encoded = []
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw).decode("ascii")
        # What also depends on the neighbours is left off at both ends.
        encoded.append(whole[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6])
    folded = (_folded(one) for one in (secret, raw.hex(), *encoded))
    return tuple(dict.fromkeys(one for one in folded if len(one) >= SHORTEST))


def _folded(text: str) -> str:
    """A text as it is searched: escapes read, small letters, nothing that cannot be seen."""
    if "%" in text or "&" in text or "\\u" in text or "\\x" in text:
        text = _ESCAPE.sub(_read, text)
    elif "\\" in text:
        text = _SPACE.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return text.translate(_FOLD)


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    """The letters of `_folded(text)`, each with where it begins and ends in the text."""
    end = 0
    for escape in _ESCAPE.finditer(text):
        yield from _letters(text[end : escape.start()], end)
        end = escape.end()
        for letter in _folded_letter(_read(escape)):
            yield letter, escape.start(), end
    yield from _letters(text[end:], end)


def _letters(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    for place, one in enumerate(text, start):
        for letter in _folded_letter(one):
            yield letter, place, place + 1


@functools.lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
    return plain.translate(_FOLD)


def _read(escape: re.Match[str]) -> str:
    """What an escape stands for."""
    if digits := escape["u"] or escape["x"] or escape["percent"]:
        return chr(int(digits, 16))
    return html.unescape(f"&{entity};") if (entity := escape["entity"]) else " "


def _verbatim(text: str, keys: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for key in keys:
        at = text.find(key)
        while at >= 0:
            yield at, at + len(key)
            at = text.find(key, at + len(key))


def _common(one: str, other: str) -> int:
    """Length of the longest common beginning."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
