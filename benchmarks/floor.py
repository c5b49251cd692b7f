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

    def tell_all(self) -> float:
        """Microseconds of processor time for all of them."""
        if self._process.stdin is not None:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout is not None else ""


@contextmanager
def floor(count: int, size: int, *, core: int) -> Iterator[Floor | None]:
    """None: there is no compiler here. `size`: bytes of a message."""
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
        command = ["taskset", "-c", str(core), program, str(port), str(count), str(size)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            it = Floor(port, process)
            try:
                it.expect("listening")
                yield it
            finally:
                process.kill()
