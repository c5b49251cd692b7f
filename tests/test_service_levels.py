"""What the service levels of docs/operations.md count."""

from collections.abc import Callable

import pytest

from domain import scheduling
from integrations import telemetry
from integrations.telemetry import PROMISES
from tests import make
from tests.resolvers.appointments import ACCEPT, REQUEST, code_of, done, request
from tests.server import LocalServer, gid
from tests.transport.conftest import until

Rise = Callable[[str, str], float]


@pytest.fixture
def rise() -> Rise:
    """By how much the number of those kept, or not, has risen since the test began."""

    def count(of: str, kept: str) -> float:
        value: float = PROMISES.labels(of, kept)._value.get()
        return value

    before = {
        (of, kept): count(of, kept)
        for of in ("request", "answer", "delivery")
        for kept in ("yes", "no")
    }
    return lambda of, kept: count(of, kept) - before[of, kept]


async def test_requests_and_answers_are_counted_refused_ones_too(server: LocalServer, rise: Rise):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, bruno, slot)

    asked = done(await request(server, ana, slot))
    assert code_of(await request(server, bruno, slot)) == "SLOT_TAKEN"
    assert rise("request", "yes") == 2
    await server.ask(ACCEPT, doctor, id=asked["id"])
    await server.ask("{ viewer { __typename } }", doctor)

    assert rise("answer", "yes") == 1
    assert rise("request", "yes") == 2
    assert (rise("request", "no"), rise("answer", "no")) == (0, 0)


async def test_what_takes_too_long_is_not_as_promised(
    server: LocalServer, rise: Rise, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(telemetry, "ANSWERED_WITHIN", 0.0)
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    done(await request(server, ana, slot))

    assert (rise("request", "yes"), rise("request", "no")) == (0, 1)


async def test_a_fault_of_ours_is_not_as_promised_and_the_clients_is(
    server: LocalServer, rise: Rise, monkeypatch: pytest.MonkeyPatch
):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    asked = {"slot": gid(slot), "key": str(slot.id)}

    assert await server.refuse(REQUEST, None, **asked) == "UNAUTHENTICATED"
    assert (rise("request", "yes"), rise("request", "no")) == (1, 0)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(scheduling, "request", broken)
    assert await server.refuse(REQUEST, ana, **asked) == "INTERNAL"
    assert (rise("request", "yes"), rise("request", "no")) == (1, 1)


async def test_each_event_that_is_read_is_a_delivery(server: LocalServer, rise: Rise):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)

    done(await request(server, ana, slot))

    await until(lambda: rise("delivery", "yes") + rise("delivery", "no") >= 2)


@pytest.mark.parametrize(("lag", "kept"), [(0.0, "yes"), (2.0, "yes"), (2.1, "no")])
def test_an_event_is_to_be_heard_within_two_seconds(rise: Rise, lag: float, kept: str):
    telemetry.heard(lag)

    assert rise("delivery", kept) == 1
