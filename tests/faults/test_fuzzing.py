"""Every parser, given whatever one can think of, takes it or refuses it in its own words.

A hundred examples a parser by default, the same everywhere; 10,000 new ones by `make nightly`.
"""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents.errors import CivaError
from agents.instruments import ESS21, PVQ40
from agents.llm.errors import ReplyFault
from agents.llm.journal import open_journal, read_journal
from agents.observation import Stage
from agents.populations import read_profiles
from agents.prompts.columns import gather
from agents.prompts.read import canonical, read
from agents.prompts.render import render
from agents.prompts.replies import read_reply
from agents.prompts.static import UnreadablePrompt
from agents.survey import read_survey
from agents.values import VALUES
from model.analysis.row import read_row
from model.store.interventions_file import InterventionsFile
from model.store.meta import read_meta
from model.store.sealed import sealed, unsealed
from model.study.cells import cells_of
from model.study.design import Design, design_from, read_design
from model.study.manifest import read_manifest
from model.world.scenario import Scenario
from model.world.scenario_files import read_scenario, scenario_from, word_value
from model.world.settings import Settings, settings_from
from tests.language.questions import HOSTILE, random_question, random_rules

fuzzed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

texts = st.text(max_size=30) | st.sampled_from(HOSTILE)
numbers = st.integers() | st.floats() | st.sampled_from([1e308, -1, 2**63, 2**64, -(2**70)])
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def one_line(error: CivaError) -> None:
    assert str(error).strip()
    assert "\n" not in str(error)


def some_of(names: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(names)) | texts, values, max_size=4)


def refused_or_taken(parse: Any, *given_: Any) -> Any:
    """Parse; what is refused is refused in one line, and nothing else is raised."""
    try:
        return parse(*given_)
    except CivaError as error:
        one_line(error)
        return None


@fuzzed
@given(some_of(Scenario.model_fields))
def test_any_fields_make_a_scenario_or_one_line(fields: dict[str, Any]) -> None:
    found = refused_or_taken(scenario_from, fields)
    assert found is None or scenario_from(found.model_dump(mode="json")) == found


@fuzzed
@given(st.binary(max_size=200) | texts.map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_scenario_file_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = _file(tmp_path_factory, content)
    refused_or_taken(read_scenario, str(path))
    refused_or_taken(read_design, str(path))


@fuzzed
@given(texts)
def test_any_word_is_key_and_value_or_one_line(word: str) -> None:
    refused_or_taken(word_value, word)
    refused_or_taken(word_value, f"days={word}")


@fuzzed
@given(
    st.fixed_dictionaries(
        {"name": st.just("x") | values, "seed": st.just(1) | values, "runs": st.just(2) | values},
        optional={
            **{n: values for n in Design.model_fields if n not in ("name", "seed", "runs")},
            "factors": st.dictionaries(
                st.sampled_from(["value", "prevalence", "residents"]) | texts, values, max_size=3
            ),
            "scenario": some_of(Scenario.model_fields),
        },
    )
)
@example({"name": "x", "seed": 1, "runs": 2, "factors": {"\ud800 lone": None}})
@example({"name": "x", "seed": 1, "runs": 2, "factors": {"\n": None}})
def test_any_fields_make_a_design_or_one_line(fields: dict[str, Any]) -> None:
    design = refused_or_taken(design_from, fields)
    if design is not None:
        refused_or_taken(cells_of, design)


@fuzzed
@given(some_of(Settings.model_fields))
@example({"\ud800": 1})
def test_any_fields_make_settings_or_one_line(fields: dict[str, Any]) -> None:
    refused_or_taken(settings_from, fields)


@fuzzed
@given(
    rows=st.lists(
        st.lists(
            st.integers(-1, 99).map(str) | st.sampled_from(["", "NA", "1.0", "7", '"', ";", "\n"]),
            min_size=40,
            max_size=40,
        ),
        max_size=30,
    ),
    header=st.sampled_from([PVQ40.columns, ESS21.columns, VALUES]),
    width=st.just(0) | st.integers(-2, 2),
    joint=st.sampled_from([",", ";", "\t"]),
    tail=st.binary(max_size=20),
)
def test_any_table_is_a_survey_or_one_line(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    header: Any,
    width: int,
    joint: str,
    tail: bytes,
) -> None:
    cells = [header, *(row[: len(header) + width] for row in rows)]
    lines = [joint.join(row) for row in cells]
    path = _file(tmp_path_factory, "\n".join(lines).encode() + tail)
    for scale in ("pvq40", "ess21"):
        refused_or_taken(read_survey, path, scale)
    refused_or_taken(read_profiles, path)


REPLY = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("view", "why", "note", "messages", "regard", "extra"), values),
        "main": st.sampled_from(["secure", "explore", "idle", "promote"]) | values,
        "at": st.sampled_from(["F1", "N", "", "F-1"]) | values,
        "spend": numbers | values,
        "further": st.sampled_from(["none", "gift", "attack", "merge"]) | values,
        "who": st.sampled_from(["R2", "R7", "all", ""]) | values,
        "amount": numbers | values,
    },
)


@fuzzed
@given(
    reply=REPLY.map(json.dumps) | texts | st.binary(max_size=60).map(lambda b: b.decode("latin-1")),
    around=st.tuples(texts, texts),
    stage=st.sampled_from(list(Stage)),
    seed=st.integers(0, 50),
)
def test_any_text_is_a_reply_or_a_fault_with_its_cause(
    reply: str, around: tuple[str, str], stage: Stage, seed: int
) -> None:
    rules = random_rules(random.Random(seed))
    for text in (reply, around[0] + reply + around[1]):
        found: Any
        try:
            found = read_reply(text, stage, rules, 2)
        except ReplyFault as fault:
            found = fault
        if isinstance(found, ReplyFault):
            assert found.cause.isidentifier()
            assert found.detail
        else:
            assert len(gather(stage, [found]).fault) == 1


@fuzzed
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 10**4), insert=texts, part=st.integers(0, 2))
def test_a_changed_prompt_is_read_exactly_or_refused_with_its_line(
    seed: int, cut: int, insert: str, part: int
) -> None:
    rng = random.Random(seed)
    rules, question = random_question(rng, random_rules(rng))
    parts = list(render(question, rules))
    place = cut % (len(parts[part]) + 1)
    parts[part] = parts[part][:place] + insert + parts[part][place + cut % 3 :]
    with suppress(UnreadablePrompt):
        found_rules, found = read((parts[0], parts[1], parts[2]), question.key)
        # What was understood says exactly what was written.
        assert list(render(found, found_rules)) == parts
        assert canonical(found, found_rules) == (found_rules, found)


@fuzzed
@given(
    content=st.binary(max_size=300) | values.map(lambda v: json.dumps(v, default=str).encode()),
    name=st.sampled_from(["run.json", "study.json", "row.json", "interventions"]),
)
def test_any_bytes_are_a_file_of_a_run_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = _file(tmp_path_factory, content, name)
    readers = {"run.json": read_meta, "study.json": read_manifest, "row.json": read_row}
    if name in readers:
        refused_or_taken(readers[name], path.parent)
    else:
        refused_or_taken(InterventionsFile, path)


@fuzzed
@given(st.dictionaries(texts, values, max_size=5))
def test_whatever_is_sealed_is_what_is_unsealed(content: dict[str, Any]) -> None:
    plain = json.loads(json.dumps(content, allow_nan=True))
    if "check" in plain or "NaN" in json.dumps(plain) or "Infinity" in json.dumps(plain):
        return
    assert unsealed(sealed(plain)) == plain


CELLS = st.none() | st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=20) | st.text(max_size=9)


@fuzzed
@given(
    rows=st.lists(st.tuples(*[CELLS] * 5), max_size=3),
    table=st.sampled_from(["header", "parts", "prompts", "verdicts"]),
)
def test_any_rows_in_a_journal_are_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]], table: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "calls.sqlite"
    open_journal(path, "{}").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        width = len(file.execute(f"PRAGMA table_info({table})").fetchall())
        for row in rows:
            with suppress(sqlite3.Error, UnicodeEncodeError):
                marks = ", ".join("?" * width)
                file.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row[:width])
    refused_or_taken(_look_through, path)


def _look_through(path: Path) -> None:
    with read_journal(path) as journal:
        journal.header("identity")
        journal.spent()
        journal.find((0, "act", 1, 0))
        journal.verdict(0, "act", 1)
    open_journal(path, "{}").close()


def _file(factory: pytest.TempPathFactory, content: bytes, name: str = "input.toml") -> Path:
    path = factory.mktemp("fuzz") / name
    path.write_bytes(content)
    return path
