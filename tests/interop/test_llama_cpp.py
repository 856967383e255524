"""Somebody else's server: llama-cpp-python's own, with a model of random weights.

`make interop` sets up its environment (it compiles for minutes). Nothing here was written to suit
this project, and the model knows nothing: promised are faults and now and then a reply that can be
read, never a crash, and that the probe finds out what this server really does.
"""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.llm.journal import read_journal
from model.run.runs import replay, run_into
from model.store import load_run
from model.world.scenario import Scenario
from model.world.settings import Settings

pytestmark = pytest.mark.interop
ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-interop" / "bin" / "python"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a running server."""
    folder = tmp_path_factory.mktemp("llama")
    model = folder / "random.gguf"
    subprocess.run([PYTHON, Path(__file__).with_name("tiny_model.py"), model], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", model, "--model_alias", "random", "--n_ctx", "16384", "--port", str(port)]
    words += ["--chat_format", "chatml", "--verbose", "false"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [PYTHON, "-m", "llama_cpp.server", *words], stdout=log, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}/v1"
    try:
        for _ in range(600):
            assert server.poll() is None, (folder / "server.log").read_text("utf-8", "replace")
            try:
                urllib.request.urlopen(f"{url}/models", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("cognition", ["fused", "staged"])
def test_garbage_gives_faults_and_never_a_crash(
    endpoint: str, tmp_path: Path, cognition: str
) -> None:
    scenario = Scenario(
        residents=3, days=2, mind="openai:random", cognition=cognition, fault_limit=1.0
    )
    settings = Settings(
        base_url=endpoint,
        in_flight_start=1,
        in_flight_limit=2,
        timeout_first_byte=300,
        timeout_total=300,
    )
    outcome = run_into(tmp_path / "run", scenario, 1, settings)
    assert outcome.status == "done", outcome.cause
    terms = outcome.usage["terms"]
    print(f"interop {cognition}: {outcome.faults} faults, terms {terms}")
    with read_journal(tmp_path / "run" / "calls.sqlite") as journal:
        causes = dict(
            journal.query("SELECT cause, count(*) FROM calls WHERE day >= 0 GROUP BY cause")
        )
        faulted = journal.query("SELECT count(*) FROM verdicts WHERE verdict = 'fault'")[0][0]
    print(f"interop {cognition}: replies by cause {causes}")
    assert outcome.faults == faulted
    assert sum(causes.values()) > 0
    # This server takes a schema with `json_object` and knows no `json_schema`.
    assert "json_object+schema" in str(terms)
    events = load_run(tmp_path / "run").events
    assert (events["kind"] == "fault").sum() == outcome.faults
    assert replay(tmp_path / "run").same
