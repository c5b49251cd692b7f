"""The hub: what was missed, what is live, and the seam between; each once, and in order."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from domain.events import Position, SlotOpened
from domain.slots import Slot
from subscriptions import hub
from tests import make
from tests.make import Person
from tests.server import Listening, LocalServer, gid
from tests.subscriptions.acts import APPOINTMENTS, HOLD, SLOTS, do, publish, read_up, request, tell
from transport import execution

EVENTS, WRITERS = 200, 20
NAMED = """
subscription ($doctors: [ID!]!) {
  slotChanges(doctorIds: $doctors) { kind slot { id doctor { name } } }
}
"""
DEAF = Position(2**62, 0)


async def given_slots(server: LocalServer, count: int) -> tuple[Person, list[Slot]]:
    doctor = make.doctor()
    slots = make.slots(doctor, count)
    await server.given(doctor, slots)
    return doctor, slots


def ids(changes: Sequence[Any]) -> list[str]:
    return [change["slot"]["id"] for change in changes]


async def take(listening: Listening, count: int) -> list[Any]:
    return [await listening.next() for _ in range(count)]


async def resynced(server: LocalServer, listening: Listening) -> str:
    """The cursor of the one RESYNC that comes, and nothing else."""
    change = await listening.next()
    assert (change["kind"], change["slot"]) == ("RESYNC", None)
    assert Position.of(change["cursor"]) <= await server.settled()
    assert await listening.silent(0.1)
    return change["cursor"]


# -------------------------------------------------------------------- bursts


async def test_what_happens_at_once_is_told_in_one_go_and_in_its_order(server: LocalServer):
    doctor, slots = await given_slots(server, 40)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        await tell(server, *slots)
        assert ids(await take(listening, 40)) == [gid(slot) for slot in slots]
        assert len(listening.bursts) < 40
        assert max(listening.bursts) <= hub.TOGETHER


async def test_what_was_rendered_before_one_that_fails_is_told(server: LocalServer):
    doctor, slots = await given_slots(server, 6)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        real, asked = server.app.hub.verified, []

        async def failing(*doctors: Any) -> bool:
            asked.append(doctors)
            if len(asked) == 4:
                raise ConnectionError("the database is away")
            return await real(*doctors)

        with mock.patch.object(server.app.hub, "verified", failing):
            await tell(server, *slots)
            heard = await take(listening, 3)
            assert ids(heard) == [gid(slot) for slot in slots[:3]]
            await resynced(server, listening)


async def test_those_who_come_back_from_one_place_have_one_answer(server: LocalServer):
    doctor, slots = await given_slots(server, 3)
    before = await server.ask("{ eventCursor }")
    await tell(server, *slots)
    await read_up(server)
    event_log = server.app.log
    async with AsyncExitStack() as stack:
        with mock.patch.object(event_log, "replay", wraps=event_log.replay) as replay:
            listening = await asyncio.gather(
                *(
                    stack.enter_async_context(
                        server.listening(SLOTS, doctors=[gid(doctor)], after=before)
                    )
                    for _ in range(20)
                )
            )
        for each in listening:
            assert ids(await take(each, 3)) == [gid(slot) for slot in slots]
            assert await each.silent(0.01)
        assert replay.await_count < 20


async def test_all_who_have_missed_something_are_told_how_it_stands_by_few_renderings(
    server: LocalServer,
):
    doctor, slots = await given_slots(server, 1)
    async with AsyncExitStack() as stack:
        listening = [
            await stack.enter_async_context(server.listening(SLOTS, doctors=[gid(doctor)]))
            for _ in range(20)
        ]
        [group] = {each.following._group for each in listening}
        renderings, render = 0, group.render

        async def counting(root: object) -> bytes:
            nonlocal renderings
            renderings += 1
            return await render(root)

        group.render = counting
        for each in listening:
            each.following.lose()
        for each in listening:
            await resynced(server, each)
        assert renderings < 5
        await tell(server, *slots)
        for each in listening:
            assert ids([await each.next()]) == [gid(slots[0])]


# ------------------------------------------------------------- after a cursor


async def test_what_was_missed_comes_first_and_then_what_is_new(server: LocalServer):
    doctor, slots = await given_slots(server, 4)
    before = await server.ask("{ eventCursor }")
    await tell(server, *slots[:2])
    await read_up(server)

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=before) as listening:
        await tell(server, *slots[2:])

        heard = await take(listening, 4)
        assert ids(heard) == [gid(slot) for slot in slots]
        assert await listening.silent(0.1)

    async with server.listening(
        SLOTS, doctors=[gid(doctor)], after=heard[1]["cursor"]
    ) as listening:
        assert await take(listening, 2) == heard[2:]
        assert await listening.silent(0.1)


async def test_without_a_cursor_nothing_of_before_is_heard(server: LocalServer):
    doctor, slots = await given_slots(server, 2)
    await tell(server, slots[0])
    await read_up(server)

    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        await tell(server, slots[1])

        assert ids([await listening.next()]) == [gid(slots[1])]
        assert await listening.silent(0.1)


async def test_what_is_missed_is_shown_as_it_stands_now(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot = make.slot(doctor)
    await server.given(doctor, ana, slot)
    before = await read_up(server)
    await do(server, HOLD, ana, slot=gid(slot))
    await request(server, ana, slot)
    await read_up(server)

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=before) as listening:
        heard = await take(listening, 2)

    assert [change["kind"] for change in heard] == ["HELD", "BOOKED"]
    assert [change["slot"]["status"] for change in heard] == ["BOOKED", "BOOKED"]


async def test_a_cursor_of_one_stream_is_good_in_the_other(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slots = make.slots(doctor, 2)
    await server.given(doctor, ana, slots)
    async with (
        server.listening(SLOTS, doctors=[gid(doctor)]) as of_slots,
        server.listening(APPOINTMENTS, ana) as of_ana,
    ):
        first = await request(server, ana, slots[0])
        booked, requested = await of_slots.next(), await of_ana.next()
    second = await request(server, ana, slots[1])
    await read_up(server)

    async with server.listening(APPOINTMENTS, ana, after=booked["cursor"]) as of_ana:
        heard = await take(of_ana, 2)
        assert [each["appointment"]["id"] for each in heard] == [first, second]
    async with server.listening(
        SLOTS, doctors=[gid(doctor)], after=requested["cursor"]
    ) as of_slots:
        assert ids([await of_slots.next()]) == [gid(slots[1])]
        assert await of_slots.silent(0.1)


async def test_in_a_storm_whoever_comes_hears_each_event_once_and_in_order(server: LocalServer):
    doctor, slots = await given_slots(server, EVENTS)
    before = await read_up(server)
    chance = random.Random(7)  # noqa: S311

    async def write(own: Sequence[Slot]) -> None:
        for slot in own:
            async with server.app.works.begin() as work:
                await work.lock(doctor.id) if chance.random() < 0.2 else None
                work.publish(SlotOpened(doctor_id=doctor.id, slot_id=slot.id))
                await server.app.works._pool.fetchval("SELECT pg_sleep($1)", chance.random() / 50)

    async def listen(delay: float, text: str) -> list[Any]:
        await asyncio.sleep(delay)
        async with server.listening(text, doctors=[gid(doctor)], after=before) as listening:
            heard = await take(listening, EVENTS)
            assert await listening.silent(0.1)
            return heard

    alone = SLOTS.replace("cursor at", "cursor")  # in a group of its own each time
    heard = await asyncio.gather(
        *(listen(n / 20, SLOTS if n % 2 else f"{alone}#{n}") for n in range(8)),
        *(write(slots[number::WRITERS]) for number in range(WRITERS)),
    )

    told = await server.fetch(
        "SELECT slot_id FROM event WHERE doctor_id = $1 ORDER BY tx, row", doctor.id
    )
    expected = [f"slot_{record['slot_id']}" for record in told]
    assert len(expected) == EVENTS
    for changes in heard[:8]:
        assert ids(changes) == expected
        cursors = [change["cursor"] for change in changes]
        assert cursors == sorted(set(cursors))


async def test_a_storm_that_is_told_in_few_transactions_has_its_order_too(server: LocalServer):
    doctor, slots = await given_slots(server, EVENTS)
    before = await read_up(server)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as live:
        await tell(server, *slots[:100])
        async with server.listening(SLOTS, doctors=[gid(doctor)], after=before) as late:
            await tell(server, *slots[100:])

            expected = [gid(slot) for slot in slots]
            assert ids(await take(live, EVENTS)) == expected
            assert ids(await take(late, EVENTS)) == expected


async def test_events_of_one_who_holds_his_transaction_open_come_in_its_place(server: LocalServer):
    doctor, (first, second) = await given_slots(server, 2)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        async with server.app.works.begin() as slow:
            await slow._connection.execute("SELECT pg_current_xact_id()")
            slow.publish(SlotOpened(doctor_id=doctor.id, slot_id=first.id))
            await tell(server, second)
            cursor = await server.ask("{ eventCursor }")
            assert await listening.silent(0.1)

        assert ids(await take(listening, 2)) == [gid(first), gid(second)]
    async with server.listening(SLOTS, doctors=[gid(doctor)], after=cursor) as listening:
        assert ids(await take(listening, 2)) == [gid(first), gid(second)]


async def test_an_older_transaction_that_tells_nothing_delays_only_while_it_lasts(
    server: LocalServer,
):
    doctor, slots = await given_slots(server, 3)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        for slot in slots:
            async with server.app.works.begin() as silent:
                await silent._connection.execute("SELECT pg_current_xact_id()")
                await tell(server, slot)
                assert await listening.silent(0.1)

            assert ids([await listening.next(1)]) == [gid(slot)]


# -------------------------------------------------------------------- RESYNC


async def test_a_cursor_that_the_log_has_forgotten_brings_a_resync(server: LocalServer):
    doctor, slots = await given_slots(server, 3)
    old = await read_up(server)
    await tell(server, slots[0])
    await read_up(server)
    await server.app.log.purge(timedelta(0))

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=old) as listening:
        cursor = await resynced(server, listening)
        assert Position.of(cursor) > old
        await tell(server, slots[1])
        assert ids([await listening.next()]) == [gid(slots[1])]

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=cursor) as listening:
        assert ids([await listening.next()]) == [gid(slots[1])]
        assert await listening.silent(0.1)


async def test_so_does_one_that_it_forgets_in_the_middle_of_the_replay(server: LocalServer):
    doctor, slots = await given_slots(server, 2)
    before = await read_up(server)
    await tell(server, *slots)
    await read_up(server)
    replay = server.app.log.replay

    async def forgetful(*arguments: Any, **options: Any) -> Any:
        await server.app.log.purge(timedelta(0))
        return await replay(*arguments, **options)

    with mock.patch.object(server.app.log, "replay", forgetful):
        async with server.listening(SLOTS, doctors=[gid(doctor)], after=before) as listening:
            await resynced(server, listening)


async def test_so_does_a_cursor_from_the_future(server: LocalServer):
    doctor, (slot,) = await given_slots(server, 1)

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=DEAF) as listening:
        await resynced(server, listening)
        await tell(server, slot)
        assert ids([await listening.next()]) == [gid(slot)]


@pytest.mark.parametrize(("missed", "kinds"), [(3, ["OPENED"] * 3), (4, ["RESYNC"])])
async def test_whoever_missed_too_much_is_told_to_read_anew(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, missed: int, kinds: list[str]
):
    monkeypatch.setattr(hub, "REPLAYED", 3)
    doctor, slots = await given_slots(server, 5)
    before = await read_up(server)
    await tell(server, *slots[:missed])
    await read_up(server)

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=before) as listening:
        heard = await take(listening, len(kinds))
        assert [change["kind"] for change in heard] == kinds
        await tell(server, slots[4])
        assert ids([await listening.next()]) == [gid(slots[4])]


async def test_a_patients_stream_says_resync_too(server: LocalServer):
    ana = make.patient()
    await server.given(ana)

    async with server.listening(APPOINTMENTS, ana, after=DEAF) as listening:
        change = await listening.next()

    assert (change["kind"], change["appointment"]) == ("RESYNC", None)


async def test_who_has_no_room_gets_one_resync_when_he_has_and_holds_nobody_up(server: LocalServer):
    doctor, slots = await given_slots(server, 6)
    async with (
        server.listening(SLOTS, doctors=[gid(doctor)]) as slow,
        server.listening(SLOTS, doctors=[gid(doctor)]) as quick,
    ):
        slow.room = 1
        await tell(server, *slots[:4])
        assert ids(await take(quick, 4)) == [gid(slot) for slot in slots[:4]]
        assert ids([await slow.next()]) == [gid(slots[0])]

        slow.room = 100
        await tell(server, slots[4])  # not yet: first he is told that he missed something
        await quick.next()
        assert await slow.silent(0.1)
        slow.following.drained()
        slow.following.drained()

        cursor = await resynced(server, slow)
        await tell(server, slots[5])
        assert ids([await slow.next()]) == ids([await quick.next()]) == [gid(slots[5])]

    async with server.listening(SLOTS, doctors=[gid(doctor)], after=cursor) as listening:
        assert ids([await listening.next()]) == [gid(slots[5])]
        assert await listening.silent(0.1)


async def test_who_has_no_room_while_he_catches_up_loses_nothing(server: LocalServer):
    doctor, slots = await given_slots(server, 6)
    before = await read_up(server)
    await tell(server, *slots[:4])
    await read_up(server)

    async with catching_up(server, doctor, before, room=2) as listening:
        heard = await take(listening, 2)
        await tell(server, *slots[4:])
        assert await listening.silent(0.1)
        listening.room = None
        listening.following.drained()
        heard += await take(listening, 4)
        assert await listening.silent(0.1)

    assert ids(heard) == [gid(slot) for slot in slots]


@asynccontextmanager
async def catching_up(
    server: LocalServer, doctor: Person, after: Position, *, room: int
) -> AsyncGenerator[Listening]:
    """LocalServer.listening waits until there is nothing to catch up with; this does not."""
    operation = server.documents.prepare(SLOTS)
    variables = {"doctors": [gid(doctor)], "after": str(after)}
    caller = server.app.authenticate(None)
    granted = await server.operations.subscribe(operation, variables, caller)
    listening = Listening()
    listening.room = room
    listening.following = await granted.source.follow(granted.key, granted.render, listening)
    try:
        yield listening
    finally:
        listening.following.leave()


async def test_who_falls_too_far_behind_as_he_catches_up_gets_one_resync(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "BEHIND", 3)
    doctor, slots = await given_slots(server, 8)
    before = await read_up(server)
    await tell(server, slots[0])
    await read_up(server)
    now = server.app.log.now

    async def busy_now() -> Position:
        """In the middle of his RESYNC something more happens."""
        reached = await now()
        await tell(server, slots[6])
        await quick.next()
        return reached

    async with (
        server.listening(SLOTS, doctors=[gid(doctor)]) as quick,
        catching_up(server, doctor, before, room=0) as listening,
    ):
        for slot in slots[1:6]:  # one by one, so that the group itself is never behind
            await tell(server, slot)
            await quick.next()
        with mock.patch.object(server.app.log, "now", busy_now):
            listening.room = None
            listening.following.drained()
            assert ids([await listening.next()]) == [gid(slots[0])]
            assert (await listening.next())["kind"] == "RESYNC"
            assert ids([await listening.next()]) == [gid(slots[6])]
            assert await listening.silent(0.1)


async def test_a_group_that_cannot_be_rendered_in_time_is_told_to_read_anew(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "BEHIND", 3)
    doctor, slots = await given_slots(server, 12)

    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        await tell(server, *slots[:11])  # heard at once, rendered one by one
        heard = [await listening.next()]
        while heard[-1]["kind"] != "RESYNC":
            heard.append(await listening.next())
        await asyncio.sleep(0.1)
        while not listening.heard.empty():
            heard.append(await listening.next())
        await tell(server, slots[11])

        assert ids([await listening.next()]) == [gid(slots[11])]
    assert [change["kind"] for change in heard].count("RESYNC") == 1
    cursors = [change["cursor"] for change in heard]
    assert cursors == sorted(set(cursors))


# --------------------------------------------------------------------- groups


async def test_for_those_who_select_the_same_an_event_is_rendered_once(server: LocalServer):
    doctor, (slot,) = await given_slots(server, 1)
    before = await read_up(server)
    patients = [make.patient() for _ in range(3)]
    await server.given(*patients)
    run = execution.execute_subscription_event

    async with (
        server.listening(SLOTS, doctors=[gid(doctor)]) as one,
        server.listening(SLOTS, patients[0], doctors=[gid(doctor)]) as two,
        server.listening(SLOTS, patients[1], doctors=[gid(doctor)], after=before) as three,
        server.listening(NAMED, patients[2], doctors=[gid(doctor)]) as other,
    ):
        assert len(server.app.hub._groups) == 2
        with mock.patch.object(execution, "execute_subscription_event", side_effect=run) as renders:
            await tell(server, slot)

            heard = [await each.next() for each in (one, two, three)]
            assert (await other.next())["slot"]["doctor"]["name"] == doctor.who.name
            assert renders.call_count == 2
    assert heard[0] == heard[1] == heard[2]


async def test_who_leaves_leaves_nothing_behind(server: LocalServer):
    doctor, slots = await given_slots(server, 3)
    ana = make.patient()
    await server.given(ana)
    before = await read_up(server)
    await tell(server, *slots)
    await read_up(server)

    async with (
        server.listening(SLOTS, doctors=[gid(doctor)], after=before),
        server.listening(SLOTS, doctors=[gid(doctor)]),
        server.listening(APPOINTMENTS, ana),
    ):
        assert len(server.app.hub._groups) == 2
        await tell(server, *slots)  # and some of it is under way as they leave
    async with catching_up(server, doctor, before, room=0):
        await asyncio.sleep(0.05)  # and he never has room
    await asyncio.sleep(0.05)

    assert not server.app.hub._groups
    assert not server.app.hub._by_audience
    assert not at_work()


def at_work() -> list[str]:
    """The tasks of groups and listeners."""
    doing = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
    return [name for name in doing if name.startswith(("Group.", "Listener."))]


async def test_to_leave_twice_does_no_harm_to_those_who_came_meanwhile(server: LocalServer):
    doctor, slots = await given_slots(server, 2)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as gone:
        gone.following.leave()

        async with server.listening(SLOTS, doctors=[gid(doctor)]) as here:
            gone.following.leave()
            await tell(server, slots[0])

            assert ids([await here.next()]) == [gid(slots[0])]
            assert len(server.app.hub._groups) == 1
    assert gone.heard.empty()
    assert not server.app.hub._groups
    assert not server.app.hub._by_audience


# --------------------------------------------------------------------- faults


async def test_a_rendering_that_fails_hurts_nobody_else(server: LocalServer):
    doctor, slots = await given_slots(server, 2)
    reads = type(server.app.services.reads)
    async with (
        server.listening(NAMED, doctors=[gid(doctor)]) as unlucky,
        server.listening(SLOTS, doctors=[gid(doctor)]) as lucky,
    ):
        with mock.patch.object(reads, "doctors", side_effect=RuntimeError("no luck")):
            await tell(server, slots[0])
            assert ids([await lucky.next()]) == [gid(slots[0])]
            answer = await asyncio.wait_for(unlucky.heard.get(), 5)
        assert answer["data"]["slotChanges"] == {"kind": "OPENED", "slot": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL"]

        await tell(server, slots[1])
        assert ids([await lucky.next()]) == ids([await unlucky.next()]) == [gid(slots[1])]


async def test_whom_one_may_hear_cannot_be_told_for_a_while_and_then_again(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "RETRY", 0.05)
    doctor, slots = await given_slots(server, 2)
    lost = ConnectionError("the database is away")
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        with (
            mock.patch.object(server.app.hub, "verified", side_effect=lost),
            mock.patch.object(server.app.log, "now", side_effect=lost),
        ):
            await publish(server, SlotOpened(doctor_id=doctor.id, slot_id=slots[0].id))
            assert await listening.silent(0.3)
            assert not listening.over

        await resynced(server, listening)
        await tell(server, slots[1])
        assert ids([await listening.next()]) == [gid(slots[1])]


async def test_a_log_that_cannot_be_read_for_a_while_is_read_again(server: LocalServer):
    doctor, slots = await given_slots(server, 2)
    async with server.listening(SLOTS, doctors=[gid(doctor)]) as listening:
        lost = ConnectionError("the database is away")
        with mock.patch.object(server.app.log, "read", side_effect=lost):
            await tell(server, slots[0])
            assert await listening.silent(0.2)
        await tell(server, slots[1])

        assert ids(await take(listening, 2)) == [gid(slot) for slot in slots]
