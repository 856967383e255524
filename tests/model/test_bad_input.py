"""Bad input gets one line that names field, value and remedy, code 2, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from model.cli import run_command
from model.community import CommunityModel
from model.world.scenario import Scenario
from model.world.scenario_files import LARGEST, read_scenario, scenario_from

CASES = [
    ("residnts=3", "residnts: unknown parameter; did you mean residents?"),
    ("max_call=3", "max_call: unknown parameter; did you mean max_calls?"),
    ("residents=0", "residents: 0 is out of range; use a number from 1 to 20000"),
    ("residents=-5", "residents: -5 is out of range; use a number from 1 to 20000"),
    ("residents=2.5", "residents: 2.5 is not a whole number; write a whole number from 1 to 20000"),
    ("residents=true", "residents: True is not a whole number"),
    ("residents='9'", "residents: 9 is not a whole number"),
    ("residents=1" + "0" * 400, "is out of range; use a number from 1 to 20000"),
    ("prevalence=1.2", "prevalence: 1.2 is out of range; use a number from 0 to 1"),
    ("prevalence=nan", "prevalence: nan is no finite number; give one from 0 to 1"),
    ("richness=inf", "richness: inf is no finite number; give one from 0 to 100"),
    ("prevalence=0.5", "prevalence: 0.5 of nothing; name the treated value"),
    ("regime=equl", "regime: equl is unknown; did you mean equal? use equal, "),
    (
        "value=benevolense",
        "value: 'benevolense' is no value of the circle; did you mean 'benevolenc",
    ),
    ("births=no", "births: no is not true or false; write true or false"),
    ("kinds=['inform', 'asq']", "kinds[2]: asq is unknown; did you mean ask?"),
    ("kinds='inform'", "kinds: inform is not a list in brackets"),
    ("need=[]", "need: []: needs one or more amounts from 0 to 10000"),
    ("need=[9, 'x']", "need[2]: x is not a whole number"),
    ("mind=surogate", "mind: surogate: unknown mind; did you mean surrogate?"),
    ("mind=scripted:crow", "mind: scripted: no rule 'crow'"),
    ("preset=scarse", "scarse: unknown preset; did you mean scarce?"),
    ("shocks=[{day=0, kind='aid'}]", "shocks[1].day: 0 is out of range; use a number at least 1"),
    (
        "shocks=[{day=1, kind='aid', siz=1}]",
        "shocks[1]: siz: unknown parameter; did you mean size?",
    ),
    (
        "shocks=[{day=1, kind='outage', target=4}]",
        "shocks: outage of factory 4, which does not exi",
    ),
    ("max_money=-1", "max_money: -1 is out of range"),
    ("flush_seconds=nan", "flush_seconds: nan"),
    ("population_file=/no/such", "population_file: /no/such is no file"),
    ("start_standing=[200, 0]", "start_standing: [200, 0]: needs two points, low then high"),
    ("birth_threshold=40", "birth_threshold: 40 must exceed start_stock 40"),
    ("days", "--set: 'days' is not key=value; write e.g. richness=0.8"),
    ("days=2026-01-01", "days: datetime.date(2026, 1, 1) is a date; give plain values"),
]


def refused(capsys: pytest.CaptureFixture[str], folder: Path, *words: object, line: str) -> None:
    before = sorted(folder.rglob("*"))
    code = run_command(["run", *map(str, words)])
    out, err = capsys.readouterr()
    assert line in err
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "Traceback" not in err
    assert sorted(folder.rglob("*")) == before


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("word", "line"), CASES, ids=[word[:24] for word, _ in CASES])
def test_a_parameter(
    folder: Path, capsys: pytest.CaptureFixture[str], word: str, line: str
) -> None:
    refused(capsys, folder, "--set", word, "--json", line=line)


def test_more_factories_than_cells_allow(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", f"outputs={[9] * 10}", "--set", f"halves={[9] * 10}"]
    refused(
        capsys, folder, *words, line="10 factories, but a 12×12 grid with spacing 4 has room for 9"
    )


@pytest.mark.parametrize("seed", ["-1", "x", "1.5", str(2**70)])
def test_a_seed(folder: Path, capsys: pytest.CaptureFixture[str], seed: str) -> None:
    refused(capsys, folder, "--seed", seed, line="--seed")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"days = \n", "is not TOML"),
        (b"days = 3\ndays = 4\n", "is not TOML"),
        (b"name = '\xff'\n", "byte 8 is not UTF-8; save it as UTF-8"),
        (b"PAR1\x00\x00", "is not TOML"),
        (b"x = " + b"[" * 5_000, "is not TOML"),
        (b"dayz = 3\n", "dayz: unknown parameter; did you mean days?"),
        (b"[settings]\nbase_ur = 'x'\n", "base_ur: unknown parameter; did you mean base_url?"),
        (b"settings = 3\n", "settings: 3 is no table; write [settings]"),
        (b"preset = 3\n", "preset: 3 is not a text in quotes"),
        (b"[residents]\nn = 3\n", "residents: {'n': 3} is not a whole number"),
    ],
)
def test_a_scenario_file(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes, line: str
) -> None:
    (folder / "world.toml").write_bytes(content)
    refused(capsys, folder, "world.toml", line=line)


def test_a_scenario_file_that_is_a_directory(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "world.toml").mkdir()
    refused(
        capsys, folder, "world.toml", line="world.toml: is a directory; give the path of a TOML"
    )


def test_a_scenario_file_of_two_gigabytes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "world.toml").open("wb") as file:
        file.truncate(2_000_000_000)
    line = f"world.toml: has 2000000000 bytes, a scenario at most {LARGEST}"
    refused(capsys, folder, "world.toml", line=line)


@pytest.mark.parametrize("name", ["scarse", "no.toml", "/dev/zero", "a/b.toml", "x" * 300])
def test_a_scenario_that_is_no_file(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    refused(capsys, folder, name, line=name[:200])


def test_a_folder_that_holds_something_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "thesis.txt").write_text("years of work")
    refused(capsys, folder, "--out", folder, line="holds something else ('thesis.txt'")


def test_a_folder_that_holds_another_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "--days", "1", "--quiet", "--out", "r"]) == 0
    words = ["--days", "2", "--out", "r"]
    refused(capsys, folder, *words, line="r: holds another run, which differs in scenario.days")


def test_a_folder_that_is_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "r").write_text("")
    refused(capsys, folder, "--out", "r", line="r: is a file; name a folder for the run")


def test_an_unwritable_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").write_text("")
    refused(capsys, folder, "--out", "file/r", line="cannot be written (Not a directory)")


def test_a_folder_on_a_read_only_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Nobody, root included, can make a folder there.
    refused(capsys, folder, "--out", "/proc/r", line="/proc/r: cannot be written (No such file")


def test_the_same_line_meets_keywords() -> None:
    with pytest.raises(InputError, match=r"residnts: unknown parameter; did you mean residents\?"):
        CommunityModel(residnts=3, rng=1)
    with pytest.raises(InputError, match="prevalence: nan is no finite number"):
        CommunityModel(prevalence=np.float64("nan"), value="BE", rng=1)
    with pytest.raises(InputError, match=r"value: .* is a object; give plain values"):
        CommunityModel(value=object(), rng=1)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    st.sampled_from(["residents", "need", "shocks", "edges", "value", "preset", "mode"]), anything
)
def test_whatever_is_given_is_taken_or_refused_in_one_line(name: str, value: Any) -> None:
    line = "taken"
    try:
        scenario_from({name: value})
    except InputError as error:
        line = str(error)
    assert 0 < len(line) < 500


def test_a_preset_that_is_only_named_is_no_label_on_the_defaults() -> None:
    with pytest.raises(ValueError, match=r'start from it by read_scenario\("growing"\)'):
        Scenario(preset="growing")
    assert Scenario(preset="baseline") == Scenario()
    growing, _ = read_scenario("growing")
    assert Scenario(**growing.model_dump()) == growing
