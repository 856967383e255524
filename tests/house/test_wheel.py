"""The wheel: it holds all that civa needs, and finds its own packages among namesakes."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

ROOT = Path(__file__).parents[2]


def run(words: list[str], folder: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
    clean["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    clean["COLUMNS"] = "200"
    return subprocess.run(
        words,
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel, with the backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    made = run([*words, "--directory", str(folder)], ROOT)
    assert made.returncode == 0, made.stderr
    return next(folder.glob("civa-*.whl"))


@pytest.fixture
def installed(wheel, tmp_path) -> Path:
    """Install the wheel alone into a folder; what it needs is this environment's."""
    target = tmp_path / "site"
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    made = run([*words, "--target", str(target), str(wheel)], tmp_path)
    assert made.returncode == 0, made.stderr
    return target


@pytest.fixture
def foreign(tmp_path) -> Path:
    """A folder such as Mesa's examples: a `model.py` of its own."""
    folder = tmp_path / "example"
    folder.mkdir()
    (folder / "model.py").write_text("raise SystemExit('the foreign model.py was imported')\n")
    return folder


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel):
    here = {
        path.relative_to(ROOT).as_posix()
        for package in ("agents", "model")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert there == here | {"civa.py"}


def test_the_source_distribution_holds_what_builds_tests_and_documents_it(tmp_path):
    words = [sys.executable, "-m", "hatchling", "build", "--target", "sdist"]
    made = run([*words, "--directory", str(tmp_path)], ROOT)
    assert made.returncode == 0, made.stderr
    with tarfile.open(next(tmp_path.glob("civa-*.tar.gz"))) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    wanted = (
        "LICENSE README.md SECURITY.md CONTRIBUTING.md CITATION.cff Makefile mkdocs.yml .ci/run"
    )
    assert {*wanted.split(), "tests/conftest.py", "docs/index.md", "server.py"} <= there
    assert not [
        name for name in there if name.startswith((".venv", "runs/", "site/", "artefacts/"))
    ]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["doctor"]])
def test_the_installed_command_is_not_disturbed_by_a_foreign_model_beside_it(
    installed, foreign, words
):
    answer = run([str(installed / "bin" / "civa"), *words], foreign, installed)
    assert answer.returncode == 0, answer.stderr + answer.stdout
    assert answer.stderr == ""


def test_doctor_names_the_folder_that_civa_runs_from(installed, foreign):
    answer = run([str(installed / "bin" / "civa"), "doctor", "--json"], foreign, installed)
    assert f"at {installed}" in answer.stdout


@pytest.mark.parametrize("words", [["--help"], ["doctor"]])
def test_a_foreign_model_that_comes_first_is_named_in_one_line(installed, foreign, words):
    answer = run([str(installed / "bin" / "civa"), *words], foreign, foreign, installed)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert f"'model' leads to {foreign / 'model.py'}" in answer.stderr
    assert f"shadows civa's own {installed / 'model'}" in answer.stderr


def test_python_m_civa_beside_a_foreign_model_says_the_same(installed, foreign):
    answer = run([sys.executable, "-m", "civa", "--help"], foreign, installed)
    assert answer.returncode == 2
    assert f"'model' leads to {foreign / 'model.py'}" in answer.stderr


def test_a_foreign_agents_package_that_comes_first_is_named(installed, tmp_path):
    other = tmp_path / "other"
    (other / "agents").mkdir(parents=True)
    (other / "agents" / "__init__.py").write_text("")
    answer = run([str(installed / "bin" / "civa"), "--help"], tmp_path, other, installed)
    assert answer.returncode == 2
    assert f"'agents' leads to {other / 'agents' / '__init__.py'}" in answer.stderr


def test_a_folder_without_init_does_not_shadow(installed, tmp_path):
    (tmp_path / "other" / "agents").mkdir(parents=True)
    answer = run(
        [str(installed / "bin" / "civa"), "--help"], tmp_path, tmp_path / "other", installed
    )
    assert answer.returncode == 0, answer.stderr


def test_a_package_overwritten_by_another_distribution_is_named(installed, tmp_path):
    (installed / "agents" / "__init__.py").write_text("")
    answer = run([str(installed / "bin" / "civa"), "--help"], tmp_path, installed)
    assert answer.returncode == 2
    assert "another distribution brings a package 'agents' too" in answer.stderr


def test_a_package_that_is_gone_is_named(installed, tmp_path):
    (installed / "model" / "__init__.py").unlink()
    answer = run([str(installed / "bin" / "civa"), "--help"], tmp_path, installed)
    assert answer.returncode == 2
    assert "'model' is missing" in answer.stderr
