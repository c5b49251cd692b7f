"""How far a command has come."""

import sys


class Progress:
    """A bar on a terminal, elsewhere a line for each tenth. `things` is what is counted."""

    WIDTH = 40

    def __init__(self, total: int, things: str) -> None:
        self._total, self._done, self._things = total, 0, things
        self._drawn = sys.stdout.isatty()
        self._next = 0  # tenth

    def advance(self, count: int) -> None:
        """What others have done meanwhile is not counted, so that it may end below."""
        self._done += count
        part = min(self._done / self._total, 1) if self._total else 1
        told = f"{self._done:,} of {self._total:,} {self._things}"
        if self._drawn:
            bar = ("█" * round(part * self.WIDTH)).ljust(self.WIDTH, "░")
            print(f"\r{bar} {told}", end="", flush=True)
        elif part * 10 >= self._next:
            print(told, flush=True)
            self._next = int(part * 10) + 1

    def end(self) -> None:
        if self._drawn:
            print(flush=True)
