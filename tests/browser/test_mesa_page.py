"""The community in Mesa's own SolaraViz."""

import sys
from pathlib import Path

import pytest

from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def mesa_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mesa")
    serve = str(Path(__file__).with_name("serve.py"))
    one = Server([sys.executable, serve, "model.views.mesa_page"], folder, folder)
    yield one
    one.close()


def test_mesas_own_page_steps_and_resets_a_community(open_page, mesa_server, keep):
    page = open_page(mesa_server.address)
    for day in (1, 2):
        page.get_by_role("button", name="Step", exact=True).click()
        page.get_by_text(f"Step: {day}", exact=True).wait_for()
    keep(page)
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("Step: 0", exact=True).wait_for()
    assert page.locator("img").count() >= 1
