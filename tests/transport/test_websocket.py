import asyncio

import pytest

from tests.transport.conftest import Connect
from tests.transport.world import World

COUNT = "subscription ($to: Int!) { count(to: $to) }"


async def test_queries_and_mutations_answer_next_and_complete(connect: Connect):
    async with connect() as client:
        await client.init("ana")

        await client.subscribe("1", "{ who words { length } }")
        heard = [await client.hear(), await client.hear()]
        await client.subscribe("1", 'mutation { shout(word: "a") }')
        shouted = [await client.hear(), await client.hear()]

        data = {"who": "ana", "words": [{"length": 1}, {"length": 2}]}
        assert heard[0] == {"id": "1", "type": "next", "payload": {"data": data}}
        assert heard[1] == {"id": "1", "type": "complete"}
        assert shouted[0]["payload"] == {"data": {"shout": "A"}}
        assert shouted[1] == {"id": "1", "type": "complete"}
        await client.silent()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "BAD_USER_INPUT"),
        ("{", "BAD_USER_INPUT"),
        (COUNT, "BAD_USER_INPUT"),
        ("subscription { forbidden { word } }", "FORBIDDEN"),
    ],
)
async def test_what_is_refused_before_it_runs_gets_one_error(connect: Connect, query, code):
    async with connect() as client:
        await client.init()

        await client.subscribe("x", query)

        heard = await client.hear()
        assert (heard["id"], heard["type"]) == ("x", "error")
        assert [error["extensions"]["code"] for error in heard["payload"]] == [code]
        await client.silent()


async def test_a_plain_stream_is_sent_to_its_end(connect: Connect):
    async with connect() as client:
        await client.init()

        await client.subscribe("1", COUNT, to=3)

        heard = [await client.hear() for _ in range(4)]
        assert [m["payload"]["data"]["count"] for m in heard[:3]] == [0, 1, 2]
        assert heard[3] == {"id": "1", "type": "complete"}


async def test_a_ping_is_answered_with_its_payload_even_before_the_init(connect: Connect):
    async with connect() as client:
        await client.say(type="ping", payload={"a": [1]})
        assert await client.hear() == {"type": "pong", "payload": {"a": [1]}}
        await client.say(type="pong")
        await client.say(type="complete", id="unknown")
        await client.silent()


async def test_a_socket_of_another_subprotocol_is_closed(connect: Connect):
    async with connect("graphql-ws") as client:
        assert await client.closed() == (4406, "Subprotocol not acceptable")


async def test_a_socket_without_init_is_closed_in_time(connect: Connect):
    async with connect() as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")


async def test_a_second_init_closes(connect: Connect):
    async with connect() as client:
        await client.init()
        await client.say(type="connection_init")
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_a_subscribe_before_the_init_closes(connect: Connect):
    async with connect() as client:
        await client.subscribe("1", "{ who }")
        assert await client.closed() == (4401, "Unauthorized")


@pytest.mark.parametrize("name", ["authorization", "Authorization"])
async def test_a_dead_token_closes(connect: Connect, name):
    async with connect() as client:
        await client.say(type="connection_init", payload={name: "Bearer dead"})
        assert await client.closed() == (4403, "Forbidden")


@pytest.mark.parametrize("query", ["{ slow }", 'subscription { changes(topic: "a") { word } }'])
async def test_an_id_that_is_in_use_closes(connect: Connect, query):
    async with connect() as client:
        await client.init()
        await client.subscribe("é" * 200, query)
        await client.subscribe("é" * 200, query)
        code, reason = await client.closed()
        assert code == 4409
        assert reason.startswith("Subscriber for éé")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "null",
        "7",
        '"text"',
        "[]",
        "{}",
        "NaN",
        "[" * 3000,
        b'{"type":"ping"}',
        '{"type":null}',
        '{"type":7}',
        '{"type":["ping"]}',
        '{"type":"start"}',
        '{"type":"next","id":"1","payload":{}}',
        '{"type":"connection_ack"}',
        '{"type":"connection_init","payload":"x"}',
        '{"type":"connection_init","payload":[]}',
        '{"type":"connection_init","payload":0}',
        '{"type":"connection_init","payload":{"authorization":7}}',
        '{"type":"ping","payload":"x"}',
        '{"type":"pong","payload":[1]}',
        '{"type":"complete"}',
        '{"type":"complete","id":1}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":1,"payload":{"query":"{ who }"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{ who }"}}',
        '{"type":"subscribe","id":"1","payload":null}',
        '{"type":"subscribe","id":"1","payload":[]}',
        '{"type":"subscribe","id":"1","payload":"{ who }"}',
        '{"type":"subscribe","id":"1","payload":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":7}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ who }","variables":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ who }","operationName":7}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ who }","extensions":7}}',
        '{"type":"ping","payload":{"a":"\\ud800"}}',
    ],
)
async def test_what_is_not_of_the_protocol_closes(connect: Connect, text):
    async with connect() as client:
        await client.connection.send(text)
        code, _ = await client.closed()
        assert code == 4400


async def test_a_message_beyond_the_limit_closes(connect: Connect):
    async with connect() as client:
        await client.say(type="ping", payload={"a": "x" * 5000})
        assert (await client.closed())[0] == 1009


async def test_a_payload_of_null_is_an_anonymous_caller(connect: Connect):
    async with connect() as client:
        await client.say(type="connection_init", payload=None)
        assert await client.hear() == {"type": "connection_ack"}
        await client.subscribe("1", "{ who }")
        assert (await client.hear())["payload"] == {"data": {"who": None}}


async def test_complete_stops_an_operation_at_once_and_frees_its_id(connect: Connect):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", "{ slow }")
        await client.say(type="complete", id="1")
        await client.subscribe("1", "{ who }")

        assert (await client.hear())["type"] == "next"
        assert (await client.hear())["type"] == "complete"
        await asyncio.sleep(0.4)  # beyond the operations' limit: the slow one is not heard of
        await client.silent()


async def test_only_so_many_operations_go_at_once(connect: Connect, world: World):
    async with connect() as client:
        await client.init()
        for n in range(6):
            await client.subscribe(str(n), 'subscription { changes(topic: "a") { word } }')

        heard = await client.hear()

        assert (heard["id"], heard["type"]) == ("5", "error")
        assert heard["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
        assert len(world.hub.followings) == 5
