"""The floor under all that tells many people something: a bare `write()` loop, in C."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_SOURCE = Path(__file__).with_name("floor.c")


class Floor:
    """A running program, to which COUNT are to connect at `port`."""

    def __init__(self, port: int, process: "subprocess.Popen[str]") -> None:
        self.port, self._process = port, process

    def expect(self, word: str) -> None:
        if (said := self._line()) != word:
            raise SystemExit(f"floor.c said {said!r} instead of {word!r}")

    def tell(self, line: str = "") -> float:
        """Microseconds of processor time. What all of them, or the next group, hear begins with
        this and a space.
        """
        if self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout is not None else ""


@contextmanager
def floor(
    count: int, size: int, *, core: int | None = None, group: int | None = None
) -> Iterator[Floor | None]:
    """None: there is no compiler here. `size`: bytes of a message. `group`: how many are told of
    a line, one group after the other; None: all.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        yield None
        return
    with TemporaryDirectory(prefix="healthmed-bench-") as folder, socket.socket() as free:
        program = f"{folder}/floor"
        subprocess.run([compiler, "-O2", "-o", program, _SOURCE], check=True, timeout=60)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        numbers = [port, count, size, count if group is None else group]
        command = [*pinned, program, *map(str, numbers)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            it = Floor(port, process)
            try:
                it.expect("listening")
                yield it
            finally:
                process.kill()
