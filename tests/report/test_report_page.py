"""The page as a whole: what it shows, what it never does, and that its numbers lie beside it."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from model.cli import run_command
from model.report.build import report
from tests.report.material import HOSTILE, live, say

pytestmark = pytest.mark.xdist_group("report page")

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section"),
    *("nav", "p", "h1", "h2", "h3", "dl", "div", "dt", "dd", "a", "figure", "figcaption", "span"),
    *("small", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code"),
    *("svg", "defs", "g", "path", "use", "clippath", "rect"),
}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.cells, self.shown = [], [], [], []
        self._table, self._cell = "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag == "table":
            self._table = known["data-csv"]
        if tag == "td" and "data-row" in known:
            self._cell = [self._table, int(known["data-row"]), ""]

    def handle_endtag(self, tag):
        if tag == "td" and self._cell:
            self.cells.append(self._cell)
            self._cell = None

    def handle_data(self, data):
        self.shown.append(data)
        if self._cell:
            self._cell[2] += data + " "


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three conditions on three seeds; residents of one talk as attackers would."""
    place = tmp_path_factory.mktemp("study")
    for seed in (1, 2, 3):
        live(place, seed)
        live(place, seed, value="PO", mode="with", prevalence=0.5)
        live(place, seed, value="BE", mode="without", prevalence=1.0)
    for path in place.glob("run-*"):
        say(path, HOSTILE)
    report(place)
    return place / "report"


@pytest.fixture(scope="module")
def page(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_the_page_needs_nothing_from_outside(folder, page):
    for tag, name, value in page.attributes:
        if name in {"src", "href", "xlink:href", "action", "srcset"}:
            assert not re.match(r"\s*(\w+:|//)", value or ""), (tag, name, value)
    style = (folder / "report.html").read_text(encoding="utf-8")
    assert "@import" not in style
    assert not re.search(r"url\((?!#)", style)


def test_every_file_that_the_page_names_lies_beside_it(folder, page):
    named = {
        v for _, n, v in page.attributes if n in {"href", "data-csv"} and not v.startswith("#")
    }
    assert len(named) > 30
    assert [name for name in named if not (folder / name).is_file()] == []


def test_every_figure_comes_as_png_svg_and_csv(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    figures = re.findall(r'id="figure-(\w+)"', html)
    assert {"population", "stocks", "top_tenth", "capacities", "conduct", "acts", "survival",
            "network", "behaviours", "case_study", "effects_naup"} <= set(figures)  # fmt: skip
    for name in figures:
        assert (folder / "figures" / f"{name}.png").is_file()
        assert (folder / "figures" / f"{name}.svg").is_file()


def test_words_of_residents_become_no_part_of_the_page(page):
    assert set(page.tags) <= TAGS
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not [v for _, _, v in page.attributes if v and "evil.example" in v]


def test_words_of_residents_are_shown_as_they_stand(page):
    shown = " ".join(page.shown)
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in shown
    assert "$\\frac{1}{0}$ {{ 7 * 7 }} {% raw %} **bold** [x](http://evil.example)" in shown
    assert "one\\u0009two\\u000d\\u000athree\\u202egnorw\\u0000 --> ]]> </svg></span>" in shown
    assert "& &lt;b&gt;" in shown


def test_no_unseen_character_reaches_the_page(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert not set("\u202e\u0000\r\t") & set(html)


def test_no_cell_of_any_file_is_a_formula(folder):
    for path in (folder / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    number = re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)
                    assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), path


def test_every_number_of_a_cell_stands_in_its_row_of_the_file(folder, page):
    tables = {}
    checked = 0
    for name, row, text in page.cells:
        if name not in tables:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                tables[name] = list(csv.reader(file))[1:]
        fields = tables[name][row]
        known = [float(x) for f in fields for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", f)]
        if name in {"tables/case_study.csv", "tables/examples.csv"}:
            continue
        for shown in re.findall(r"(?<![\w.])−?\d+\.\d+(?![\w.])", text):
            value, places = float(shown.replace("−", "-")), len(shown.split(".")[1])
            assert any(abs(value - x) <= 0.5001 * 10**-places for x in known), (name, row, shown)
            checked += 1
    assert checked > 200


def test_the_page_says_who_decided_and_that_it_is_no_language_result(page):
    shown = " ".join(" ".join(page.shown).split())
    assert "No language model took part" in shown
    assert "it is no result about language models" in shown
    for fact in ("mind surrogate", "language model none", "9 in 3 conditions", "scenario growing"):
        assert fact in shown
    assert "1–3 (3; the same in every condition: paired)" in shown
    assert re.search(r"surrogate’s table [0-9a-f]{16}", shown)


def test_what_cannot_be_said_is_refused_with_its_reason(page):
    shown = " ".join(page.shown)
    assert "needs 60 runs" in shown
    assert "power ≈ α at this length" in shown
    assert "unidentified" in shown


def test_treated_and_untreated_actors_are_told_apart_where_both_live(folder):
    with (folder / "tables" / "behaviours_by_treatment.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["condition"] for row in rows} == {"with power, ρ = 0.5"}
    assert {row["actor"] for row in rows} == {"treated", "untreated"}


def test_few_runs_are_printed_instead_of_an_interval(page):
    naup = next(text for name, row, text in page.cells if name == "tables/headline.csv")
    assert "runs: " in naup


def test_the_command_prints_the_path_last_and_replaces_an_older_report(tmp_path, capsys):
    run = live(tmp_path, 5, days=8)
    for _ in range(2):
        assert run_command(["report", str(run)]) == 0
        path = Path(capsys.readouterr().out.splitlines()[-1])
        assert path == run / "report" / "report.html"
    (run / "report" / "old").write_text("")
    assert run_command(["report", str(run)]) == 2
    assert "holds 'old', which is not of a report" in capsys.readouterr().err
    assert not list(run.glob(".report*"))


def test_the_command_prints_json_last_when_asked(tmp_path, capsys):
    run = live(tmp_path, 5, days=8)
    assert run_command(["report", str(run), "--out", str(tmp_path / "out"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer == {"status": "done", "path": str(tmp_path / "out" / "report.html")}


@pytest.mark.parametrize("what", ["missing", "empty", "foreign", "file"])
def test_bad_input_is_refused_in_one_line_and_nothing_is_written(tmp_path, capsys, what):
    words = ["report", str(tmp_path / "runs")]
    (tmp_path / "out").mkdir()
    if what != "missing":
        (tmp_path / "runs").mkdir()
    if what == "foreign":
        live(tmp_path / "runs", 1, days=1)
        (tmp_path / "out" / "thesis.tex").write_text("years of work")
        words += ["--out", str(tmp_path / "out")]
    if what == "file":
        live(tmp_path / "runs", 1, days=1)
        (tmp_path / "note").write_text("")
        words += ["--out", str(tmp_path / "note")]
    before = sorted(tmp_path.rglob("*"))
    assert run_command(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("civa: ")
    assert error.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
