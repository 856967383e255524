"""The probe finds what a server really takes, once, and what it found is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.llm.caller import Caller
from agents.llm.client import EndpointSettings
from agents.llm.errors import EndpointError
from agents.llm.probe import first_terms
from agents.llm.terms import Rung, Terms
from tests.language.asking import Desk, desk, question
from tests.language.server import ModelServer, is_probe

ALL = frozenset({"json_schema", "json_object+schema", "json_object"})


def settled(desk_: Desk) -> Terms:
    return desk_.thread.submit(desk_.caller.terms())


@pytest.mark.parametrize(
    ("knows", "rung", "requests"),
    [
        (ALL, Rung.JSON_SCHEMA, 1),
        (ALL - {"json_schema"}, Rung.OBJECT_SCHEMA, 2),
        (frozenset({"json_object"}), Rung.JSON_OBJECT, 3),
        (frozenset(), Rung.PLAIN, 4),
    ],
)
def test_it_stops_at_the_first_rung_that_the_server_takes(
    tmp_path: Path, knows: frozenset[str], rung: Rung, requests: int
) -> None:
    with ModelServer(knows=knows) as server, desk(server.url, tmp_path) as at:
        assert settled(at).rung is rung
        assert len(server.dealt) == requests
        assert at.ask(question())[0].value == "day 0 act R0"


def test_a_server_that_ignores_the_schema_is_found_out(tmp_path: Path) -> None:
    class Deaf(ModelServer):
        def completion(
            self, content: str | None, finish: str = "stop", **message: object
        ) -> object:
            form = self.dealt[-1].body.get("response_format", {}).get("type")
            words = "Yes, it is." if form == "json_schema" else content
            return super().completion(words, finish, **message)

    with Deaf() as server, desk(server.url, tmp_path) as at:
        terms = settled(at)
    assert terms.rung is Rung.OBJECT_SCHEMA
    assert "json_schema: taken but not obeyed" in terms.notes[0]


def test_a_model_that_obeys_nothing_is_asked_in_plain_words(tmp_path: Path) -> None:
    class Babbling(ModelServer):
        def completion(
            self, content: str | None, finish: str = "stop", **message: object
        ) -> object:
            return super().completion("blub", finish, **message)

    with Babbling() as server, desk(server.url, tmp_path) as at:
        assert settled(at).rung is Rung.PLAIN


@pytest.mark.parametrize(
    ("refused", "terms"),
    [
        ("seed", Terms(limit_field="max_tokens", seed=False, breakpoints=True, cache_key=True)),
        (
            "max_tokens",
            Terms(limit_field="max_completion_tokens", breakpoints=True, cache_key=True),
        ),
        ("prompt_cache_breakpoint", Terms(limit_field="max_tokens", cache_key=True)),
        ("prompt_cache_key", Terms(limit_field="max_tokens", breakpoints=True)),
    ],
)
def test_a_refused_parameter_is_dropped_alone_and_that_is_noted(
    tmp_path: Path, refused: str, terms: Terms
) -> None:
    with (
        ModelServer(refuses=frozenset({refused})) as server,
        desk(server.url, tmp_path, cache="explicit") as at,
    ):
        found = settled(at)
        assert at.ask(question())[0].fault is None
    assert found == Terms(**{**_fields(terms), "notes": found.notes})
    assert found.notes


def test_what_one_run_settled_its_resume_and_its_other_callers_do_not_probe_again(
    tmp_path: Path,
) -> None:
    with ModelServer() as server:
        with desk(server.url, tmp_path) as at:
            at.ask(question(0))
            second = Caller(at.journal, at.endpoint, at.spending)
            at.thread.submit(second.ask(question(1)))
        with desk(server.url, tmp_path) as at:
            at.ask(question(2))
        assert sum(is_probe(d.body) for d in server.dealt) == 1


def test_probes_are_journalled_and_paid_like_any_call(tmp_path: Path) -> None:
    with ModelServer() as server, desk(server.url, tmp_path) as at:
        at.ask(question())
        assert at.spending.snapshot().calls == 2
        assert at.journal.spent()["loopback"][0] == 2


def test_a_server_that_takes_nothing_ends_the_run_with_its_words(tmp_path: Path) -> None:
    with (
        ModelServer(refuses=frozenset({"model"})) as server,
        desk(server.url, tmp_path) as at,
        pytest.raises(EndpointError, match="Unsupported parameter: 'model'") as failure,
    ):
        at.ask(question())
    assert failure.value.cause == "bad_request"
    assert len(server.dealt) < 20


def test_terms_survive_their_record() -> None:
    terms = Terms(rung=Rung.OBJECT_SCHEMA, seed=False, notes=("seed refused (400)",))
    assert Terms.from_json(terms.to_json()) == terms


def test_openais_hosts_are_offered_what_they_read() -> None:
    offer = first_terms(EndpointSettings("m"))
    assert (offer.limit_field, offer.breakpoints, offer.cache_key) == (
        "max_completion_tokens",
        True,
        True,
    )
    local = first_terms(EndpointSettings("m", "http://127.0.0.1:8000/v1"))
    assert (local.limit_field, local.breakpoints, local.cache_key) == ("max_tokens", False, False)
    assert not first_terms(EndpointSettings("m", cache="off")).breakpoints


def _fields(terms: Terms) -> dict[str, object]:
    return {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
