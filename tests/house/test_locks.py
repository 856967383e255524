"""The locks: complete, hashed, in step with pyproject.toml, and free of addresses."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BUILD = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["build"]
LOCKS = ["core.txt", "dev.txt", "interop.txt"]


def text_of(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text()


def pins(lock: str) -> dict[str, str]:
    """Package → locked version."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", text_of(lock), flags=re.MULTILINE)
    return {canonicalize_name(name): number for name, number in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_path(lock):
    assert not re.findall(r"\w+://\S+| @ \S+|^-\S+.*|[~/][\w.]+/\S*", text_of(lock), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_one_version_and_a_hash(lock):
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text_of(lock), flags=re.MULTILINE))
    assert len(entries) == len(pins(lock))
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_the_two_locks_agree():
    core, dev = pins("core.txt"), pins("dev.txt")
    assert len(dev) > len(core) > 0
    assert core.items() <= dev.items()


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("core.txt", PROJECT["dependencies"] + BUILD),
        ("dev.txt", PROJECT["optional-dependencies"]["dev"]),
        ("dev.txt", PROJECT["optional-dependencies"]["cluster"]),
    ],
)
def test_a_lock_satisfies_what_the_project_asks_for(lock, wanted):
    locked = pins(lock)
    for line in wanted:
        requirement = Requirement(line)
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier


def test_one_version_number_everywhere():
    number = PROJECT["version"]
    assert f"\nversion: {number}\n" in (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == number
