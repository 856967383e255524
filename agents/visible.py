r"""Escape invisible characters in texts from outside: what no reader sees, but programs obey.

Controls, direction marks, line and paragraph separators and the like stand as ``\uXXXX``.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""The text with every character that cannot be seen as ``\uXXXX`` (``\UXXXXXXXX``)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def escaped(character: str) -> str:
    """A character as its number."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
