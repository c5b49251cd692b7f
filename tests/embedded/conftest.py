import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """Unlike pytest's own one that others may enter: as root, the server may have to be another."""
    with tempfile.TemporaryDirectory(prefix="healthmed-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
