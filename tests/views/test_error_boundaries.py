"""Error boundaries without a browser: what falls, what stays, and what is said."""

import threading

import pytest
import reacton
import solara

from model.views.error_boundary import Boundary, Troubles, effect, on
from model.views.living_community import Choice
from model.views.session import Session
from model.views.trouble import thread
from model.world.scenario_files import scenario_from


def texts(widget) -> list[str]:
    """All texts under a widget, in order."""
    if isinstance(widget, str):
        return [widget]
    if isinstance(widget, list | tuple):
        return [text for one in widget for text in texts(one)]
    return texts(getattr(widget, "children", []))


class Page:
    """Two panels and the faults, drawn without a browser; `kind` is what the first one does."""

    def __init__(self, panel) -> None:
        self.session = Session(first=lambda: Choice(scenario_from({"residents": 4, "days": 3})))
        self.kind = solara.reactive("")

        @solara.component
        def Other(session):
            solara.v.Html(tag="b", children=[f"the other after {self.kind.value or 'nothing'}"])

        @solara.component
        def Whole():
            with solara.v.Html(tag="div"):
                Boundary(self.session, "The panel", panel, self.session, self.kind)
                Boundary(self.session, "The other", Other, self.session)
                Boundary(self.session, "The faults", Troubles, self.session)

        self.root, self.drawn = reacton.render(Whole(), handle_error=False)

    def does(self, kind: str) -> None:
        self.kind.set(kind)

    @property
    def text(self) -> str:
        return " | ".join(texts(self.root))

    @property
    def fallen(self) -> bool:
        return "The panel cannot be shown" in self.text

    def press(self, label: str) -> None:
        found = [one for one in self._all(self.root) if label in getattr(one, "children", [])]
        found[0].click()

    def _all(self, widget):
        yield widget
        for child in getattr(widget, "children", []):
            if not isinstance(child, str):
                yield from self._all(child)


@pytest.fixture
def page():
    pages = []

    def made(panel) -> Page:
        pages.append(Page(panel))
        return pages[-1]

    yield made
    for one in pages:
        one.drawn.close()
        one.session.close()


@solara.component
def Deep(kind):
    if kind.value == "render of a part":
        raise ValueError("planned")
    solara.use_effect(lambda: fail() if kind.peek() == "effect of a part" else None, [kind.value])
    solara.v.Html(tag="i", children=["a part"])


def fail(*_):
    raise ValueError("planned")


@solara.component
def Bare(session, kind):
    """A panel that uses Solara as it is: whatever it does wrong, it falls alone."""
    now = kind.value
    if now == "render":
        fail()
    if now == "exit":
        raise SystemExit(3)
    solara.use_memo(lambda: fail() if now == "memo" else None, [now])
    solara.use_effect(lambda: fail() if now == "effect" else None, [now])
    solara.use_effect(lambda: fail if now == "undo" else None, [now])
    tag = 3 if now == "widget" else "b"
    with solara.v.Html(tag=tag):
        Deep(kind)
    solara.Button("bare", on_click=fail)
    solara.v.Html(tag="b", children=["the panel"])


@pytest.mark.parametrize(
    "kind",
    ["render", "exit", "memo", "effect", "widget", "render of a part", "effect of a part"],
)
def test_a_panel_that_fails_falls_alone_and_is_shown_again(page, kind):
    one = page(Bare)
    one.does(kind)
    assert one.fallen
    assert f"the other after {kind}" in one.text
    one.does("")
    assert one.fallen, "nothing is shown again unasked"
    one.press("Show again")
    assert not one.fallen
    assert "the panel" in one.text


def test_undoing_an_effect_may_fail_too(page):
    one = page(Bare)
    one.does("undo")
    one.does("")
    assert one.fallen
    assert "the other after nothing" in one.text


def test_a_handler_that_nobody_wrapped_takes_its_panel_alone(page):
    one = page(Bare)
    one.press("bare")
    assert one.fallen
    assert "the other after nothing" in one.text


def test_a_cause_that_stays_makes_it_fall_again(page):
    one = page(Bare)
    one.does("render")
    one.press("Show again")
    assert one.fallen
    assert "the other after render" in one.text


def test_another_community_is_another_try(page):
    one = page(Bare)
    one.does("render")
    one.does("")
    one.session.reset(one.session.choice)
    assert not one.fallen


def test_a_panel_that_cannot_even_be_drawn_first_falls_alone(page):
    @solara.component
    def Never(session, kind):
        _ = kind.value
        fail()

    one = page(Never)
    assert one.fallen
    one.does("anything")
    assert "the other after anything" in one.text


@solara.component
def Caught(session, kind):
    """A panel that follows the conventions: it stays, whatever it does wrong."""
    now = kind.value
    effect(lambda: fail() if now == "effect" else None, [now])
    effect(lambda: fail if now == "undo" else None, [now])
    solara.Button("press", on_click=on(fail))
    solara.InputText("write", value="", on_value=on(fail))
    solara.v.Html(tag="b", children=["the panel"])


@pytest.mark.parametrize("kinds", [("effect",), ("undo", "")])
def test_an_effect_that_fails_leaves_its_panel(page, kinds):
    one = page(Caught)
    for kind in kinds:
        one.does(kind)
    assert "The panel: ValueError: planned" in one.text
    assert not one.fallen
    assert "the panel" in one.text


def test_a_handler_that_fails_leaves_its_panel_and_is_counted(page):
    one = page(Caught)
    for _ in range(3):
        one.press("press")
    assert "The panel (3 times): ValueError: planned" in one.text
    assert not one.fallen
    one.press("Dismiss")
    assert "ValueError" not in one.text


def test_a_handler_stays_the_same_as_long_as_its_function_does(page):
    seen = []

    @solara.component
    def Drawn(session, kind):
        _ = kind.value
        seen.append(on(session.step))

    one = page(Drawn)
    one.does("again")
    assert len(seen) >= 2
    assert all(handler == seen[0] for handler in seen)
    assert len(set(seen)) == 1


def test_what_is_drawn_outside_of_every_boundary_is_refused():
    @solara.component
    def Stray():
        solara.Button("x", on_click=on(fail))

    with pytest.raises(LookupError, match="outside of every Boundary"):
        reacton.render(Stray(), handle_error=False)


def test_a_thread_that_fails_is_told_in_its_panel(page):
    one = page(Caught)
    told = threading.Event()
    one.session.trouble.changed.subscribe(lambda _: told.set())
    thread(fail, lambda error: one.session.trouble.add("The panel", error))
    assert told.wait(60)
    assert "The panel: ValueError: planned" in one.text
