"""What the demo shows: three people side by side; without a terminal, a line for each thing.

A row is drawn when all of it has happened, so that drawing delays nothing that is measured.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from statistics import median

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDEST = 120  # columns
ALONE = 8  # characters of a name before a line


class Lane(Enum):
    """`value`: the colour."""

    PATIENT = "magenta"
    DOCTOR = "cyan"
    ONLOOKER = "yellow"


@dataclass(frozen=True)
class Note:
    """What one of them does (→), hears (←), or simply sees."""

    headline: str
    details: tuple[str, ...] = ()
    mark: str = " "


@dataclass(frozen=True)
class Timing:
    """An act, how long its answer took, and how long after that each heard of it (seconds)."""

    act: str
    answered: float
    heard: Mapping[Lane, tuple[str, float]]


def does(headline: str, *details: str) -> Note:
    return Note(headline, details, "→")


def hears(headline: str, *details: str) -> Note:
    return Note(headline, details, "←")


def sees(headline: str, *details: str) -> Note:
    return Note(headline, details)


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def after_the_answer(seconds: float) -> str:
    if seconds < 0:
        return f"{milliseconds(-seconds)} before answer"
    return f"{milliseconds(seconds)} after answer"


class Stage:
    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._side_by_side = self._console.is_terminal
        self._steps = 0
        self._names: Mapping[Lane, str] = {}

    def open(self, people: Mapping[Lane, tuple[str, str]]) -> None:
        """The name and the part of each."""
        self._names = {lane: name.split()[0] for lane, (name, _) in people.items()}
        if self._side_by_side:
            self.line()
            self._row({lane: Text(people[lane][0], f"bold {lane.value}") for lane in Lane})
            self._row({lane: Text(people[lane][1], "dim") for lane in Lane})
            self.line()
        else:
            for name, part in people.values():
                self.line(f"{name}, {part}")

    def step(self, title: str) -> None:
        self._steps += 1
        self.line()
        self.line(f"{self._steps}. {title}", style="bold")

    def line(self, text: str = "", style: str = "") -> None:
        """One that belongs to none of them."""
        self._console.print(text, style=style, markup=False, soft_wrap=not self._side_by_side)

    def show(self, notes: Mapping[Lane, Note]) -> None:
        """What happens at one time."""
        if self._side_by_side:
            self._row({lane: _cell(note, lane.value) for lane, note in notes.items()})
            return
        for lane, note in notes.items():
            text = ", ".join((note.headline, *note.details))
            self.line(f"{self._names[lane]:{ALONE}} {note.mark} {text}")

    def choice(
        self, columns: Iterable[str], rows: Iterable[Iterable[str]], *, chosen: Iterable[bool]
    ) -> None:
        """A list; what is chosen stands out."""
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="dim", pad_edge=False)
        for column in columns:
            table.add_column(column)
        for row, stands_out in zip(rows, chosen, strict=True):
            table.add_row(*map(Text, row), style="bold" if stands_out else "")
        self._console.print(table)

    def timings(self, timings: Iterable[Timing], *, within: float) -> None:
        """`within`: seconds after which an event is late."""
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column("milliseconds")
        table.add_column("answer", justify="right")
        for lane in Lane:
            table.add_column(self._names[lane], justify="right", header_style=lane.value)
        for timing in timings:
            cells = (_timing(timing.heard.get(lane), within) for lane in Lane)
            table.add_row(timing.act, f"{1000 * timing.answered:.1f}", *cells)
        self.line()
        self._console.print(table)
        self.line()
        self.line("answer: since the act was sent; events: since its answer, minus if before it")

    def _row(self, cells: Mapping[Lane, RenderableType]) -> None:
        room = min(self._console.width, WIDEST) - 8  # for margins and the two lines
        table = Table(box=box.MINIMAL, show_header=False, show_edge=False)
        for _ in Lane:
            table.add_column(width=room // len(Lane))
        table.add_row(*(cells.get(lane, "") for lane in Lane))
        self._console.print(table)


def summary(timings: Iterable[Timing]) -> tuple[int, float, float]:
    """How many events, and their median and greatest delay in seconds."""
    delays = [delay for timing in timings for _, delay in timing.heard.values()]
    return len(delays), median(delays), max(delays)


def _cell(note: Note, colour: str) -> RenderableType:
    headline = Text(
        f"{note.mark} {note.headline}", f"bold {colour}" if note.mark.strip() else "dim"
    )
    details = (Padding(Text(detail, "dim"), (0, 0, 0, 2)) for detail in note.details)
    return Group(headline, *details)


def _timing(heard: tuple[str, float] | None, within: float) -> Text:
    if heard is None:
        return Text("")
    kind, delay = heard
    late = delay > within
    return Text.assemble(f"{kind} ", (f"{1000 * delay:5.1f}", "bold red" if late else "green"))
