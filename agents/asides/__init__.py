"""Texts and readers of questions beside the run: probes, judges, overseers."""
