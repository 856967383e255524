"""Every command that writes, in folders with somebody else's files and links in them.

Promised: every byte of somebody else's is there afterwards, in the folder and behind every link;
the command does its work, or says in one line why not, with exit code 2 (nothing done) or 3.

Commands are called in this process, on the smallest communities there are. Drawing is what takes a
report its time, and is none of what is tested: a report here has one figure and one table.
"""

from __future__ import annotations

import concurrent.futures
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from agents.errors import InputError
from model.cli import run_command
from model.evidence.table import EvidenceFound, EvidenceTable
from model.report.pictures import Picture
from model.report.section import Section
from model.report.tables import Table
from model.study.many import Inline
from model.views.living_community import Choice, Living
from model.world.scenario import Scenario
from tests.ownership.foreign import Place, Put, puts

pytestmark = pytest.mark.xdist_group("ownership")

PVQ = Path(str(files("agents"))) / "fixtures" / "pvq40_synthetic.csv"
DESIGN = """
name = "tiny"
seed = 5
runs = 1
[scenario]
residents = 4
days = 2
[factors]
value = ["BE"]
prevalence = [1.0]
[registration]
analysis = "dose"
"""
SMALL = ("--days", "2", "--set", "residents=4", "--quiet")
RUN = ("lock", "run.json", "run.json.tmp", "interventions", "days", "events/notes.txt",
       "days/part-00001.parquet", "days/part-00001.parquet.tmp", "messages/part-00009.parquet",
       "calls.sqlite", "calls.sqlite-wal", "report")  # fmt: skip
STUDY = ("study.json", "design.toml", ".writing", "lock", "runs", "failures", "derived",
         "derived/behaviours.parquet", "runs/thesis.txt", "failures/x.json", "report")  # fmt: skip
REPORT = ("report.html", "civa.json", "figures", "tables", "figures/one.svg", "tables/one.csv",
          "figures/mine.svg", "tables/mine.csv")  # fmt: skip
JUDGE = ("judge.json", "civa.json", "items.csv", "evidence.csv", "rates.csv", "overseer.csv",
         "scripted/calls.sqlite")  # fmt: skip
ASSESS = ("assess.json", "civa.json", "answers.csv", "check.csv", "drift.csv")
CODE = ("sample.csv", "key.csv", "code.html", "draw.json", "civa.json", "codes.csv", "alpha.csv")


def inside(folder: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return (folder, *(f"{folder}/{name}" for name in names))


def civa(*words: object) -> int:
    """Run a command; its exit code is 0, or 2 or 3 with one line."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run_command([str(word) for word in words])
    assert code in (0, 2, 3), err.getvalue()
    lines = [line for line in err.getvalue().splitlines() if line.startswith("civa: ")]
    assert len(lines) == (code != 0), err.getvalue()
    assert "Traceback" not in err.getvalue()
    return code


def small_sections(_chapters: object, _material: object) -> tuple[Section, ...]:
    figure = Figure()
    figure.subplots().plot([1, 2])
    table = Table("one", "One", pd.DataFrame({"x": [1.5]}))
    return (Section("One", (), (Picture("one", "One", "", figure, table),)),)


def small_evidence(_lab: object, _seeds: int) -> EvidenceFound:
    table = EvidenceTable("one", "One", pd.DataFrame({"x": [1.5]}), "Note.")
    return EvidenceFound("phases", "surrogate", "1", (table,), {"one": (Figure(), "One")})


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One of everything that civa writes, and drawing made quick."""
    root = tmp_path_factory.mktemp("base")
    (root / "tiny.toml").write_text(DESIGN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.report.build.sections_of", small_sections)
        patch.setattr("model.report.study.sections_of", small_sections)
        patch.setattr("model.evidence.phases.phases", small_evidence)
        patch.setattr(concurrent.futures, "ProcessPoolExecutor", lambda *_, **__: Inline())
        assert civa("run", *SMALL, "--out", root / "run") == 0
        assert civa("run", *SMALL, "--out", root / "pair" / "a") == 0
        assert civa("run", *SMALL, "--seed", 2, "--out", root / "pair" / "b") == 0
        assert civa("study", root / "tiny.toml", *STUDY_WORDS, "--out", root / "study") == 0
        (root / "empty").mkdir()
        for name, (words, _) in OUT.items():
            if name not in ("run", "study"):
                assert civa(*words(root), "--out", root / name) == 0, name
        yield root


STUDY_WORDS = ("--workers", "0", "--quiet")
JUDGING = ("--mind", "scripted:", "--items", "2")
#: Commands whose folder is named: their words without it, and names that they use.
OUT: dict[str, tuple[Callable[[Path], tuple[object, ...]], tuple[str, ...]]] = {
    "run": (lambda base: ("run", *SMALL), RUN),
    "study": (lambda base: ("study", base / "tiny.toml", *STUDY_WORDS), STUDY),
    "report": (lambda base: ("report", base / "run", "--quiet"), REPORT),
    "judge": (lambda base: ("judge", base / "pair", *JUDGING), JUDGE),
    "assess": (lambda base: ("assess", base / "pair"), ASSESS),
    "code": (lambda base: ("code", base / "pair", "--items", 2, "--extra", 0), CODE),
    "demo": (
        lambda base: ("demo", "--seeds", 1, "--days", 1, "--quiet"),
        (*inside("original-01", RUN), *inside("report", REPORT)),
    ),
    "evidence": (
        lambda base: ("evidence", "phases", "--quiet", "--workers", 0),
        ("phases-one.csv", "phases-one.png", "phases-mine.csv", "civa.json"),
    ),
}
#: Commands that write into the folder they read: what it is copied from, words after it, names.
BELOW: dict[str, tuple[str, tuple[object, ...], tuple[object, ...], tuple[str, ...]]] = {
    "report": ("run", ("report",), ("--quiet",), inside("report", REPORT)),
    "report on a study": (
        "study", ("report",), ("--quiet",), (*inside("report", REPORT), *STUDY)),
    "judge": ("pair", ("judge",), JUDGING, (*inside("judge/scripted", JUDGE), "judge")),
    "assess": ("pair", ("assess",), (), (*inside("assess", ASSESS), "a/assess", "a/run.json")),
    "code": ("pair", ("code",), ("--items", 2, "--extra", 0), inside("code", CODE)),
}  # fmt: skip


def check(place: Place, found: list[Put], *words: object) -> None:
    for one in found:
        place.put(one)
    before = place.foreign()
    civa(*words)
    assert place.foreign() == before


ATTACKS = [
    [Put("thesis.txt", "file", b"years of work")],
    [Put("lock", "file", b"my own")],
    [Put("run.json.tmp", "link", b"victim")],
    [Put("days", "link to a folder", b"outside")],
    [Put("design.toml", "file", b"my design")],
    [Put("report.html", "file", b"my page"), Put("notes/thesis.txt", "file", b"years of work")],
    [Put("derived", "link to a folder", b"outside")],
    [Put("judge", "link to a folder", b"outside")],
    [Put("judge/scripted/judge.json", "file", b'{"format": 1}')],
    [Put("assess/assess.json", "file", b'{"format": 1}')],
    [Put("interventions", "hard link", b"no line")],
]


@pytest.mark.slow  # about 5 s each
@pytest.mark.parametrize("name", OUT)
def test_a_command_with_a_folder_named_leaves_every_foreign_byte(base: Path, name: str) -> None:
    words, names = OUT[name]
    prepared = st.sampled_from([None, base / "empty", base / name])

    @settings(max_examples=12)
    @given(prepared, puts(*names))
    def law(lies: Path | None, found: list[Put]) -> None:
        with tempfile.TemporaryDirectory() as root:
            place = Place(Path(root), lies)
            check(place, found, *words(base), "--out", place.out)

    for attack in ATTACKS:
        if any(put.name in (*names, "thesis.txt") for put in attack):
            law = example(base / name, attack)(law)
    law()


@pytest.mark.slow  # about 1 s an example
@pytest.mark.parametrize("name", BELOW)
def test_a_command_that_writes_below_what_it_reads_leaves_every_foreign_byte(
    base: Path, name: str
) -> None:
    source, begin, more, names = BELOW[name]

    @settings(max_examples=10)
    @given(puts(*names))
    def law(found: list[Put]) -> None:
        with tempfile.TemporaryDirectory() as root:
            place = Place(Path(root), base / source)
            check(place, found, *begin, place.out, *more)

    for attack in ATTACKS:
        if any(put.name in (*names, "thesis.txt") for put in attack):
            law = example(attack)(law)
    law()


@settings(max_examples=20)
@given(puts("profiles.csv"))
@example([Put("profiles.csv", "link to nothing", b"")])
@example([Put("profiles.csv", "file", b"SD,ST,HE,AC,PO,SE,CO,TR,BE,UN\n" + b"50," * 9 + b"50\n")])
def test_a_survey_leaves_every_foreign_byte(found: list[Put]) -> None:
    with tempfile.TemporaryDirectory() as root:
        place = Place(Path(root))
        place.out.mkdir()
        check(place, found, "survey", PVQ, "--scale", "pvq40", "--out", place.out / "profiles.csv")


@settings(max_examples=20)
@given(found=puts(*RUN))
@example(found=[Put("run.json", "hard link", b"{")])
def test_keeping_a_run_from_the_page_leaves_every_foreign_byte(found: list[Put]) -> None:
    with tempfile.TemporaryDirectory() as root:
        place = Place(Path(root))
        place.out.mkdir()
        for one in found:
            place.put(one)
        before = place.foreign()
        living = Living(
            Choice(Scenario(residents=4, days=2)), None, lambda: None, lambda _: None, lambda: 0.0
        )
        try:
            with suppress(InputError):
                living.keep(place.out)
        finally:
            living.close().result()
        assert place.foreign() == before


@pytest.mark.slow  # about 1 s an example
@settings(max_examples=15)
@given(found=puts(*RUN))
def test_what_only_reads_changes_nothing_at_all(base: Path, found: list[Put]) -> None:
    with tempfile.TemporaryDirectory() as root:
        place = Place(Path(root), base / "run")
        for one in found:
            place.put(one)
        before = place.everything()
        civa("replay", place.out)
        civa("prompt", place.out, "--day", 1, "--resident", "R1")
        assert place.everything() == before
