"""Which key goes where, seen by servers that note what they are sent."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from agents.llm.keys import (
    NamedEndpoint,
)
from agents.minds.surrogate import Surrogate
from agents.testserver.app import Server
from model.world.settings import Settings
from tests.faults.secrets import PLANTED
from tests.language.communities import serving
from tests.language.living import MIND, civa, small
from tests.language.test_keys import KEYS, LOCAL, VARIABLES


@dataclass
class Listening:
    """The test server, and every Authorization header that it was sent."""

    url: str = ""
    sent: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        return set(self.sent)


@contextmanager
def listening() -> Iterator[Listening]:
    one = Listening()

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        one.sent.append(request.headers.get("Authorization", ""))
        return await handler(request)

    class Recorded(Server):
        def app(self) -> web.Application:
            app = super().app()
            app.middlewares.append(note)
            return app

    with serving(Recorded(Surrogate())) as url:
        one.url = url
        yield one


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Listening, Listening]]:
    """Two servers, all keys in the environment, and nothing named."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    with listening() as one, listening() as other:
        yield one, other


RUN = (
    "run",
    "--days",
    1,
    "--quiet",
    "--set",
    "residents=4",
    "--set",
    "width=8",
    "--set",
    "height=8",
)
SECOND = (
    *("--set", f"second_mind={MIND}", "--set", "second_share=0.5", "--set", "max_calls=1000"),
)


def bearer(name: str) -> set[str]:
    return {f"Bearer {KEYS[name]}"}


NO_KEY = {"Bearer unused"}


def test_each_of_two_minds_sends_each_address_its_own_key_alone(two, capsys):
    a, b = two
    words = ("--endpoint", f"a={a.url},A_KEY", "--endpoint", f"b={b.url},B_KEY", "--base-url", "a")
    assert civa(capsys, *RUN, "--mind", MIND, *SECOND, "--set", "second_base_url=b", *words)[0] == 0
    assert (a.keys, b.keys) == (bearer("A_KEY"), bearer("B_KEY"))


def test_a_second_address_is_sent_civas_key_only_where_it_is_the_first_one(two, capsys):
    a, b = two
    words = (*RUN, "--mind", MIND, *SECOND, "--base-url", a.url, "--out")
    assert civa(capsys, *words, "r1", "--set", f"second_base_url={b.url}")[0] == 0
    assert (a.keys, b.keys) == (bearer("CIVA_API_KEY"), NO_KEY)
    assert civa(capsys, *words, "r2", "--set", f"second_base_url=HTTP{a.url[4:]}")[0] == 0
    assert a.keys == bearer("CIVA_API_KEY")


def test_openais_key_is_sent_to_its_base_url_and_to_no_address_that_is_typed(
    two, capsys, monkeypatch
):
    a, b = two
    monkeypatch.delenv("CIVA_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", a.url)
    assert civa(capsys, *RUN, "--mind", MIND, "--out", "r1")[0] == 0
    assert civa(capsys, *RUN, "--mind", MIND, "--out", "r2", "--base-url", b.url)[0] == 0
    assert (a.keys, b.keys) == (bearer("OPENAI_API_KEY"), NO_KEY)


@pytest.mark.parametrize("kind", ["scenario", "design"])
def test_an_address_that_only_a_file_names_is_sent_no_key(two, capsys, kind):
    a, b = two
    study = kind == "design"
    text = f'[settings]\nbase_url = "{a.url}"\n'
    fields = f'mind = "{MIND}"\nresidents = 4\ndays = 1\nwidth = 8\nheight = 8\n'
    if study:
        text = f'name = "s"\nseed = 1\nruns = 1\n[scenario]\n{fields}{text}'
        text += '[factors]\nvalue = ["BE"]\nprevalence = [1.0]\n[registration]\nanalysis = "dose"\n'
    Path("given.toml").write_text(text if study else fields + text)
    words = ("study", "given.toml") if study else ("run", "given.toml", "--quiet")
    assert civa(capsys, *words, "--out", "r1")[0] == 0
    assert a.keys == NO_KEY
    assert civa(capsys, *words, "--out", "r2", "--base-url", b.url)[0] == 0
    assert (a.keys, b.keys) == (NO_KEY, bearer("CIVA_API_KEY"))
    named = ("--endpoint", f"mine={a.url},A_KEY")
    assert civa(capsys, *words, "--out", "r3", *named)[0] == 0
    assert a.keys == NO_KEY | bearer("A_KEY")


@pytest.mark.parametrize(
    "table", ['endpoints = [["a", "http://evil.example/v1", "CIVA_API_KEY"]]', "own_address = true"]
)
def test_a_file_cannot_say_whose_key_goes_where(two, capsys, table):
    Path("given.toml").write_text(f'mind = "{MIND}"\n[settings]\n{table}\n')
    code, _, said = civa(capsys, "run", "given.toml")
    assert code == 2
    assert "is not for a file of this kind" in said
    assert not Path("runs").exists()


def test_names_come_from_the_command_line_the_environment_and_the_users_own_file(
    two, capsys, monkeypatch
):
    a, b = two
    folder = Path("config", "civa")
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(
        f'[endpoints.mine]\nurl = "{a.url}"\nkey = "A_KEY"\n[endpoints.same]\nurl = "{a.url}"\n'
    )
    words = (*RUN, "--mind", MIND)
    assert civa(capsys, *words, "--base-url", "mine", "--out", "r1")[0] == 0
    assert a.keys == bearer("A_KEY")
    monkeypatch.setenv("CIVA_ENDPOINTS", f"same={b.url},B_KEY")
    assert civa(capsys, *words, "--base-url", "same", "--out", "r2")[0] == 0
    assert (a.keys, b.keys) == (bearer("A_KEY"), bearer("B_KEY"))
    given = ("--endpoint", f"same={b.url},A_KEY")
    assert civa(capsys, *words, "--base-url", "same", "--out", "r3", *given)[0] == 0
    assert b.keys == bearer("B_KEY") | bearer("A_KEY")
    for path in Path("r1").rglob("*"):
        assert path.is_dir() or b"marked-key" not in path.read_bytes()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[endpoints.a]\n", "[endpoints.a] needs url"),
        ("[endpoints.a]\nurl = 1\n", "[endpoints.a] needs url"),
        ('[endpoints.a]\nurl = "http://h"\nkeys = "K"\n', "[endpoints.a] needs url"),
        ('[endpoints]\na = "http://h"\n', "[endpoints.a] needs url"),
        ("endpoints = 1\n", "write [endpoints.NAME]"),
        ("[settings]\nmax_calls = 1\n", "settings is unknown there"),
        ('[endpoints.a]\nurl = "http://me:sk-marked-pass@h"\n', "a: holds a secret"),
        ('[endpoints.a]\nurl = "http://h"\nkey = "sk-marked-itself"\n', "never by itself"),
        ("[endpoints.a\n", "is not TOML"),
        (None, "is not there; name a TOML file"),
    ],
)
def test_a_settings_file_that_cannot_be_read_is_one_line_and_nothing_is_done(
    two, capsys, monkeypatch, text, said
):
    path = Path(f"{PLANTED}.toml")
    if text is not None:
        path.write_text(text)
    monkeypatch.setenv("CIVA_SETTINGS", str(path))
    code, _, error = civa(capsys, *RUN, "--mind", "surrogate", "--out", "r")
    assert code == 2
    assert said in error
    assert error.count("\n") == 1
    assert "marked-" not in error
    assert not Path("r").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--base-url", "lokal"), "base_url: 'lokal' is the name of no endpoint; known are openai"),
        (("--endpoint", "a=http://h:1/v1,UNSET_KEY", "--base-url", "a"),
         "http://h:1/v1 needs a key: set UNSET_KEY in the environment"),
        (("--set", "second_base_url=http://me@h/v1", "--base-url", LOCAL),
         "second_base_url: holds a secret"),
        (("--set", "endpoints=[1]", "--base-url", LOCAL), "endpoints"),
    ],
)  # fmt: skip
def test_what_names_no_place_to_ask_is_one_line_and_nothing_is_written(two, capsys, words, said):
    code, _, error = civa(capsys, *RUN, "--mind", MIND, *SECOND, *words, "--out", "r")
    assert code == 2
    assert said in error
    assert error.count("\n") == 1
    assert not Path("r").exists()


def test_a_server_that_wants_a_key_and_was_sent_none_is_told_how(tmp_path, capsys, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEYS["OPENAI_API_KEY"])
    with redirecting(401) as (url, seen):
        code, _, said = civa(
            capsys, *RUN, "--mind", MIND, "--base-url", url, "--out", tmp_path / "run"
        )
    assert code == 3
    assert "none was sent because none belongs to this address. Set CIVA_API_KEY" in said
    assert "--endpoint NAME=URL,KEY_VARIABLE" in said
    assert set(seen) == {"Bearer unused"}


def test_a_redirect_to_another_origin_carries_no_request_and_no_key(two, capsys):
    a, _ = two
    with redirecting(307, a.url + "/chat/completions") as (url, seen):
        words = ("--endpoint", f"b={url},B_KEY", "--base-url", "b", "--out", "r")
        code, _, said = civa(capsys, *RUN, "--mind", MIND, *words)
    assert code == 3
    assert "only the configured host is contacted" in said
    assert set(seen) == bearer("B_KEY")
    assert a.sent == []


@contextmanager
def redirecting(status: int, to: str = "") -> Iterator[tuple[str, list[str]]]:
    """A server that answers every request with one status, and what keys it was sent."""
    seen: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers.get("Authorization", ""))
            body = json.dumps({"error": {"message": "no"}}).encode()
            self.send_response(status)
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_settings_travel_to_a_worker_and_its_environment_holds_the_key(monkeypatch):
    settings = Settings(base_url="a", endpoints=(NamedEndpoint("a", LOCAL, "A_KEY"),))
    there = pickle.loads(pickle.dumps(settings)).endpoint("m", 1.0)
    assert (there.base_url, there.keys, there.needs_key) == (LOCAL, ("A_KEY",), True)
    assert "marked-" not in repr(settings)
    assert small().mind == MIND
