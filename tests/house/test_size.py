"""The counter of code lines counts code, and nothing else."""

from tests.house.size import by_room, code_lines

TEXT = '''"""A module.

Of three lines.
"""

import os  # one


def f(a):
    """A docstring."""
    # a comment
    text = """two
    lines"""

    return a, text, os
'''


def test_blanks_comments_and_docstrings_are_no_code(tmp_path):
    file = tmp_path / "file.py"
    file.write_text(TEXT)
    assert code_lines(file) == 5


def test_every_room_is_counted():
    rooms = by_room()
    assert {"agents", "civa.py", "server.py", "model/world", "model/measures"} <= set(rooms)
    assert all(rooms.values())
