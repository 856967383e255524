"""The pages of promises and threats name tests that exist, and every test of a fault is on one."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text("utf-8")
THREATS = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
THREAT_TESTS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", THREATS)


def test_every_test_that_the_page_names_exists():
    assert len(NAMED) > 50
    missing = [
        f"{file}::{test}"
        for file, test in (*NAMED, *THREAT_TESTS)
        if not re.search(
            rf"^(?:async )?def {test}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE
        )
    ]
    assert missing == []


def test_every_file_that_the_page_of_threats_names_exists():
    assert len(THREAT_TESTS) > 20
    files = re.findall(r"`(tests/[\w/]+\.py)", THREATS)
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_file_of_the_fault_suite_stands_on_the_page():
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/faults/test_*.py")}
    assert files <= {file for file, _ in NAMED}


def test_the_long_ones_are_marked():
    for line in PAGE.splitlines():
        for mark, file, test in re.findall(r"(◆ )?`(tests/[\w/]+\.py)::(\w+)`", line):
            source = (ROOT / file).read_text("utf-8")
            before = re.split(rf"^def {test}\(", source, flags=re.MULTILINE)[0]
            decorators = before.rsplit("\n\n\n", 1)[-1]
            whole_file = re.search(r"^pytestmark = .*soak", source, re.MULTILINE)
            assert bool(mark) == bool("mark.soak" in decorators or whole_file), test
