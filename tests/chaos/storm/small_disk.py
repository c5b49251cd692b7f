"""A disk of our own, small enough to be filled."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

AT_ONCE = 1 << 16  # bytes


@dataclass(frozen=True)
class SmallDisk:
    folder: Path

    @property
    def _filling(self) -> Path:
        return self.folder / "filling"

    def fill(self) -> None:
        """To the last byte, as far as others have not taken it."""
        file = os.open(self._filling, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (AT_ONCE, 512, 1):
                with suppress(_Full):
                    while True:
                        _write(file, size)
        finally:
            os.close(file)

    def empty(self) -> None:
        self._filling.unlink()


class _Full(Exception):
    pass


def _write(file: int, size: int) -> None:
    try:
        os.write(file, bytes(size))
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            raise _Full from None
        raise


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """Skips the test where nobody lets us mount one."""
    folder.mkdir()
    options = f"size={mebibytes}m,mode=0711"
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root, with CAP_SYS_ADMIN, may mount a small disk")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["/bin/umount", "--lazy", folder], check=True)
