"""Tests that share something costly share a worker: the group of a test is kept."""

import os
import subprocess
import sys

TESTS = """
import os
import pytest

@pytest.mark.xdist_group("{0}")
@pytest.mark.parametrize("i", range(4))
def test(i):
    print("WORKER {0} " + os.environ["PYTEST_XDIST_WORKER"])
"""


def test_a_group_of_tests_stays_with_one_worker(tmp_path):
    for name in ("one", "other"):
        tmp_path.joinpath(f"test_{name}.py").write_text(TESTS.format(name))
    ours = ("PYTEST", "COV")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-rP"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith(ours)},
        capture_output=True,
        text=True,
        check=False,
    )
    where = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("WORKER")]
    assert len(where) == 8, done.stdout
    for name in ("one", "other"):
        assert len({worker for group, worker in where if group == name}) == 1
