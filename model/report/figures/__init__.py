"""The pictures of a report, one family a file: pure functions from numbers to a figure."""
