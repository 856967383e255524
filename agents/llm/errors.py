"""What can go wrong under a mind of language: reply faults, endpoint faults, caps, damage.

A *reply fault* is data: the model answered and the answer cannot be used. An *endpoint fault* is
an outage: no answer came, so no resident may be judged by it, and the run stops resumable.
"""

from agents.errors import CivaError, InputError, StoppedEarly


class ReplyFault(CivaError):
    """A model's reply that cannot be used.

    Attributes:
        cause: one word to count by: `truncated`, `refused`, `malformed`, …
        detail: what exactly was wrong, in neutral words; the same for the same reply, because the
            repair prompt is built from it and a replay must build it again.
    """

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail


class EndpointError(StoppedEarly):
    """The endpoint will not serve this run as it is configured; the message says what to change.

    Attributes:
        cause: one word: `bad_key`, `forbidden`, `no_model`, `quota`, `tls`, `dns`, …
        endpoint: the endpoint's label, without credentials.
    """

    def __init__(self, cause: str, endpoint: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.endpoint = endpoint


class Outage(EndpointError):
    """The endpoint gave nothing usable for longer than the run was willing to wait."""


class BudgetReached(StoppedEarly):
    """A cap on calls, tokens or money leaves no room for one more call; raise it and resume."""

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


class Divergence(CivaError):
    """The run asks something else than the journal answered: it is not the same run any more.

    Attributes:
        day: the day of the first difference.
        stage: its stage.
        subject: the resident asked.
    """

    def __init__(self, day: int, stage: str, subject: int, what: str) -> None:
        super().__init__(
            f"day {day}, {stage}, resident {subject}: {what} The journal belongs to another "
            "scenario, seed, prompt text or version; run that one, or start in a new folder."
        )
        self.day = day
        self.stage = stage
        self.subject = subject


class MissingReply(Divergence):
    """A replay asks what the journal does not hold, and the network is forbidden."""


class JournalError(InputError):
    """The journal cannot be opened: damaged, locked, of an unknown format, or of another run."""


class JournalWriteFailed(StoppedEarly):
    """A reply could not be made durable (disk full, read-only, unplugged): nothing more is sent."""
