"""The Makefile: what it offers, and what it says on a machine that lacks something."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_make_alone_lists_every_target():
    targets = set(re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text())[1].split())
    listed = set(re.findall(r"^  make (\S+)  +\S", make().stdout, re.MULTILINE))
    assert listed == targets


@pytest.mark.parametrize("target", ["demo", "test"])
def test_without_a_python_one_line_says_what_to_do(target, tmp_path):
    answer = make(target, f"VENV={tmp_path / 'env'}", "PYTHON=/nowhere/python")
    assert answer.returncode != 0
    (line,) = [row for row in answer.stderr.splitlines() if row.startswith("civa: ")]
    assert "no Python 3.11 or newer" in line
    assert f"make {target} PYTHON=" in line
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize(("target", "lock"), [("demo", "core"), ("test", "dev")])
def test_a_target_installs_its_own_lock_before_it_starts(target, lock, tmp_path):
    plan = make("--dry-run", target, f"VENV={tmp_path / 'env'}").stdout
    installed = re.findall(r"--require-hashes --requirement requirements/(\w+)\.txt", plan)
    assert set(installed) == {lock}


def test_the_machine_that_builds_calls_make_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)
    assert script.read_text().splitlines()[-1] == "exec make test"
