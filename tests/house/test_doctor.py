"""`civa doctor`: it tells what is wrong, sends the key nowhere else, and prints it never."""

import json
import os
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from agents.errors import InputError
from agents.llm.keys import Destination
from model.commands import doctor as module
from model.commands.dashboard import dashboard, name_endpoints
from model.commands.doctor import doctor, free, requirements, rivals, writable
from model.commands.endpoint_check import reach

KEY = "sk-not-to-be-seen-anywhere"
KEYS = {"LOCAL_KEY": KEY}


def at(url: str) -> Destination:
    """An address whose key is in LOCAL_KEY."""
    return Destination(url, ("LOCAL_KEY",))


@contextmanager
def endpoint(status: int, body: bytes = b"", **headers: str):
    """Serve one answer on loopback and keep the requests that came."""
    seen = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, self.headers.get("Authorization")))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    for name in (
        "CIVA_API_KEY",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "CIVA_ENDPOINTS",
        "CIVA_SETTINGS",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


def ask(*words: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code (the command's return value) and the checks by what they looked at."""
    result = CliRunner().invoke(doctor, ["--json", *words], standalone_mode=False)
    answer = json.loads(result.output.splitlines()[-1])
    assert answer["healthy"] is (result.return_value == 0)
    return result.return_value, {check["what"]: check for check in answer["checks"]}


def test_this_environment_is_healthy():
    code, checks = ask()
    assert [check for check in checks.values() if check["state"] == "broken"] == []
    assert code == 0
    assert {"python", "civa", "mesa", "numpy", "pandas", "solara", "ipyvue", "disk"} <= set(checks)


def test_a_version_outside_the_pin_is_broken_and_names_the_remedy(monkeypatch):
    wanted = ["ipyvue<1", "no-such-thing>=1", "numpy>=2.2", "dask; extra == 'cluster'"]
    monkeypatch.setattr(module, "requires", lambda _: wanted)
    checks = {check.what: check for check in requirements()}
    assert {name: check.state for name, check in checks.items()} == {
        "ipyvue": "broken",
        "no-such-thing": "broken",
        "numpy": "ok",
    }
    assert checks["ipyvue"].remedy == "pip install 'ipyvue<1'"
    code, _ = ask()
    assert code == 1


def test_another_distribution_with_our_names_is_named(tmp_path, monkeypatch):
    assert list(rivals()) == []
    info = tmp_path / "somebody_elses-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: somebody-elses\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("agents\n")
    monkeypatch.syspath_prepend(tmp_path)
    (rival,) = rivals()
    assert rival.state == "broken"
    assert "somebody-elses" in rival.found


def test_a_folder_that_cannot_be_written_is_broken_and_a_good_one_is_left_as_it_was(tmp_path):
    assert writable(tmp_path).state == "ok"
    assert list(tmp_path.iterdir()) == []
    file = tmp_path / "file"
    file.write_text("")
    assert writable(file).state == "broken"


def test_little_space_is_noted(monkeypatch):
    monkeypatch.setattr(module, "LEAST_FREE", 10**18)
    assert free(Path.cwd()).state == "note"


def test_the_key_is_sent_and_never_printed(monkeypatch):
    monkeypatch.setenv("CIVA_API_KEY", KEY)
    with endpoint(200, b'{"data": [{"id": "a"}, {"id": "b"}]}') as (url, seen):
        for words in (["--json"], []):
            result = CliRunner().invoke(doctor, ["--base-url", url, *words], standalone_mode=False)
            assert result.return_value == 0, result.output
            assert KEY not in result.output
            assert "CIVA_API_KEY set" in " ".join(result.output.split())
            assert "offers 2 models" in " ".join(result.output.split())
    assert seen == [("/v1/models", f"Bearer {KEY}")] * 2


def test_a_redirect_is_not_followed():
    with (
        endpoint(200, b'{"data": []}') as (elsewhere, stolen),
        endpoint(302, Location=elsewhere + "/models") as (url, seen),
    ):
        state, found, _ = reach(at(url), KEYS)
    assert (state, len(seen), stolen) == ("broken", 1, [])
    assert "redirects" in found


@pytest.mark.parametrize(
    ("status", "body", "state", "said"),
    [
        (401, b"", "broken", "refuses the key in LOCAL_KEY"),
        (404, b"", "note", "HTTP 404"),
        (503, b"", "broken", "HTTP 503"),
        (200, b"<html>hello</html>", "broken", "not with a list of models"),
        (200, b"[]", "broken", "not with a list of models"),
        (200, b'{"data": null}', "broken", "not with a list of models"),
    ],
)
def test_an_endpoint_that_answers_otherwise_is_described(status, body, state, said):
    with endpoint(status, body) as (url, _):
        got, found, remedy = reach(at(url), KEYS)
    assert got == state
    assert said in found
    assert remedy
    assert KEY not in found


def test_an_endpoint_that_is_not_there_is_broken():
    with endpoint(200) as (url, _):
        pass
    state, found, _ = reach(at(url), {})
    assert state == "broken"
    assert "refused" in found


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "localhost:8000", "nowhere", "http://", "https://u:secret@host/v1"],
)
def test_what_is_no_address_is_bad_input_and_secrets_in_it_are_not_repeated(url):
    result = CliRunner().invoke(doctor, ["--base-url", url], standalone_mode=False)
    assert isinstance(result.exception, InputError)
    assert "--base-url" in str(result.exception)
    assert "secret@" not in str(result.exception)


def test_every_endpoint_that_is_known_is_told_with_the_state_of_its_key(monkeypatch):
    monkeypatch.setenv("CIVA_ENDPOINTS", "lab=https://llm.lab.example/v1,LAB_KEY")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    _, checks = ask("--endpoint", "local=http://LOCALHOST:8000/v1")
    told = {name: check["found"] for name, check in checks.items() if "endpoint" in name}
    assert told == {
        "endpoint openai": "https://api.openai.com/v1, OPENAI_API_KEY set",
        "endpoint local": "http://localhost:8000/v1, no key",
        "endpoint lab": "https://llm.lab.example/v1, LAB_KEY not set",
    }
    assert checks["endpoint lab"]["state"] == "note"
    assert KEY not in str(checks)


def test_it_asks_by_the_rule_that_runs_are_asked_by(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY + "-of-openai")
    monkeypatch.setenv("LAB_KEY", KEY + "-of-lab")
    with endpoint(200, b'{"data": []}') as (url, seen):
        assert ask("--base-url", url)[0] == 0
        assert ask("--base-url", "lab", "--endpoint", f"lab={url},LAB_KEY")[0] == 0
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        assert ask("--base-url", "openai")[0] == 0
    sent = [key for _, key in seen]
    assert sent == [None, f"Bearer {KEY}-of-lab", f"Bearer {KEY}-of-openai"]


def test_the_dashboard_takes_endpoints_and_refuses_what_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("CIVA_ENDPOINTS", "lab=https://llm.lab.example/v1,LAB_KEY")
    name_endpoints(("local=http://LOCALHOST:8000/v1",))
    assert os.environ["CIVA_ENDPOINTS"] == (
        "local=http://localhost:8000/v1 lab=https://llm.lab.example/v1,LAB_KEY"
    )
    words = ["--endpoint", "evil=http://a@b", "--no-open", "--port", "0"]
    refused = CliRunner().invoke(dashboard, words, standalone_mode=False)
    assert isinstance(refused.exception, InputError)
