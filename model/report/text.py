r"""What residents said and were called, made safe to show: data, whatever it looks like.

Three dangers, three answers. In HTML the page's template escapes everything. Characters that no
reader sees but programs obey (controls, direction marks, line and paragraph separators) are shown
as ``\uXXXX``. In CSV a text cell that a spreadsheet would take for a formula (it begins with
``=``, ``+``, ``-``, ``@``, a tab or a carriage return) gets a single quote before it, which
spreadsheets read as "text follows"; take the quote off to have the text as it was. Columns of
numbers are left alone: ``-1.5`` is a number.
"""

from __future__ import annotations

import textwrap
import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def visible(text: str) -> str:
    r"""The text with every character that cannot be seen as ``\uXXXX`` (``\UXXXXXXXX``)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def drawable(text: str, known: frozenset[int]) -> str:
    """The same for a picture: what its font cannot draw is shown as its number, too."""
    return "".join(c if ord(c) in known else _escaped(c) for c in visible(text))


def shortened(text: str, length: int) -> str:
    """The text, cut with an ellipsis if it is longer than that many characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def wrapped(text: str, width: int = 30) -> str:
    """The text on two lines at most, the second cut with an ellipsis: names beside a picture."""
    return textwrap.fill(text, width, max_lines=2, placeholder=" …")


def csv_text(text: str) -> str:
    """A text cell that no spreadsheet evaluates."""
    shown = visible(text)
    return "'" + shown if text.startswith(_FORMULA) else shown


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
