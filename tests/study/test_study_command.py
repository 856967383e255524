from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from model.cli import run_command
from tests.study.small import hashes

DESIGN = """
name = "tiny"
seed = 3
runs = 2
[scenario]
residents = 5
days = 4
[factors]
value = ["BE"]
prevalence = [0.5, 1.0]
[registration]
analysis = "dose"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(DESIGN)
    return path


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run_command(["study", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_one_json_object_says_how_the_study_ended(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = source.parent / "out"
    words = (str(source), "--out", str(out), "--workers", "0", "--json")
    code, told, _ = asked(capsys, *words)
    found = json.loads(told.splitlines()[-1])
    assert code == 0
    assert (found["status"], found["planned"], found["done"], found["lived"]) == ("done", 6, 6, 6)
    assert found["mind"] == "surrogate"
    code, told, _ = asked(capsys, *words)
    assert (code, json.loads(told)["lived"]) == (0, 0)
    assert (out / "design.toml").read_text() == DESIGN


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["valeus"], "valeus: unknown design or file; did you mean values?"),
        (["SOURCE", "--set", "richness=2"], "richness is no operational setting"),
        (["SOURCE", "--workers", "-1"], "workers: -1 is out of range"),
        (["SOURCE", "--limit", "0"], "--limit: 0 is out of range"),
        (["SOURCE", "--dask", "tcp://127.0.0.1:9"], "dask: no scheduler answers"),
    ],
)
def test_bad_input_is_refused_in_one_line_before_any_run(
    source: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    line: str,
) -> None:
    monkeypatch.chdir(source.parent)
    monkeypatch.setattr("model.study.cluster._TIMEOUT", 0.2)
    code, told, error = asked(capsys, *[str(source) if w == "SOURCE" else w for w in words])
    assert (code, told) == (2, "")
    assert line in error
    assert error.count("\n") == 1
    assert not (source.parent / "studies" / "tiny" / "runs").exists() or not list(
        (source.parent / "studies" / "tiny" / "runs").iterdir()
    )


def test_a_failed_cell_is_named_and_the_code_says_so(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(source.parent / "out")
    code, told, error = asked(
        capsys, str(source), "--out", out, "--workers", "0", "--limit", "1e-9", "--json"
    )
    assert code == 1
    assert json.loads(told)["failed"] == {"control": 2, "BE 0.5": 2, "BE 1": 2}
    assert "6 runs failed, in the cells 'control', 'BE 0.5', 'BE 1'" in error


@pytest.mark.slow  # about 15 s: two processes with workers of their own are started
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_command_leaves_no_worker_behind_and_can_be_resumed(
    source: Path, how: signal.Signals
) -> None:
    source.write_text(DESIGN.replace("days = 4", "days = 60").replace("runs = 2", "runs = 30"))
    out = source.parent / "out"
    words = [sys.executable, "-m", "civa", "study", str(source), "--out", str(out)]
    process = subprocess.Popen([*words, "--workers", "2", "--quiet"], stderr=subprocess.DEVNULL)
    while not list(out.glob("runs/*/row.json")):
        assert process.poll() is None
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    os.kill(process.pid, how)
    process.wait()
    if how == signal.SIGINT:
        assert process.returncode == 3
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    before = hashes(out)
    assert 0 < len(before) < 90
    again = ["study", str(source), "--out", str(out), "--workers", "0", "--quiet"]
    assert run_command([*again, "--limit", "1e-9"]) == 1  # goes on, and no run can end in time
    assert hashes(out) == before
