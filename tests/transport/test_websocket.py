"""graphql-transport-ws. The first part goes through the PROTOCOL document from top to bottom."""

import asyncio
import contextlib
import json
from dataclasses import replace

import pytest
import websockets
from starlette.datastructures import Headers

from embedded import worker
from tests.transport.conftest import BRIEF, LIMITS, PATIENCE, ByHand, Client, Connect, until
from tests.transport.world import World
from transport import origins
from transport.limits import Limits

COUNT = "subscription ($to: Int!) { count(to: $to) }"
CHANGES = 'subscription { changes(topic: "a") { word } }'


def data_of(message: dict) -> object:
    return message["payload"]["data"]


# ---------------------------------------------------------------- communication


async def test_the_subprotocol_is_graphql_transport_ws(connect: Connect):
    async with connect("graphql-ws", "graphql-transport-ws") as client:
        assert client.connection.subprotocol == "graphql-transport-ws"


async def test_another_subprotocol_is_not_acceptable(connect: Connect):
    async with connect("graphql-ws") as client:
        assert client.connection.subprotocol is None
        assert await client.closed() == (4406, "Subprotocol not acceptable")


async def test_several_operations_are_active_and_interleaved(connect: Connect, world: World):
    async with connect() as client:
        await client.init("ana")
        await client.subscribe("live", CHANGES)
        await client.subscribe("slow", "{ slow }")
        await client.subscribe("count", COUNT, to=1)
        await until(lambda: world.hub.followings)
        heard = {(m["id"], m["type"]) for m in [await client.hear(), await client.hear()]}

        assert heard == {("count", "next"), ("count", "complete")}
        assert {op.name for op in world.made.registry.operations()} == {None}
        assert world.made.registry.count()["operations"] == 2


async def test_the_client_ends_it_with_1000(connect: Connect, world: World):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", CHANGES)
        await until(lambda: world.hub.followings)
        await client.connection.close(1000)
        assert await client.closed() == (1000, "")
    await until(lambda: not world.hub.followings)
    assert not world.made.registry.present


# ---------------------------------------------------------------- ConnectionInit, ConnectionAck


@pytest.mark.parametrize("limits", [BRIEF])
async def test_a_socket_without_init_is_closed_in_time(connect: Connect):
    async with connect() as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")


def test_the_time_for_an_init_is_that_of_graphql_ws():
    assert Limits().init_seconds == 3


@pytest.mark.parametrize("limits", [BRIEF])
async def test_a_ping_does_not_put_the_init_off(connect: Connect):
    async with connect() as client:
        closed = asyncio.create_task(client.closed())
        while not closed.done():
            with contextlib.suppress(websockets.ConnectionClosed):
                await client.say(type="ping")
            await asyncio.sleep(0.02)
        assert (await closed)[0] == 4408


@pytest.mark.parametrize("token", [None, "ana"])
async def test_a_second_init_at_any_time_closes(connect: Connect, token):
    async with connect() as client:
        await client.init(token)
        await client.say(type="connection_init")
        assert await client.closed() == (4429, "Too many initialisation requests")


@pytest.mark.parametrize(
    "payload", [{"authorization": "Bearer dead"}, {"Authorization": "x dead"}, {"authorization": 7}]
)
async def test_a_rejected_init_closes_as_forbidden(connect: Connect, payload):
    payload = {name: "Bearer dead" if it == "x dead" else it for name, it in payload.items()}
    async with connect() as client:
        await client.say(type="connection_init", payload=payload)
        assert await client.closed() == (4403, "Forbidden")


@pytest.mark.parametrize("payload", [{}, {"payload": None}, {"payload": {}}, {"payload": {"a": 1}}])
async def test_an_init_without_a_token_is_an_anonymous_callers(connect: Connect, payload):
    async with connect() as client:
        await client.say(type="connection_init", **payload)
        assert await client.hear() == {"type": "connection_ack"}
        await client.subscribe("1", "{ who }")
        assert data_of(await client.hear()) == {"who": None}


# ---------------------------------------------------------------- Ping, Pong


@pytest.mark.parametrize("payload", [{}, {"payload": {"a": [1]}}])
async def test_a_ping_at_any_time_is_answered_with_a_pong(connect: Connect, payload):
    async with connect() as client:
        await client.say(type="ping", **payload)
        assert await client.hear() == {"type": "pong", **payload}
        await client.init()
        await client.say(type="ping", **payload)
        assert await client.hear() == {"type": "pong", **payload}


@pytest.mark.parametrize("payload", [{}, {"payload": None}, {"payload": {"a": 1}}])
async def test_an_unsolicited_pong_is_a_heartbeat(connect: Connect, payload):
    async with connect() as client:
        await client.say(type="pong", **payload)
        await client.init()
        await client.say(type="pong", **payload)
        await client.silent()


# ---------------------------------------------------------------- Subscribe


async def test_a_subscribe_before_the_ack_closes_as_unauthorized(connect: Connect):
    async with connect() as client:
        await client.subscribe("1", "{ who }")
        assert await client.closed() == (4401, "Unauthorized")


@pytest.mark.parametrize("query", ["{ slow }", CHANGES])
@pytest.mark.parametrize("second", ["{ who }", CHANGES])
async def test_the_id_of_an_active_operation_of_any_type_closes(connect: Connect, query, second):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", query)
        await client.subscribe("1", second)
        assert await client.closed() == (4409, "Subscriber for 1 already exists")


async def test_a_reason_is_no_longer_than_a_close_frame(connect: Connect):
    async with connect() as client:
        await client.init()
        await client.subscribe("é" * 200, CHANGES)
        await client.subscribe("é" * 200, CHANGES)
        code, reason = await client.closed()
        assert code == 4409
        assert reason.startswith("Subscriber for éé")


@pytest.mark.parametrize("query", ["{ who }", "{ nothing }", "subscription { forbidden { word } }"])
async def test_an_id_is_free_again_as_soon_as_its_operation_is_over(connect: Connect, query):
    async with connect() as client:
        await client.init()
        for _ in range(3):
            await client.subscribe("1", query)
            while (await client.hear())["type"] == "next":
                pass
        await client.silent()


async def test_nulls_stand_for_what_is_left_out(connect: Connect):
    nulls = {"operationName": None, "variables": None, "extensions": None}
    async with connect() as client:
        await client.init()
        await client.say(id="1", type="subscribe", payload={"query": "{ who }", **nulls})
        assert data_of(await client.hear()) == {"who": None}


# ---------------------------------------------------------------- Next, Error, Complete


async def test_a_single_result_is_one_next_and_a_complete(connect: Connect):
    async with connect() as client:
        await client.init("ana")

        await client.subscribe("1", "{ who words { length } }")
        heard = [await client.hear(), await client.hear()]
        await client.subscribe("1", 'mutation { shout(word: "a") }')
        shouted = [await client.hear(), await client.hear()]

        assert (heard[0]["id"], heard[0]["type"]) == ("1", "next")
        assert data_of(heard[0]) == {"who": "ana", "words": [{"length": 1}, {"length": 2}]}
        assert heard[1] == {"id": "1", "type": "complete"}
        assert data_of(shouted[0]) == {"shout": "A"}
        assert shouted[1] == {"id": "1", "type": "complete"}
        await client.silent()


async def test_a_stream_is_its_results_and_then_a_complete(connect: Connect):
    async with connect() as client:
        await client.init()

        await client.subscribe("1", COUNT, to=3)

        heard = [await client.hear() for _ in range(4)]
        assert [data_of(m)["count"] for m in heard[:3]] == [0, 1, 2]
        assert heard[3] == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "BAD_USER_INPUT"),
        ("{", "BAD_USER_INPUT"),
        (COUNT, "BAD_USER_INPUT"),
        ("subscription { forbidden { word } }", "FORBIDDEN"),
    ],
)
async def test_an_error_ends_an_operation_and_no_complete_follows(connect: Connect, query, code):
    async with connect() as client:
        await client.init()

        await client.subscribe("x", query)

        heard = await client.hear()
        assert (heard["id"], heard["type"]) == ("x", "error")
        assert [error["extensions"]["code"] for error in heard["payload"]] == [code]
        await client.silent()


async def test_errors_of_fields_are_in_the_result(connect: Connect):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", "{ missing }")
        heard = await client.hear()
        assert heard["type"] == "next"
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert (await client.hear())["type"] == "complete"


@pytest.mark.parametrize("limits", [replace(LIMITS, operation_seconds=0.3)])
async def test_a_complete_stops_a_single_result_before_it_is_there(connect: Connect):
    async with connect() as client:
        await client.init()
        await client.subscribe("1", "{ slow }")
        await client.say(type="complete", id="1")
        await client.subscribe("1", "{ who }")

        assert (await client.hear())["type"] == "next"
        assert (await client.hear())["type"] == "complete"
        await asyncio.sleep(0.4)  # beyond the operations' limit: the slow one is not heard of
        await client.silent()


async def test_a_complete_for_what_is_over_or_was_never_there_is_ignored(connect: Connect):
    async with connect() as client:
        await client.say(type="complete", id="unknown")
        await client.init()
        await client.subscribe("1", "{ who }")
        assert [(await client.hear())["type"] for _ in range(2)] == ["next", "complete"]
        await client.say(type="complete", id="1")
        await client.say(type="complete", id="unknown")
        await client.silent()


# ---------------------------------------------------------------- Invalid message


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
        '{"type":"error","id":"1","payload":[]}',
        '{"type":"connection_ack"}',
        '{"type":"connection_init","payload":"x"}',
        '{"type":"connection_init","payload":[]}',
        '{"type":"connection_init","payload":0}',
        '{"type":"ping","payload":"x"}',
        '{"type":"pong","payload":[1]}',
        '{"type":"complete"}',
        '{"type":"complete","id":1}',
        '{"type":"complete","id":null}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":1,"payload":{"query":"{ who }"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{ who }"}}',
        '{"type":"subscribe","payload":{"query":"{ who }"}}',
        '{"type":"subscribe","id":"1","payload":null}',
        '{"type":"subscribe","id":"1","payload":[]}',
        '{"type":"subscribe","id":"1","payload":"{ who }"}',
        '{"type":"subscribe","id":"1","payload":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":7}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ who }","variables":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ who }","operationName":7}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ who }","extensions":7}}',
        '{"type":"ping","payload":{"a":"\\ud800"}}',
        '{"type":"ping","payload":{"a":' + "[" * 400 + "]" * 400 + "}}",
    ],
)
@pytest.mark.parametrize("acknowledged", [False, True])
async def test_what_is_not_of_the_protocol_closes_at_once(connect: Connect, text, acknowledged):
    async with connect() as client:
        if acknowledged and not str(text).startswith('{"type":"connection_init"'):
            await client.init()
        await client.connection.send(text)
        code, reason = await client.closed()
        assert code == 4400
        assert reason


# ---------------------------------------------------------------- beyond the protocol: origins


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "allowed"),
    [
        (None, "clinic.example", "ws", True),  # no browser
        ("https://clinic.example", "clinic.example", "wss", True),
        ("https://clinic.example", "clinic.example", "ws", True),  # a proxy took the TLS off
        ("http://clinic.example", "clinic.example", "wss", False),
        ("https://clinic.example", "clinic.example", "https", True),
        ("https://clinic.example", "clinic.example", "http", True),
        ("http://clinic.example", "clinic.example", "https", False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", "ws", False),
        ("http://[::1]:8000", "[::1]:8000", "ws", True),
        ("https://CLINIC.example", "clinic.EXAMPLE", "wss", True),
        ("https://clinic.example:443", "clinic.example", "wss", True),
        ("https://clinic.example.evil.example", "clinic.example", "wss", False),
        ("https://clinic.example@evil.example", "clinic.example", "wss", False),
        ("https://evil.example", "clinic.example", "wss", False),
        ("null", "clinic.example", "wss", False),
        ("", "clinic.example", "wss", False),
        ("", "", "wss", False),
        ("file://", "", "ws", False),
        ("https://clinic.example:port", "clinic.example", "wss", False),
        ("chrome-extension://clinic.example", "clinic.example", "ws", False),
        ("https://app.example", "clinic.example", "wss", True),  # it is in the settings
        ("http://app.example", "clinic.example", "wss", False),
    ],
)
def test_pages_of_our_own_origin_and_of_those_in_the_settings_may(origin, host, scheme, allowed):
    headers = Headers({"host": host, **({} if origin is None else {"origin": origin})})
    assert origins.allows(headers, scheme, ["https://app.example"]) is allowed
    assert origins.allows(headers, scheme, ["*"])


async def test_another_origin_is_refused_before_the_upgrade(connect: Connect, address, world):
    async with connect(origin=f"http://{address}") as client:
        await client.init()
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    await until(lambda: not world.made.registry.present)


# ---------------------------------------------------------------- tokens


@pytest.mark.parametrize("token", ["ana@0.2", "ana@0"])
async def test_a_socket_closes_when_its_token_expires(connect: Connect, token):
    async with connect() as client:
        await client.init(token)
        assert await client.closed() == (4403, "Token expired")


async def test_a_fresh_token_in_a_ping_keeps_it_open(connect: Connect, world: World):
    async with connect() as client:
        await client.init("ana@1")
        fresh = {"authorization": "Bearer ana/other@30", "note": 1}
        await client.say(type="ping", payload=fresh)
        assert await client.hear() == {"type": "pong", "payload": {"note": 1}}  # not the token
        await asyncio.sleep(1.1)
        await client.silent()
        [presence] = world.made.registry.present
        assert set(presence.sessions) == {"ana", "other"}


@pytest.mark.parametrize("first", ["ana", None])
@pytest.mark.parametrize("second", ["Bearer bia", "Bearer dead", "", 7])
async def test_a_token_in_a_ping_must_be_good_and_the_same_users(connect: Connect, first, second):
    async with connect() as client:
        await client.init(first)
        await client.say(type="ping", payload={"authorization": second})
        assert await client.closed() == (4403, "Forbidden")


async def test_a_token_in_a_ping_before_the_init_is_not_looked_at(connect: Connect):
    async with connect() as client:
        await client.say(type="ping", payload={"authorization": "Bearer dead"})
        assert await client.hear() == {"type": "pong"}
        await client.init("ana")
        await client.silent()


# ---------------------------------------------------------------- bounds


async def flood(client: Client, times: int, **message: object) -> None:
    for _ in range(times):
        await client.say(**message)


CHATTER = replace(LIMITS, chatter_at_once=10, chatter_per_second=20)


@pytest.mark.parametrize("limits", [CHATTER])
@pytest.mark.parametrize(
    "message", [{"type": "ping"}, {"type": "pong"}, {"type": "complete", "id": "none"}]
)
async def test_a_flood_of_messages_that_cost_nothing_closes(connect: Connect, message):
    async with connect() as client:
        await client.init()
        await flood(client, 9, **message)
        await asyncio.sleep(0.15)
        await flood(client, 2, **message)  # some have come back with the time
        await client.subscribe("1", "{ who }")
        while (await client.hear())["type"] != "complete":
            pass
        await flood(client, 12, **message)
        assert await client.closed() == (1008, "Too many messages")


async def test_only_so_many_operations_go_at_once(connect: Connect, world: World):
    async with connect() as client:
        await client.init()
        for n in range(6):
            await client.subscribe(str(n), CHANGES)

        heard = await client.hear()

        assert (heard["id"], heard["type"]) == ("5", "error")
        assert heard["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
        assert len(world.hub.followings) == 5
        await client.say(type="complete", id="0")
        await client.subscribe("5", CHANGES)
        await until(lambda: len(world.hub.followings) == 5)
        await client.silent()


@pytest.mark.parametrize("limits", [replace(LIMITS, connections_per_address=2)])
async def test_only_so_many_sockets_come_from_one_address(connect: Connect, world: World):
    async with connect(), connect():
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with connect():
                pass
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["retry-after"]
    await until(lambda: not world.made.registry.present)
    async with connect() as client:
        await client.init()


@pytest.mark.parametrize("limits", [replace(LIMITS, connections_per_user=2)])
async def test_only_so_many_sockets_are_one_users(connect: Connect):
    async with connect() as first, connect() as second, connect() as third, connect() as other:
        await first.init("ana")
        await second.init("ana/elsewhere")
        await other.init("bia")
        await third.say(type="connection_init", payload={"authorization": "Bearer ana"})
        assert await third.closed() == (1013, "Too many connections")
        await first.connection.close()
        async with connect() as fourth:
            await fourth.init("ana")


@pytest.mark.parametrize(("size", "code"), [(4096, None), (4097, 1009)])
@pytest.mark.parametrize("letter", ["x", "é"])
async def test_a_message_has_so_many_bytes_at_most(connect: Connect, size, code, letter):
    frame = '{"type":"ping","payload":{"a":"%s"}}'
    letters = (size - len(frame) + 2) // len(letter.encode())
    text = frame % (letter * letters)
    text = text.replace("}}", " " * (size - len(text.encode())) + "}}")
    assert len(text.encode()) == size
    async with connect() as client:
        await client.connection.send(text)
        if code is None:
            assert (await client.hear())["type"] == "pong"
        else:
            assert (await client.closed())[0] == code


async def test_messages_are_not_compressed(connect: Connect):
    async with connect(compression="deflate") as client:
        assert "sec-websocket-extensions" not in client.connection.response.headers
    assert worker.configuration().ws_per_message_deflate is False
    assert worker.configuration().ws_max_size == Limits().body_bytes


async def test_answers_wait_for_a_client_who_does_not_read_and_are_few(world: World):
    world.limits = replace(
        LIMITS, outbox_messages=2, answers_per_socket=3, operations_per_socket=50
    )
    async with ByHand(world) as client:
        client.say(type="connection_init")
        await until(lambda: client.heard)
        client.reading.clear()
        for n in range(40):
            client.say(id=str(n), type="subscribe", payload={"query": "{ who }"})
        await asyncio.sleep(0.1)

        assert len(world.contexts) <= 2 + 3

        client.reading.set()
        await until(lambda: len(client.heard) == 1 + 2 * 40)


async def test_a_client_who_does_not_read_is_given_up_whatever_he_sends(world: World):
    world.limits = replace(LIMITS, ping_seconds=0.05, init_seconds=30, close_seconds=0.05)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        await until(lambda: client.heard)
        client.reading.clear()
        async with asyncio.timeout(PATIENCE):
            while not client.cut_off:
                client.say(type="pong")
                await asyncio.sleep(0.04)  # too seldom to be chatter
        assert not world.made.registry.present


async def test_who_sends_a_message_in_too_many_pieces_is_closed(connect: Connect):
    async with connect() as client:
        with contextlib.suppress(websockets.ConnectionClosed):
            await client.connection.send([""] * 2000)
        assert (await client.closed())[0] == 1009


async def test_a_message_in_some_pieces_is_one(connect: Connect):
    async with connect() as client:
        await client.connection.send(list(json.dumps({"type": "ping"})))
        assert await client.hear() == {"type": "pong"}


async def test_pongs_of_the_frame_layer_do_not_heap_up_for_who_does_not_read(connect, server):
    ping = b"\x89\xfd" + bytes(4) + b"x" * 125
    async with connect() as client:
        await client.init()
        network = client.connection.transport
        network.pause_reading()
        for _ in range(250):  # what the kernel holds of it is not ours to bound
            network.write(ping * 500)
            await asyncio.sleep(0.002)
        buffered = [each.transport.get_write_buffer_size() for each in server.connections]
        assert max(buffered) < 512 * 1024
        network.resume_reading()
        await client.silent()
