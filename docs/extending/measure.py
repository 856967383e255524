"""A measure: the share of days alive on which nobody was attacked."""

from model.analysis.measures import Measure, RunSource


def peaceful(run: RunSource) -> float:
    """Days without an attack over days alive; NaN if nobody lived a day."""
    alive = run.column("population")[:-1] > 0
    calm = run.column("attacks")[1:][alive] == 0
    return float(calm.mean()) if calm.size else float("nan")


PEACE = Measure("peaceful_days", "peaceful days", "share of days alive", peaceful, most=1.0)
