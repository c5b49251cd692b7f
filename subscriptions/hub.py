"""The hub: one reader of the event log in each process, and all who listen here.

Those who select the same, and may see the same, are a group: an event is rendered once for it,
and all of the group are handed the same bytes. Each of them has a position and a bound, not a
queue of his own: who falls too far behind gets one RESYNC when he is ready, and goes on from there.
Everybody hears each event once, in the order of the log.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Sequence
from contextlib import suppress
from typing import Protocol, TypeAlias
from uuid import UUID

from domain import clock
from domain.errors import DomainError
from domain.events import EventLog, Position, Recorded
from domain.ids import DoctorId, SessionId
from subscriptions.scripts import Over, Render, Rendered, Script, Sink
from subscriptions.together import Together

log = logging.getLogger(__name__)

PAGE = 1000  # events read at once
TIMER = 5.0  # seconds: we look at the log even if nobody tells us to
SHORTEST_PAUSE, LONGEST_PAUSE = 0.002, 0.025  # seconds before an older transaction may have ended
FIRST_RETRY, RETRY = 0.1, 1.0  # seconds before the database is tried again
REPLAYED = 1000  # events at most; who has missed more reads the page anew
TOGETHER = 16  # events that wait are rendered first, and then told in one go
AT_ONCE = 250  # listeners who are told before others have their turn
BEHIND = 1000  # events that may wait for a listener who catches up, or for a group's rendering


class Standing(Protocol):
    """Who of these is what he has to be, now. persistence/reads.py has it."""

    async def verified(self, ids: Collection[DoctorId], /) -> Collection[DoctorId]: ...
    async def may_hear(self, ids: Collection[SessionId], /) -> Collection[SessionId]: ...


class Hub:
    def __init__(
        self,
        event_log: EventLog,
        standing: Standing,
        lag: Callable[[float], None] = lambda _: None,
        concerns: Callable[[Sequence[UUID]], None] = lambda _: None,
    ) -> None:
        """`lag` is told, for each event, how many seconds after it began it was read; `concerns`
        whom it is about, before he hears of it.
        """
        self.log, self._lag, self._concerns = event_log, lag, concerns
        self._now = Together[None, Position](lambda _: event_log.now())
        self._verified = Together[DoctorId, Collection[DoctorId]](standing.verified)
        self._hearing = Together[SessionId, Collection[SessionId]](standing.may_hear)
        self.position = Position(0, 0)
        self._groups: dict[Hashable, Group] = {}
        self._by_audience: dict[UUID, set[Group]] = defaultdict(set)
        self._news = asyncio.Event()
        self._looked_at = float("-inf")

    def look(self) -> None:
        """There may be something new in the log."""
        self._news.set()

    async def now(self) -> Position:
        """How far the log can be read at this moment."""
        return await self._now.ask()

    async def verified(self, *ids: DoctorId) -> bool:
        """Whether all of these doctors are."""
        return set(ids) <= set(await self._verified.ask(*ids))

    async def may_hear(self, id: SessionId | None) -> bool:
        """Whether this session, or a partner's token, lives, and its doctor, if it is one's, is
        verified now.
        """
        return id is not None and id in await self._hearing.ask(id)

    @property
    def blindness(self) -> float:
        """Seconds since the log was last read to its end."""
        return time.monotonic() - self._looked_at

    async def start(self) -> None:
        """Before anybody listens: everything later than this moment will be heard."""
        self.position = await self.log.now()

    async def run(self) -> None:
        """Reads for ever, whatever happens to the database."""
        pause = FIRST_RETRY
        while True:
            try:
                await self._read()
            except Exception:
                log.exception("the event log could not be read; trying again")
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY)
                continue
            pause = FIRST_RETRY
            with suppress(TimeoutError):
                async with asyncio.timeout(TIMER):
                    await self._news.wait()
            self._news.clear()

    def group(self, key: Hashable, script: Script, render: Render) -> "Group":
        """The one that has this key, or a new one."""
        if (group := self._groups.get(key)) is None:
            group = self._groups[key] = Group(self, key, script, render)
            for id in script.audience:
                self._by_audience[id].add(group)
        return group

    def forget(self, group: "Group") -> None:
        """May be called again, when another group has its key."""
        if self._groups.get(group.key) is group:
            del self._groups[group.key]
            for id in group.script.audience:
                self._by_audience[id].discard(group)
                if not self._by_audience[id]:
                    del self._by_audience[id]

    async def _read(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            page = await self.log.read(self.position, limit=PAGE)
            now = clock.now()
            for recorded in page.events:
                self._lag((now - recorded.at).total_seconds())
                self._tell(recorded)
            # No await since the first of them: whoever joins has heard all of a page, or none.
            self.position = page.position
            self._looked_at = time.monotonic()
            if len(page.events) == PAGE:
                continue
            if not page.unsettled:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _tell(self, recorded: Recorded) -> None:
        event = recorded.event
        self._concerns(event.audience)
        hearing = [self._by_audience[id] for id in event.audience if id in self._by_audience]
        for group in set().union(*hearing):
            if type(event) in group.script.events:
                group.hear(recorded)


_Missed: TypeAlias = Sequence[Rendered] | None


class Group:
    """Listeners for whom an event is rendered alike."""

    __slots__ = (
        "_listeners",
        "_missed",
        "_state",
        "_task",
        "_waiting",
        "hub",
        "key",
        "render",
        "script",
    )

    def __init__(self, hub: Hub, key: Hashable, script: Script, render: Render) -> None:
        self.hub, self.key, self.script, self.render = hub, key, script, render
        self._listeners: dict[Listener, None] = {}
        self._waiting: deque[Recorded] | None = None  # None: all is told
        self._missed: dict[tuple[Position, Position], asyncio.Task[_Missed]] | None = None
        self._state: Together[None, Rendered] | None = None
        self._task: asyncio.Task[None] | None = None

    def join(self, listener: "Listener") -> None:
        self._listeners[listener] = None

    def leave(self, listener: "Listener") -> None:
        self._listeners.pop(listener, None)
        if not self._listeners:
            self.hub.forget(self)
            if self._task is not None:
                self._task.cancel()

    def hear(self, recorded: Recorded) -> None:
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= BEHIND:
            self._waiting.clear()
            self._lose()
            return
        self._waiting.append(recorded)
        if self._task is None:
            self._task = asyncio.create_task(self._work(self._waiting))

    async def missed(self, after: Position, until: Position) -> _Missed:
        """What came in (after, until], as it is shown now; None: it was too much, or is gone.

        All who come back from one place have one answer, as they do when a server has restarted;
        what has changed since it was found comes to each of them live.
        """
        if self._missed is None:
            self._missed = {}
        looking = self._missed
        if (task := looking.get((after, until))) is None:
            task = looking[after, until] = asyncio.create_task(self._look_up(after, until))
            task.add_done_callback(lambda _: looking.pop((after, until)))
        return await asyncio.shield(task)

    async def _look_up(self, after: Position, until: Position) -> _Missed:
        script, event_log = self.script, self.hub.log
        # What the log keeps is asked after reading it, for it may be purged at any time.
        recorded = await event_log.replay(
            after, until, script.audience, script.events, limit=REPLAYED + 1
        )
        if len(recorded) > REPLAYED or not await event_log.keeps(after):
            return None
        return [
            (each.position, await self.render(script.tell(each)))
            for each in recorded
            if await script.allows(each.event)
        ]

    async def state(self) -> Rendered:
        """A RESYNC, as of now."""
        if self._state is None:
            self._state = Together(lambda _: self._render_state())
        return await self._state.ask()

    async def _render_state(self) -> Rendered:
        position = await self.hub.now()
        return position, await self.render(self.script.resync(position))

    async def _work(self, waiting: deque[Recorded]) -> None:
        try:
            while waiting:
                count = min(len(waiting), TOGETHER)
                await self._tell([waiting.popleft() for _ in range(count)])
        finally:
            self._task = self._waiting = None

    async def _tell(self, several: Sequence[Recorded]) -> None:
        told: list[Rendered] = []
        try:
            for recorded in several:
                if await self.script.allows(recorded.event):
                    payload = await self.render(self.script.tell(recorded))
                    told.append((recorded.position, payload))
        except (DomainError, Over) as end:
            await self._hand_out(told)
            for listener in tuple(self._listeners):
                listener.finish(end)
        except Exception:
            log.exception("an event could not be told; its listeners are told to read anew")
            await self._hand_out(told)
            self._lose()
        else:
            await self._hand_out(told)

    async def _hand_out(self, told: Sequence[Rendered]) -> None:
        if not told:
            return
        for number, listener in enumerate(tuple(self._listeners), 1):
            listener.hear(told)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _lose(self) -> None:
        for listener in tuple(self._listeners):
            listener.lose()


class Listener:
    """One sink's place in the stream. What comes while it catches up waits, within a bound.

    `left` is called, once, when it follows no more.
    """

    __slots__ = ("_group", "_left", "_lost", "_position", "_room", "_sink", "_task", "_waiting")

    def __init__(self, group: Group, sink: Sink, left: Callable[[], None] | None = None) -> None:
        self._group, self._sink, self._left = group, sink, left
        self._position = Position(0, 0)  # all up to here has been heard, or is none of ours
        self._waiting: deque[Rendered] | None = None  # None: it is up to date
        self._lost = False
        self._room: asyncio.Event | None = None  # while it waits for that
        self._task: asyncio.Task[None] | None = None

    def start(self, after: Position | None, *, told_state: bool = False) -> None:
        """Replay what came later than `after`, or nothing, then go on live. `told_state`: as if he
        had missed something, which has him told how it stands.
        """
        self._lost = told_state
        self._group.join(self)
        self._catch_up(after)

    def leave(self) -> None:
        self._group.leave(self)
        if self._task is not None:
            self._task.cancel()
        left, self._left = self._left, None
        if left is not None:
            left()

    def finish(self, end: DomainError | Over) -> None:
        self._sink.finish(end if isinstance(end, DomainError) else None)
        self.leave()

    def hear(self, told: Sequence[Rendered]) -> None:
        """In the order of the log."""
        if told[0][0] <= self._position:  # heard in the replay, or before the start
            told = [each for each in told if each[0] > self._position]
        if self._waiting is None:
            self._offer(told)
        elif len(self._waiting) + len(told) <= BEHIND:
            self._waiting.extend(told)
        else:
            self._lost = True

    def lose(self) -> None:
        """Something was not told to him: a RESYNC as soon as he is ready."""
        self._lost = True
        if self._waiting is None:
            self._catch_up(None)

    def drained(self) -> None:
        """The sink has room again."""
        if self._room is not None:
            self._room.set()
        if self._lost and self._waiting is None:
            self._catch_up(None)

    def _offer(self, told: Sequence[Rendered]) -> None:
        if self._lost or not told:
            return
        if len(told) == 1:
            [(position, payload)] = told
            taken = int(self._sink.offer(payload, position))
        else:
            taken = self._sink.offer_all(told)
        if taken:
            self._position = told[taken - 1][0]
        self._lost = taken < len(told)

    def _catch_up(self, after: Position | None) -> None:
        self._waiting = deque()
        self._task = asyncio.create_task(self._run(after, self._group.hub.position))

    async def _run(self, after: Position | None, joined_at: Position) -> None:
        while self._waiting is not None:
            try:
                await self._go_live(after, joined_at)
            except (DomainError, Over) as end:
                self.finish(end)
                return
            except Exception:
                log.exception("a listener could not catch up; he will be told to read anew")
                self._lost = True
                await asyncio.sleep(RETRY)
        self._task = None

    async def _go_live(self, after: Position | None, joined_at: Position) -> None:
        """What the hub reads later than `joined_at` comes to us live, and waits meanwhile."""
        if not self._lost:
            await self._replay(after, joined_at)
        while self._lost or self._waiting:
            if self._lost:
                await self._resync()
            elif self._waiting:
                position, payload = self._waiting.popleft()
                if position > self._position:
                    await self._send(position, payload)
        self._waiting = None

    async def _replay(self, after: Position | None, joined_at: Position) -> None:
        now = await self._group.hub.now()
        if after is None:
            self._position = now
            self._sink.starts(now)
            return
        if after > now:
            self._lost = True
            return
        self._position = after
        if after >= joined_at:
            return
        if (missed := await self._group.missed(after, joined_at)) is None:
            self._lost = True
            return
        for position, payload in missed:
            await self._send(position, payload)
        self._position = joined_at

    async def _resync(self) -> None:
        """From here on nothing is missed again, unless he falls behind again."""
        self._lost, self._waiting = False, deque()
        position, payload = await self._group.state()
        await self._send(position, payload)

    async def _send(self, position: Position, payload: bytes) -> None:
        while not self._sink.offer(payload, position):
            self._room = asyncio.Event()
            await self._room.wait()
        self._room = None
        self._position = position
