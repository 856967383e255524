"""What holds for all tests: the same examples everywhere, and no key in anything they leave."""

import os
import signal

from hypothesis import settings

from tests.at_once import pytest_configure
from tests.faults.secrets import pytest_runtest_logreport, pytest_sessionfinish

__all__ = ["pytest_configure", "pytest_runtest_logreport", "pytest_sessionfinish"]

# Derandomised, without a clock; `make nightly` tries new and many more examples.
settings.register_profile("civa", derandomize=True, deadline=None)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, print_blob=True, derandomize=False
)
settings.load_profile(os.environ.get("CIVA_HYPOTHESIS", "civa"))

# A shell that starts the tests in the background has them ignore an interrupt, and so would every
# process that they start to be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
