"""Failures that take minutes: `./dev chaos` brings them about, and `./dev test` does not."""

import os

import pytest

at_length = pytest.mark.skipif(
    "HEALTHMED_STORM_SECONDS" not in os.environ, reason="it takes minutes: ./dev chaos has it"
)
