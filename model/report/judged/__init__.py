"""Values and judges in a report: what was asked beside the runs, and what their logs show of it."""
