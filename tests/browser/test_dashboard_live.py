"""Living, rewinding and reading a community on the page."""

import pytest

from model.community import CommunityModel

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_step_play_pause_and_reset_do_what_they_say(page, see, keep):
    see.step(page, 2)
    see.choose(page, "Speed", "5 days/s")
    page.get_by_role("button", name="Play", exact=True).click()
    # Followed as it goes: the day shown is the last one. A slow page may pass over some of them.
    page.wait_for_function("() => /Day ([5-9]|[1-4]\\d) of \\1\\b/.test(document.body.innerText)")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Ready after day").wait_for()
    page.wait_for_timeout(700)  # a day whose last reply had come still takes effect
    stopped = page.get_by_text("Ready after day").inner_text()
    page.wait_for_timeout(700)
    assert page.get_by_text("Ready after day").inner_text() == stopped
    keep(page, "paused")
    see.reset(page)
    page.get_by_text("Ready after day 0 of 50").wait_for()


def test_a_community_that_is_played_to_its_end_says_so(page, see, keep):
    see.write(page, "days, 1 to 5000", "4")
    see.reset(page)
    page.get_by_text("Ready after day 0 of 4").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("Ended after day 4 of 4").wait_for()
    page.locator("button:disabled", has_text="Play").wait_for()


def test_the_page_shows_the_numbers_of_the_table(page, see):
    see.step(page, 4)
    model = CommunityModel(rng=1)
    for _ in range(4):
        model.step()
    see.rewind(page, last=4, to=3)
    day = model.days[3]
    for column in ("population", "households", "stock", "hungry", "cooperation", "messages"):
        shown = see.number(page, column).replace("\u202f", "")
        assert shown == f"{getattr(day, column):.0f}"
    assert see.number(page, "gini") == f"{day.gini:.2f}"


def test_what_is_undefined_on_day_0_is_a_dash(page, see):
    assert see.number(page, "messages") == "–"
    assert see.number(page, "population") == "25"


def test_a_selected_resident_shows_its_day_as_the_tables_have_it(page, see, keep):
    see.step(page, 3)
    model = CommunityModel(rng=1)
    for _ in range(3):
        model.step()
    decisions = model.recorder.tables()["decisions"]
    view = decisions[(decisions["day"] == 3) & (decisions["resident"] == 7)]["view"].iloc[0]
    page.locator('[data-resident="7"]').click()
    card = page.get_by_role("article", name="Resident")
    card.get_by_text("R7", exact=True).wait_for()
    for part in ("It woke with", "It saw it so", "It planned to", "It said", "It did"):
        card.get_by_text(part, exact=True).wait_for()
    card.get_by_text(view, exact=True).first.wait_for()
    keep(page)


def test_residents_can_be_chosen_with_the_keys_alone(page, see):
    see.step(page, 1)
    page.locator('[data-resident="3"]').focus()
    page.get_by_text("R3 ·").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("article", name="Resident").get_by_text("R3", exact=True).wait_for()


def test_a_factory_shows_who_worked_there(page, see):
    see.step(page, 3)
    page.locator(".civa-names text").first.click()
    page.get_by_role("article", name="Factory").get_by_text("was paid").first.wait_for()


def test_the_newest_day_is_one_click_away_from_any_other(page, see):
    see.step(page, 3)
    see.rewind(page, last=3, to=1)
    page.get_by_role("button", name="Latest").click()
    page.get_by_text("Day 3 of 3", exact=True).wait_for()


def test_every_chart_is_drawn_and_dark_charts_differ(open_page, see, keep):
    seen = []
    for dark in (False, True):
        page = open_page(dark=dark)
        see.step(page, 3)
        see.tab(page, "Over time")
        charts = page.locator("figure img")
        charts.nth(8).wait_for()
        assert charts.count() == 9
        loaded = "images => images.every(i => i.complete && i.naturalWidth > 0)"
        page.wait_for_function(
            "() => [...document.querySelectorAll('figure img')].every(i => i.naturalWidth > 0)"
        )
        assert charts.evaluate_all(loaded)
        seen.append(charts.first.get_attribute("src"))
        keep(page, "dark" if dark else "light")
    assert seen[0] != seen[1]


def test_messages_are_found_by_words_resident_and_mark(page, see, keep):
    see.step(page, 4)
    see.tab(page, "Messages")
    page.get_by_text("messages, the newest first").wait_for()
    said = page.locator(".civa-board .civa-said")
    assert any("work at f1" not in text.lower() for text in said.all_inner_texts())
    see.write(page, "Words in a message", "work at F1")
    page.wait_for_function(
        """() => {
            const said = [...document.querySelectorAll(".civa-board .civa-said")];
            const fits = said.filter(one => one.innerText.toLowerCase().includes("work at f1"));
            return said.length > 0 && fits.length === said.length;
        }"""
    )
    keep(page)


def test_two_browsers_live_two_communities(open_page, see):
    one, two = open_page(), open_page()
    see.step(one, 3)
    see.step(two, 1)
    see.write(two, "seed", "2")
    see.reset(two)
    two.get_by_text("seed 2").wait_for()
    assert one.get_by_text("Ready after day 3 of 50").is_visible()
    assert one.get_by_text("mind surrogate · seed 1").is_visible()


def test_nothing_is_fetched_from_elsewhere(page, see, requests_elsewhere):
    see.step(page, 1)
    for tab in ("Over time", "Messages", "Intervene", "Runs", "Studies", "Community"):
        see.tab(page, tab)
        page.wait_for_timeout(200)
    assert requests_elsewhere == []


@pytest.mark.parametrize("width", [1280, 1920])
def test_nothing_lies_over_anything_else(open_page, see, width):
    page = open_page(width=width)
    see.step(page, 2)
    page.locator('[data-resident="5"]').click()
    page.get_by_role("article", name="Resident").wait_for()
    boxes = page.evaluate(
        """() => ['.civa-side', '.civa-line', '.civa-numbers', '.civa-day-slider', '.civa-grid',
                  '.civa-card'].map(name => {
              const b = document.querySelector(name).getBoundingClientRect();
              return [name, b.left, b.top, b.right, b.bottom];
           })"""
    )
    for k, (one, l1, t1, r1, b1) in enumerate(boxes):
        assert r1 <= width, f"{one} reaches beyond the page"
        for other, l2, t2, r2, b2 in boxes[k + 1 :]:
            apart = min(r1, r2) - max(l1, l2) <= 1 or min(b1, b2) - max(t1, t2) <= 1
            assert apart, f"{one} and {other} overlap"
