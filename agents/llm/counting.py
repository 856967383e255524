"""Tokens of a text, estimated without a tokenizer: the pieces into which one would cut it.

o200k-like tokenizers first cut a text into words with the character before them, numbers of up to
three digits, runs of punctuation and white space, and most such pieces are one token. Counting the
pieces comes within 2 % of o200k for prompts and replies and within 7 % for schemas (measured in
`make bench ARGS=tokens`). A provider's own count is always the one that is billed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_PIECE: Final = re.compile(
    r"[^\r\n\w]?(?:[A-Z]?[a-z]+|[A-Z]+)|[0-9]{1,3}| ?[^\s\w]{1,2}|[^\x00-\x7f]|\s+|_"
)
#: Longer words are mostly two tokens.
_LONG: Final = 11


def tokens_in(text: str) -> int:
    """Estimated tokens of a text."""
    return _long(text) if len(text) > 2000 else _count(text)


def _count(text: str) -> int:
    return sum(1 + (len(piece[0]) > _LONG) for piece in _PIECE.finditer(text))


@lru_cache(maxsize=256)
def _long(text: str) -> int:
    # The rules of a community stand before every one of its questions.
    return _count(text)
