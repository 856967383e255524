"""The commands of `civa`, one module each; `model/cli.py` lists them and imports them when used."""
