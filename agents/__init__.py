"""Who lives in a community: residents, their values, what they know, and their minds."""
