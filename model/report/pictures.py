"""A picture of a report: figure, words and numbers together, saved as SVG and PNG."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from model.report.style import INK, house
from model.report.tables import Table

_DPI = 150
_MARGIN = 0.1  # inches


@dataclass(frozen=True)
class Picture:
    """A figure with what a reader needs to judge it.

    Attributes:
        name: of its files, `figures/{name}.svg` and `.png`.
        title: what it shows.
        caption: n runs, what the interval is, and by which rules.
        figure: the figure.
        numbers: what is drawn, as a table.
    """

    name: str
    title: str
    caption: str
    figure: Figure
    numbers: Table


def save(picture: Picture, folder: Path) -> str:
    """Write `figures/{name}.svg` and `.png` into a folder; returns the SVG to put into a page."""
    buffer = io.StringIO()
    with house():
        # Laid out once, not again for each file.
        picture.figure.draw_without_rendering()
        picture.figure.set_layout_engine("none")
        box = picture.figure.get_tightbbox().padded(_MARGIN)
        picture.figure.savefig(
            folder / f"{picture.name}.png", dpi=_DPI, facecolor="white", bbox_inches=box
        )
        picture.figure.savefig(
            buffer, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches=box
        )
    svg = buffer.getvalue()
    (folder / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
    return inline(svg, picture.name)


def inline(svg: str, name: str) -> str:
    """An SVG that can stand in a page: no prologue, ids of its own, ink in the text's colour."""
    body = re.sub(r"<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    head, rest = body.split(">", 1)
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    return f"{head}>{rest}".replace(INK, "currentColor")
