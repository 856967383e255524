"""What residents said and were called, made safe to show: data, whatever it looks like.

In HTML the page's template escapes everything. Characters that no reader sees but programs obey are
shown as their numbers (`agents.visible`); in CSV no text can be a formula (`agents.csvwriter`).
"""

from __future__ import annotations

import textwrap

from agents.visible import escaped, visible

__all__ = ["drawable", "shortened", "visible", "wrapped"]


def drawable(text: str, known: frozenset[int]) -> str:
    """The same for a picture: what its font cannot draw is shown as its number, too."""
    return "".join(c if ord(c) in known else escaped(c) for c in visible(text))


def shortened(text: str, length: int) -> str:
    """The text, cut with an ellipsis if it is longer than that many characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def wrapped(text: str, width: int = 30) -> str:
    """The text on two lines at most, the second cut with an ellipsis: names beside a picture."""
    return textwrap.fill(text, width, max_lines=2, placeholder=" …")
