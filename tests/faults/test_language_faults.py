"""What goes wrong under a language run: a fault is data, an outage is not, a cap holds."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.llm.journal import read_journal
from agents.testserver.app import Manner
from agents.testserver.fault_injection import REPLY_FAULTS
from model.run.runs import replay, run_into
from model.store import load_run
from model.world.minds import OpenMind
from tests.language.living import MIND, Counting, civa, in_process, place, small

KEY = "sk-marked-9f3b1c77d5e04a6b"


def test_with_a_fifth_of_all_replies_faulty_every_fault_is_told_and_none_is_made_up(
    tmp_path: Path,
) -> None:
    menu = Counting(0.2, REPLY_FAULTS, seed=1)
    scenario = small(residents=12, days=8, fault_limit=1.0)
    with place(menu) as at:
        outcome = run_into(tmp_path / "run", scenario, 4, at.settings)
    assert outcome.status == "done"
    with read_journal(tmp_path / "run" / "calls.sqlite") as journal:
        causes = journal.query(
            "SELECT day, stage, subject, attempt, cause FROM calls WHERE day > 0 AND cause <> ''"
        )
        verdicts = set(
            journal.query("SELECT day, stage, subject FROM verdicts WHERE verdict = 'fault'")
        )
    assert Counter(causes) == Counter(tuple(row.values()) for row in menu.dealt)
    twice = {tuple(row.values())[:3] for row in menu.dealt if row["attempt"] == 1}
    assert verdicts == twice
    assert outcome.faults == len(twice) > 0
    run = load_run(tmp_path / "run")
    faulted = run.residents[run.residents["fault"] != ""]
    assert set(zip(faulted["day"], faulted["resident"], strict=True)) == {
        (day, who) for day, _, who in twice
    }
    decided = run.decisions.merge(faulted[["day", "resident"]], on=["day", "resident"])
    assert len(decided) == len(faulted)
    for column in ("act_main", "act_further"):
        assert decided[column].isna().all() or (decided[column] == "").all()
    assert replay(tmp_path / "run").same


def test_at_the_default_limit_such_a_run_ends_as_failed_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with place(Counting(0.3, REPLY_FAULTS, seed=1)) as at:
        words = ("run", "--days", 20, "--mind", MIND, "--base-url", at.settings.base_url)
        code, found, err = civa(
            capsys, *words, "--set", "residents=12", "--out", tmp_path / "run", "--json"
        )
    assert (code, found["status"]) == (1, "failed")
    assert "replies were faults by day" in err
    assert "more than fault_limit 0.02: this is no result" in err
    assert found["hash"] == ""
    assert found["naup"] is None
    assert found["days"] < 20


def outage(days: range, until: threading.Event) -> Counting:
    """A menu that deals 503 on some days until an event is set."""
    return Counting(
        decree=lambda where: "overloaded" if where[0] in days and not until.is_set() else ""
    )


def test_an_outage_pauses_a_run_with_a_reason_and_starves_nobody(tmp_path: Path) -> None:
    over = threading.Event()
    lines: list[str] = []

    def watch(opened: OpenMind) -> None:
        def look() -> None:
            while not over.is_set():
                lines.append(opened.line())
                if sum("server_error 503" in line for line in lines) >= 10:
                    over.set()
                time.sleep(0.05)

        threading.Thread(target=look, daemon=True).start()

    with place(outage(range(3, 4), over)) as at:
        outcome = run_into(tmp_path / "run", small(), 4, at.settings, None, watch)
    assert outcome.status == "done"
    assert outcome.hash == in_process(small(), 4)
    assert outcome.faults == 0
    assert outcome.usage["failed_tries"] > 0
    assert any("waits: server_error 503 for" in line for line in lines)


def test_an_outage_beyond_patience_stops_a_run_that_resumes_to_the_same_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over, path = threading.Event(), tmp_path / "run"
    menu = outage(range(3, 4), over)
    with place(menu, patience=0.5) as at:
        stopped = run_into(path, small(), 4, at.settings)
        assert (stopped.status, stopped.days) == ("stopped", 2)
        assert "no usable answer in" in stopped.cause
        assert "run again when the endpoint is back" in stopped.cause
        assert load_run(path).days["day"].max() == 2
        over.set()
        answered = {where for where in menu.asked if where[0] < 3}
        menu.asked.clear()
        assert run_into(path, small(), 4, at.settings).hash == in_process(small(), 4)
    assert not answered & set(menu.asked)


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    def stop(model: Any) -> None:
        if model.today == 2:
            raise KeyboardInterrupt

    with place() as at:
        settings = at.settings.model_copy(update={"patience": 0.5})
        run_into(tmp_path / "run", small(), 4, settings, stop)
    gone = run_into(tmp_path / "run", small(), 4, settings)
    assert (gone.status, gone.days) == ("stopped", 2)
    with place() as at:
        assert run_into(tmp_path / "run", small(), 4, at.settings).hash == in_process(small(), 4)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bad_key", "it wants a key, and none was sent because none belongs to this address"),
        ("no_model", "there is no model 'surrogate' at this address"),
        ("quota", "the account's quota is used up. Add credit"),
    ],
)
def test_what_no_trying_mends_stops_a_run_within_one_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, words: str
) -> None:
    menu = Counting(decree=lambda where: kind if where[:2] == (2, "evening") else "")
    path = tmp_path / "run"
    with place(menu) as at:
        command = ("run", "--days", 6, "--mind", MIND, "--base-url", at.settings.base_url)
        code, found, err = civa(capsys, *command, "--set", "residents=8", "--out", path, "--json")
        assert code == 3
        assert words in err
        assert "the same command resumes" in err
        assert (found["status"], found["days"]) == ("stopped", 1)
        assert not any(where[0] > 2 for where in menu.asked)
        assert sum(menu.asked[where] for where in menu.asked if where[:2] == (2, "evening")) <= 8
        menu.decree = lambda where: ""
        assert civa(capsys, *command, "--set", "residents=8", "--out", path)[0] == 0


def test_a_model_that_is_not_there_stops_at_the_first_question(tmp_path: Path) -> None:
    with place() as at:
        outcome = run_into(tmp_path / "run", small(mind="openai:gpt-99"), 4, at.settings)
        assert at.server.menu.requests == 1
    assert (outcome.status, outcome.days) == ("stopped", 0)
    assert "there is no model 'gpt-99'" in outcome.cause


def test_a_429_that_never_ends_ends_the_run(tmp_path: Path) -> None:
    menu = Counting(decree=lambda where: "rate_limited" if where[0] == 2 else "")
    with place(menu, patience=1.0) as at:
        outcome = run_into(tmp_path / "run", small(), 4, at.settings)
    assert (outcome.status, outcome.days) == ("stopped", 1)
    assert "rate_limited" in outcome.cause


@pytest.mark.parametrize("cap", ["max_calls", "max_tokens", "max_money"])
def test_a_cap_holds_and_a_run_stopped_by_it_resumes(tmp_path: Path, cap: str) -> None:
    most = {"max_calls": 60, "max_tokens": 150_000, "max_money": 0.15}[cap]
    path, menu = tmp_path / "run", Counting()
    with place(menu, price_input=1.0, price_output=4.0) as at:
        capped = at.settings.model_copy(update={cap: most})
        stopped = run_into(path, small(), 4, capped)
        used = {
            "max_calls": stopped.calls, "max_tokens": stopped.tokens, "max_money": stopped.cost,
        }[cap]  # fmt: skip
        assert stopped.status == "stopped"
        assert "Raise the cap and run again" in stopped.cause
        assert 0.5 * most < used <= most
        more = at.settings.model_copy(update={cap: 100 * most})
        outcome = run_into(path, small(), 4, more)
    assert outcome.hash == in_process(small(), 4)
    assert set(menu.asked.values()) == {1}


def test_no_room_for_one_call_is_said_at_once(tmp_path: Path) -> None:
    with place(max_tokens=100) as at:
        outcome = run_into(tmp_path / "run", small(), 4, at.settings)
        assert at.server.menu.requests == 0
    assert (outcome.status, outcome.days) == ("stopped", 0)


CONTACTS: list[tuple[str, Any]] = []


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        CONTACTS.append((event, args))


@pytest.fixture(scope="module")
def _audited() -> None:
    """Have this process tell of every connection and look-up; a hook stays until its end."""
    sys.addaudithook(_audit)


@pytest.fixture
def contacts(_audited: None) -> list[tuple[str, Any]]:
    """Every attempt of this process to connect or to look up a name, from here on."""
    CONTACTS.clear()
    return CONTACTS


def test_no_host_but_the_configured_one_is_contacted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contacts: list[tuple[str, Any]]
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2-none")
    with place() as at:
        run_into(tmp_path / "run", small(days=3), 4, at.settings)
        replay(tmp_path / "run")
    port = int(at.settings.base_url.split(":")[2].split("/")[0])
    reached = {args[1][:2] for event, args in contacts if event == "socket.connect"}
    names = {args[0] for event, args in contacts if event == "socket.getaddrinfo"}
    assert reached == {("127.0.0.1", port)}
    assert names <= {"127.0.0.1", b"127.0.0.1"}


def test_a_replay_contacts_nobody(tmp_path: Path, contacts: list[tuple[str, Any]]) -> None:
    with place() as at:
        run_into(tmp_path / "run", small(days=2), 4, at.settings)
    assert contacts
    contacts.clear()
    assert replay(tmp_path / "run").same
    assert contacts == []


def test_no_key_is_in_any_file_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CIVA_API_KEY", KEY)
    menu = Counting(decree=lambda where: "bad_key" if where[0] == 3 else "")
    path = tmp_path / "run"
    with place(menu) as at:
        address = at.settings.base_url.replace("http://", f"http://me:{KEY}@")
        command = ("run", "--days", 4, "--mind", MIND, "--out", path, "--base-url")
        code, _, err = civa(capsys, *command, address)
        assert code == 2
        assert "holds a secret" in err
        assert KEY not in err
        command = (*command, at.settings.base_url)
        assert civa(capsys, *command, "--set", "residents=8")[0] == 3
        menu.decree = lambda where: ""
        code = civa(capsys, *command, "--set", "residents=8", "--json")[0]
        assert code == 0
    civa(capsys, "report", path)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 5
    for file in files:
        assert KEY.encode() not in file.read_bytes(), file


def test_the_limit_of_a_server_is_kept(tmp_path: Path) -> None:
    """A server that takes so many requests a minute is asked no more, and nothing is lost."""
    with place(manner=Manner(per_minute=10_000), requests_per_minute=6000.0) as at:
        outcome = run_into(tmp_path / "run", small(days=2), 4, at.settings)
    assert outcome.hash == in_process(small(days=2), 4)
    assert outcome.usage["failed_tries"] == 0


def test_a_stage_that_takes_too_long_stops_the_run(tmp_path: Path) -> None:
    with place(manner=Manner(latency=5.0, jitter=0.0), stage_seconds=0.3) as at:
        outcome = run_into(tmp_path / "run", small(), 4, at.settings)
    assert (outcome.status, outcome.days) == ("stopped", 0)
    assert "a stage may take" in outcome.cause


def interrupt_after(menu: Counting, requests: int) -> None:
    """Interrupt this process once so many requests have come."""
    while len(menu.asked) < requests:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_while_calls_are_out_ends_at_once_and_resumes(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with place(manner=Manner(latency=0.1)) as at:
        threading.Thread(target=interrupt_after, args=(at.menu, 30), daemon=True).start()
        stopped = run_into(path, small(days=40), 4, at.settings)
        assert (stopped.status, stopped.cause) == ("stopped", "interrupted")
        assert stopped.days < 40
        menu = at.menu
        menu.asked.clear()
        at.server.manner = Manner()
        outcome = run_into(path, small(days=40), 4, at.settings)
    assert outcome.hash == in_process(small(days=40), 4)
