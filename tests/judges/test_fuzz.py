"""What an input costs is not what the worker does beside it."""

import pytest

from tests.judges.fuzz import cheap


class Clock:
    """In place of a server: each act takes the next of `costs`."""

    def __init__(self, *costs: float) -> None:
        self._costs, self._used = iter(costs), 0.0

    def cpu(self) -> float:
        return self._used

    def act(self) -> None:
        self._used += next(self._costs)


@pytest.mark.parametrize("costs", [(0.24,), (0.3, 0.1)])
def test_an_input_that_is_dear_once_is_forgiven(costs: tuple[float, ...]):
    clock = Clock(*costs)

    cheap(clock, clock.act)

    assert clock.cpu() == sum(costs)


def test_an_input_that_is_dear_twice_is_not():
    clock = Clock(0.3, 0.26)

    with pytest.raises(AssertionError, match="twice"):
        cheap(clock, clock.act)
