"""No secret reaches any artefact: a marked key goes through everything that asks a model.

Beside this, everything that the whole suite prints, logs and writes is searched (`secrets`).
"""

from __future__ import annotations

import logging
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from agents.minds.surrogate import Surrogate
from agents.testserver.app import Manner
from agents.testserver.fault_injection import FaultMenu
from model.cli import run_command
from tests.faults.secrets import MARKS, PLANTED, files_with_a_key, has_mark, spellings
from tests.faults.telling import Telling
from tests.language.communities import serving
from tests.language.living import Counting, place, small

KEY = "sk-marked-through-everything-9f2c"
ROOT = Path(__file__).parents[2]


def test_a_key_goes_through_every_command_and_stays_nowhere(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A run that meets faults, its report and replay, a prompt, a study, the doctor, all logs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CIVA_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY + "2")
    caplog.set_level(logging.DEBUG)
    scenario = small(residents=4, days=2)
    fields = [f"{n}={getattr(scenario, n)}" for n in ("residents", "days", "width", "height")]
    (tmp_path / "design.toml").write_text(
        'name = "keyed"\nseed = 1\nruns = 1\n[scenario]\nresidents = 4\ndays = 1\n'
        'mind = "openai:surrogate"\n[factors]\nvalue = ["BE"]\nprevalence = [1.0]\n'
        '[registration]\nanalysis = "dose"\n'
    )
    with place(Counting(rate=0.1)) as at:
        url = ["--base-url", at.settings.base_url]
        run = ["run", "--mind", "openai:surrogate", *[w for f in fields for w in ("--set", f)]]
        run += ["--set", "fault_limit=1", *url, "--out", "run"]
        commands = [
            [*run, "--json"],
            ["replay", "run", "--check"],
            ["report", "run"],
            ["prompt", "run", "--day", "1", "--resident", "1"],
            ["study", "design.toml", *url, "--out", "study", "--json"],
            ["doctor"],
        ]
        codes = [run_command(words) for words in commands]
        at.menu.decree = lambda where: "bad_key"
        codes.append(run_command([*run[:-1], "refused"]))
    assert codes[:4] == [0, 0, 0, 0]
    assert codes[-1] == 3
    with closing(sqlite3.connect(tmp_path / "run" / "calls.sqlite")) as journal:
        assert journal.execute("SELECT count(*) FROM calls").fetchone()[0] > 10
    assert list(files_with_a_key(tmp_path)) == []
    out, err = capfd.readouterr()
    assert not any(mark in text for mark in MARKS for text in (out, err, caplog.text))


def test_a_server_that_tells_its_key_everywhere_is_heard_by_nobody(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In every spelling, through all that asks a model and all that writes about it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CIVA_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY + "2")
    caplog.set_level(logging.DEBUG)
    (tmp_path / "design.toml").write_text(
        'name = "told"\nseed = 1\nruns = 1\n[scenario]\nresidents = 4\ndays = 2\n'
        'fault_limit = 1.0\nmind = "openai:surrogate"\n[factors]\nvalue = ["BE"]\n'
        'prevalence = [1.0]\n[registration]\nanalysis = "dose"\n'
    )
    server = Telling(Surrogate(), Manner(), FaultMenu())
    with serving(server) as address:
        url = ["--base-url", address]
        run = ["run", "--mind", "openai:surrogate", *url, "--out", "run", "--days", "3"]
        run += [w for f in ("residents=6", "fault_limit=1") for w in ("--set", f)]
        mind = ["--mind", "openai:surrogate"]
        commands = {
            "run": [*run, "--json"],
            "run again": run,
            "study": ["study", "design.toml", *url, "--out", "study", "--json"],
            "replay": ["replay", "run", "--check"],
            "report": ["report", "run"],
            "report of a study": ["report", "study"],
            "prompt": ["prompt", "run", "--day", "2", "--resident", "1"],
            "estimate": ["estimate", "design.toml", "--json"],
            "assess": ["assess", "run", *url],
            "judge": ["judge", "run", *mind, *url, "--items", "4", "--set", "max_calls=200"],
            "doctor": ["doctor", *url, "--json"],
        }
        codes = {name: run_command(words) for name, words in commands.items()}
    assert {name: code for name, code in codes.items() if code} == {}
    for where in ("header", "error", "id", "model", "usage", "refusal", "text", "prose", "token"):
        assert server.told[where] > 3, where
    with closing(sqlite3.connect(tmp_path / "run" / "calls.sqlite")) as journal:
        for column, table in (("reply", "calls"), ("served", "calls"), ("detail", "errors")):
            sql = f"SELECT count(*) FROM {table} WHERE {column} LIKE '%[key]%'"
            assert journal.execute(sql).fetchone()[0] > 3, column
    assert list(files_with_a_key(tmp_path)) == []
    tables = list(tmp_path.rglob("*.parquet"))
    assert tables
    assert [table for table in tables if has_mark(pd.read_parquet(table).to_csv())] == []
    out, err = capfd.readouterr()
    assert not any(map(has_mark, (out, err, caplog.text)))


@pytest.mark.parametrize("spelling", sorted(spellings(MARKS[0])))
def test_a_key_in_another_spelling_is_found(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "page.html").write_text(f"<p>{spelling.upper()}</p>")
    assert [path.name for path in files_with_a_key(tmp_path)] == ["page.html"]
    (tmp_path / "page.html").unlink()


def test_a_key_that_did_reach_a_file_would_be_found(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    (folder / "page.html").write_bytes(b"x" * ((1 << 20) - 5) + MARKS[0].encode())
    assert [path.name for path in files_with_a_key(tmp_path)] == ["page.html"]
    (folder / "page.html").rename(folder / f"{PLANTED}.html")
    assert list(files_with_a_key(tmp_path)) == []


def test_a_key_behind_gigabytes_that_nobody_wrote_is_found(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.seek(3_000_000_000)
        file.write(MARKS[0].encode())
        file.truncate(6_000_000_000)
    assert list(files_with_a_key(tmp_path)) == [large]
    large.unlink()


LEAKING = """
def test_that_leaks(tmp_path):
    {leak}
"""


@pytest.mark.parametrize(
    ("leak", "code"),
    [
        ("(tmp_path / 'run.json').write_text('sk-' + 'marked-1')", 1),
        ("print('sk-' + 'marked-1')", 1),
        ("(tmp_path / 'run.json').write_text('nothing')", 0),
    ],
)
def test_a_suite_that_leaves_a_key_behind_fails(tmp_path: Path, leak: str, code: int) -> None:
    """In a session of its own, with nothing but the search of this one."""
    (tmp_path / "test_it.py").write_text(LEAKING.format(leak=leak))
    words = ["-p", "tests.faults.secrets", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    session = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            *words,
            f"--basetemp={tmp_path / PLANTED}",
            tmp_path,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in session.stdout, session.stdout + session.stderr
    assert (session.returncode, "A KEY WAS LEFT IN" in session.stdout) == (code, bool(code))


def test_every_key_in_the_tests_is_a_marked_one() -> None:
    keys = {
        key[1:]
        for file in (ROOT / "tests").rglob("*.py")
        for key in re.findall(r"[\"']sk-[A-Za-z0-9-]+", file.read_text("utf-8"))
    }
    assert keys
    assert [key for key in keys if not key.startswith(MARKS)] == []
