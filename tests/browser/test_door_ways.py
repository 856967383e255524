"""Coming in: with the token, in a frame, through a proxy; and what is refused on the way."""

import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import HERE, LONG, Server
from tests.browser.doors import KERNEL, Asker, Site, free_port, started, until
from tests.browser.proxy import Proxy

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def stranger(chromium):
    """A browser that was never here."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(LONG)
    yield page
    context.close()


def step(page):
    """The button by which one knows the dashboard."""
    return page.get_by_role("button", name="Step", exact=True)


def test_the_token_is_typed_where_the_address_was_without_it(stranger, server, keep):
    asker = Asker(server.address)
    stranger.goto(f"http://127.0.0.1:{asker.port}/?day=3")
    field = stranger.get_by_label("The token, from the address that civa printed:")
    keep(stranger)
    field.fill("a wrong one")
    stranger.get_by_role("button", name="Open").click()
    field.fill(asker.token)
    stranger.get_by_role("button", name="Open").click()
    step(stranger).wait_for()
    assert stranger.url == f"http://127.0.0.1:{asker.port}/?day=3"


def test_the_token_leaves_the_address_and_the_page_lives_on_after_a_reload(stranger, server):
    asker = Asker(server.address)
    stranger.goto(server.address)
    step(stranger).wait_for()
    assert stranger.url == f"http://127.0.0.1:{asker.port}/"
    assert asker.token not in stranger.content()
    assert stranger.evaluate("document.cookie").find("civa-") == -1
    stranger.reload()
    step(stranger).click()
    stranger.get_by_text("Ready after day 1 of").wait_for()


def test_the_page_names_its_language_and_can_be_enlarged(page):
    assert page.locator("html").get_attribute("lang") == "en"
    viewport = page.locator("meta[name=viewport]").get_attribute("content")
    assert viewport == "width=device-width, initial-scale=1"


def test_a_text_that_reaches_the_page_as_markup_runs_nothing_and_loads_nothing(
    chromium, tmp_path, requests_elsewhere
):
    server = Server([sys.executable, str(HERE / "serve.py"), "hostile_page"], tmp_path, tmp_path)
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.on("response", lambda answer: requests_elsewhere.append(answer.url))
        blocked = []
        page.on("console", lambda said: blocked.append(said.text))
        page.goto(server.address)
        page.get_by_role("button", name="pressed 0").click()
        page.get_by_role("button", name="pressed 1").wait_for()
        assert page.locator("img[src=x]").count() == 2
        page.wait_for_function(
            "() => [...document.querySelectorAll('img[src=x]')].every(image => image.complete)"
        )
        for link in page.get_by_text("a link").all():
            link.click()
        page.get_by_role("button", name="pressed 1").click()
        page.get_by_role("button", name="pressed 2").wait_for()
        assert page.title() != "run"
        assert any("inline event handler" in text for text in blocked)
        assert [url for url in requests_elsewhere if "evil" in url] == []
    finally:
        context.close()
        server.close()


def test_a_server_without_its_guard_shows_no_dashboard(stranger, tmp_path):
    command = [sys.executable, str(HERE / "unguarded.py"), str(free_port())]
    server = Server(command, tmp_path, tmp_path)
    try:
        until(Asker(server.address).answers)
        stranger.goto(server.address)
        stranger.get_by_text("without its guard").first.wait_for()
        assert step(stranger).count() == 0
    finally:
        server.close()


class TestFrame:
    """A page of another port that shows the dashboard."""

    @pytest.mark.parametrize("way", ["civa dashboard", "solara run"])
    def test_that_was_declared_shows_it(self, stranger, tmp_path, way):
        site = Site()
        around = f"http://127.0.0.1:{site.port}"
        server = started(way, tmp_path, CIVA_FRAME=around)
        try:
            site.pages["around"] = f'<iframe src="{server.address}" width=1200 height=800></iframe>'
            stranger.goto(f"{around}/around")
            step(stranger.frame_locator("iframe")).click()
            stranger.frame_locator("iframe").get_by_text("Ready after day 1 of").wait_for()
        finally:
            server.close()
            site.close()


class TestProxy:
    """A dashboard behind a proxy, at an address with a path."""

    @pytest.mark.parametrize(
        ("way", "strips", "keeps_host"),
        [
            ("civa dashboard", True, True),
            ("civa dashboard", False, False),
            ("solara run", True, False),
            ("solara run", False, True),
        ],
    )
    def test_is_used_through_it(self, stranger, tmp_path, way, strips, keeps_host):
        port = free_port()
        proxy = Proxy(port, "/user/ann/proxy/8765", strips=strips, keeps_host=keeps_host)
        server = started(way, tmp_path, port=port, CIVA_BEHIND=proxy.address)
        try:
            assert server.address.startswith(f"{proxy.address}?token=")
            stranger.goto(server.address)
            step(stranger).click()
            stranger.get_by_text("Ready after day 1 of").wait_for()
            assert stranger.url == proxy.address
            (cookie,) = (one for one in stranger.context.cookies() if "civa" in one["name"])
            assert cookie["path"] == "/user/ann/proxy/8765/"
            assert proxy.websockets == 1
        finally:
            server.close()
            proxy.close()

    def test_that_was_not_declared_is_refused(self, stranger, server):
        proxy = Proxy(Asker(server.address).port, "/x", strips=True, keeps_host=True)
        try:
            answer = stranger.goto(f"{proxy.address}?{urlsplit(server.address).query}")
            assert answer.status == 403
        finally:
            proxy.close()

    def test_that_was_not_declared_and_rewrites_the_host_opens_no_session(self, stranger, server):
        asker = Asker(server.address)
        asker.log_in()
        before = asker.sessions
        proxy = Proxy(asker.port, "/x", strips=True, keeps_host=False)
        try:
            stranger.goto(f"{proxy.address}?{urlsplit(server.address).query}")
            said = stranger.evaluate(
                """path => new Promise(say => {
                    const socket = new WebSocket(location.origin.replace("http", "ws") + path);
                    socket.onopen = () => say("open");
                    socket.onerror = () => say("refused");
                })""",
                f"/x{KERNEL}/channels?session_id=x",
            )
            assert (said, proxy.websockets, asker.sessions) == ("refused", 1, before)
        finally:
            proxy.close()


@pytest.mark.parametrize(
    "options",
    [
        ["--behind", "hub.example"],
        ["--frame", "https://lab.example"],
        ["--allow-host", "http://lab.example"],
        ["--no-token", "--host", "0.0.0.0"],
        ["--no-token", "--behind", "https://hub.example/"],
    ],
)
@pytest.mark.parametrize(
    "start", [["-m", "civa", "dashboard"], [str(HERE.parents[1] / "server.py")]]
)
def test_what_cannot_be_declared_is_bad_input_of_one_line(start, options, tmp_path):
    done = subprocess.run(
        [sys.executable, *start, "--no-open", "--port", "0", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"civa: {options[0]}")


def test_without_a_token_it_is_said_and_the_page_is_shown(stranger, tmp_path):
    server = started("civa dashboard", tmp_path, "--no-token")
    try:
        assert "no token: every user of this machine" in server.log.read_text()
        assert "token=" not in server.address
        stranger.goto(server.address)
        step(stranger).wait_for()
    finally:
        server.close()


@pytest.mark.parametrize("way", ["civa dashboard", "solara run"])
def test_a_token_that_was_set_outlives_a_restart(stranger, tmp_path, way):
    port = free_port()
    for start in ("first", "second"):
        (tmp_path / start).mkdir()
        server = started(way, tmp_path / start, port=port, CIVA_TOKEN="of-this-test-only")
        try:
            assert server.address.endswith("?token=of-this-test-only")
            stranger.goto(server.address if start == "first" else f"http://127.0.0.1:{port}/")
            step(stranger).wait_for()
        finally:
            server.close()


def test_the_token_is_in_no_log_of_the_server(stranger, tmp_path):
    server = started("solara run", tmp_path, "--log-level-uvicorn", "info")
    try:
        stranger.goto(server.address)
        step(stranger).wait_for()
        server.waited_for(r"WebSocket /jupyter/api")
        token = Asker(server.address).token
        lines = server.log.read_text().splitlines()
        assert [line for line in lines if token in line] == [
            f"civa: the dashboard is at {server.address}"
        ]
        assert any("GET / HTTP" in line for line in lines)
    finally:
        server.close()
