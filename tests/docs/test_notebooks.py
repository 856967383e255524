"""The notebooks run from top to bottom, say what is learnt, and stay small.

All six take about a minute and a half on a quiet core, together.
"""

import nbformat
import pytest

from tests.docs.notebooks import LARGEST, NOTEBOOKS, executed, notebooks, tidied

SMALL = 160_000  # bytes of a notebook as committed


def stem(path):
    return path.stem


def test_the_page_lists_every_notebook():
    page = (NOTEBOOKS.parent / "docs" / "notebooks.md").read_text("utf-8")
    assert [path.stem for path in notebooks() if f"`{path.stem}`" not in page] == []
    assert len(notebooks()) == 6


@pytest.mark.slow
@pytest.mark.parametrize("path", notebooks(), ids=stem)
def test_a_notebook_runs(path, tmp_path):
    cells = executed(path, tmp_path).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", notebooks(), ids=stem)
def test_a_notebook_opens_with_what_is_learnt_and_ends_with_what_to_try(path):
    cells = nbformat.read(path, as_version=4).cells
    assert "**You will learn**" in cells[0].source
    assert "**To try.**" in cells[-1].source


@pytest.mark.parametrize("path", notebooks(), ids=stem)
def test_a_notebook_is_kept_small_and_without_traces_of_a_machine(path):
    text = path.read_text("utf-8")
    notebook = nbformat.read(path, as_version=4)
    assert len(text) < SMALL
    assert all(
        len(str(output)) <= LARGEST
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    assert tidied(nbformat.read(path, as_version=4)) == notebook
    assert str(NOTEBOOKS.parent) not in text
    assert "Traceback" not in text
