"""The documentation builds into a site without a warning, and the site needs no network."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.reference_pages import modules
from tests.docs.examples import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


def test_every_page_is_in_the_site_and_in_its_navigation(site):
    home = (site / "index.html").read_text("utf-8")
    pages = [p.relative_to(ROOT / "docs").with_suffix(".html") for p in sources()]
    assert [page for page in pages if not (site / page).is_file()] == []
    assert [page for page in pages if f'href="{page}"' not in home] == []


def test_no_page_stands_twice_in_the_navigation():
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    named = re.findall(r"^ +- .*: (\S+\.md)$", menu, re.MULTILINE)
    assert len(named) == len(set(named)) == len(sources())


def test_nothing_on_a_page_comes_from_elsewhere(site):
    loads = re.compile(
        r"<(?:script|img|iframe)\b[^>]*src=\"(https?:)?//|<link\b[^>]*rel=\"(?:stylesheet|preconnect)\""
        r"[^>]*href=\"(?:https?:)?//|@import url\(\"?https?:|url\(\"?https?:"
    )
    found = [
        path.relative_to(site)
        for kind in ("*.html", "*.css")
        for path in site.rglob(kind)
        if loads.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_the_search_finds_what_the_pages_and_the_code_say(site):
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    places = {entry["location"] for entry in index["docs"]}
    assert "reference/measures.html#model.measures.population.naup" in places
    assert any(place.startswith("world.html#") for place in places)
    # As a script too, so that it can be read from a folder of files.
    assert (site / "search" / "search_index.js").is_file()


def test_the_reference_holds_every_module(site):
    pages = "".join(p.read_text("utf-8") for p in (site / "reference").glob("*.html"))
    missing = [
        name
        for group in modules().values()
        for name in group
        if name not in {"agents", "model"} and f'id="{name}"' not in pages
    ]
    assert missing == []


def sources() -> list[Path]:
    return sorted((ROOT / "docs").rglob("*.md"))
