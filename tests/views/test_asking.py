"""Where a page lets a community ask a language model, and what it may spend there."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ipyvuetify as v
import pytest
import solara

from agents.errors import InputError
from model.run.estimate import Estimate, estimate_one
from model.views import estimates as module
from model.views.asking import EndpointMenu, ModelChoice, expected
from model.views.controls import Draft, Founding, Running
from model.views.error_boundary import Boundary
from model.views.estimates import Estimates, calls_by_default
from model.views.living_community import Choice
from model.views.parameters import LANGUAGE
from model.views.session import Session
from model.world.scenario_files import scenario_from
from model.world.settings import Settings

LONG = 60.0
KEY = "sk-marked-of-the-page"
LOCAL = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One endpoint with a key, and no network."""
    for name in ("CIVA_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "CIVA_SETTINGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CIVA_ENDPOINTS", f"local={LOCAL},LOCAL_KEY plain=http://127.0.0.1:9/x")
    monkeypatch.setenv("LOCAL_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def connect(*_: object) -> None:
        raise AssertionError("somebody was contacted")

    monkeypatch.setattr(socket.socket, "connect", connect)


def draft(more: str = "", mind: str = LANGUAGE, **typed: str) -> Draft:
    """A small community that asks a language model at `local`."""
    start = Draft.of(Choice(scenario_from({"residents": 4, "days": 3})))
    asking = ModelChoice("m", "local", typed)
    return replace(start, fields={**start.fields, "mind": mind}, asking=asking, more=more)


# --- endpoints


def test_the_menu_tells_addresses_and_the_state_of_keys_but_no_key():
    lines = EndpointMenu.read().lines
    assert lines == {
        "openai": "https://api.openai.com/v1, CIVA_API_KEY or OPENAI_API_KEY not set",
        "local": f"{LOCAL}, LOCAL_KEY set",
        "plain": "http://127.0.0.1:9/x, no key",
    }


def test_endpoints_that_cannot_be_read_leave_a_menu_that_says_why(monkeypatch):
    monkeypatch.setenv("CIVA_ENDPOINTS", "nothing")
    assert EndpointMenu.read().problem == "CIVA_ENDPOINTS: give NAME=URL or NAME=URL,KEY_VARIABLE"


def test_a_community_is_founded_with_the_name_and_its_key_stays_in_the_environment():
    choice = draft().choice()
    where = choice.settings.endpoint("m", 1.0)
    assert (choice.settings.base_url, where.base_url, where.keys) == (
        "local",
        LOCAL,
        ("LOCAL_KEY",),
    )
    assert KEY not in repr(choice)


@pytest.mark.parametrize(
    "sent",
    ["http://evil.example/v1", LOCAL, "localhost:9", "", "Local", "lo/cal", "//evil", "x" * 999],
)
def test_an_endpoint_that_is_not_on_the_menu_founds_nothing(sent):
    forged = draft()
    forged = replace(forged, asking=forged.asking.changed("endpoint", sent))
    with pytest.raises(InputError, match=r"^endpoint: ") as refused:
        forged.choice()
    assert "known are openai, local, plain" in str(refused.value)


@pytest.mark.parametrize(
    "more",
    [
        f'base_url = "{LOCAL}"',
        f'second_base_url = "{LOCAL}"',
        'endpoints = [["evil", "http://evil.example/v1", "LOCAL_KEY"]]',
        "own_address = true",
        f'[settings]\nbase_url = "{LOCAL}"',
        "max_calls = 1000000",
    ],
)
def test_the_other_parameters_cannot_name_an_address_or_lift_a_cap(more):
    with pytest.raises(InputError, match="unknown parameter"):
        draft(more).choice()


def widget(found: object, label: str) -> object:
    [one] = [w for w in found.widgets if w.label == label]
    return one


def press(rc: object, name: str) -> None:
    [one] = [w for w in rc.find(v.Btn).widgets if name in w.children]
    one.click()


@solara.component
def Controls(session: Session) -> None:
    """The panels on the left side, as the page shows them."""
    Boundary(session, "Play and Reset", Running, session)
    Boundary(session, "The next community", Founding, session)


def small() -> Choice:
    return Choice(scenario_from({"residents": 4, "days": 3}))


def test_a_forged_message_of_a_page_is_refused_and_its_community_stays():
    session = Session(first=small)
    _, rc = solara.render(Controls(session), handle_error=False)
    try:
        before = session.living
        widget(rc.find(v.Select), "mind").set_state({"v_model": LANGUAGE})
        menu = widget(rc.find(v.Select), "endpoint")
        assert menu.items == ["openai", "local", "plain"]
        menu.set_state({"v_model": "http://evil.example/v1"})
        press(rc, "Reset")
        [said] = drawn(lambda: [w for w in rc.find(v.Html).widgets if w.class_ == "civa-banner"])
        assert "'http://evil.example/v1' is the name of no endpoint" in text_of(said)
        assert session.living is before
    finally:
        rc.close()
        session.close()


def drawn(found: Callable[[], list[object]]) -> list[object]:
    """What is found once it is drawn: another thread may be drawing when a click is answered."""
    for _ in range(3_000):
        if here := found():
            return here
        time.sleep(0.01)
    return []


def text_of(element: object) -> str:
    """All words in a widget."""
    if isinstance(element, str):
        return element
    return " ".join(map(text_of, element.children))


def test_there_is_no_field_for_an_address():
    session = Session(first=small)
    _, rc = solara.render(Controls(session), handle_error=False)
    try:
        widget(rc.find(v.Select), "mind").set_state({"v_model": LANGUAGE})
        labels = [w.label for w in rc.find(v.TextField).widgets]
        assert "model" in labels
        assert not any("address" in label or "url" in label.lower() for label in labels)
    finally:
        rc.close()
        session.close()


# --- caps


@pytest.mark.parametrize("more", ["", 'second_mind = "openai:x"\nsecond_share = 0.5'])
@pytest.mark.parametrize("typed", [{"max_calls": ""}, {"max_calls": " ", "max_tokens": ""}])
def test_without_any_cap_no_language_community_is_founded(typed, more):
    with pytest.raises(
        InputError, match=r"max_calls, max_tokens, max_money: .* needs one of these"
    ):
        draft(more, **typed).choice()


def test_one_that_only_its_overseer_makes_ask_needs_a_cap_too():
    watched = draft('overseer = "openai:x"', "surrogate")
    assert watched.choice().settings.max_calls == 2 * 4 * 3 * 2  # nothing is counted yet
    with pytest.raises(InputError, match="needs one of these"):
        replace(watched, asking=ModelChoice("m", "local", {"max_calls": ""})).choice()


def test_an_offline_community_needs_none():
    settings = draft(mind="surrogate", max_calls="").choice().settings
    assert settings == Settings()


def test_one_typed_cap_is_enough_and_is_kept():
    assert draft(max_calls="7").choice().settings.max_calls == 7
    only = draft(max_calls="", max_tokens="9000").choice().settings
    assert (only.max_calls, only.max_tokens) == (None, 9000)
    priced = {"price_input": "0.25", "price_output": "2", "max_money": "1.5", "max_calls": ""}
    assert draft(**priced).choice().settings.max_money == 1.5


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"max_calls": "many"}, "calls at most: 'many' is not usable; give a whole number"),
        ({"max_calls": "1.5"}, "calls at most: '1.5' is not usable"),
        ({"max_calls": "-1"}, "max_calls: -1 is out of range"),
        ({"max_money": "nan"}, "max_money: "),
        ({"max_money": "1"}, "max_money: needs both prices"),
        ({"price_input": "x"}, "price of a million prompt tokens: 'x' is not usable"),
    ],
)
def test_a_cap_that_is_no_number_is_refused(typed, said):
    with pytest.raises(InputError) as refused:
        draft(**typed).choice()
    assert str(refused.value).startswith(said)


def test_what_lives_is_shown_with_its_caps_and_its_endpoint():
    choice = draft(max_calls="7", max_tokens="9000").choice()
    assert Draft.of(choice).asking == ModelChoice(
        "m", "local", {"max_calls": "7", "max_tokens": "9000"}
    )


# --- estimates


class Page:
    """The estimates of a page, and a way to wait for them."""

    def __init__(self) -> None:
        self._told = threading.Condition()
        self.failures: list[BaseException] = []
        self.estimates = Estimates(self._tell, self.failures.append)

    def _tell(self) -> None:
        with self._told:
            self._told.notify_all()

    def wait(self, choice: Choice, place: str = "next") -> Estimate | str:
        with self._told:
            assert self._told.wait_for(lambda: self.estimates.of(choice, place) is not None, LONG)
        found = self.estimates.of(choice, place)
        assert found is not None
        return found


def test_an_estimate_is_counted_once_elsewhere_and_is_that_of_the_command(monkeypatch):
    where = []

    def noting(*given, **named):
        where.append(threading.current_thread())
        return estimate_one(*given, **named)

    monkeypatch.setattr(module, "estimate_one", noting)
    page, choice = Page(), draft().choice()
    assert page.estimates.of(choice, "next") is None
    command = estimate_one(choice.scenario, choice.settings, choice.seed)
    assert page.wait(choice).plain() == command.plain()
    assert page.estimates.of(replace(choice), "living") == page.estimates.known(choice)
    assert len(where) == 1
    assert where[0] is not threading.current_thread()


def test_prices_give_an_estimate_its_cost_and_caps_change_nothing_of_it():
    page = Page()
    found = page.wait(draft(price_input="1", price_output="4", max_calls="9").choice())
    total = found.total
    assert found.money_uncached == pytest.approx((total.input + 4 * total.output) / 1e6)
    again = draft(price_input="1", price_output="4", max_tokens="9000").choice()
    assert page.estimates.of(again, "next") is found


def test_the_default_cap_is_a_quarter_more_than_the_estimate_with_two_digits():
    page, choice = Page(), draft().choice()
    found = page.wait(choice)
    calls = draft().choice(page.estimates).settings.max_calls
    assert calls == calls_by_default(choice, found)
    assert 1.25 * found.calls <= calls < 1.25 * found.calls * 1.1 + 1
    assert [calls_by_default(choice, replace(found, calls=n)) for n in (0, 1, 77, 1158, 2608)] == [
        1,
        2,
        97,
        1500,
        3300,
    ]


def test_a_count_is_given_up_when_another_takes_its_place(monkeypatch):
    began, go = threading.Event(), threading.Event()

    def held(scenario, *given, on_day, **named):
        if scenario.residents == 4:
            began.set()
            assert go.wait(LONG)
        return estimate_one(scenario, *given, on_day=on_day, **named)

    monkeypatch.setattr(module, "estimate_one", held)
    page, old, new = Page(), draft().choice(), draft().choice()
    new = replace(new, scenario=new.scenario.model_copy(update={"residents": 5}))
    assert page.estimates.of(old, "next") is None
    assert began.wait(LONG)
    assert page.estimates.of(new, "next") is None
    go.set()
    assert isinstance(page.wait(new), Estimate)
    assert page.estimates.known(old) is None


def test_the_counts_of_two_places_do_not_take_each_others_turn():
    page, living = Page(), draft().choice()
    other = replace(living, seed=2)
    assert page.estimates.of(living, "living") is None
    assert page.estimates.of(other, "next") is None
    assert isinstance(page.wait(living, "living"), Estimate)
    assert isinstance(page.wait(other, "next"), Estimate)


def test_what_cannot_be_counted_says_so_and_the_next_one_is_counted(monkeypatch):
    def failing(scenario, *given, **named):
        if scenario.residents == 4:
            raise RuntimeError("no such day")
        return estimate_one(scenario, *given, **named)

    monkeypatch.setattr(module, "estimate_one", failing)
    page, choice = Page(), draft().choice()
    assert page.wait(choice) == "no estimate: RuntimeError: no such day"
    other = replace(choice, scenario=choice.scenario.model_copy(update={"residents": 5}))
    assert isinstance(page.wait(other), Estimate)


def test_the_calls_of_a_language_overseer_are_counted_too():
    page = Page()
    plain = page.wait(draft().choice())
    watched = page.wait(draft('overseer = "openai:x"').choice())
    assert watched.calls > plain.calls


def test_the_line_beside_play_tells_calls_tokens_cost_and_where_it_stops():
    page = Page()
    priced = draft(price_input="1", price_output="4", max_calls="1200", max_money="0.5").choice()
    found = page.wait(priced)
    said = expected(found, priced.settings)
    assert f"{found.calls:,} calls" in said
    assert f"{found.money:,.2f} at these prices" in said
    assert said.endswith("Stops at 1,200 calls or 0.5 money.")
    assert "no prices given" in expected(page.wait(draft().choice()), Settings())
    assert expected(None, priced.settings).startswith("Being estimated: nothing is sent for it.")
