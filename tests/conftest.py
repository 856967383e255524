"""Every law is tried on the same examples everywhere: derandomised, without a clock."""

from hypothesis import settings

settings.register_profile("civa", derandomize=True, deadline=None)
settings.load_profile("civa")
