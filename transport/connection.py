"""What a socket and an event stream have in common: somebody's operations, and one outbox.

Everything that runs for a client runs in tasks of his connection, and all of them end with it,
whoever ended it. It is over at most once, for one reason. An operation that follows a feed has no
task.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from graphql import GraphQLSchema

from transport.closing import EXPIRED, FORBIDDEN, RESTART, SERVER_ERROR, TOO_MANY, Close
from transport.documents import Documents, OperationType
from transport.drain import Drain
from transport.errors import Unfit, present
from transport.execution import Authenticate, C, Operations, Subscription
from transport.feeds import as_feed
from transport.limits import Limits
from transport.outbox import Outbox
from transport.pulse import Beat, Pulse
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
    pulse: Pulse
    now: Callable[[], datetime]


class Connection(ABC, Generic[C]):
    """`caller` is None until it is known who he is. `context`: for what runs for it; None: that of
    whoever starts it.
    """

    __slots__ = (
        "_answering",
        "_expiry",
        "caller",
        "context",
        "desk",
        "is_over",
        "outbox",
        "presence",
        "retiring",
        "streams",
        "tasks",
    )

    def __init__(self, desk: Desk[C], presence: Presence, outbox: Outbox) -> None:
        self.desk, self.presence, self.outbox = desk, presence, outbox
        self.context: Context | None = None
        self.caller: C | None = None
        self.streams: dict[str, Stream] = {}
        self.tasks: tuple[asyncio.Task[None], ...] = ()  # few at a time, and mostly none
        self._answering: asyncio.Semaphore | None = None
        self._expiry: Beat | None = None
        self.is_over = self.retiring = False
        presence.holder = self
        if desk.drain.refusing:  # his request was on its way when all others were sent away
            asyncio.get_running_loop().call_soon(self.retire)

    def end(self, close: Close | None, /) -> None:
        """None: the client has ended it, and is gone."""
        if not self.is_over:
            self.is_over = True
            self.ended(close)

    @abstractmethod
    def ended(self, close: Close | None, /) -> None:
        """Called once. Has to see to it that it is cleared."""

    def stop(self) -> None:
        """When it is over: nothing more is done. May be called more than once."""
        if self._expiry is not None:
            self._expiry.cancel()
        for stream in list(self.streams.values()):
            stream.stop()
        for task in self.tasks:
            task.cancel()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        context = self.context.copy() if self.context is not None else None
        task = asyncio.get_running_loop().create_task(work, context=context)
        self.tasks += (task,)
        task.add_done_callback(self.done)
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
        if not self.retiring and not self.is_over:
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

    def done(self, task: asyncio.Task[None]) -> None:
        self.tasks = tuple(other for other in self.tasks if other is not task)
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
            again = self._expect_expiry if left > LONGEST_WAIT else self._expire
            self._expiry = self.desk.pulse.after(min(max(left, 0), LONGEST_WAIT), again)

    def _expire(self) -> None:
        self.end(EXPIRED)

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
            if self._answering is None:
                self._answering = asyncio.Semaphore(self.desk.limits.answers_per_socket)
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
    if (feed := as_feed(source)) is not None:
        stream.follows(await feed.follow(granted.key, granted.render, stream))
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
