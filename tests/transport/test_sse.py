"""graphql-sse. Each part goes through the PROTOCOL document from top to bottom."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from domain.errors import Unauthenticated
from tests.transport.conftest import LIMITS, Event, Events, Listen, until
from tests.transport.world import Change, World, schema
from transport.documents import Documents
from transport.execution import core_schema
from transport.feeds import key_of
from transport.media import prefers_events
from transport.resume import resume

COUNT = "subscription ($to: Int!) { count(to: $to) }"
CHANGES = 'subscription { changes(topic: "t") { word } }'
STREAM = {"accept": "text/event-stream"}
COMPLETE = Event("complete", None)


def bearer(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


def codes(event: Event) -> list[str]:
    return [error["extensions"]["code"] for error in event.data["errors"]]


# ---------------------------------------------------------------- distinct connections


@pytest.mark.parametrize("path", ["/graphql", "/graphql/stream"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_is_a_next_and_a_complete_and_the_end(listen: Listen, method, path):
    async with listen("{ who }", method=method, path=path, headers=bearer("ana")) as events:
        assert events.response.status_code == 200
        assert events.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert events.response.headers["cache-control"] == "no-store"

        [result, complete] = await events.rest()

        assert result.event == "next"
        assert result.data["data"] == {"who": "ana"}
        assert complete == COMPLETE


async def test_a_mutation_goes_by_post(listen: Listen):
    async with listen('mutation { shout(word: "a") }') as events:
        [result, complete] = await events.rest()
    assert result.data["data"] == {"shout": "A"}
    assert complete == COMPLETE


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subscription_is_its_results_and_then_a_complete(listen: Listen, method):
    async with listen(COUNT, method=method, to=3) as events:
        *results, complete = await events.rest()
    assert [result.data["data"]["count"] for result in results] == [0, 1, 2]
    assert complete == COMPLETE


async def test_a_complete_has_empty_data_for_the_sake_of_eventsource(http: httpx.AsyncClient):
    response = await http.post("/graphql/stream", json={"query": "{ who }"}, headers=STREAM)
    assert response.text.endswith("\n\nevent: complete\ndata: \n\n")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "BAD_USER_INPUT"),
        ("{ nothing }", "BAD_USER_INPUT"),
        (COUNT, "BAD_USER_INPUT"),
        ("subscription { nothing }", "BAD_USER_INPUT"),
        ("subscription { forbidden { word } }", "FORBIDDEN"),
        ("{ " + "who " * 30 + "}", "TOO_COMPLEX"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_refused_before_it_runs_is_told_by_an_accepted_stream(
    listen: Listen, method, query, code
):
    async with listen(query, method=method) as events:
        assert events.response.status_code == 200
        [refusal, complete] = await events.rest()
    assert refusal.event == "next"
    assert codes(refusal) == [code]
    assert "data" not in refusal.data
    assert complete == COMPLETE


@pytest.mark.parametrize(
    ("method", "how", "status"),
    [
        ("POST", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("POST", {"json": {}}, 400),
        ("POST", {"json": []}, 400),
        ("POST", {"json": {"query": 7}}, 400),
        ("POST", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ("POST", {"json": {"query": "x" * 5000}}, 413),
        ("GET", {}, 400),
        ("GET", {"params": {"query": 'mutation { shout(word: "a") }'}}, 405),
    ],
)
async def test_what_is_no_request_at_all_is_an_event_stream_too(http, method, how, status):
    headers = {**STREAM, **how.get("headers", {})}
    response = await http.request(method, "/graphql/stream", **{**how, "headers": headers})
    assert response.status_code == status
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.text.startswith('event: next\ndata: {"errors":[')
    assert response.text.endswith("\n\nevent: complete\ndata: \n\n")


async def test_closing_the_connection_ends_it_and_frees_everything_at_once(
    listen: Listen, world: World
):
    before = asyncio.all_tasks()
    async with listen(CHANGES) as events:
        await until(lambda: world.hub.followings)
        assert world.made.registry.count()["events"] == 1
        await world.hub.publish("t", Change(word="a"))
        await events.hear()
    await until(lambda: not world.hub.followings)
    assert [following.left for following in world.hub.all] == [1]
    await until(lambda: not world.made.registry.present)
    await until(lambda: len(asyncio.all_tasks()) <= len(before))


async def test_a_query_is_stopped_by_closing_the_connection(listen: Listen, world: World):
    async with listen("{ slow }"):
        await until(lambda: world.contexts)
    await until(lambda: not world.made.registry.present)


@pytest.mark.parametrize("limits", [replace(LIMITS, keep_alive_seconds=0.05)])
async def test_a_stream_that_is_quiet_is_kept_alive_by_comments(listen: Listen, world: World):
    began = time.monotonic()
    async with listen(CHANGES) as events:
        hearing = asyncio.create_task(events.hear())
        await until(lambda: events.comments >= 5)
        await world.hub.publish("t", Change(word="a"))
        await hearing
        most = (time.monotonic() - began) / 0.05
        assert events.comments <= 2 + most  # with the one it begins with


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/event-stream", True),
        ("text/event-stream; charset=utf-8", True),
        ("text/event-stream, multipart/mixed", True),
        ("text/event-stream, */*", True),
        ("text/event-stream, application/json", True),
        ("application/json, text/event-stream", False),
        ("application/graphql-response+json, application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream;q=0.5, application/json", False),
        ("text/event-stream;q=0", False),
        ("text/*", False),
        ("*/*", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_an_event_stream_is_for_who_asks_for_it_by_name(accept, wanted):
    assert prefers_events([accept] if accept else []) is wanted


# ---------------------------------------------------------------- Last-Event-ID


async def test_an_event_bears_its_position_as_its_id(listen: Listen, world: World):
    async with listen(CHANGES) as events:
        await until(lambda: world.hub.followings)
        world.hub.all[0].sink.starts("p0")
        await world.hub.publish("t", Change(word="a"), "p1")
        await world.hub.publish("t", Change(word="b"))

        first, second = await events.hear(), await events.hear()

        assert (first.data["data"]["changes"]["word"], first.id) == ("a", "p1")
        assert second.id is None
        [operation] = world.made.registry.operations()
        assert operation.position == "p1"


async def test_where_a_stream_starts_is_an_id_without_an_event(listen: Listen, world: World):
    async with listen(CHANGES) as events:
        await until(lambda: world.hub.followings)
        world.hub.all[0].sink.starts("p0")
        world.hub.all[0].sink.finish()
        assert await events.rest() == [COMPLETE]
        assert events.last_id == "p0"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "query",
    [
        'subscription { changes(topic: "t") { word } }',
        'subscription { changes(topic: "t", after: "old") { word } }',
        'subscription { changes(topic: "t", after: null) { word } }',
        'subscription { c: changes(topic: "t") { word } c: changes(topic: "t") { length } }',
        'subscription ($a: String = "old") { changes(topic: "t", after: $a) { word } }',
        'subscription { ...F } fragment F on Subscription { ... { changes(topic: "t") { word } } }',
        'subscription ($a: String! = "t") { changes(topic: $a, after: $a) { word } }',
        'subscription ($lastEventId: String! = "t") { changes(topic: $lastEventId) { word } }',
    ],
)
async def test_the_last_event_id_is_where_a_subscription_goes_on(
    listen: Listen, world: World, method, query
):
    async with listen(query, method=method, headers={"last-event-id": "p7"}):
        await until(lambda: world.hub.followings)
        [following] = world.hub.all
        assert (following.feed.topic, following.feed.after) == ("t", "p7")


async def test_without_an_after_the_last_event_id_means_nothing(listen: Listen):
    for query in (COUNT, "{ who }"):
        variables = {"to": 1} if query == COUNT else {}
        async with listen(query, headers={"last-event-id": "p7"}, **variables) as events:
            assert (await events.hear()).data["data"] in ({"count": 0}, {"who": None})


def test_who_comes_back_shares_a_rendering_with_those_who_stayed():
    query = 'subscription ($n: Int) { changes(topic: "t") { word @include(if: true) } }'
    documents = Documents(core_schema(schema))
    operation = documents.prepare(query.replace("($n: Int) ", ""))

    back, variables = resume(core_schema(schema), operation, {}, "p7")

    assert back.definition is not operation.definition
    assert variables == {"lastEventId": "p7"}
    assert key_of(back, variables, None) == key_of(operation, {}, None)
    assert documents.prepare(query.replace("($n: Int) ", "")) is operation  # and as it was


# ---------------------------------------------------------------- single connection


class Reserved:
    """A reservation and who made it; its requests go to it, with his token."""

    def __init__(self, http: httpx.AsyncClient, token: str, who: str | None) -> None:
        self.http, self.token = http, token
        self.headers = {"x-graphql-event-stream-token": token, **(bearer(who) if who else {})}

    async def ask(self, id: Any, query: str, **more: Any) -> httpx.Response:
        body = {"query": query, "extensions": {"operationId": id}, **more}
        return await self.http.post("/graphql/stream", json=body, headers=self.headers)

    async def stop(self, **params: str) -> httpx.Response:
        return await self.http.delete("/graphql/stream", params=params, headers=self.headers)

    @asynccontextmanager
    async def open(self, **headers: str) -> AsyncGenerator[Events]:
        url = f"/graphql/stream?token={self.token}"  # as EventSource has to
        async with self.http.stream("GET", url, headers={**STREAM, **headers}) as response:
            yield Events(response)


async def reserve(http: httpx.AsyncClient, who: str | None = None) -> Reserved:
    response = await http.put("/graphql/stream", headers=bearer(who) if who else {})
    assert response.status_code == 201
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return Reserved(http, response.text, who)


async def test_every_reservation_has_a_token_of_its_own_that_nobody_guesses(http):
    tokens = {(await reserve(http)).token for _ in range(3)}
    assert len(tokens) == 3
    assert min(len(token) for token in tokens) >= 22  # 128 bits


@pytest.mark.parametrize("by", ["header", "parameter"])
async def test_the_token_comes_in_a_header_or_in_the_url(http, by):
    stream = await reserve(http)
    header, parameter = {"x-graphql-event-stream-token": stream.token}, {"token": stream.token}
    where = {"headers": header} if by == "header" else {"params": parameter}
    asked = {"query": "{ who }", "extensions": {"operationId": "1"}}
    assert (await http.post("/graphql/stream", json=asked, **where)).status_code == 202
    assert (await http.delete("/graphql/stream", **where)).status_code == 400  # no operationId
    how = {**where, "headers": {**STREAM, **where.get("headers", {})}}
    async with http.stream("GET", "/graphql/stream", **how) as response:
        assert response.status_code == 200


async def test_there_is_never_more_than_one_connection_of_a_reservation(http, world: World):
    stream = await reserve(http)
    async with stream.open(), stream.open() as second:
        assert second.response.status_code == 409
    await until(lambda: not world.made.registry.present)
    async with stream.open() as third:  # it was good for one
        assert third.response.status_code == 404


async def test_results_are_accepted_and_go_through_the_one_connection(http, world: World):
    stream = await reserve(http, "ana")
    async with stream.open() as events:
        assert events.response.headers["content-type"] == "text/event-stream; charset=utf-8"

        accepted = [await stream.ask("1", "{ who }"), await stream.ask("2", CHANGES)]

        assert [(each.status_code, each.content) for each in accepted] == [(202, b"")] * 2
        first, complete = await events.hear(), await events.hear()
        assert (first.event, first.data["id"]) == ("next", "1")
        assert first.data["payload"]["data"] == {"who": "ana"}
        assert complete == Event("complete", {"id": "1"})
        await until(lambda: world.hub.followings)
        await world.hub.publish("t", Change(word="a"), "p1")
        told = await events.hear()
        assert told.data == {"id": "2", "payload": {"data": {"changes": {"word": "a"}}}}
        assert told.id == "p1"


async def test_what_is_asked_before_the_stream_is_open_waits_for_it(http):
    stream = await reserve(http)
    await stream.ask("1", COUNT, variables={"to": 2})
    await asyncio.sleep(0.05)
    async with stream.open() as events:
        heard = [await events.hear() for _ in range(3)]
    assert [event.event for event in heard] == ["next", "next", "complete"]


async def test_a_request_without_a_good_token_is_not_found(http):
    asked = {"query": "{ who }", "extensions": {"operationId": "1"}}
    for token in ({}, {"token": "none"}):
        for response in [
            await http.post("/graphql/stream", json=asked, params=token),
            await http.delete("/graphql/stream", params={"operationId": "1", **token}),
        ]:
            assert response.status_code == 404
            assert response.headers["content-type"] == "application/json; charset=utf-8"
    opened = await http.get("/graphql/stream", params={"token": "none"}, headers=STREAM)
    assert opened.status_code == 404


@pytest.mark.parametrize("id", [None, "", 7])
async def test_an_operation_without_an_id_is_refused(http, id):
    stream = await reserve(http)
    assert (await stream.ask(id, "{ who }")).status_code == 400


async def test_an_id_that_is_in_use_is_refused_until_it_is_free(http):
    stream = await reserve(http)
    assert (await stream.ask("1", CHANGES)).status_code == 202
    assert (await stream.ask("1", "{ who }")).status_code == 409
    assert (await stream.stop(operationId="1")).status_code == 200
    assert (await stream.ask("1", "{ who }")).status_code == 202


@pytest.mark.parametrize(
    ("query", "code"), [("{", "BAD_USER_INPUT"), ("{ nothing }", "BAD_USER_INPUT")]
)
async def test_validation_is_answered_to_the_request_and_not_to_the_stream(http, query, code):
    stream = await reserve(http)
    async with stream.open() as events:
        response = await stream.ask("1", query)
        assert response.status_code == 400
        assert [e["extensions"]["code"] for e in response.json()["errors"]] == [code]
        await stream.ask("2", "{ who }")
        assert (await events.hear()).data["id"] == "2"


async def test_a_resolvers_refusal_goes_to_the_stream(http):
    stream = await reserve(http)
    async with stream.open() as events:
        assert (await stream.ask("1", "subscription { forbidden { word } }")).status_code == 202
        refusal, complete = await events.hear(), await events.hear()
    assert refusal.data["id"] == "1"
    assert refusal.data["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert complete == Event("complete", {"id": "1"})


@pytest.mark.parametrize("limits", [replace(LIMITS, operation_seconds=0.3)])
@pytest.mark.parametrize("query", [CHANGES, "{ slow }"])
async def test_a_delete_stops_an_operation_and_nothing_more_is_heard_of_it(http, world, query):
    stream = await reserve(http)
    async with stream.open() as events:
        await stream.ask("1", query)
        await until(lambda: world.hub.followings or query != CHANGES)

        stopped = await stream.stop(operationId="1")

        assert stopped.status_code == 200
        assert not world.hub.followings
        await asyncio.sleep(0.35)
        await stream.ask("2", "{ who }")
        assert (await events.hear()).data["id"] == "2"
        assert (await stream.stop(operationId="1")).status_code == 200  # it is over anyway


async def test_closing_the_connection_ends_all_its_operations(http, world: World):
    stream = await reserve(http)
    async with stream.open():
        await stream.ask("1", CHANGES)
        await stream.ask("2", "{ slow }")
        await until(lambda: world.hub.followings)
    await until(lambda: not world.hub.followings and not world.made.registry.present)
    assert (await stream.ask("3", "{ who }")).status_code == 404


async def test_a_request_that_is_still_being_sent_when_the_stream_ends_is_not_begun(
    http, world: World
):
    stream = await reserve(http, "ana")
    ended = asyncio.Event()

    async def slowly() -> AsyncGenerator[bytes]:
        body = json.dumps({"query": CHANGES, "extensions": {"operationId": "1"}}).encode()
        yield body[:9]
        await ended.wait()
        yield body[9:]

    async with stream.open():
        headers = {**stream.headers, "content-type": "application/json"}
        sending = asyncio.create_task(
            http.post("/graphql/stream", content=slowly(), headers=headers)
        )
        await asyncio.sleep(0.1)
    await until(lambda: not world.made.registry.present)
    ended.set()

    assert (await sending).status_code == 404
    assert world.hub.followings == []
    registry = world.made.registry
    assert [*registry._by_user, *registry._by_session] == []


async def test_mutations_do_not_come_by_get_here_either(http):
    stream = await reserve(http)
    asked = {"query": 'mutation { shout(word: "a") }', "extensions": '{"operationId":"1"}'}
    headers = stream.headers
    assert (await http.get("/graphql/stream", params=asked, headers=headers)).status_code == 405
    asked["query"] = "{ who }"
    assert (await http.get("/graphql/stream", params=asked, headers=headers)).status_code == 202
    response = await http.patch("/graphql/stream")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST, PUT, DELETE"


@pytest.mark.parametrize(
    ("owner", "other", "status"),
    [("ana", "bia", 403), ("ana", None, 403), (None, "ana", 403), ("ana", "dead", 401)],
)
async def test_a_reservation_takes_operations_of_its_own_user_only(http, owner, other, status):
    stream = await reserve(http, owner)
    stranger = Reserved(http, stream.token, other)
    assert (await stranger.ask("1", "{ who }")).status_code == status
    assert (await stranger.stop(operationId="1")).status_code == status
    if other is not None:  # without a token of his own it is EventSource, which has none
        async with stranger.open(**bearer(other)) as events:
            assert events.response.status_code == status
    async with stream.open() as events:
        assert events.response.status_code == 200


async def test_a_dead_token_reserves_nothing(http):
    assert (await http.put("/graphql/stream", headers=bearer("dead"))).status_code == 401


@pytest.mark.parametrize("limits", [replace(LIMITS, reservation_seconds=0.5)])
async def test_a_reservation_that_is_not_used_is_given_up(http, world: World):
    stream, used = await reserve(http), await reserve(http)
    await stream.ask("1", CHANGES)
    async with used.open():
        await until(lambda: len(world.made.registry.present) == 1)
        assert not world.hub.followings
        assert (await stream.ask("2", "{ who }")).status_code == 404
        await asyncio.sleep(0.2)
        assert (await used.ask("1", "{ who }")).status_code == 202


# ---------------------------------------------------------------- tokens and bounds


async def test_a_stream_ends_when_its_token_expires(listen: Listen, http: httpx.AsyncClient):
    async with listen(CHANGES, headers=bearer("ana@0.2")) as events:
        [told, complete] = await events.rest()
    assert codes(told) == ["UNAUTHENTICATED"]
    assert complete == COMPLETE

    stream = await reserve(http, "ana@1")
    async with stream.open() as single:
        await stream.ask("1", CHANGES)
        [told, complete] = await single.rest()
    assert told.data["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert complete == Event("complete", {"id": "1"})


async def test_a_request_with_a_fresh_token_keeps_the_stream_open(http):
    stream = await reserve(http, "ana@1")
    async with stream.open() as events:
        await Reserved(http, stream.token, "ana@30").ask("1", "{ who }")
        await asyncio.sleep(1.1)
        await Reserved(http, stream.token, "ana@30").ask("2", "{ who }")
        assert [(await events.hear()).data["id"] for _ in range(4)] == ["1", "1", "2", "2"]


async def test_a_feed_that_finds_the_session_ended_ends_the_stream_so(listen, world: World):
    async with listen(CHANGES, headers=bearer("ana")) as events:
        await until(lambda: world.hub.followings)
        world.hub.all[0].sink.finish(Unauthenticated())
        told, complete = await events.rest()
    assert codes(told) == ["UNAUTHENTICATED"]
    assert complete == COMPLETE


@pytest.mark.parametrize("limits", [replace(LIMITS, connections_per_address=2)])
async def test_streams_and_reservations_count_as_connections(listen, http):
    async with listen(CHANGES):
        await reserve(http)
        async with listen(CHANGES) as refused:
            assert refused.response.status_code == 429
            assert refused.response.headers["retry-after"]
            assert codes(await refused.hear()) == ["RATE_LIMITED"]
        assert (await http.put("/graphql/stream")).status_code == 429


async def test_a_stream_has_only_so_many_operations_at_once(http):
    stream = await reserve(http)
    statuses = [(await stream.ask(str(n), CHANGES)).status_code for n in range(6)]
    assert statuses == [202] * 5 + [429]
    await stream.stop(operationId="0")
    assert (await stream.ask("5", CHANGES)).status_code == 202


@pytest.mark.parametrize("limits", [replace(LIMITS, outbox_messages=8)])
async def test_a_client_who_does_not_read_is_refused_and_told_when_there_is_room(
    listen, world: World
):
    """What the kernel and uvicorn hold comes first; then the outbox, which is bounded."""
    async with listen(CHANGES) as events:
        await until(lambda: world.hub.followings)
        word, taken = "x" * 100_000, 0
        async with asyncio.timeout(10):
            while all(await world.hub.publish("t", Change(word=word))):
                taken += 1
                await asyncio.sleep(0)
        assert taken >= 8
        for _ in range(taken):
            assert (await events.hear()).data["data"]["changes"]["word"] == word
        assert (await events.hear()).data == {"data": "RESYNC"}


@pytest.mark.parametrize("limits", [replace(LIMITS, keep_alive_seconds=0.1, close_seconds=0.1)])
async def test_a_client_who_does_not_read_is_given_up(listen, world: World):
    async with listen(CHANGES):
        await until(lambda: world.hub.followings)
        word = "x" * 100_000
        while world.hub.followings:
            await world.hub.publish("t", Change(word=word))
            await asyncio.sleep(0.01)
        await until(lambda: not world.made.registry.present)


@pytest.mark.parametrize("limits", [replace(LIMITS, outbox_messages=4)])
async def test_refusals_for_a_stream_that_nobody_reads_do_not_heap_up(http):
    stream = await reserve(http)
    forbidden = "subscription { forbidden { word } }"

    statuses = [(await stream.ask(str(n), forbidden)).status_code for n in range(20)]

    assert statuses == [202] * 9 + [429] * 11  # four wait to be read, five for room
    async with stream.open() as events:
        assert len({(await events.hear()).data["id"] for _ in range(2 * 9)}) == 9
