"""Models that read the log instead of living in it: judges after a run, an overseer during one."""
