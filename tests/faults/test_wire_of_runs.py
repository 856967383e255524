"""Whole runs at a server whose counts cannot be true; commands with keys that cannot be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agents.llm.keys import CIVA_KEY, OPENAI_ADDRESS, OPENAI_KEY
from agents.minds.surrogate import Surrogate
from agents.testserver.app import Manner, Server
from agents.testserver.fault_injection import FaultMenu
from model.cli import run_command
from model.report.build import report
from model.run.runs import replay, run_into
from model.run.usage import usage_of
from model.world.settings import Settings
from tests.faults.secrets import has_mark
from tests.language.communities import serving
from tests.language.living import civa, in_process, small
from tests.language.raw_server import RawServer, http, saying

VARIABLES = (CIVA_KEY, OPENAI_KEY)
BAD_KEYS = {
    "letter": "sk-marked-\u00e9t\u00e9",
    "line": "sk-marked-one\nsk-marked-two",
    "space": "Bearer sk-marked-one",
    "control": "sk-marked-\x1b[31m",
    "zero width": "sk-marked-\u200bone",
    "delete": "sk-marked-one\x7f",
}


class Boasting(Server):
    """The test server, whose every second statement of usage is 10^30 tokens."""

    def app(self) -> web.Application:
        app = super().app()
        app.middlewares.append(self._boast)
        self.boasts = self.asked = 0
        return app

    @web.middleware
    async def _boast(self, request: web.Request, handler: Any) -> web.StreamResponse:
        response = await handler(request)
        self.asked += 1
        if self.asked % 2:
            return response
        self.boasts += 1
        huge = {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 10**30}
        return web.json_response({**json.loads(response.text), "usage": huge})


@contextmanager
def boasting() -> Iterator[tuple[Boasting, Settings]]:
    server = Boasting(Surrogate(), Manner(), FaultMenu())
    with serving(server) as url:
        yield server, Settings(base_url=url, flush_seconds=0.0)


def test_a_run_outlives_counts_that_cannot_be_true_and_says_how_many(tmp_path: Path) -> None:
    scenario = small(days=3)
    with boasting() as (server, settings):
        outcome = run_into(tmp_path / "run", scenario, 3, settings)
        asked, boasts = server.asked, server.boasts
        assert run_into(tmp_path / "run", scenario, 3, settings).again
        assert server.asked == asked
    assert (outcome.status, outcome.hash) == ("done", in_process(scenario, 3))
    assert outcome.calls == asked
    assert outcome.usage["unbelieved"] == boasts > 10
    assert outcome.usage["estimated"] is True
    assert outcome.tokens < 10**6
    tables = usage_of(tmp_path / "run")
    lies = tables.causes.query("of == 'usage'")
    assert (lies["cause"].tolist(), lies["times"].tolist()) == (["not_believed"], [boasts])
    assert tables.by_stage["estimated"].any()
    assert "was not believed" in report(tmp_path / "run").read_text("utf-8")
    assert replay(tmp_path / "run").same


def test_the_command_says_how_many_counts_were_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with boasting() as (server, settings):
        words = ["run", "--days", "2", "--mind", "openai:surrogate", "--out", str(tmp_path / "run")]
        words += ["--base-url", settings.base_url, "--set", "residents=4"]
        assert run_command(words) == 0
        boasts = server.boasts
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{boasts} replies estimated: their counts cannot be true" in shown


def test_a_run_whose_counts_are_true_says_nothing_of_it(tmp_path: Path) -> None:
    with serving(Server(Surrogate(), Manner(), FaultMenu())) as url:
        outcome = run_into(tmp_path / "run", small(days=1), 3, Settings(base_url=url))
    assert outcome.usage["unbelieved"] == 0
    assert "usage" not in set(usage_of(tmp_path / "run").causes["of"])
    assert "was not believed" not in report(tmp_path / "run").read_text("utf-8")


@pytest.mark.parametrize("case", BAD_KEYS)
@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("command", ["run", "study", "doctor", "judge"])
def test_a_key_that_cannot_be_sent_is_named_before_anything_is_sent_or_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    variable: str,
    case: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, OPENAI_ADDRESS):
        monkeypatch.delenv(name, raising=False)
    if command == "judge":
        run_into(tmp_path / "run", small(mind="surrogate", residents=2, days=1), 1)
    (tmp_path / "design.toml").write_text(
        'name = "n"\nseed = 1\nruns = 1\n[scenario]\nresidents = 2\ndays = 1\n'
        'mind = "openai:m"\n[factors]\nvalue = ["BE"]\nprevalence = [1.0]\n'
        '[registration]\nanalysis = "dose"\n'
    )
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setenv(variable, BAD_KEYS[case])
    with RawServer(lambda came: saying({"data": []})) as server:
        if variable == OPENAI_KEY:  # which belongs to this address alone
            monkeypatch.setenv(OPENAI_ADDRESS, server.url)
        url = ["--base-url", server.url]
        words = {
            "run": ["run", "--mind", "openai:m", *url, "--out", "new", "--days", "1"],
            "study": ["study", "design.toml", *url, "--out", "new"],
            "doctor": ["doctor", *url],
            "judge": ["judge", "run", "--mind", "openai:m", *url, "--set", "max_calls=9"],
        }[command]
        code, _, err = civa(capsys, *words)
        assert server.connections == 0
    assert code == 2, err
    assert f"{variable}: character " in err
    assert not has_mark(err)
    assert "prompt" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_key_too_short_for_openai_is_refused_and_elsewhere_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CIVA_API_KEY", raising=False)
    monkeypatch.delenv(OPENAI_ADDRESS, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "abc")
    words = ["run", "--mind", "openai:gpt", "--days", "1", "--out", tmp_path / "new"]
    code, _, err = civa(capsys, *words)
    assert (code, "OPENAI_API_KEY: 3 letters are no key" in err) == (2, True)
    assert not (tmp_path / "new").exists()
    with RawServer(lambda came: saying({"data": []})) as server:
        monkeypatch.setenv(OPENAI_ADDRESS, server.url)
        assert civa(capsys, "doctor", "--base-url", server.url)[0] == 0
    assert server.came[0].key == "abc"


@pytest.mark.parametrize(
    "spell",
    [
        lambda key: f"HTTP/1.1 {key} what\r\n\r\n".encode(),
        lambda key: f"{key}\r\n\r\n".encode(),
        lambda key: f"HTTP/{key} 200 OK\r\n\r\n".encode(),
        lambda key: saying({}, status=f"500 {key}"),
        lambda key: saying({}, f"Location: /{key}", f"{key}: {key}", status="308 There"),
        lambda key: http(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{key}".encode()),
        lambda key: f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{key}\r\n".encode(),
        lambda key: f"HTTP/1.1 200 OK\r\nContent-Length: {key}\r\n\r\n{{}}".encode(),
        lambda key: saying({"data": [{"id": key}], key: key}),
        lambda key: http(b"[" * 200_000),
    ],
)
def test_the_doctor_repeats_no_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spell: Any
) -> None:
    key = "sk-marked-0123456789abcdef"
    monkeypatch.setenv("CIVA_API_KEY", key)
    for form in ([], ["--json"]):
        with RawServer(lambda came: spell(came.key)) as server:
            run_command(["doctor", "--base-url", server.url, *form])
        out, err = capsys.readouterr()
        assert server.came[0].key == key
        assert "endpoint" in out
        assert not has_mark(out + err)


def test_the_doctor_sends_no_cookie_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVA_API_KEY", "sk-marked-0123456789abcdef")
    with RawServer(lambda came: saying({"data": []}, "Set-Cookie: a=1; Path=/")) as server:
        for _ in range(2):
            run_command(["doctor", "--base-url", server.url.replace("127.0.0.1", "localhost")])
    assert [came.headers.get("cookie") for came in server.came] == [None, None]
