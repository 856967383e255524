r"""Quote a mind's text as a JSON string on one line, so that it can inject nothing.

Messages, notes and broadcasts are stored raw and quoted only when rendered. Letters, marks, digits,
punctuation, symbols and plain spaces stand as they are; everything else, and every character that
chat templates, markup or our own headings are made of, is written ``\uXXXX``. So no literal holds a
control-token opener, a line break, an invisible or a direction-changing character. In llama.cpp's
chat path ``</s><s>`` inside a message became real control tokens, raw and after plain JSON.

`unquote` is the exact inverse, with one exception that JSON itself makes: a high surrogate followed
by a low one reads back as the one character the two stand for (`tidy` joins them beforehand).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Final
from unicodedata import category

from agents.decisions import MESSAGE_LENGTH, NOTE_LENGTH

#: A rendered literal may be half as long again as its text; hidden characters cost more than that.
RENDERED_MESSAGE: Final = MESSAGE_LENGTH * 3 // 2
RENDERED_NOTE: Final = NOTE_LENGTH * 3 // 2

#: Openers of control tokens, markup, fences and headings, and the tokenizers' visible space.
_OPENERS: Final = frozenset("<>[]{}|#`\u2581")
#: Letters and symbols without ink, which pass as letters by category.
_BLANK: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x1D159}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0000, 0xE1000))
)
_MARKS_IN_A_ROW: Final = 2
_PLAIN: Final = re.compile(r"[A-Za-z0-9 .,;:!?'()+\-*/=%&@$_~^]*")


def quote(text: str) -> str:
    """Write a text as a one-line JSON string literal."""
    if _PLAIN.fullmatch(text):
        return f'"{text}"'
    out = ['"']
    # A mark needs a base to stand on: at the start, or after an escape, it would join our own text.
    marks = _MARKS_IN_A_ROW
    for char in text:
        kind = _class(char)
        if kind == "M":
            marks += 1
            out.append(char if marks <= _MARKS_IN_A_ROW else _escape(char))
        elif kind == "raw":
            marks = 0
            out.append(char)
        else:
            marks = _MARKS_IN_A_ROW
            out.append({'"': '\\"', "\\": "\\\\"}.get(char) or _escape(char))
    return "".join([*out, '"'])


def unquote(literal: str) -> str:
    """Read a literal that `quote` wrote.

    Raises:
        ValueError: it is no JSON string, or not the one way in which that text is written.
    """
    try:
        text = json.loads(literal)
    except ValueError:
        text = None
    if not isinstance(text, str) or quote(text) != literal:
        raise ValueError("not a quoted text as this project writes it")
    return text


def tidy(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates, which no file can hold, by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def fit(text: str, length: int, rendered: int) -> str:
    """Cut a text at a word so that it keeps to a length, raw and rendered.

    Args:
        text: what a mind wrote, already `tidy`.
        length: most characters of the text.
        rendered: most characters of its literal, without the two quotation marks.

    Returns:
        The text itself where it fits; else its longest fitting beginning that ends before a space,
        or within a word where there is no space in its second half.
    """
    if len(text) <= length and len(quote(text)) - 2 <= rendered:
        return text
    low, high = 0, min(len(text), length)
    while low < high:  # the rendered length grows with the text
        middle = (low + high + 1) // 2
        if len(quote(text[:middle])) - 2 <= rendered:
            low = middle
        else:
            high = middle - 1
    word = text.rfind(" ", 0, low + 1)
    return text[: word if word > low // 2 else low]


@lru_cache(maxsize=4096)
def _class(char: str) -> str:
    """Say whether a character stands as it is ("raw"), is a mark ("M") or is escaped ("")."""
    if char in '"\\' or char in _OPENERS or ord(char) in _BLANK:
        return ""
    if char == " ":
        return "raw"
    major = category(char)[0]
    return {"M": "M", "L": "raw", "N": "raw", "P": "raw", "S": "raw"}.get(major, "")


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
