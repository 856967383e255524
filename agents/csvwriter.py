r"""The one writer of CSV: UTF-8, commas, lines that end in \n, and texts that stay texts.

Two dangers, two answers. A text that a spreadsheet would take for a formula (it begins with ``=``,
``+``, ``-``, ``@`` or their wide forms, be it after spaces, or with a tab or a line's end) gets a
single quote before it, which spreadsheets read as "text follows". A character that no reader sees
but a terminal or an editor obeys is written as ``\uXXXX``. Both can be undone (`csv_plain`), so
what is read back is what was written. Numbers are left alone: ``-1.5`` is a number.
"""

from __future__ import annotations

import csv
import io
import math
import numbers
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agents.visible import visible

#: What is taken for a formula; a quote before it changes nothing of that, so it can be undone.
_FORMULA: Final = re.compile(r"[\s']*[=+\-@＝＋－＠]|'*[\t\r\n]")
_LOOKS_ESCAPED: Final = re.compile(r"\\(?=u[0-9a-f]{4}|U[0-9a-f]{8})")
_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")


@dataclass(frozen=True)
class Lines:
    """A text cell of several lines, for people to read in a spreadsheet."""

    lines: tuple[str, ...]


def csv_bytes(
    head: Sequence[str], rows: Iterable[Sequence[Any]], *, comment: str = "", digits: int = 0
) -> bytes:
    """A table as the content of a CSV file.

    Args:
        head: names of the columns.
        rows: their cells: texts, numbers, truths, lists of these; None and NaN are empty cells.
        comment: a first line, after a `#`; none if empty.
        digits: significant digits of numbers that are not whole; 0 writes them so that they are
            read back exactly.
    """
    stream = io.StringIO()
    if comment:
        stream.write(f"# {visible(comment)}\n")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([csv_text(str(name)) for name in head])
    writer.writerows([_cell(value, digits) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8")


def csv_text(text: str) -> str:
    """A text as a cell that no spreadsheet evaluates and nothing hides in."""
    return _guard(text) + _shown(text)


def csv_plain(cell: str) -> str:
    """The text that `csv_text` made a cell of; half a character stays its number."""
    text = _ESCAPED.sub(_character, cell)
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text


def _cell(value: Any, digits: int) -> str:
    if isinstance(value, str):
        return csv_text(value)
    if isinstance(value, Lines):
        whole = "\n".join(value.lines)
        return _guard(whole) + "\n".join(map(_shown, value.lines))
    if isinstance(value, list | tuple):
        return csv_text(" ".join(map(str, value)))
    if value is None or _undefined(value):
        return ""
    if digits and isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return f"{value:.{digits}g}"
    if isinstance(value, numbers.Number):
        return str(value)
    return csv_text(str(value))


def _undefined(value: Any) -> bool:
    if isinstance(value, numbers.Real):
        return math.isnan(value)
    return type(value).__name__ in ("NAType", "NaTType")  # pandas' own, which is not known here


def _guard(text: str) -> str:
    return "'" if _FORMULA.match(text) else ""


def _shown(text: str) -> str:
    """The text with hidden characters as numbers; what already looks like one is told apart."""
    return visible(_LOOKS_ESCAPED.sub(r"\\u005c", text))


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    whole = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if whole else found[0]
