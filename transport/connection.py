"""What a socket and an event stream have in common: somebody's operations, and one outbox.

Everything that runs for a client runs in tasks of his connection, and all of them end with it,
whoever ended it. It is over at most once, for one reason. An operation that follows a feed has no
task.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from graphql import GraphQLSchema

from transport.closing import EXPIRED, FORBIDDEN, RESTART, SERVER_ERROR, TOO_MANY, Close
from transport.documents import Documents, OperationType
from transport.drain import Drain
from transport.errors import Unfit, present
from transport.execution import Authenticate, C, Operations, Subscription
from transport.feeds import Feed
from transport.limits import Limits
from transport.outbox import Outbox
from transport.registry import Presence, Registry
from transport.requests import Asked
from transport.resume import resume
from transport.stream import Stream, Wording

log = logging.getLogger(__name__)

LONGEST_WAIT = 86_400.0  # seconds: longer than that no timer is set at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Generic[C]):
    """What all connections of a server share. `now` is its clock."""

    schema: GraphQLSchema
    documents: Documents
    operations: Operations[C]
    authenticate: Authenticate[C]
    limits: Limits
    registry: Registry
    drain: Drain
    now: Callable[[], datetime]


class Connection(Generic[C]):
    """`caller` is None until it is known who he is."""

    def __init__(self, desk: Desk[C], presence: Presence) -> None:
        self.desk, self.presence = desk, presence
        self.caller: C | None = None
        self.streams: dict[str, Stream] = {}
        limits = desk.limits
        self.outbox = Outbox(messages=limits.outbox_messages, size=limits.outbox_bytes)
        self.loop = asyncio.get_running_loop()
        self.over: asyncio.Future[Close | None] = self.loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._answering = asyncio.Semaphore(limits.answers_per_socket)
        self._expiry: asyncio.TimerHandle | None = None
        self.retiring = False
        presence.holder = self
        if desk.drain.refusing:  # his request was on its way when all others were sent away
            self.loop.call_soon(self.retire)

    def end(self, close: Close | None, /) -> None:
        """None: the client has ended it, and is gone."""
        if not self.over.done():
            self.over.set_result(close)

    async def clear(self) -> None:
        """When it is over: leave nothing behind. May be called more than once."""
        self.end(None)
        if self._expiry is not None:
            self._expiry.cancel()
        for stream in list(self.streams.values()):
            stream.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.presence.leave()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def identify(self, caller: C) -> Close | None:
        """Whose it is, or, for the same user, until when it is now his."""
        if caller.dead or (self.caller is not None and caller.user_id != self.caller.user_id):
            return FORBIDDEN
        return None if self.belongs_to(caller) else TOO_MANY

    def belongs_to(self, caller: C) -> bool:
        """From now on. False: he has as many connections as he may have."""
        if not self.presence.identify(caller.user_id, caller.session_id):
            return False
        self.caller = caller
        self._expect_expiry()
        return True

    def open(self, id: str, wording: Wording) -> Stream:
        """A stream for an operation that is to come; refused at once if there are too many."""
        stream = self.streams[id] = Stream(id, wording, self.outbox, self.freed)
        most = self.desk.limits.operations_per_socket
        if len(self.streams) > most:
            message = f"A connection has at most {most} operations at once."
            stream.refuse([{"message": message, "extensions": {"code": "RATE_LIMITED"}}])
        return stream

    def operate(self, stream: Stream, asked: Asked, caller: C, *, after: str | None = None) -> None:
        """`after`: where a subscription that can goes on from, whatever it says itself."""
        if stream.is_over:
            return
        stream.session = caller.session_id
        stream.task = self.start(self._operate(stream, asked, caller, after))

    def retire(self) -> None:
        if not self.retiring and not self.over.done():
            self.retiring = True
            self.start(self._retire())

    async def _retire(self) -> None:
        for stream in list(self.streams.values()):
            if stream.lasting:
                stream.let_go()
        answering = [stream.task for stream in self.streams.values() if stream.task is not None]
        await asyncio.gather(*answering, return_exceptions=True)
        await self.outbox.flushed()
        self.end(RESTART)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            if not isinstance(error, OSError):  # a send to one who is gone
                log.error("a connection failed", exc_info=error)
            self.end(SERVER_ERROR)

    def freed(self, stream: Stream) -> None:
        self.streams.pop(stream.id, None)
        if stream.disowned and stream.session is not None:
            # What one stream was told is true of all that this session was proved for.
            self.desk.registry.end(stream.session)

    def _expect_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        expires_at = self.caller.expires_at if self.caller else None
        if expires_at is not None:
            left = (expires_at - self.desk.now()).total_seconds()
            again = self._expect_expiry if left > LONGEST_WAIT else lambda: self.end(EXPIRED)
            self._expiry = self.loop.call_later(min(max(left, 0), LONGEST_WAIT), again)

    async def _operate(self, stream: Stream, asked: Asked, caller: C, after: str | None) -> None:
        """Until the answer is in the outbox, or the stream follows its feed."""
        try:
            await self.outbox.room()
            operation = await self.desk.documents.arrive(asked, caller)
            stream.live = self.presence.begin(operation.name, operation.type)
            if operation.type is OperationType.SUBSCRIPTION:
                stream.lasting = True
                variables = asked.variables
                if after:
                    operation, variables = resume(self.desk.schema, operation, variables, after)
                granted = await self.desk.operations.subscribe(operation, variables, caller)
                await _deliver(granted, stream)
                return
            # Answers wait for a client who does not read: only so many of them.
            async with self._answering:
                answer = await self.desk.operations.answer(operation, asked.variables, caller)
                await stream.send(answer)
            stream.finish()
        except Unfit as unfit:
            stream.refuse(unfit.errors)
        except Exception as error:  # noqa: BLE001
            stream.refuse(present([error]))
        finally:
            stream.task = None


async def _deliver(granted: Subscription, stream: Stream) -> None:
    source = granted.source
    if isinstance(source, Feed):
        stream.follows(await source.follow(granted.key, granted.render, stream))
        return
    # A plain stream waits for the client instead of leaving anything out.
    events = aiter(source)
    try:
        async for event in events:
            await stream.send(await granted.render(event))
    finally:
        if close := getattr(events, "aclose", None):
            await close()
    stream.finish()
