"""The test server answers exactly what it can read, through the protocol, and says what it is."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from agents.errors import InputError
from agents.llm.probe import PROBE_PARTS
from agents.minds.surrogate import Surrogate
from agents.observation import Stage
from agents.prompts.render import render
from agents.prompts.replies import REPAIR, read_reply
from agents.prompts.schemas import bounded, schema
from agents.testserver.app import LABEL, Manner, Server
from agents.testserver.fault_injection import REPLY_FAULTS, TRANSIENT, FaultMenu
from agents.testserver.wire import RUNGS
from model.community import CommunityModel
from tests.language.communities import asking, get, post, run, serving

BATCH = next(CommunityModel(rng=5, mind=Surrogate(), residents=8).day())
RULES = BATCH.rules
WIRE = schema(Stage.MORNING, RULES)


def body(row: int = 0, **changes: object) -> dict:
    """A request for one resident's morning, as the client sends it."""
    static, you, today = render(BATCH[row], RULES)
    return {
        "model": "surrogate",
        "messages": [
            {"role": "system", "content": f"{static}\n\n{you}"},
            {"role": "user", "content": today},
        ],
        "seed": int(BATCH.key[row]),
        **changes,
    }


def in_text(old: str, new: str, message: int = 1) -> dict:
    changed = body()
    text = changed["messages"][message]["content"]
    assert old in text
    changed["messages"][message]["content"] = text.replace(old, new, 1)
    return changed


@pytest.fixture(scope="module")
def url():
    with serving(Server(Surrogate())) as address:
        yield address


def forms() -> list[tuple[str, dict]]:
    json_schema = {"name": "morning", "strict": True, "schema": WIRE}
    tool = {"type": "function", "function": {"name": "reply", "parameters": WIRE}}
    return [
        ("json_schema", {"response_format": {"type": "json_schema", "json_schema": json_schema}}),
        ("json_object+schema", {"response_format": {"type": "json_object", "schema": WIRE}}),
        ("json_object+bounds", {"response_format": {"type": "json_object",
                                                    "schema": bounded(WIRE)}}),
        ("json_object", {"response_format": {"type": "json_object"}}),
        ("tools", {"tools": [tool]}),
        ("plain", {}),
    ]  # fmt: skip


@pytest.mark.parametrize(("rung", "form"), forms(), ids=[name for name, _ in forms()])
def test_every_rung_gets_the_same_answer(url: str, rung: str, form: dict) -> None:
    status, answer = post(url, body(**form))
    assert status == 200
    message = answer["choices"][0]["message"]
    text = message["content"]
    if rung == "tools":
        assert text is None
        assert answer["choices"][0]["finish_reason"] == "tool_calls"
        text = message["tool_calls"][0]["function"]["arguments"]
    reply = read_reply(text, Stage.MORNING, RULES, 1)
    decided = Surrogate().reply(BATCH)
    assert decided.acts is not None
    assert reply.act is not None
    assert reply.act.main == decided.acts.main[0]
    assert list(json.loads(text)) == WIRE["required"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (in_text("skill 100", "skill 100 or so"), "question, line 2"),
        (in_text("Give the Morning reply.", "Answer."), "question, line"),
        (in_text("You are R1.", "You are resident 1.", message=0), "resident text, line 2"),
        (in_text("benevolence", "kindness", message=0), "static text, line"),
        (in_text("whole units", "units", message=0), "static text, line"),
        (in_text("# You", "# Me", message=0), "# You"),
        (body(seed=None), "seed: missing"),
        (body(seed="7"), "seed: not a whole number"),
        (body(stream=True), "streaming"),
        (body(n=2), "one answer"),
        (body(messages=[]), "one system and one user"),
        (body(messages=[{"role": "system"}, {"role": "user", "content": 3}]), "no text"),
        (body(response_format={"type": "grammar"}), "unknown type"),
        (
            body(response_format={"type": "json_object", "schema": {"type": "object"}}),
            "not that of the stage",
        ),
        (b"{", "no JSON"),
        (b"[]", "not a JSON object"),
    ],
)
def test_what_cannot_be_read_exactly_is_a_400_that_says_where(
    url: str, changed: dict, words: str
) -> None:
    status, answer = post(url, changed)
    assert status == 400
    assert words in answer["error"]["message"]


def test_a_repair_is_read_and_answered_like_the_question(url: str) -> None:
    _, first = post(url, body())
    asked = body()
    asked["messages"][1]["content"] += f"\n\n{REPAIR}it was empty. Give the Morning reply again."
    status, again = post(url, asked)
    assert status == 200
    assert again["choices"][0]["message"] == first["choices"][0]["message"]
    asked["messages"][1]["content"] += " Please."
    assert post(url, asked)[0] == 400


def test_the_text_may_come_in_blocks_with_a_cache_breakpoint(url: str) -> None:
    static, you, today = render(BATCH[0], RULES)
    blocks = [
        {"type": "text", "text": static, "prompt_cache_breakpoint": {"mode": "explicit"}},
        {"type": "text", "text": f"\n\n{you}"},
    ]
    user = {"role": "user", "content": today}
    status, answer = post(url, body(messages=[{"role": "system", "content": blocks}, user]))
    assert status == 200
    assert answer["choices"] == post(url, body())[1]["choices"]


def test_usage_counts_the_shared_beginning_as_cached_from_its_second_use() -> None:
    with serving(Server(Surrogate())) as fresh:
        first = post(fresh, body(0))[1]["usage"]
        second = post(fresh, body(1))[1]["usage"]
    assert first["prompt_tokens_details"]["cached_tokens"] == 0
    assert 1024 < second["prompt_tokens_details"]["cached_tokens"] < second["prompt_tokens"]
    assert second["total_tokens"] == second["prompt_tokens"] + second["completion_tokens"]


def test_it_is_labelled_as_what_it_is(url: str) -> None:
    assert get(f"{url}/models")["data"][0]["owned_by"] == LABEL
    assert "no language model" in LABEL
    assert "no language model" in get(url.removesuffix("v1") + "dealt")["server"]
    assert "no language model" in post(url, body())[1]["system_fingerprint"]
    assert "no language model" in post(url, body())[1]["model"]


def test_a_model_that_it_is_not_is_not_there(url: str) -> None:
    status, answer = post(url, body(model="gpt-5-mini"))
    assert (status, answer["error"]["code"]) == (404, "model_not_found")
    assert post(url, body(model="surrogate-evening"))[0] == 200


def test_the_probe_is_answered_on_every_rung(url: str) -> None:
    system = {"role": "system", "content": "\n\n".join(PROBE_PARTS[:2])}
    user = {"role": "user", "content": PROBE_PARTS[2]}
    status, answer = post(url, {"model": "surrogate", "messages": [system, user]})
    assert status == 200
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"answer": "yes"}


@pytest.mark.parametrize("known", RUNGS[1:3] + RUNGS[4:])
def test_a_client_comes_down_to_the_rung_that_the_server_knows(tmp_path: Path, known: str) -> None:
    with asking(tmp_path / "calls.sqlite", Manner(rungs=(known,))) as a:
        assert run(a.mind, days=1) == run(None, days=1)
        assert a.caller._terms is not None
        assert a.caller._terms.rung.value == known


def test_more_requests_than_a_minute_takes_are_told_when_to_come_back() -> None:
    with serving(Server(Surrogate(), Manner(per_minute=2))) as limited:
        answers = [post(limited, body())[0] for _ in range(3)]
    assert answers == [200, 200, 429]


def test_every_fault_dealt_stands_in_the_journal_by_its_cause(tmp_path: Path) -> None:
    menu = FaultMenu(0.4, REPLY_FAULTS, seed=1)
    with asking(tmp_path / "calls.sqlite", menu=menu) as a:
        run(a.mind, days=8, residents=12)
        found = a.journal.query(
            "SELECT day, stage, subject, attempt, cause FROM calls WHERE day >= 0 AND cause <> ''"
        )
        faults = a.journal.query("SELECT day, stage, subject FROM verdicts WHERE verdict = 'fault'")
    dealt = [tuple(row.values()) for row in menu.dealt]
    assert Counter(found) == Counter(dealt)
    assert {row[4] for row in dealt} == set(REPLY_FAULTS)
    twice = [row[:3] for row in dealt if row[3] == 1]
    assert sorted(faults) == sorted(twice)
    assert twice


def test_faults_of_the_endpoint_are_outlived_and_change_nothing(tmp_path: Path) -> None:
    menu = FaultMenu(0.4, TRANSIENT, seed=2)
    with asking(tmp_path / "calls.sqlite", menu=menu) as a:
        assert run(a.mind) == run(None)
        causes = a.journal.query("SELECT cause, count(*) FROM errors GROUP BY cause")
    names = {"overloaded": "server_error"}
    expected = Counter(names.get(row["cause"], row["cause"]) for row in menu.dealt)
    assert dict(causes) == dict(expected)
    assert {row["cause"] for row in menu.dealt} == set(TRANSIENT)


def test_deals_do_not_depend_on_the_order_of_arrival() -> None:
    prompts = [f"prompt {number}" for number in range(200)]
    where = {"day": 1, "stage": "act", "resident": 1, "attempt": 0}
    one, two = FaultMenu(0.3, seed=7), FaultMenu(0.3, seed=7)
    first = {p: one.draw(p, where, lambda kind: True) for p in prompts}
    second = {p: two.draw(p, where, lambda kind: True) for p in reversed(prompts)}
    assert first == second
    assert 30 < sum(map(bool, first.values())) < 90


@pytest.mark.parametrize(("rate", "kinds"), [(1.5, ("empty",)), (0.1, ("typo",)), (0.1, ())])
def test_a_menu_that_cannot_be_dealt_is_refused(rate: float, kinds: tuple) -> None:
    with pytest.raises(InputError):
        FaultMenu(rate, kinds)


def test_the_command_serves_until_it_is_interrupted() -> None:
    code = "from model.commands.testserver import testserver; testserver(['--port', '0'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == LABEL
        address = process.stdout.readline().split()[-1]
        assert get(f"{address}/models")["data"][0]["id"] == "surrogate"
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == ""
