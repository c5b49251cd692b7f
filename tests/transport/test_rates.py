"""Rates, as the processes of a server share them, and what is told to who is over his."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.transport.conftest import LIMITS, Connect, Listen
from tests.transport.ledger import Clock, MemoryLedger
from tests.transport.world import Caller, World, schema
from transport.documents import Documents
from transport.execution import core_schema
from transport.gate import Gate, RateLimited
from transport.limits import Limits
from transport.media import JSON, RESPONSE_JSON
from transport.rates import LEASE_SECONDS, Rate, Rates, Want

HUNDRED = Rate(most=100, seconds=50)  # one comes back in half a second; a lease is 5


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> MemoryLedger:
    return MemoryLedger(clock)


@pytest.fixture
def rates(ledger: MemoryLedger, clock: Clock) -> Rates:
    return Rates(ledger, clock=clock)


def want(cost: float = 1, key: str = "a") -> Want:
    return Want(key, HUNDRED, cost)


async def spend(rates: Rates, times: int, key: str = "a") -> int:
    """How many of so many were let in."""
    return sum([await rates.spend([want(key=key)]) == 0.0 for _ in range(times)])


# ------------------------------------------------------------------- the buckets


async def test_so_many_are_let_in_at_once_and_no_more(rates: Rates):
    assert await spend(rates, 100) == 100
    assert await rates.spend([want()]) == pytest.approx(0.5)


async def test_they_come_back_with_time(rates: Rates, clock: Clock):
    await spend(rates, 100)

    clock.now += 0.49
    assert await spend(rates, 1) == 0
    clock.now += 0.02
    assert await spend(rates, 2) == 1
    clock.now += 1000
    assert await spend(rates, 101) == 100


async def test_only_one_in_some_asks_the_ledger(rates: Rates, ledger: MemoryLedger):
    await spend(rates, 60)

    assert len(ledger.asked) == 10  # each brings one and a lease of five


async def test_who_is_refused_and_goes_on_asking_costs_no_statement(
    rates: Rates, ledger: MemoryLedger, clock: Clock
):
    await spend(rates, 101)
    asked = len(ledger.asked)

    clock.now += 0.4
    waits = [await rates.spend([want()]) for _ in range(1000)]

    assert waits == [pytest.approx(0.1)] * 1000
    assert len(ledger.asked) == asked


async def test_a_refusal_of_much_does_not_refuse_little(rates: Rates):
    await rates.spend([want(60)])

    assert await rates.spend([want(50)]) == pytest.approx((50 - 40) / 2)
    assert await rates.spend([want(30)]) == 0.0


async def test_two_processes_share_one_bucket(ledger: MemoryLedger, clock: Clock):
    one, two = Rates(ledger, clock=clock), Rates(ledger, clock=clock)

    let_in = [await spend(each, 1) for _ in range(100) for each in (one, two)]

    assert sum(let_in) == 100


async def test_a_lease_lapses(rates: Rates, ledger: MemoryLedger, clock: Clock):
    await spend(rates, 1)
    clock.now += LEASE_SECONDS - 0.01
    await spend(rates, 1)
    assert len(ledger.asked) == 1

    clock.now += 0.01
    await spend(rates, 1)

    assert len(ledger.asked) == 2


async def test_all_who_wait_ride_on_one_statement(rates: Rates, ledger: MemoryLedger):
    ledger.gate = asyncio.Event()
    keys = [f"k{number % 3}" for number in range(30)]
    waiting = [asyncio.create_task(rates.spend([want(key=key)])) for key in ["first", *keys]]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    ledger.gate.set()

    assert set(await asyncio.gather(*waiting)) == {0.0}
    assert [[draw.key for draw in draws] for draws in ledger.asked] in (
        [["first"], ["k0", "k1", "k2"]],
        [["first", "k0", "k1", "k2"]],
    )


async def test_of_many_who_wait_together_no_more_are_let_in_than_there_are(rates: Rates):
    waits = await asyncio.gather(*(rates.spend([want()]) for _ in range(250)))

    assert waits.count(0.0) == 100


async def test_who_goes_away_while_he_waits_leaves_the_others_theirs(
    rates: Rates, ledger: MemoryLedger
):
    ledger.gate = asyncio.Event()
    gone, stays = (asyncio.create_task(rates.spend([want(60)])) for _ in range(2))
    await asyncio.sleep(0.001)
    gone.cancel()
    ledger.gate.set()

    assert await stays == 0.0


async def test_what_is_refused_for_one_reason_is_not_taken_for_another(rates: Rates):
    await rates.spend([want(100, "b")])
    refused = [await rates.spend([want(10, "a"), want(1, "b")]) for _ in range(50)]

    assert 0.0 not in refused
    assert await rates.spend([want(100, "a")]) == 0.0


async def test_no_more_keys_are_remembered_than_a_bound(ledger: MemoryLedger, clock: Clock):
    rates = Rates(ledger, clock=clock, kept=10)
    for number in range(50):
        await spend(rates, 1, key=f"k{number}")

    assert len(rates._balances) == 10
    assert await spend(rates, 200, key="k0") == 94  # one, and the lease that was forgotten


@pytest.mark.parametrize("fault", [OSError("10.0.0.7 is gone"), None], ids=["fails", "hangs"])
async def test_where_the_ledger_cannot_be_asked_nobody_is_refused(
    ledger: MemoryLedger, clock: Clock, caplog, monkeypatch, fault
):
    rates = Rates(ledger, clock=clock)
    monkeypatch.setattr("transport.rates.LEDGER_SECONDS", 0.01)
    ledger.failing, ledger.gate = fault, None if fault else asyncio.Event()
    with caplog.at_level(logging.WARNING):
        assert await spend(rates, 500) == 500

    [record] = [each for each in caplog.records if each.name == "transport.rates"]
    assert "nobody is limited" in record.getMessage()
    assert "10.0.0.7" not in record.getMessage()
    assert len(ledger.asked) == 1

    ledger.failing = ledger.gate = None
    clock.now += 2.0
    assert await spend(rates, 200) == 100


# ---------------------------------------------------------------------- the gate

DOCUMENTS = Documents(core_schema(schema))
TIGHT = Limits(
    operations_per_address=100,
    operations_per_account=20,
    points_per_address=1000,
    points_per_account=200,
    accounts_per_address=6,
)
THREE_SHOUTS = """
mutation { ...F ... { b: shout(word: "b") } }
fragment F on Mutation { shout(word: "a") c: shout(word: "c") }
"""
SHOUT = 'mutation { shout(word: "a") }'


async def admitted(gate: Gate, times: int, cost: int = 1, text: str = "{ who }", **caller: Any):
    """How many of so many were let in."""
    operation, let_in = DOCUMENTS.prepare(text), 0
    for _ in range(times):
        try:
            await gate.admit(Caller(**{"name": None, **caller}), operation, cost)
        except RateLimited:
            continue
        let_in += 1
    return let_in


@pytest.fixture
def gate(rates: Rates) -> Gate:
    return Gate(rates, TIGHT, making_accounts={"shout"})


async def test_an_address_and_an_account_have_each_their_operations(gate: Gate):
    assert await admitted(gate, 25, name="ana", address="192.0.2.1") == 20
    assert await admitted(gate, 25, name="bia", address="192.0.2.1") == 20
    assert await admitted(gate, 25, name="ana", address="192.0.2.2") == 0
    assert await admitted(gate, 100, address="192.0.2.1") == 60
    assert await admitted(gate, 101, address="192.0.2.3") == 100


async def test_they_are_rationed_by_cost_too(gate: Gate):
    assert await admitted(gate, 5, 50, name="ana", address="192.0.2.1") == 4
    assert await admitted(gate, 20, 100, address="192.0.2.1") == 8


async def test_what_is_dearer_than_a_bucket_takes_all_of_it(gate: Gate):
    assert await admitted(gate, 2, 5_000, address="192.0.2.1") == 1


async def test_whoever_has_one_ipv6_address_has_his_whole_network(gate: Gate):
    assert await admitted(gate, 70, address="2001:db8::1") == 70
    assert await admitted(gate, 70, address="2001:db8::ffff:1") == 30
    assert await admitted(gate, 70, address="2001:db8:0:1::1") == 70


async def test_opening_a_connection_is_an_operation(gate: Gate):
    for _ in range(100):
        await gate.admit(Caller(None, address="192.0.2.1"), None, 1)

    with pytest.raises(RateLimited):
        await gate.admit(Caller(None, address="192.0.2.1"), None, 1)


@pytest.mark.parametrize(
    ("text", "let_in"),
    [
        (SHOUT, 6),
        ('mutation { a: shout(word: "a") b: shout(word: "b") }', 3),
        (THREE_SHOUTS, 2),
        ("{ who }", 9),
    ],
    ids=["one", "two by alias", "three by fragments", "another field"],
)
async def test_making_accounts_is_rationed_by_itself(gate: Gate, text, let_in):
    assert await admitted(gate, 9, text=text, address="192.0.2.1") == let_in


async def test_without_limits_the_ledger_is_never_asked(rates: Rates, ledger: MemoryLedger):
    gate = Gate(rates, Limits(), making_accounts={"shout"})

    assert await admitted(gate, 5_000, 10_000, SHOUT, name="ana") == 5_000
    assert ledger.asked == []


@pytest.mark.parametrize(("wait", "told"), [(0.001, 1), (1.0, 1), (1.001, 2), (59.5, 60)])
def test_when_to_come_again_is_whole_seconds_rounded_up(wait, told):
    refusal = RateLimited(wait)

    assert refusal.retry_after == told
    [error] = refusal.errors
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": told}


# ------------------------------------------------------------------ the carriers

FEW = replace(LIMITS, operations_per_address=4)  # one comes back in 15 s


@pytest.fixture
def limits() -> Limits:
    return FEW


@pytest.fixture
def world(limits: Limits, rates: Rates) -> World:
    return World(limits, admit=Gate(rates, limits).admit)


def is_limited(error: Any) -> bool:
    return error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 15}


@pytest.mark.parametrize("media", [JSON, RESPONSE_JSON])
async def test_over_http_it_is_429_with_retry_after_and_nothing_runs(
    http: httpx.AsyncClient, world: World, media
):
    headers = {"accept": media}
    for _ in range(4):
        answer = await http.post("/graphql", json={"query": "{ who }"}, headers=headers)
        assert answer.status_code == 200

    refused = await http.post("/graphql", json={"query": "{ who }"}, headers=headers)

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "15"
    assert refused.headers["content-type"].startswith(media)
    assert refused.json().keys() == {"errors"}
    assert is_limited(refused.json()["errors"][0])
    assert len(world.contexts) == 4


async def test_over_a_socket_it_is_an_error_of_the_operation_and_the_handshake_counts(
    connect: Connect,
):
    async with connect() as client:
        await client.init()
        for id in ("1", "2", "3"):
            await client.subscribe(id, "{ who }")
            assert (await client.hear())["type"] == "next"
            assert (await client.hear())["type"] == "complete"

        await client.subscribe("4", "{ who }")

        error = await client.hear()
        assert (error["type"], error["id"]) == ("error", "4")
        assert is_limited(error["payload"][0])
        await client.silent()
        with pytest.raises(InvalidStatus) as refused:
            async with connect():
                pass
    response = refused.value.response
    assert (response.status_code, response.headers["retry-after"]) == (429, "15")


async def test_over_an_event_stream_it_is_an_event(listen: Listen):
    for _ in range(4):
        async with listen("{ who }") as events:
            assert "data" in (await events.hear()).data

    async with listen("{ who }") as events:
        [refusal, complete] = await events.rest()

    assert refusal.event == "next"
    assert is_limited(refusal.data["errors"][0])
    assert complete.event == "complete"


async def test_to_reserve_a_stream_counts(http: httpx.AsyncClient):
    for _ in range(4):
        assert (await http.put("/graphql/stream")).status_code == 201

    refused = await http.put("/graphql/stream")

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "15")
    assert is_limited(refused.json()["errors"][0])
