"""Nothing is asked of another host, by the server or by the browser, however it was started."""

import re
from urllib.parse import urljoin

import pytest

from tests.browser.doors import Asker, Outside, started

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def outside():
    one = Outside()
    yield one
    one.close()


def variables(outside, folder):
    """A process that would ask through the proxy, in the home of somebody who starts it first."""
    home = folder / "home"
    home.mkdir()
    return outside.variables | {"SOLARA_HOME": str(home)}


@pytest.mark.parametrize("way", ["civa dashboard", "python server.py", "solara run"])
def test_no_other_host_is_asked(way, tmp_path, outside, open_page, see, requests_elsewhere):
    server = started(way, tmp_path, **variables(outside, tmp_path))
    try:
        page = open_page(server.address)
        see.step(page, 1)
        for name in ("Over time", "Messages", "Runs", "Community"):
            see.tab(page, name)
        missing = Asker(server.address)
        missing.log_in()
        assert missing.ask("/_solara/cdn/@x/y", missing.host, missing.known).status == 404
        page.context.close()
    finally:
        server.close()
    assert outside.asked == []
    assert requests_elsewhere == []


def test_without_the_flag_solara_asks_once_for_its_own_version(tmp_path, outside):
    server = started("plain solara run", tmp_path, **variables(outside, tmp_path))
    server.close()
    assert len(outside.asked) == 1


def test_every_file_that_the_page_names_is_here(server):
    asker = Asker(server.address)
    asker.log_in()
    page = asker.ask("/", asker.host, asker.known).text
    named = set(re.findall(r"(?:src|href)=\"([^\"]+)\"", page))
    files = {name for name in named if not name.startswith(("http:", "https:", "data:"))}
    assert len(files) > 8
    answers = {
        name: asker.ask(urljoin("/", name), asker.host, asker.known).status for name in files
    }
    assert answers == dict.fromkeys(files, 200)


@pytest.mark.parametrize(
    "path", ["@x/y", "@widgetti", "@widgetti/solara-vuetify-app@10.1.1", "vega@5.21.0", "x", ".."]
)
def test_a_file_that_is_not_here_is_missing_without_a_second_try(server, path):
    asker = Asker(server.address)
    asker.log_in()
    first = "/_solara/cdn/vega@5.21.0/build/vega.min.js"
    there = asker.ask(first, asker.host, asker.known).status
    assert asker.ask(f"/_solara/cdn/{path}", asker.host, asker.known).status == 404
    # A folder that is asked for by name is still there afterwards.
    assert asker.ask(first, asker.host, asker.known).status == there == 200
