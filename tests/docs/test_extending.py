"""What the pages on extending show is a package: built, installed and run as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs.examples import ROOT

HERE = ROOT / "docs" / "extending"
#: What can be added, each by a file and its test.
ADDED = ("regime", "network", "event", "mind", "measure", "chapter")
#: Lines of both together at most.
LINES = 40


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Python in which the package of the pages is installed."""
    folder = tmp_path_factory.mktemp("installed")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    site = folder / "site"
    with zipfile.ZipFile(folder / done.stdout.split()[-1]) as wheel:
        wheel.extractall(site)
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}


@pytest.mark.parametrize("name", ADDED)
def test_each_is_two_short_files(name: str) -> None:
    files = [HERE / f"{name}.py", HERE / f"test_{name}.py"]
    assert sum(len(file.read_text("utf-8").splitlines()) for file in files) <= LINES


def test_each_does_what_its_own_test_says(installed: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", str(HERE)],
        cwd=ROOT,
        env=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ADDED)} passed" in done.stdout


def test_a_run_says_what_of_it_a_plug_in_brought(installed: dict[str, str], tmp_path: Path) -> None:
    words = ["regime=seniority", "network=ring", "days=1"]
    given = [part for word in words for part in ("--set", word)]
    civa = [sys.executable, str(ROOT / "civa.py")]
    done = subprocess.run(
        [*civa, "run", "--quiet", "--out", str(tmp_path / "run"), *given],
        cwd=tmp_path,
        env=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [card] = tmp_path.rglob("run.json")
    plugins = json.loads(card.read_text("utf-8"))["identity"]["plugins"]
    assert set(plugins) == {"civa.regimes: seniority", "civa.networks: ring"}
    assert all(source.startswith("civa-examples 1.0 sha256:") for source in plugins.values())
