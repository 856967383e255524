"""Questions beside a run: assessing, judging, coding."""
