"""A key belongs to an address: where its key is looked up, and what is sent over the wire."""

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
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.llm.keys import (
    Destination,
    NamedEndpoint,
    Registry,
    endpoint_in_words,
    endpoints_in,
    in_words,
    secrets_in,
)
from agents.minds.surrogate import Surrogate
from agents.testserver.app import Server
from model.world.settings import Settings
from tests.faults.secrets import PLANTED
from tests.language.communities import serving
from tests.language.living import MIND, civa, small

LOCAL, OTHER = "http://127.0.0.1:8000/v1", "http://127.0.0.1:8001/v1"
KEYS = {
    "CIVA_API_KEY": "sk-marked-civa-key",
    "OPENAI_API_KEY": "sk-marked-openai-key",
    "A_KEY": "sk-marked-key-of-a",
    "B_KEY": "sk-marked-key-of-b",
}
VARIABLES = (*KEYS, "OPENAI_BASE_URL", "CIVA_ENDPOINTS", "CIVA_SETTINGS", "XDG_CONFIG_HOME")


def known(*words: str, **environment: str) -> Registry:
    return Registry(tuple(endpoint_in_words(word, "--endpoint") for word in words), environment)


# --- the rule


def test_without_any_name_openai_is_asked_with_civas_key_or_its_own():
    found = known().find("")
    assert found.url == "https://api.openai.com/v1"
    assert found.keys == ("CIVA_API_KEY", "OPENAI_API_KEY")
    assert found.needs_key


def test_openais_key_is_that_of_its_base_url_where_one_is_set():
    there = known(OPENAI_BASE_URL=f" {LOCAL}/ ")
    assert there.find("") == there.find("openai") == there.find(LOCAL)
    assert there.find("").keys == ("CIVA_API_KEY", "OPENAI_API_KEY")
    assert there.find("https://api.openai.com/v1").keys == ("CIVA_API_KEY",)
    assert "OPENAI_API_KEY" not in there.find(OTHER).keys


def test_an_address_that_is_typed_gets_civas_key_and_never_openais():
    assert known().find(LOCAL) == Destination(LOCAL, ("CIVA_API_KEY",))


def test_an_address_that_is_not_the_users_is_asked_without_a_key():
    assert known().find(LOCAL, main=False) == Destination(LOCAL)
    assert known().find("https://api.openai.com/v1", main=False).keys == ("OPENAI_API_KEY",)


def test_a_named_endpoint_takes_its_own_key_by_name_and_by_origin():
    there = known(f"a={LOCAL},A_KEY", "b=https://gw.example/x,B_KEY")
    assert there.find("a") == Destination(LOCAL, ("A_KEY",), needs_key=True)
    assert there.find("http://127.0.0.1:8000/v2").keys == ("A_KEY",)
    assert there.find("HTTPS://GW.example.:443/y").keys == ("B_KEY",)
    assert there.find("http://gw.example/x").keys == ("CIVA_API_KEY",)


def test_a_named_endpoint_without_a_variable_is_asked_without_a_key():
    there = known(f"a={LOCAL}")
    assert there.find("a") == there.find(LOCAL) == Destination(LOCAL)


def test_a_name_for_openais_own_origin_has_openais_key():
    assert known("mine=https://api.openai.com/v1").find("mine").keys == ("OPENAI_API_KEY",)


def test_a_variable_that_an_endpoint_claims_goes_nowhere_else_by_itself():
    there = known(f"a={LOCAL},CIVA_API_KEY", f"b={OTHER},OPENAI_API_KEY")
    assert there.find("").keys == ()
    assert there.find("http://elsewhere/v1").keys == ()
    assert there.find("a").keys == ("CIVA_API_KEY",)
    assert there.find("b").keys == ("OPENAI_API_KEY",)


def test_two_keys_at_one_origin_are_told_apart_by_name_or_whole_address_or_refused():
    there = known("a=https://gw.example/a,A_KEY", "b=https://gw.example/b,B_KEY")
    assert there.find("https://gw.example/b").keys == there.find("b").keys == ("B_KEY",)
    with pytest.raises(InputError, match="endpoints there have different keys; name one: a, b"):
        there.find("https://gw.example/c")


ORIGINS = ["http://h:1", "http://h:2", "https://h:1", "http://g:1", "https://api.openai.com"]
WHERE = st.sampled_from(ORIGINS)
NAMED = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.tuples(WHERE, st.sampled_from(["", *KEYS])), max_size=3
)


@given(NAMED, st.sampled_from(["", *ORIGINS]), WHERE, st.booleans())
def test_no_address_is_given_a_key_that_is_bound_to_others_alone(named, openai, asked, main):
    endpoints = tuple(NamedEndpoint(name, url, key) for name, (url, key) in named.items())
    there = Registry(endpoints, {"OPENAI_BASE_URL": openai} if openai else {})
    try:
        found = there.find(asked, main=main)
    except InputError:
        keys = {one.key for one in endpoints if one.url == asked}
        assert len(keys) > 1
        return
    for key in found.keys:
        owners = {one.url for one in endpoints if one.key == key}
        if key == "OPENAI_API_KEY" and not owners:
            owners = {openai or "https://api.openai.com"}
        assert asked in owners or (key == "CIVA_API_KEY" and main and not owners)


# --- words


@given(NAMED)
def test_endpoints_survive_being_written_into_the_environment(named):
    endpoints = tuple(NamedEndpoint(name, url, key) for name, (url, key) in named.items())
    assert endpoints_in({"CIVA_ENDPOINTS": in_words(endpoints)}) == endpoints


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (LOCAL, "give NAME=URL or NAME=URL,KEY_VARIABLE"),
        (f"={LOCAL}", "is no name of an endpoint"),
        (f"a/b={LOCAL}", "is no name of an endpoint"),
        (f"http://a={LOCAL}", "is no name of an endpoint"),
        (f"{'n' * 41}={LOCAL}", "is no name of an endpoint"),
        (f"openai={LOCAL}", "set that, or use another name"),
        ("a=localhost:8000", "--endpoint: a: 'localhost:8000' is no address"),
        ("a=http://me:sk-marked-pass@h/v1", "--endpoint: a: holds a secret"),
        (f"a={LOCAL},sk-marked-itself", "never by itself"),
        (f"a={LOCAL},gsk_marked", "never by itself"),
        (f"a={LOCAL},A_KEY,B_KEY", "never by itself"),
        (f"a={LOCAL},A KEY", "never by itself"),
    ],
)
def test_words_that_name_no_endpoint_are_refused_and_a_key_among_them_is_not_repeated(words, said):
    with pytest.raises(InputError, match="--endpoint: ") as refused:
        endpoint_in_words(words, "--endpoint")
    assert said in str(refused.value)
    assert "marked" not in str(refused.value)


def test_a_name_given_twice_in_one_place_is_refused():
    with pytest.raises(InputError, match="CIVA_ENDPOINTS: names the endpoint a twice"):
        endpoints_in({"CIVA_ENDPOINTS": f"a={LOCAL}  a={OTHER}"})


def test_an_unknown_name_is_refused_in_one_line_that_names_the_known_ones():
    with pytest.raises(InputError, match="'lokal' is the name of no endpoint; known are openai, a"):
        known(f"a={LOCAL}").find("lokal")


def test_the_state_of_a_key_is_told_and_the_key_is_not():
    found = known(f"a={LOCAL},A_KEY").find("a")
    assert found.key_state(KEYS) == "A_KEY set"
    assert found.key_state({"A_KEY": " "}) == "A_KEY not set"
    assert known(f"a={LOCAL}").find("a").key_state(KEYS) == "no key"
    assert known().find("").key_state({}) == "CIVA_API_KEY or OPENAI_API_KEY not set"
    assert known().find("").key_state({"OPENAI_API_KEY": "x"}) == "OPENAI_API_KEY set"


@pytest.mark.parametrize("key", ["sk-marked-é", "sk-marked-\nX: 1", "sk-marked-\x1b[31m", "п"])
def test_a_key_that_no_header_can_carry_is_named_and_not_repeated(key):
    with pytest.raises(InputError, match=r"^A_KEY: .*(character|letters)") as refused:
        Destination(LOCAL, ("A_KEY",)).key({"A_KEY": key})
    assert "marked" not in str(refused.value)


def test_all_secrets_in_use_are_listed_the_longest_first():
    environment = {
        "CIVA_API_KEY": " sk-marked-1 ",
        "OPENAI_API_KEY": "sk-marked-12",
        "A_KEY": "sk-marked-a",
        "B_KEY": "sk-marked-1234",
        "SHORT_KEY": "none",
        "HOME": "/home/somebody",
        "CIVA_ENDPOINTS": f"a={LOCAL},A_KEY s={OTHER},SHORT_KEY what is this,",
    }
    assert secrets_in(environment) == ("sk-marked-12", *secrets_in(environment)[1:])
    assert set(secrets_in(environment)) == {"sk-marked-1", "sk-marked-12", "sk-marked-a", "none"}
    assert secrets_in(environment, ["B_KEY", "UNSET"])[0] == "sk-marked-1234"


# --- over the wire


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
SECOND = ("--set", f"second_mind={MIND}", "--set", "second_share=0.5")


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
