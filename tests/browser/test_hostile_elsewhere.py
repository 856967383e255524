"""The same hostile texts in a report and in a notebook: shown as they are, and never obeyed."""

import nbformat
import pytest
from nbclient import NotebookClient

from model.cli import run_command
from model.report.text import visible
from tests.browser.corpus import HOSTILE
from tests.report.material import live, say

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHORT = [text for text in HOSTILE if len(text) < 200]
CELL = """
import pandas as pd
from model import load_run

run = load_run({path!r})
pd.set_option("display.max_colwidth", None, "display.html.use_mathjax", False)
display(run.messages[["day", "sender", "text"]].head(30))
display(run.decisions[["day", "resident", "view", "why", "note"]].head(30))
run.messages["text"].iloc[0]
"""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A run whose residents say, think and note nothing else; with its report."""
    path = live(tmp_path_factory.mktemp("hostile"), 1)
    say(path, HOSTILE)
    assert run_command(["report", str(path)]) == 0
    return path


@pytest.fixture
def blank(chromium, requests_elsewhere):
    """An empty page that notes every request for another place."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.on(
        "request",
        lambda one: (
            None if one.url.startswith(("file:", "data:")) else requests_elsewhere.append(one.url)
        ),
    )
    yield page
    context.close()


def check_nothing_was_obeyed(page, requests_elsewhere):
    for kind in ("mouseover", "click", "error", "load"):
        page.evaluate(
            "kind => document.querySelectorAll('*').forEach(one => one.tagName === 'A' "
            "|| one.dispatchEvent(new Event(kind)))",
            kind,
        )
    assert page.evaluate("window.obeyed") is None
    assert page.locator('img[src="x"], svg[onload], a[href^="javascript"]').count() == 0
    assert requests_elsewhere == []


def test_a_report_shows_hostile_texts_and_obeys_none(spoken, blank, keep, requests_elsewhere):
    blank.goto((spoken / "report" / "report.html").as_uri())
    blank.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true })")
    shown = blank.locator("body").inner_text()
    found = [text for text in SHORT if visible(text) in shown]
    assert len(found) >= 4
    assert [one for one in found if "window.obeyed" in one]
    check_nothing_was_obeyed(blank, requests_elsewhere)
    keep(blank)


def test_a_notebook_shows_hostile_texts_and_obeys_none(spoken, blank, keep, requests_elsewhere):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL.format(path=str(spoken)))]
    )
    NotebookClient(notebook, timeout=120).execute()
    outputs = [output["data"] for output in notebook.cells[0].outputs if "data" in output]
    assert len(outputs) == 3
    # As Jupyter does: HTML where there is some, else the plain text as text.
    pages = [data["text/html"] for data in outputs if "text/html" in data]
    assert len(pages) == 2
    assert all("tex2jax_ignore" in page for page in pages)
    blank.set_content("".join(f"<div>{page}</div>" for page in pages))
    cells = blank.locator("td").all_inner_texts()
    for text in SHORT:
        if "\x1b" not in text:  # what cannot be seen is for the terminal's test
            assert text in cells, text
    check_nothing_was_obeyed(blank, requests_elsewhere)
    keep(blank)
