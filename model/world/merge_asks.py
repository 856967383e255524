"""Open asks to merge, by household: any member's ask counts for all of them."""

from __future__ import annotations

Pair = tuple[int, int]
#: day, resident that asked, resident asked
Ask = tuple[int, int, int]


class Asks:
    """Who asked whom, by (household that asked, household asked)."""

    def __init__(self) -> None:
        self._open: dict[Pair, Ask] = {}
        self._of: dict[int, set[Pair]] = {}

    def __contains__(self, pair: Pair) -> bool:
        return pair in self._open

    def ask(self, pair: Pair, ask: Ask) -> None:
        """Note an ask; one that is still open stays as it is."""
        if pair not in self._open:
            self._open[pair] = ask
            for home in pair:
                self._of.setdefault(home, set()).add(pair)

    def forget(self, *homes: int) -> None:
        """Drop all asks of and to some households."""
        for home in homes:
            for pair in list(self._of.get(home, ())):
                self._drop(pair)

    def expire(self, before: int, gone: set[int]) -> list[Ask]:
        """Drop asks made up to a day, and those of households that are gone; returns them."""
        ended = [
            pair
            for pair, ask in self._open.items()
            if ask[0] <= before or pair[0] in gone or pair[1] in gone
        ]
        return [self._drop(pair) for pair in ended]

    def _drop(self, pair: Pair) -> Ask:
        for home in pair:
            self._of[home].discard(pair)
            if not self._of[home]:
                del self._of[home]
        return self._open.pop(pair)
