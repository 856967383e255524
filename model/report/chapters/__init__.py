"""The chapters of reports, one file each."""
