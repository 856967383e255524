"""A language mind on the page: what it is asked, word for word, and a day given up and taken up."""

import sys

import pytest

from model.store import load_run
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """A loopback endpoint that answers as the surrogate."""
    folder = tmp_path_factory.mktemp("endpoint")
    command = [sys.executable, "-m", "civa", "testserver", "--port", "0", "--latency", "20"]
    one = Server(command, folder, folder)
    yield one.address + "v1"
    one.close()


@pytest.fixture
def asked(page, see, endpoint):
    """A page whose community asks a language model."""
    see.write(page, "residents, 1 to 20000", "6")
    see.choose(page, "mind", "a language model")
    see.write(page, "model", "surrogate")
    see.write(page, "address of the endpoint", endpoint)
    return page


def test_a_language_run_shows_its_prompts_and_is_taken_up_where_it_was_left(
    asked, see, server, keep
):
    page = asked
    see.write(page, "seed", "11")
    see.reset(page)
    page.get_by_text("mind openai:surrogate · seed 11").wait_for()
    see.step(page, 1)
    numbers = [see.number(page, name) for name in ("stock", "messages")]
    page.locator('[data-resident="3"]').focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("article", name="Resident")
    card.get_by_role("button", name="What it was asked").click()
    card.get_by_text("evening, attempt 1").wait_for()
    for stage in ("Evening", "Morning"):
        card.get_by_text(f"Give the {stage} reply.").wait_for()  # strict: there is just one
    card.get_by_text('"main":"').first.wait_for()
    keep(page)
    see.reset(page)
    page.get_by_text("Ready after day 0 of").wait_for()
    see.step(page, 1)
    assert [see.number(page, name) for name in ("stock", "messages")] == numbers
    see.choose(page, "mind", "surrogate")
    see.reset(page)
    page.get_by_text("mind surrogate").wait_for()
    [kept] = (server.folder / "runs").iterdir()
    assert load_run(kept).meta.mind == "openai:surrogate"


def test_a_day_that_waits_for_an_endpoint_can_be_given_up(page, see):
    see.write(page, "residents, 1 to 20000", "3")
    see.choose(page, "mind", "a language model")
    see.write(page, "model", "surrogate")
    see.write(page, "address of the endpoint", "http://127.0.0.1:9/v1")
    see.write(page, "seed", "12")
    see.reset(page)
    page.get_by_text("seed 12").wait_for()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("3 residents asked at morning").wait_for()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Ready after day 0 of").wait_for()


def test_a_model_without_a_name_is_refused(asked, see):
    see.write(asked, "model", "")
    see.reset(asked)
    asked.get_by_role("alert").get_by_text("names no model").wait_for()
