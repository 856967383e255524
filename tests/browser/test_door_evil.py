"""A page that is not ours opens no session and reads nothing, however the dashboard was started."""

import re

import pytest

from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.doors import KERNEL, WAYS, Asker, Site, started

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

#: What a page tries on an address: a session, reading, frames, and files that tell who is known.
EVIL = """<!doctype html><title>evil</title><body><script>
const target = new URLSearchParams(location.search).get('target');
const tell = (name, what) => new Promise(done => what(said => done([name, said])));
window.told = Promise.all([
  tell('websocket', say => {
    const socket = new WebSocket(target.replace('http', 'ws') + KERNEL);
    socket.onopen = () => say('open');
    socket.onerror = () => say('refused');
  }),
  tell('fetch', say => fetch(target + '/', {credentials: 'include'})
    .then(answer => answer.text()).then(text => say(text.length), () => say('refused'))),
  tell('state', say => fetch(target + '/resourcez', {credentials: 'include'})
    .then(answer => answer.text()).then(text => say(text.length), () => say('refused'))),
  tell('picture', say => {
    const picture = new Image();
    picture.onload = () => say('shown');
    picture.onerror = () => say('refused');
    picture.src = target + '/static/assets/favicon.png';
  }),
  tell('script', say => {
    const script = document.createElement('script');
    script.onload = () => say('run');
    script.onerror = () => say('refused');
    script.src = target + '/static/main-vuetify.js';
    document.body.append(script);
  }),
]).then(all => Object.fromEntries(all));
</script>""".replace("KERNEL", f"'{KERNEL}/channels?session_id=x'")
REFUSED = dict.fromkeys(("websocket", "fetch", "state", "picture", "script"), "refused")


@pytest.fixture(scope="module")
def chromium():
    """A browser to which the evil site's name leads to this machine."""
    from playwright.sync_api import sync_playwright

    there = "--host-resolver-rules=MAP rebind.example 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, there])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def evil():
    """The site that the user has open as well."""
    site = Site(evil=EVIL)
    site.pages["sandboxed"] = '<iframe sandbox="allow-scripts" src="/evil?%s"></iframe>'
    yield site
    site.close()


@pytest.fixture(scope="module", params=WAYS)
def asker(request, tmp_path_factory):
    """A dashboard whose very first request carries somebody's root path."""
    server = started(request.param, tmp_path_factory.mktemp("door"))
    one = Asker(server.address)
    poison = [("X-Script-Name", "//evil.example"), ("Script-Name", "//evil.example")]
    poison += [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")]
    one.log_in(*poison)
    one.ask("/", one.host, one.known, *poison)
    yield one
    server.close()


@pytest.fixture(scope="module")
def known(chromium, asker):
    """A browser in which the user looks at the dashboard, all the while that others try."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(asker.address)
    page.get_by_role("button", name="Step", exact=True).wait_for()
    yield context
    context.close()


def test_the_first_request_does_not_say_where_scripts_come_from(asker):
    page = asker.ask("/", asker.host, asker.known)
    assert page.status == 200
    assert "evil.example" not in page.text
    assert 'src="/_solara/cdn/' in page.text


def test_the_guard_stands_before_the_page_just_once(asker):
    page = asker.ask("/", asker.host, asker.known)
    (policy,) = page.headers.get_all("Content-Security-Policy")
    (word,) = re.findall(r"'nonce-([^']+)'", policy)
    scripts = re.findall(r"<script\b[^>]*>", page.text)
    assert len(scripts) > 5
    assert all(script.count("nonce=") == 1 and f'nonce="{word}"' in script for script in scripts)


@pytest.mark.parametrize("site", ["127.0.0.1", "localhost", "rebind.example"])
@pytest.mark.parametrize("target", ["127.0.0.1", "localhost"])
def test_a_page_of_another_origin_gets_nothing(asker, evil, known, site, target):
    before = asker.sessions
    page = known.new_page()
    page.goto(f"http://{site}:{evil.port}/evil?target=http://{target}:{asker.port}")
    assert page.evaluate("window.told") == REFUSED
    assert asker.sessions == before


def test_a_page_without_an_origin_gets_nothing(asker, evil, known):
    before = asker.sessions
    evil.pages["sandboxed"] = (
        '<iframe sandbox="allow-scripts" '
        f'src="/evil?target=http://127.0.0.1:{asker.port}"></iframe>'
    )
    page = known.new_page()
    page.goto(f"http://127.0.0.1:{evil.port}/sandboxed")
    (frame,) = page.frames[1:]
    frame.wait_for_function("window.told")
    assert frame.evaluate("self.origin") == "null"
    assert frame.evaluate("window.told") == REFUSED
    assert asker.sessions == before


def test_a_name_that_is_made_to_lead_here_shows_nothing(asker, known):
    before = asker.sessions
    page = known.new_page()
    answer = page.goto(f"http://rebind.example:{asker.port}/?token={asker.token}")
    assert answer.status == 403
    assert page.context.cookies(f"http://rebind.example:{asker.port}/") == []
    assert "Solara" not in page.content()
    assert asker.sessions == before


def test_a_frame_of_another_page_stays_empty(asker, evil, known):
    evil.pages["around"] = f'<iframe src="http://127.0.0.1:{asker.port}/"></iframe>'
    page = known.new_page()
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.goto(f"http://127.0.0.1:{evil.port}/around")
    assert page.frames[1].get_by_role("button").count() == 0


def test_a_session_is_opened_by_nobody_but_our_page(asker):
    before = asker.sessions
    own, known = asker.origin, asker.known
    wishes = {
        "no token": (asker.host, own),
        "no Origin": (asker.host, known),
        "null Origin": (asker.host, known, ("Origin", "null")),
        "another port": (asker.host, known, ("Origin", "http://127.0.0.1:9")),
        "another name of this machine": (
            asker.host,
            known,
            ("Origin", f"http://localhost:{asker.port}"),
        ),
        "a foreign Host": (("Host", f"rebind.example:{asker.port}"), known, own),
        "no port": (("Host", "127.0.0.1"), known, own),
    }
    assert {why: asker.websocket(*wish) for why, wish in wishes.items()} == dict.fromkeys(
        wishes, 403
    )
    assert asker.websocket(asker.host, known, own, own) == 400
    assert asker.websocket(asker.host, asker.host, known, own) == 400
    assert asker.sessions == before


def test_a_session_that_is_open_is_not_closed_from_outside(asker, known):
    before = asker.sessions
    path = f"/_solara/api/close/{KERNEL.rpartition('/')[2]}?session_id=x"
    foreign = ("Origin", "http://evil.example")
    assert asker.ask(path, asker.host, asker.known, foreign, method="POST").status == 403
    assert asker.ask(path, asker.host, asker.origin, method="POST").status == 403
    assert asker.sessions == before


def test_our_own_page_opens_a_session(asker):
    before = asker.sessions
    assert asker.websocket(asker.host, asker.known, asker.origin) == 101
    assert asker.sessions == before + 1


@pytest.mark.parametrize("path", ["/", "/resourcez", "/readyz", "/static/main-vuetify.js", "/x"])
def test_without_the_token_nothing_is_told(asker, path):
    answer = asker.ask(path, asker.host)
    assert answer.status == 403
    assert answer.text.startswith("<!doctype html><html lang=en><title>civa</title><form>")
