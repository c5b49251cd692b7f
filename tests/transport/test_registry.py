import time
from datetime import UTC, datetime

import pytest

from domain.errors import Forbidden, Unauthenticated
from tests.transport.conftest import Connect, Listen, until
from tests.transport.world import Change, World
from transport.closing import FORBIDDEN, Close
from transport.registry import Carrier, Presence, Registry

NOW = datetime(2030, 1, 7, 9, 15, tzinfo=UTC)
CHANGES = 'subscription Watch { changes(topic: "t") { word } }'
ANA = {"authorization": "Bearer ana"}


class Held:
    def __init__(self, presence: Presence) -> None:
        self.closes: list[Close | None] = []
        presence.holder = self

    def end(self, close: Close | None) -> None:
        self.closes.append(close)

    def retire(self) -> None:
        raise AssertionError("nobody asked for that")


def registry(*, per_user: int | None = None, per_address: int | None = None) -> Registry:
    return Registry(per_user=per_user, per_address=per_address, now=lambda: NOW)


def admitted(all: Registry, user: str | None = None, session: str | None = None) -> Presence:
    presence = all.admit(Carrier.WEBSOCKET, "192.0.2.1")
    assert presence is not None
    assert presence.identify(user, session)
    return presence


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),  # one subscriber's
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", "", True),  # a Unix socket
    ],
)
def test_only_so_many_come_from_one_address(first, second, same):
    all = registry(per_address=1)
    presence = all.admit(Carrier.EVENTS, first)
    assert presence is not None

    assert (all.admit(Carrier.WEBSOCKET, second) is None) is same

    presence.leave()
    presence.leave()
    assert all.admit(Carrier.WEBSOCKET, first) is not None


def test_only_so_many_are_one_users_and_nobody_is_no_user():
    all = registry(per_user=2)
    first, second = admitted(all, "ana", "s1"), admitted(all, "ana", "s2")
    third = admitted(all)

    assert not third.identify("ana", "s1")
    assert third.identify("bia", "s3")
    assert first.identify("ana", "s9")  # a fresh token is no new connection
    second.leave()
    assert admitted(all, "ana", "s1")
    for _ in range(5):
        admitted(all)


def test_a_session_or_a_user_is_ended_everywhere_and_nobody_else():
    all = registry()
    one, two, other = (
        Held(admitted(all, "ana", "s1")),
        Held(admitted(all, "ana", "s2")),
        Held(admitted(all, "bia", "s3")),
    )
    Held(admitted(all))

    assert all.end("s1") == 1
    assert (one.closes, two.closes) == ([FORBIDDEN], [])
    assert all.end_user("ana") == 2
    assert (one.closes, two.closes) == ([FORBIDDEN] * 2, [FORBIDDEN])
    assert all.end("none") == all.end_user("none") == all.end(None) == all.end_user(None) == 0
    assert other.closes == []


def test_whoever_has_left_is_forgotten_altogether():
    all = registry()
    presence = admitted(all, "ana", "s1")
    presence.identify("ana", "s2")
    presence.begin("Watch", "subscription")

    presence.leave()

    assert not presence.identify("ana", "s3")  # for somebody who waited for something meanwhile
    assert not all.present
    assert not list(all.operations())
    assert [*all._by_address, *all._by_user, *all._by_session] == []
    assert all.count() == {"websocket": 0, "events": 0, "users": 0, "operations": 0}


async def test_what_runs_is_known_by_user_name_time_and_position(connect, listen, world: World):
    async with connect() as client, listen(CHANGES, headers=ANA) as events:
        await client.init("ana")
        await client.subscribe("1", CHANGES)
        await until(lambda: len(world.hub.followings) == 2)
        await world.hub.publish("t", Change(word="a"), "p1")
        await client.hear()
        await events.hear()

        all = world.made.registry
        assert all.count() == {"websocket": 1, "events": 1, "users": 1, "operations": 2}
        for operation in all.operations():
            assert (operation.name, operation.type) == ("Watch", "subscription")
            assert (operation.presence.user, operation.position) == ("ana", "p1")
            assert operation.presence.address
            assert abs((datetime.now(UTC) - operation.since).total_seconds()) < 10
        await client.say(type="complete", id="1")
        await until(lambda: all.count()["operations"] == 1)


@pytest.mark.parametrize("by", ["session", "user", "feed"])
async def test_an_ended_session_closes_its_sockets_and_streams_within_a_second(
    connect: Connect, listen: Listen, world: World, by
):
    async with (
        connect() as socket,
        connect() as idle,
        connect() as other,
        listen(CHANGES, headers=ANA) as events,
    ):
        await socket.init("ana")
        await idle.init("ana")
        await other.init("bia")
        await socket.subscribe("1", CHANGES)
        await other.subscribe("1", CHANGES)
        await until(lambda: len(world.hub.followings) == 3)
        began = time.monotonic()

        if by == "session":
            world.made.registry.end("ana")
        elif by == "user":
            world.made.registry.end_user("ana")
        else:
            mine = next(f for f in world.hub.all if f.sink.session == "ana")
            mine.sink.finish(Unauthenticated())

        assert await socket.closed() == (4403, "Forbidden")
        assert await idle.closed() == (4403, "Forbidden")
        told, complete = await events.rest()
        assert time.monotonic() - began < 1
        assert told.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert complete.event == "complete"
        await other.silent()
        assert len(world.hub.followings) == 1


async def test_a_feed_that_ends_for_another_reason_ends_nothing_else(connect, world: World):
    async with connect() as client:
        await client.init("ana")
        await client.subscribe("1", CHANGES)
        await until(lambda: world.hub.followings)

        world.hub.all[0].sink.finish(Forbidden("Not any more."))

        assert (await client.hear())["type"] == "error"
        await client.silent()
