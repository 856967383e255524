"""Whatever a page tells its reader to type works, and shows what the page says it shows."""

from pathlib import Path

import pytest

from tests.docs.examples import LANGUAGES, ROOT, Block, Reader, blocks, pages, shape


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


WITH_BLOCKS = [page for page in pages() if blocks(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name)
def test_every_block_of_a_page_works_in_order(page, tmp_path):
    reader = Reader(tmp_path, page)
    for block in blocks(page.read_text("utf-8")):
        reader.follow(block)


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name)
def test_every_block_says_what_it_is(page):
    text = page.read_text("utf-8")
    assert text.count("```") == 2 * len(blocks(text))
    strays = [b.line for b in blocks(text) if b.language not in LANGUAGES]
    assert strays == []


def test_an_output_of_another_shape_is_noticed(tmp_path):
    page = ROOT / "README.md"
    block = Block("console", "", "$ echo seven is 7\nseven was 8\n", 1, (0, 0))
    with pytest.raises(AssertionError, match="printed"):
        Reader(tmp_path, page).follow(block)
    Reader(tmp_path, page).follow(
        Block("console", "", "$ echo seven is 7\nseven is 8\n", 1, (0, 0))
    )


def test_a_command_that_fails_is_noticed(tmp_path):
    reader = Reader(tmp_path, ROOT / "README.md")
    with pytest.raises(AssertionError, match="README"):
        reader.follow(Block("sh", "", "false\n", 1, (0, 0)))
    reader.follow(Block("sh", "exit: 1", "false\n", 1, (0, 0)))


def test_a_block_that_is_not_run_needs_a_reason(tmp_path):
    reader = Reader(tmp_path, ROOT / "README.md")
    with pytest.raises(AssertionError, match="no reason"):
        reader.follow(Block("sh", "not run:", "true\n", 1, (0, 0)))


def test_shape_forgets_numbers_and_keeps_words():
    assert shape("nAUP  2.05 (n = 6)") == shape("nAUP 1.9 (n = 12)")
    assert shape("population 10 → 24") != shape("residents 10 → 24")
