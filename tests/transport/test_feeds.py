import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import Unauthenticated
from tests.transport.conftest import LIMITS, ByHand, Connect, until
from tests.transport.world import Change, World, schema
from transport.documents import Documents
from transport.execution import core_schema
from transport.feeds import key_of

CHANGES = """
subscription ($topic: String!, $after: String) {
  changes(topic: $topic, after: $after) { word length seenBy }
}
"""
FRAGMENT = """
subscription ($topic: String!, $after: String) { ...F }
fragment F on Subscription { changes(topic: $topic, after: $after) { word } }
"""
MINE = CHANGES.replace("changes", "mine")


async def test_two_sockets_share_one_rendering_wherever_they_start(connect: Connect, world: World):
    async with connect() as ana, connect() as bia:
        await ana.init("ana")
        await bia.init()
        await ana.subscribe("a", CHANGES, topic="t", after="1")
        await bia.subscribe("b", CHANGES, topic="t", after="2")
        await until(lambda: len(world.hub.followings) == 2)

        await world.hub.publish("t", Change(word="open"))

        data = {"changes": {"word": "open", "length": 4, "seenBy": None}}
        assert await ana.hear() == {"id": "a", "type": "next", "payload": {"data": data}}
        assert await bia.hear() == {"id": "b", "type": "next", "payload": {"data": data}}
        assert world.hub.renders == 1


async def test_those_of_another_scope_are_answered_as_themselves(connect: Connect, world: World):
    async with connect() as ana, connect() as bia, connect() as ana_too:
        clients = {ana: "ana", bia: "bia", ana_too: "ana"}
        for client, name in clients.items():
            await client.init(name)
            await client.subscribe("1", MINE, topic="t")
        await until(lambda: len(world.hub.followings) == 3)

        await world.hub.publish("t", Change(word="x"))

        for client, name in clients.items():
            assert (await client.hear())["payload"]["data"]["mine"]["seenBy"] == name
        assert world.hub.renders == 2


async def test_a_context_is_made_anew_for_every_event(connect: Connect, world: World):
    async with connect() as client:
        await client.init("ana")
        await client.subscribe("1", CHANGES, topic="t")
        await until(lambda: world.hub.followings)
        before = len(world.contexts)

        await world.hub.publish("t", Change(word="x"))
        await world.hub.publish("t", Change(word="y"))

        assert len(world.contexts) == before + 2


@pytest.fixture
def frozen() -> Iterator[None]:
    """The collector looks at what comes from here on, not at all that tests have loaded."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
async def test_of_an_event_that_was_told_nothing_is_kept(connect: Connect, world: World):
    def kept() -> int:
        """Of what graphql-core finds out about a selection."""
        gc.collect()
        return sum(type(it).__name__ == "FieldDetails" for it in gc.get_objects())

    async with connect() as client:
        await client.init()
        await client.subscribe("1", CHANGES, topic="t")
        await until(lambda: world.hub.followings)
        await world.hub.publish("t", Change(word="x"))
        world.contexts.clear()
        before = kept()

        for _ in range(20):
            await world.hub.publish("t", Change(word="x"))
            await client.hear()  # who does not read is not heard when he says goodbye
        world.contexts.clear()

        assert kept() <= before


async def test_what_fails_in_an_event_is_masked_and_the_stream_goes_on(connect: Connect, world):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", CHANGES, topic="t")
        await until(lambda: world.hub.followings)

        await world.hub.publish("t", object())
        await world.hub.publish("t", Change(word="x"))

        failed = (await client.hear())["payload"]
        assert failed["data"] is None
        assert failed["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert (await client.hear())["payload"]["data"]["changes"]["word"] == "x"


async def test_a_feed_may_end_a_stream_for_a_reason_or_for_none(connect: Connect, world: World):
    async with connect() as client:
        await client.init()
        for id in ("1", "2"):
            await client.subscribe(id, CHANGES, topic="t")
        await until(lambda: len(world.hub.followings) == 2)
        first, second = world.hub.all

        first.sink.finish(Unauthenticated())
        first.sink.finish()
        second.sink.finish()
        assert first.sink.offer(b"{}")  # taken, and nothing done

        heard = [await client.hear(), await client.hear()]
        assert (heard[0]["id"], heard[0]["type"]) == ("1", "error")
        assert heard[0]["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert heard[1] == {"id": "2", "type": "complete"}
        assert not world.hub.followings
        await client.silent()


async def test_complete_leaves_the_feed_and_nothing_more_is_sent(connect: Connect, world: World):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", CHANGES, topic="t")
        await until(lambda: world.hub.followings)
        [following] = world.hub.all

        await client.say(type="complete", id="1")
        await client.silent()
        following.sink.offer(b"{}")
        following.sink.finish()

        assert following.left == 1
        await client.silent()


@pytest.mark.parametrize("by_close", [True, False])
async def test_who_leaves_while_the_feed_is_still_opening_follows_nothing(
    connect: Connect, world: World, by_close
):
    world.hub.gate = asyncio.Event()
    async with connect() as client:
        await client.init()
        await client.subscribe("1", CHANGES, topic="t")
        await asyncio.sleep(0.05)

        if by_close:
            await client.connection.close()
        else:
            await client.say(type="complete", id="1")
            await client.silent()

        await until(lambda: world.hub.cancelled == 1)
    assert not world.hub.all


async def test_a_socket_that_closes_leaves_every_feed_and_no_task(world: World):
    world.limits = replace(LIMITS, operation_seconds=30)
    before = asyncio.all_tasks()
    async with ByHand(world) as client:
        client.say(type="connection_init")
        for id in ("1", "2"):
            client.say(
                id=id, type="subscribe", payload={"query": CHANGES, "variables": {"topic": "t"}}
            )
        client.say(id="3", type="subscribe", payload={"query": "{ slow }"})
        await until(lambda: len(world.hub.followings) == 2)
        assert len(asyncio.all_tasks() - before) == 1  # the query

    assert not world.hub.followings
    assert [following.left for following in world.hub.all] == [1, 1]
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_a_client_who_does_not_read_is_refused_and_told_when_there_is_room(world: World):
    world.limits = replace(LIMITS, outbox_messages=4)
    async with ByHand(world) as slow, ByHand(world) as quick:
        for client in (slow, quick):
            client.say(type="connection_init")
            client.say(
                id="1", type="subscribe", payload={"query": CHANGES, "variables": {"topic": "t"}}
            )
        await until(lambda: len(world.hub.followings) == 2)
        await until(lambda: slow.heard and quick.heard)
        slow.reading.clear()

        taken = []
        for n in range(8):
            taken.append(await world.hub.publish("t", Change(word=str(n))))
            await asyncio.sleep(0.01)

        assert [sum(both) for both in taken] == [2, 2, 2, 2, 1, 1, 1, 1]
        assert len(quick.heard) == 1 + 8  # he is not held up
        assert not any(following.drained_times for following in world.hub.all)
        slow.reading.set()
        await until(lambda: slow.heard[-1].get("payload") == {"data": "RESYNC"})
        assert sum(f.drained_times for f in world.hub.all) == 1
        assert len(slow.heard) == 1 + 4 + 1


async def test_events_that_come_together_are_one_write_and_as_many_messages(world: World):
    async with ByHand(world) as client:
        client.say(type="connection_init")
        client.say(
            id="1", type="subscribe", payload={"query": CHANGES, "variables": {"topic": "t"}}
        )
        await until(lambda: world.hub.followings and client.heard)
        [following] = world.hub.followings
        before = len(client.network.sent)

        assert following.sink.offer_all([(n, b"%d" % n) for n in range(5)]) == 5

        assert len(client.network.sent) == before + 1
        assert [message["payload"] for message in client.heard[1:]] == [0, 1, 2, 3, 4]
        [operation] = world.made.registry.operations()
        assert operation.position == 4


async def test_of_events_that_come_together_as_many_are_taken_as_there_is_room_for(world: World):
    world.limits = replace(LIMITS, outbox_messages=3)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        client.say(
            id="1", type="subscribe", payload={"query": CHANGES, "variables": {"topic": "t"}}
        )
        await until(lambda: world.hub.followings and client.heard)
        [following] = world.hub.followings
        client.reading.clear()

        assert following.sink.offer_all([(n, b"%d" % n) for n in range(5)]) == 3
        client.reading.set()

        heard = [message["payload"] for message in client.heard[1:]]
        assert heard == [0, 1, 2, {"data": "RESYNC"}]


async def test_an_outbox_is_bounded_in_bytes_too(world: World):
    world.limits = replace(LIMITS, outbox_bytes=1000)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        client.say(
            id="1", type="subscribe", payload={"query": CHANGES, "variables": {"topic": "t"}}
        )
        await until(lambda: world.hub.followings)
        await until(lambda: client.heard)
        client.reading.clear()
        sink = world.hub.all[0].sink

        assert sink.offer(b'"%s"' % (b"x" * 5000))  # alone it goes, or it never would
        assert not sink.offer(b"{}")


async def test_a_client_who_floods_without_reading_is_not_read_either(world: World):
    world.limits = replace(LIMITS, outbox_messages=4)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        await until(lambda: client.heard)
        client.reading.clear()
        for _ in range(100):
            client.say(type="ping")
        await asyncio.sleep(0.05)

        assert len(client.unheard) >= 95


async def test_a_complete_drops_what_waits_for_its_id(world: World):
    async with ByHand(world) as client:
        client.say(type="connection_init")
        client.say(
            id="1", type="subscribe", payload={"query": CHANGES, "variables": {"topic": "t"}}
        )
        await until(lambda: world.hub.followings)
        await until(lambda: client.heard)
        client.reading.clear()
        for n in range(3):
            await world.hub.publish("t", Change(word=str(n)))
        await asyncio.sleep(0.01)
        client.say(type="complete", id="1")
        await until(lambda: not world.hub.followings)
        client.reading.set()
        client.say(type="ping")
        await until(lambda: client.heard[-1] == {"type": "pong"})

        assert len(client.heard) == 2  # the ack and the pong


async def test_a_silent_client_is_pinged_and_then_given_up(world: World):
    world.limits = replace(LIMITS, ping_seconds=0.03, init_seconds=30)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        await until(lambda: client.closed)

    assert client.heard[1:] == [{"type": "ping"}] * 2
    assert client.closed == (1001, "No sign of life")


async def test_a_client_who_answers_pings_is_kept(world: World):
    world.limits = replace(LIMITS, ping_seconds=0.03, init_seconds=30)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        for n in range(5):
            await until(lambda n=n: len(client.heard) > n + 1)
            client.say(type="pong")
        assert not client.closed


@pytest.mark.parametrize(
    ("query", "same"),
    [
        (CHANGES, True),
        (FRAGMENT, True),
        (
            "subscription ($after: String!) { changes(topic: $after, after: $after) { word } }",
            False,
        ),
    ],
)
def test_a_key_leaves_out_where_one_starts_unless_it_means_more(query, same):
    operation = Documents(core_schema(schema)).prepare(query)

    def key(after: str, **more: object):
        return key_of(operation, {"topic": "t", "after": after} | more, None)

    assert (key("1") == key("2")) is same
    assert key("1", undeclared=1) == key("1")
    assert key("1") != key_of(operation, {"topic": "u", "after": "3"}, None)
    assert key("1") != key_of(operation, {"topic": "t", "after": "1"}, "ana")
