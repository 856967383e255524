"""A picture of a report: figure, words and numbers together, saved as SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Drawn:
    """A picture as files.

    Attributes:
        files: SVG and PNG, by name.
        inline: the SVG to put into a page.
    """

    files: Mapping[str, bytes]
    inline: str


def draw(picture: Picture) -> Drawn:
    """Draw a picture as `{name}.svg` and `.png`."""
    svg, png = io.StringIO(), io.BytesIO()
    with house():
        # Laid out once, not again for each file.
        picture.figure.draw_without_rendering()
        picture.figure.set_layout_engine("none")
        box = picture.figure.get_tightbbox().padded(_MARGIN)
        picture.figure.savefig(png, format="png", dpi=_DPI, facecolor="white", bbox_inches=box)
        picture.figure.savefig(
            svg, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches=box
        )
    files = {
        f"{picture.name}.svg": svg.getvalue().encode("utf-8"),
        f"{picture.name}.png": png.getvalue(),
    }
    return Drawn(files, inline(svg.getvalue(), picture.name))


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
