"""A language mind on the page: where it is asked, what it may spend, and what it is asked."""

import re
import sys

import pytest
from playwright.sync_api import expect

from model.store import load_run
from tests.browser.conftest import HERE, Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

KEY = "sk-not-to-be-seen-on-the-page"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """A loopback endpoint that answers as the surrogate."""
    folder = tmp_path_factory.mktemp("endpoint")
    command = [sys.executable, "-m", "civa", "testserver", "--port", "0", "--latency", "20"]
    one = Server(command, folder, folder)
    yield one.address
    one.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, endpoint):
    """The page, told of two endpoints: one that answers, and one where nothing listens."""
    folder = tmp_path_factory.mktemp("language")
    named = f"local={endpoint},LOCAL_KEY nothing=http://127.0.0.1:9/v1"
    one = Server(
        [sys.executable, str(HERE / "serve.py"), "strange_minds"],
        folder,
        folder,
        CIVA_ENDPOINTS=named,
        LOCAL_KEY=KEY,
    )
    yield one
    one.close()


@pytest.fixture
def asked(page, see):
    """A page whose community asks a language model."""
    see.write(page, "residents, 1 to 20000", "6")
    see.choose(page, "mind", "a language model")
    see.write(page, "model", "surrogate")
    see.choose(page, "endpoint", "local")
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
    see.pick(page, 3)
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
    [kept] = (server.folder / "runs").glob("*-11-*")
    assert load_run(kept).meta.mind == "openai:surrogate"


def test_a_day_that_waits_for_an_endpoint_can_be_given_up(page, see):
    see.write(page, "residents, 1 to 20000", "3")
    see.choose(page, "mind", "a language model")
    see.write(page, "model", "surrogate")
    see.choose(page, "endpoint", "nothing")
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


def test_the_menu_tells_the_state_of_each_key_and_no_key(asked, see, endpoint, keep):
    page = asked
    page.get_by_text(f"{endpoint}, LOCAL_KEY set").wait_for()
    assert page.get_by_label("address").count() == 0
    see.choose(page, "endpoint", "nothing")
    page.get_by_text("http://127.0.0.1:9/v1, no key").wait_for()
    see.choose(page, "endpoint", "openai")
    page.get_by_text("https://api.openai.com/v1, OPENAI_API_KEY set").wait_for()
    keep(page)
    assert KEY not in page.content()
    assert "of the test" not in page.content()


def test_the_estimate_stands_beside_play_and_sets_the_cap_on_calls(asked, see, keep):
    page = asked
    see.write(page, "days, 1 to 5000", "3")
    see.write(page, "seed", "13")
    see.write(page, "price of a million prompt tokens", "1")
    see.write(page, "price of a million reply tokens", "4")
    # Of all that was estimated while this was typed, the last alone has both prices.
    said = page.locator(".civa-founding").first.get_by_text("at these prices")
    said.wait_for()
    calls = re.search(r"Stops at ([\d,]+) calls", said.inner_text())[1]
    expect(page.get_by_label("calls at most")).to_have_value(calls.replace(",", ""))
    see.reset(page)
    page.get_by_text("mind openai:surrogate · seed 13").wait_for()
    beside = page.locator(".civa-expected")
    beside.get_by_text("Estimated:").wait_for()
    beside.get_by_text(f"Stops at {calls} calls").wait_for()
    beside.get_by_text("at these prices").wait_for()
    keep(page)


def test_a_community_of_the_page_stops_at_its_cap_and_goes_on_with_a_larger_one(asked, see, server):
    page = asked
    see.write(page, "days, 1 to 5000", "2")
    see.write(page, "seed", "14")
    see.write(page, "calls at most", "15")  # a probe, and one day of six residents
    see.reset(page)
    page.get_by_text("mind openai:surrogate · seed 14").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("alert").get_by_text("the cap of 15 calls for this run is reached").wait_for()
    page.get_by_text("15 calls").first.wait_for()
    see.write(page, "calls at most", "40")
    see.reset(page)
    page.get_by_text("Ready after day 0 of").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("Ended after day 2 of 2").wait_for()
    [kept] = (server.folder / "runs").glob("*-14-*")
    assert 15 < load_run(kept).meta.summary["calls"] <= 40


def test_without_a_cap_nothing_is_founded(asked, see):
    page = asked
    see.write(page, "calls at most", "")
    see.write(page, "seed", "15")
    see.reset(page)
    page.get_by_role("alert").get_by_text("needs one of these caps").wait_for()
    page.get_by_text("mind surrogate · seed 1 ").wait_for()
