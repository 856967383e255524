"""The rows of a journal: one call, one failed try, one verdict; their tables and checksums."""

from __future__ import annotations

import functools
import hashlib
import json
import zlib
from dataclasses import astuple, dataclass, field, replace
from typing import Any, TypeAlias

from agents.llm.usage import Usage

FORMAT = 1
APPLICATION_ID = 0x63697661  # "civa", in SQLite's own field for the kind of a file

Key: TypeAlias = tuple[int, str, int, int]

TABLES = """
CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE parts (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE prompts (hash TEXT PRIMARY KEY, parts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE calls (
    day INTEGER NOT NULL, stage TEXT NOT NULL, subject INTEGER NOT NULL, attempt INTEGER NOT NULL,
    prompt TEXT NOT NULL, reply TEXT NOT NULL, outcome TEXT NOT NULL, cause TEXT NOT NULL,
    model TEXT NOT NULL, served TEXT NOT NULL, endpoint TEXT NOT NULL,
    latency REAL NOT NULL, tries INTEGER NOT NULL,
    input INTEGER NOT NULL, cached INTEGER NOT NULL, written INTEGER NOT NULL,
    output INTEGER NOT NULL, reasoning INTEGER NOT NULL, estimated INTEGER NOT NULL,
    at REAL NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (day, stage, subject, attempt)
);
CREATE TABLE errors (
    day INTEGER NOT NULL, stage TEXT NOT NULL, subject INTEGER NOT NULL, attempt INTEGER NOT NULL,
    cause TEXT NOT NULL, status INTEGER, detail TEXT NOT NULL, model TEXT NOT NULL,
    endpoint TEXT NOT NULL, latency REAL NOT NULL, at REAL NOT NULL
);
CREATE TABLE verdicts (
    day INTEGER NOT NULL, stage TEXT NOT NULL, subject INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'fault')), cause TEXT NOT NULL,
    PRIMARY KEY (day, stage, subject)
);
"""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt by content: the texts it is made of and the hash that stands for them.

    Attributes:
        parts: the texts in the order in which they are sent, then the schema as JSON.
        hashes: SHA-256 of each, hexadecimal.
        hash: SHA-256 over `hashes`, one a line.
    """

    parts: tuple[str, ...]
    hashes: tuple[str, ...]
    hash: str

    @classmethod
    def of(cls, parts: tuple[str, ...], schema: str) -> Prompt:
        """The prompt that these parts and this schema make."""
        # The first two parts and the schema recur in every call of a resident; the rest do not.
        texts = (*parts, schema)
        shared = {0, 1, len(parts)}
        hashes = tuple(
            _shared_hash(text) if place in shared else text_hash(text)
            for place, text in enumerate(texts)
        )
        return cls(texts, hashes, text_hash("\n".join(hashes)))


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt: what was asked, what came back raw, what it used.

    Attributes:
        day: day of the run; −1 for the probe.
        stage: stage of the day.
        subject: id of the resident (or other mind) asked.
        attempt: 0, or 1 for the repair.
        prompt: hash of the prompt.
        reply: the raw text.
        outcome: `ok`, or why there was nothing to read.
        cause: why the attempt is no good, as read; empty if it is good.
        model: the model as configured.
        served: the model as the server named it.
        endpoint: label of the endpoint.
        latency: seconds.
        tries: requests it took, failed ones included.
        usage: tokens.
        at: Unix time of the reply.
    """

    day: int
    stage: str
    subject: int
    attempt: int
    prompt: str
    reply: str
    outcome: str
    cause: str
    model: str
    served: str
    endpoint: str
    latency: float
    tries: int
    usage: Usage = field(default_factory=Usage)
    at: float = 0.0

    @property
    def key(self) -> Key:
        """What a journal finds it by."""
        return (self.day, self.stage, self.subject, self.attempt)

    def row(self) -> tuple[Any, ...]:
        """Its row in `calls`, checksum last; `estimated` is 2 for a statement not believed."""
        u = self.usage
        values = (
            *self.key, self.prompt, self.reply, self.outcome, self.cause, self.model, self.served,
            self.endpoint, float(self.latency), self.tries, u.input, u.cached, u.written,
            u.output, u.reasoning, int(u.estimated) + u.unbelieved, float(self.at),
        )  # fmt: skip
        return (*map(storable, values), checksum(values))

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> CallRecord | None:
        """Back from `row`; None if the row is not what was written."""
        *values, expected = map(restored, row)
        if checksum(tuple(values)) != expected:
            return None
        said = values[18]
        usage = replace(Usage(*values[13:18]), estimated=said > 0, unbelieved=int(said > 1))
        fields = [*values[:13], usage, values[19]]
        return cls(*fields)


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """One failed try of a call: an endpoint fault, never a resident's."""

    day: int
    stage: str
    subject: int
    attempt: int
    cause: str
    status: int | None
    detail: str
    model: str
    endpoint: str
    latency: float
    at: float

    def row(self) -> tuple[Any, ...]:
        """Its row in `errors`."""
        return tuple(map(storable, astuple(self)))


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """What became of a question: `ok`, or `fault` with the cause of the last attempt."""

    day: int
    stage: str
    subject: int
    verdict: str
    cause: str

    def row(self) -> tuple[Any, ...]:
        """Its row in `verdicts`."""
        return astuple(self)


def storable(value: Any) -> Any:
    """A value as SQLite takes it: text with lone surrogates is no UTF-8 and goes in as bytes."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def restored(value: Any) -> Any:
    """Back from `storable`."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def checksum(values: tuple[Any, ...]) -> int:
    """CRC-32 over a row's values, so that a flipped bit is noticed before it is believed."""
    return zlib.crc32(json.dumps(values, ensure_ascii=True).encode("ascii"))


def text_hash(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    # surrogatepass: a lone surrogate is a text like any other to a hash.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@functools.lru_cache(maxsize=8192)
def _shared_hash(text: str) -> str:
    return text_hash(text)
