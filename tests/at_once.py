"""A test that fails is told when it fails: a run that is cut off has then said what went wrong."""

from __future__ import annotations

import pytest

_LAST_LINES = 30


class AtOnce:
    """Prints the end of every failure while the other tests go on."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.failed:
            return
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        end = report.longreprtext.splitlines()[-_LAST_LINES:]
        terminal.ensure_newline()
        terminal.write_line(f"FAILED in {report.when}: {report.nodeid}", red=True)
        for line in end:
            terminal.write_line(f"    {line}")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # whoever started the workers hears of all of them
        config.pluginmanager.register(AtOnce(config), "civa-at-once")
