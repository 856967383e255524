"""What fifty Resets leave behind."""

import psutil
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

MEGABYTE = 1_000_000


def resident_bytes(server) -> int:
    return psutil.Process(server.process.pid).memory_info().rss


def resets(page, see, count: int) -> None:
    for _ in range(count):
        see.step(page, 1)  # so that day 0 is another's
        see.reset(page)
        page.get_by_text("Ready after day 0 of").wait_for()


def test_fifty_resets_leave_less_than_twenty_megabytes(page, see, server):
    resets(page, see, 10)  # what is allocated once
    before = resident_bytes(server)
    resets(page, see, 50)
    assert resident_bytes(server) - before < 20 * MEGABYTE
