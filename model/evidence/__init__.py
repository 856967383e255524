"""What this world does, measured again: the tables and figures of `docs/evidence`.

`civa evidence NAME` lives the communities, reduces them and writes the numbers; the page
`docs/world-evidence.md` is filled from those files and by nothing else. Each evidence is a function
`(Lab, seeds) -> Evidence`; seeds are common to all arms of one evidence, so contrasts are paired.
"""
