"""The event log's order: nobody misses anything, whatever commits when."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.events import Event, Position, Recorded, SlotMoved, SlotOpened
from domain.ids import DoctorId, SlotId
from persistence import closing, event_log
from persistence.event_log import PostgresEventLog
from tests.conftest import TEMPLATE, create_database, url_of
from tests.server import LocalServer

DOCTOR = DoctorId(uuid4())
START = Position(0, 0)
A_WEEK = timedelta(days=7)
CURSOR = "{ eventCursor }"
GARBAGE = ["", "now", "0", "g" * 32, "0" * 31, "0" * 33, "0" * 32 + "\n", "-" + "0" * 31]
GARBAGE += ["8" + "0" * 31, "0" * 16 + "f" * 16, "A" * 32, "\u0660" * 32]


class Log(PostgresEventLog):
    """In a database of its own, so that what others tell is not counted."""

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self.pool = pool

    async def tell(self, *names: str) -> None:
        async with self.open() as connection:
            await tell(connection, *names)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[asyncpg.Connection]:
        """A transaction, which commits at the end of the block."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    async def all_after(self, position: Position, limit: int = 100) -> list[Recorded]:
        """Page by page until there is nothing more, and nothing that cannot be read yet."""
        found: list[Recorded] = []
        while True:
            page = await self.read(position, limit=limit)
            found += page.events
            position = page.position
            if len(page.events) < limit and not page.unsettled:
                return found
            if page.unsettled:
                await asyncio.sleep(0.005)


async def tell(connection: Any, *names: str) -> None:
    told = [SlotOpened(doctor_id=DOCTOR, slot_id=slot_id(name)) for name in names]
    await closing.store(connection, told=told)


def slot_id(name: str) -> SlotId:
    return SlotId(UUID(bytes=name.encode().ljust(16)))


def names(told: Sequence[Recorded]) -> list[str]:
    return [each.event.slot_id.bytes.decode().strip() for each in told]


@pytest.fixture(scope="module")
async def shared_log(worker_id: str) -> AsyncGenerator[Log]:
    name = f"event_log_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    async with asyncpg.create_pool(url_of(name), min_size=1, max_size=40) as pool:
        yield Log(pool)


@pytest.fixture
async def log(shared_log: Log) -> Log:
    await shared_log.pool.execute("DELETE FROM event")
    await shared_log.pool.execute("UPDATE event_log_edge SET tx = 0")
    return shared_log


# -------------------------------------------------------------------- the order


async def test_an_event_is_told_only_when_every_older_transaction_has_ended(log: Log):
    async with log.open() as first:
        await tell(first, "a1")
        await log.tell("b1", "b2")
        await tell(first, "a2")  # of an older transaction, though a later row

        meanwhile = await log.read(START, limit=100)

    assert meanwhile.events == []
    assert meanwhile.unsettled
    told = await log.all_after(START)
    assert names(told) == ["a1", "a2", "b1", "b2"]
    assert [each.position for each in told] == sorted({each.position for each in told})


async def test_one_who_only_reads_holds_nobody_up(log: Log):
    async with log.open() as reader:
        await reader.fetchval("SELECT count(*) FROM event")
        await log.tell("a")

        assert names(await log.all_after(START)) == ["a"]


async def test_what_was_rolled_back_leaves_no_gap_that_blocks(log: Log):
    async with log.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await tell(connection, "never")
        await log.tell("later")
        await transaction.rollback()

    assert names(await log.all_after(START)) == ["later"]


async def test_what_a_savepoint_undid_is_not_told(log: Log):
    async with log.open() as connection:
        await tell(connection, "before")
        part = connection.transaction()
        await part.start()
        await tell(connection, "undone")
        await part.rollback()
        await tell(connection, "after")

    assert names(await log.all_after(START)) == ["before", "after"]


async def test_a_cursor_taken_while_a_transaction_is_open_misses_nothing(log: Log):
    await log.tell("before")
    assert names(await log.all_after(START)) == ["before"]
    async with log.open() as first:
        await tell(first, "open")
        await log.tell("committed")

        cursor = await log.now()

        await tell(first, "still open")
    assert names(await log.all_after(cursor)) == ["open", "still open", "committed"]


async def test_a_page_ends_where_the_next_begins(log: Log):
    await log.tell("a", "b")
    await log.tell("c")
    await log.all_after(START)

    first = await log.read(START, limit=2)
    second = await log.read(first.position, limit=2)
    third = await log.read(second.position, limit=2)

    assert names(first.events) == ["a", "b"]
    assert names(second.events) == ["c"]
    assert (third.events, third.position) == ([], second.position)


async def test_a_replay_keeps_to_its_bounds_its_audience_and_its_kinds(log: Log):
    await log.tell("a", "b", "c", "d")
    a, b, c, _ = [each.position for each in await log.all_after(START)]

    def replay(who: UUID, limit: int = 10, kind: type[Event] = SlotOpened) -> Any:
        return log.replay(a, c, frozenset({who}), {kind}, limit=limit)

    assert names(await replay(DOCTOR)) == ["b", "c"]
    assert [each.position for each in await replay(DOCTOR, limit=1)] == [b]
    assert await replay(DOCTOR, kind=SlotMoved) == []
    assert await replay(uuid4()) == []


# ------------------------------------------------- many writers and one reader


@dataclass(frozen=True)
class Writer:
    """Milliseconds before it begins, between its events, and before it ends."""

    begins: int
    pauses: tuple[int, ...]
    lingers: int
    commits: bool


WRITERS = st.lists(
    st.builds(
        Writer,
        begins=st.integers(0, 40),
        pauses=st.lists(st.integers(0, 15), min_size=1, max_size=4).map(tuple),
        lingers=st.integers(0, 40),
        commits=st.sampled_from([True, True, True, False]),
    ),
    min_size=2,
    max_size=30,
)


@settings(max_examples=15, database=None)
@given(writers=WRITERS, limit=st.integers(1, 5), seed=st.integers(0, 2**32))
async def test_of_many_writers_one_reader_loses_nothing_and_repeats_nothing(
    shared_log: Log, writers: list[Writer], limit: int, seed: int
):
    log = shared_log
    position = await log.now()
    pauses = random.Random(seed)  # noqa: S311

    async def write(number: int, writer: Writer) -> list[str]:
        told = [f"{number}.{index}" for index in range(len(writer.pauses))]
        async with log.pool.acquire() as connection:
            await asyncio.sleep(writer.begins / 1000)
            transaction = connection.transaction()
            await transaction.start()
            for name, pause in zip(told, writer.pauses, strict=True):
                await tell(connection, name)
                await asyncio.sleep(pause / 1000)
            await asyncio.sleep(writer.lingers / 1000)
            if writer.commits:
                await transaction.commit()
                return told
            await transaction.rollback()
            return []

    writing = asyncio.gather(*(write(*each) for each in enumerate(writers)))
    read: list[Recorded] = []
    while not writing.done():
        page = await log.read(position, limit=limit)
        read += page.events
        position = page.position
        await asyncio.sleep(pauses.uniform(0, 0.01))
    read += await log.all_after(position, limit)

    committed = [name for told in await writing for name in told]
    assert sorted(names(read)) == sorted(committed)
    positions = [each.position for each in read]
    assert positions == sorted(positions)
    by_writer = [[n for n in names(read) if n.startswith(f"{w}.")] for w in range(len(writers))]
    assert all(told == sorted(told) for told in by_writer)


# ---------------------------------------------------------------------- cursors

POSITIONS = st.builds(Position, st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))


@given(POSITIONS, POSITIONS)
def test_cursors_sort_as_text_like_their_positions_do(one: Position, other: Position):
    assert (str(one) < str(other)) == (one < other)
    assert Position.of(str(one)) == one


@given(st.text(max_size=40))
def test_any_other_text_is_no_cursor(text: str):
    try:
        position = Position.of(text)
    except BadInput:
        return
    assert str(position) == text


@pytest.mark.parametrize("cursor", GARBAGE)
def test_garbage_is_no_cursor(cursor: str):
    with pytest.raises(BadInput):
        Position.of(cursor)


async def test_everybody_may_ask_where_the_log_stands(server: LocalServer):
    before = await server.ask(CURSOR)
    async with server.app.works.begin() as work:
        work.publish(SlotOpened(doctor_id=DOCTOR, slot_id=slot_id("a")))
    reached = await server.settled()

    assert before < await server.ask(CURSOR) == str(reached)


# ------------------------------------------------------------------- forgetting


async def test_what_is_too_old_is_forgotten_and_the_log_knows_what_it_keeps(log: Log):
    await log.tell("old", "old too")
    await log.pool.execute("UPDATE event SET at = at - interval '8 days'")
    [_, old] = [each.position for each in await log.all_after(START)]
    await log.tell("new")
    assert await log.keeps(START)

    await log.purge(A_WEEK)

    assert not await log.keeps(START)
    assert not await log.keeps(Position(old.transaction, 0))
    [new] = await log.all_after(START)
    assert names([new]) == ["new"]
    assert await log.keeps(new.position)
    assert await log.keeps(await log.now())


async def test_an_emptied_log_still_has_a_place_that_it_keeps(log: Log):
    await log.tell("old")
    await log.pool.execute("UPDATE event SET at = at - interval '8 days'")
    [old] = await log.all_after(START)

    await log.purge(A_WEEK)
    cursor = await log.now()

    assert cursor > old.position
    assert await log.keeps(cursor)
    await log.tell("new")
    assert names(await log.all_after(cursor)) == ["new"]


async def test_where_nothing_is_too_old_nothing_is_forgotten(log: Log):
    await log.tell("new")

    await log.purge(A_WEEK)

    assert await log.keeps(START)
    assert names(await log.all_after(START)) == ["new"]


async def test_however_many_are_too_old_all_of_them_are_forgotten(
    log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(event_log, "PURGED_AT_ONCE", 3)
    for number in range(5):
        await log.tell(*(f"{number}.{each}" for each in "ab"))
    await log.pool.execute("UPDATE event SET at = at - interval '8 days'")
    *_, last = await log.all_after(START)
    await log.tell("new")

    await asyncio.gather(log.purge(A_WEEK), log.purge(A_WEEK))
    await log.purge(A_WEEK)

    assert names(await log.all_after(START)) == ["new"]
    edge = await log.pool.fetchval("SELECT tx FROM event_log_edge")
    assert edge == last.position.transaction + 1


async def test_of_two_who_forget_at_once_nobody_waits(log: Log):
    await log.tell("old")
    await log.pool.execute("UPDATE event SET at = at - interval '8 days'")
    async with log.open() as other:
        await other.execute("SELECT FROM event_log_edge FOR UPDATE")

        async with asyncio.timeout(5):
            await log.purge(A_WEEK)

        assert names(await log.all_after(START)) == ["old"]
