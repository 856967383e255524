"""Blinding: what could tell a judge which condition it reads is taken out of the log's texts.

Names of values and words made of them, and any four words in a row that also stand in a value text
of the catalogue, become `***`. Mild words of daily life stay: masking every word that could
be about a value would leave nothing to judge.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from agents.prompts.texts import catalogue

MASK: Final = "***"
#: Beginnings of words that name a value.
ROOTS: Final = (
    *("benevol", "universalis", "self-direct", "stimulat", "hedonis", "achievement", "conformi"),
    *("tradition", "security", "powerful", "power", "value", "virtue", "altruis", "selfless"),
)
_ROW: Final = 4
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_ROOTED: Final = re.compile(rf"\b(?:{'|'.join(ROOTS)})[\w-]*", re.IGNORECASE)


def mask(text: str) -> str:
    """A text with the words of values masked."""
    words = [(m.start(), m.end(), m[0].lower()) for m in _WORD.finditer(text)]
    known = _rows()
    hidden = [
        (words[k][0], words[k + _ROW - 1][1])
        for k in range(len(words) - _ROW + 1)
        if tuple(w for _, _, w in words[k : k + _ROW]) in known
    ]
    out, at = [], 0
    for start, end in _joined(hidden):
        out += [text[at:start], MASK]
        at = end
    return _ROOTED.sub(MASK, "".join([*out, text[at:]]))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@cache
def _rows() -> frozenset[tuple[str, ...]]:
    """Every row of four words in the catalogue's glosses, portraits and frames."""
    table = catalogue()
    texts = [
        text for part in ("glosses", "other_glosses", "portraits") for text in table[part].values()
    ]
    texts += [
        text
        for method in ("gloss", "portrait", "ranked", "contrast", "sham")
        for entry in table[method]
        for text in entry.values()
    ]
    found = set()
    for text in texts:
        words = [m[0].lower() for m in _WORD.finditer(text)]
        found |= {tuple(words[k : k + _ROW]) for k in range(len(words) - _ROW + 1)}
    return frozenset(found)
