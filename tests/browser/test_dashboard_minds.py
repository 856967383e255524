"""Minds that hang, raise, or say what no page may obey."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus import HOSTILE

from model.report.text import visible

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HELD, RAISING, SAYS = "random", "flat", "permuted"


@pytest.fixture
def held(page, see, server):
    """A page whose community waits for a mind that does not answer."""
    for name in ("release", "released", "asked", f"closed {HELD}"):
        (server.folder / name).unlink(missing_ok=True)
    see.choose(page, "mind", HELD)
    see.reset(page)
    page.get_by_text(f"mind {HELD} ").wait_for()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("25 residents asked at morning").wait_for()
    yield page
    (server.folder / "release").touch()


def test_every_click_is_answered_while_a_mind_is_held(held, see, server, keep):
    page = held
    keep(page, "asking")
    see.tab(page, "Messages")
    page.get_by_text("Nobody has said anything yet.").wait_for()
    see.tab(page, "Community")
    page.locator('[data-resident="4"]').click()
    page.get_by_text("Day 0 is the start").wait_for()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Ready after day 0 of 50").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("residents asked at morning").wait_for()
    see.choose(page, "mind", "surrogate")
    see.reset(page)
    page.get_by_text("mind surrogate").wait_for()
    see.step(page, 1)
    assert not (server.folder / "released").exists(), (
        "the mind was released before all was answered"
    )


def test_a_day_given_up_leaves_no_trace(held, see, server):
    page = held
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Ready after day 0 of 50").wait_for()
    (server.folder / "release").touch()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("Ready after day 1 of 50").wait_for()
    held_community = [see.number(page, name) for name in ("stock", "messages", "cooperation")]
    see.choose(page, "mind", "surrogate")
    see.reset(page)
    page.get_by_text("mind surrogate").wait_for()
    see.step(page, 1)
    undisturbed = [see.number(page, name) for name in ("stock", "messages", "cooperation")]
    assert held_community == undisturbed


def test_closing_the_tab_gives_up_what_is_in_flight(held, server):
    held.close(run_before_unload=False)
    for _ in range(300):
        if (server.folder / f"closed {HELD}").exists():
            break
        server.process.poll()
        __import__("time").sleep(0.1)
    assert (server.folder / f"closed {HELD}").exists()
    assert not (server.folder / "released").exists()


def test_a_mind_that_raises_shows_a_banner_and_the_page_lives_on(page, see, keep):
    see.choose(page, "mind", RAISING)
    see.reset(page)
    page.get_by_text(f"mind {RAISING}").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    banner = page.get_by_role("alert").first
    banner.wait_for()
    assert "RuntimeError" in banner.inner_text()
    assert HOSTILE[0] in banner.inner_text()
    page.get_by_text("Stands after day 1 of 50").wait_for()
    keep(page)
    page.locator('[data-resident="2"]').click()
    page.get_by_role("article", name="Resident").wait_for()
    see.choose(page, "mind", "surrogate")
    see.reset(page)
    page.get_by_text("mind surrogate").wait_for()
    see.step(page, 2)


def test_hostile_texts_are_shown_and_not_obeyed(page, see, keep, requests_elsewhere):
    see.choose(page, "mind", SAYS)
    see.write(page, "other parameters, one name = value a line", "fault_limit = 1.0")
    see.reset(page)
    page.get_by_text(f"mind {SAYS}").wait_for()
    see.step(page, 2)
    see.tab(page, "Messages")
    page.get_by_text("messages, the newest first").wait_for()
    board = page.locator(".civa-board").inner_text()
    expected = [visible(text) for text in HOSTILE]
    assert [text for text in expected if text in board] == expected
    see.tab(page, "Intervene")
    see.choose(page, "what to do", "broadcast")
    see.write(page, "words from outside", HOSTILE[2])
    page.get_by_role("button", name="Do it").click()
    page.get_by_text(HOSTILE[2]).first.wait_for()
    see.tab(page, "Community")
    for resident in range(1, 11):
        see.pick(page, resident)
        card = page.get_by_role("article", name="Resident")
        card.get_by_text(f"R{resident}", exact=True).first.wait_for()
        expected_here = visible(HOSTILE[resident % len(HOSTILE)])
        assert card.inner_text().count(expected_here) >= 3, (
            "view, why and note are shown as written"
        )
    keep(page)
    assert page.evaluate("window.obeyed") is None
    assert page.locator('img[src="x"], svg[onload], .civa-page script').count() == 0
    assert requests_elsewhere == []


def test_a_fault_is_told_with_its_cause(page, see):
    see.choose(page, "mind", SAYS)
    see.write(page, "other parameters, one name = value a line", "fault_limit = 1.0")
    see.reset(page)
    page.get_by_text(f"mind {SAYS}").wait_for()
    see.step(page, 1)
    see.pick(page, 25)
    told = page.get_by_role("article", name="Resident").get_by_role("alert")
    assert HOSTILE[0] in told.inner_text()
    assert see.number(page, "faults") == "2", "the last asked of the morning and of the evening"


def test_a_run_of_too_many_faults_ends_as_failed(page, see):
    see.choose(page, "mind", SAYS)
    see.write(page, "other parameters, one name = value a line", "fault_limit_from = 1")
    see.reset(page)
    page.get_by_text(f"mind {SAYS}").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("more than fault_limit").wait_for()
