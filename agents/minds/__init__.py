"""Minds: one protocol, several minds."""
