"""The report on a study: what was registered, what it shows, and what may be said of it."""
