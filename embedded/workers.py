"""The processes that answer, all on one listening socket; whichever falls is started again.

Not uvicorn's own Multiprocess: it waits without end for a process that hangs as it shuts down, and
its processes outlive a parent that was killed.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
PATIENCE = 25  # seconds: a drain, then uvicorn's own wait and the lifespan; ECS kills after 30
BRIEF = 5  # seconds; whoever lives shorter is started again only after a pause


class WorkerFell(Exception):
    """A worker ended before the server was ever ready, as it would again; its log says why."""


@dataclass
class Worker:
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


class Workers:
    """One for each of `metrics`, the sockets on which each tells its own numbers."""

    def __init__(
        self,
        listener: socket.socket,
        metrics: Sequence[socket.socket],
        environment: Mapping[str, str],
    ) -> None:
        self._listener, self._metrics = listener, metrics
        self._environment = environment
        self._workers: list[Worker] = []

    def __enter__(self) -> Self:
        self._workers += [self._start(metrics) for metrics in self._metrics]
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()  # nobody new waits for us in vain
        self._end(PATIENCE)

    def renew(self, patience: float) -> None:
        """Others in their place, with the code as it is now; who asks meanwhile waits for them."""
        self._end(patience)
        self._workers = [self._start(metrics) for metrics in self._metrics]

    @property
    def has_fallen(self) -> bool:
        return any(worker.process.poll() is not None for worker in self._workers)

    def _end(self, patience: float) -> None:
        for worker in self._workers:
            worker.process.terminate()
        deadline = time.monotonic() + patience
        for worker in self._workers:
            try:
                worker.process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()

    def require_all(self) -> None:
        """Raises WorkerFell if one has ended."""
        for worker in self._workers:
            if worker.process.poll() is not None:
                message = f"The server ended with status {worker.process.returncode} as it started."
                raise WorkerFell(message)

    def revive(self) -> list[int]:
        """Start again whoever has fallen; the statuses with which they ended."""
        statuses = []
        for number, worker in enumerate(self._workers):
            status = worker.process.poll()
            if status is not None:
                if time.monotonic() - worker.started < BRIEF:
                    time.sleep(1)
                self._workers[number] = self._start(self._metrics[number])
                statuses.append(status)
        return statuses

    def _start(self, metrics: socket.socket) -> Worker:
        number, metrics_number = self._listener.fileno(), metrics.fileno()
        return Worker(
            subprocess.Popen(
                [sys.executable, "-m", "embedded.worker", str(number), str(os.getpid())],
                cwd=ROOT,
                env={**self._environment, "HEALTHMED_METRICS_SOCKET": str(metrics_number)},
                stdin=subprocess.DEVNULL,
                pass_fds=[number, metrics_number],
                process_group=0,  # a Ctrl-C in the terminal is for us, who then end things in order
            )
        )
