"""The dashboard as a Solara app: `solara run server.py`."""

from model.views.app import Page

__all__ = ["Page"]
