"""The errors that civa raises on purpose: one small tree, one remedy in every message."""


class CivaError(Exception):
    """Root of everything civa raises on purpose; the command exits with 1."""


class InputError(CivaError, ValueError):
    """What was given cannot be used; the message names field, value and remedy. Exit code 2."""


class RunFailed(CivaError):
    """A run ended, but not as a result (too many reply faults, a broken world). Exit code 1."""


class StoppedEarly(CivaError):
    """A run stopped before its end and can be resumed (budget, outage, Ctrl-C). Exit code 3."""
