"""placeholder."""

from dataclasses import dataclass


@dataclass
class Conduct:
    cooperated: int = 0
    betrayed: int = 0
    deceived: int = 0
