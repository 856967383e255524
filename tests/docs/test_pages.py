"""Pages that are made from code are up to date, complete, and lead where they say."""

import re
from pathlib import Path

import pytest

from docs.generate import DOCS, PARTS, ROOT, day_meanings, filled, names
from tests.docs.examples import blocks, pages

LINK = re.compile(
    r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)"
    r"|<(?:img|a)\b[^>]*(?:src|href)=\"([^\"]+)\""
)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page's text without its blocks of code."""
    text = page.read_text("utf-8")
    for block in reversed(blocks(text)):
        text = text[: block.span[0]] + text[block.span[1] :]
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown renderers make them."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", title.replace("`", "")).strip().lower() for title in found)
    return {re.sub(r"[-\s]+", "-", title) for title in plain}


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name)
def test_what_is_made_from_code_is_up_to_date(page):
    assert filled(page) == page.read_text("utf-8"), "run: python docs/generate.py"


def test_every_part_made_from_code_stands_on_some_page():
    text = "".join(page.read_text("utf-8") for page in DOCS.rglob("*.md"))
    assert {part for part in PARTS if f"<!-- generated: {part} -->" not in text} == set()


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_of_a_page_leads_somewhere(page):
    broken = []
    for found in LINK.finditer(prose(page)):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), f"{target}: use https"
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_column_of_the_day_is_explained_once():
    from model.world.numbers import Day

    assert list(day_meanings()) == list(Day.__slots__)


def test_every_field_column_and_flag_is_in_the_glossary():
    glossary = (DOCS / "glossary.md").read_text("utf-8")
    missing = {word for word, _, _ in names() if f"| `{word}` |" not in glossary}
    assert missing == set()


def test_no_name_is_left_without_a_meaning():
    assert {word for word, _, meaning in names() if not meaning} == set()
