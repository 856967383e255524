"""One nursery for the whole suite: what it loads is loaded once."""

from collections.abc import Iterator

import pytest

from tests.faults.raising import Nursery, nursery


@pytest.fixture(scope="session")
def lives() -> Iterator[Nursery]:
    with nursery() as found:
        yield found
