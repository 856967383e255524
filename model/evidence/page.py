"""The page: its tables and pictures stand between markers and are written by the command alone.

`<!-- table fold-arithmetic -->` … `<!-- end -->` holds a table, `<!-- figure fold-survival -->` …
`<!-- end -->` a picture. A page that has no place for something found, or a place for something
that does not exist, is refused, so that no number on it is old.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from agents.errors import InputError
from agents.fsync import write_whole
from agents.owned import check_file
from model.evidence.table import EvidenceFound, markdown
from model.store.files import writing

_BLOCK = re.compile(r"<!-- (table|figure) ([a-z]+)-([\w-]+) -->\n(.*?)<!-- end -->", re.DOTALL)


def fill(page: Path, evidence: EvidenceFound, out: Path) -> None:
    """Put an evidence's tables and pictures into the page.

    Args:
        page: Markdown with the markers.
        evidence: what was found.
        out: folder the CSV and PNG files lie in.

    Raises:
        InputError: the page cannot be read, or its markers of this evidence are not its tables
            and figures.
    """
    check_file(page)
    try:
        text = page.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8"
        raise InputError(f"--page: {page} cannot be read ({reason})") from None
    link = Path(os.path.relpath(out, page.parent)).as_posix()
    blocks = blocks_of(evidence, link)
    marked = {(kind, rest) for kind, name, rest, _ in _BLOCK.findall(text) if name == evidence.name}
    if marked != set(blocks):
        odd = ", ".join(f"{kind} {evidence.name}-{rest}" for kind, rest in marked ^ set(blocks))
        raise InputError(f"--page: {page} and the evidence differ in: {odd}; mend the markers")

    def filled(match: re.Match[str]) -> str:
        kind, name, rest, _ = match.groups()
        if name != evidence.name:
            return match.group()
        return f"<!-- {kind} {name}-{rest} -->\n{blocks[kind, rest]}<!-- end -->"

    with writing(page):
        write_whole(page, _BLOCK.sub(filled, text).encode("utf-8"))


def blocks_of(evidence: EvidenceFound, link: str) -> dict[tuple[str, str], str]:
    """What stands between the markers, by (kind, name)."""
    blocks: dict[tuple[str, str], str] = {}
    for table in evidence.tables:
        source = f"[{evidence.name}-{table.name}.csv]({link}/{evidence.name}-{table.name}.csv)"
        blocks["table", table.name] = (
            f"**{table.title}**\n\n{markdown(table)}\n\n"
            f"{table.note} *{source}: {evidence.provenance}.*\n"
        )
    for name, (_, words) in evidence.figures.items():
        blocks["figure", name] = f"![{words}]({link}/{evidence.name}-{name}.png)\n"
    return blocks
