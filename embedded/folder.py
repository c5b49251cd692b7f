"""The folder of a run: the lock by which one process at a time owns it, and all that it keeps."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path(".data")


class FolderRefused(Exception):
    """Another process owns it, or it cannot be written. The text is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def keys(self) -> Path:
        return self.path / "keys.json"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def s3(self) -> Path:
        return self.path / "s3"

    @property
    def objects(self) -> Path:
        """Instead of S3, where that does not run."""
        return self.path / "objects"

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Own the folder. The kernel lets go of it when we end, in whichever way."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as fault:
            message = f"The folder {self.path} cannot be used: {fault.strerror}."
            raise FolderRefused(message) from fault
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"The folder {self.path} is in use by another run."
                raise FolderRefused(message) from None
            yield
