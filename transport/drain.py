"""Leaving service so that nobody loses anything by it.

First we say that we are not ready, and go on as before for as long as a balancer needs to notice.
Then new work is refused, what runs may end, and whoever is connected is asked to come back: a few
at a time, for they all come to another server. After the grace time whatever is left is cut off.
Without clients all of this takes no time.
"""

import asyncio
import random
from collections.abc import MutableMapping
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from transport.closing import RESTART
from transport.refusal import DRAINING, refuse
from transport.registry import Registry

STATE = "drain"  # where the application's lifespan leaves it for the server
_LAST_WORDS = 1.0  # seconds: for those cut off to be told so


class Drain:
    """`under_way`: we are not ready any more. `refusing`: nor is anything begun."""

    def __init__(
        self, registry: Registry, *, seconds: float, notice_seconds: float, per_second: int
    ) -> None:
        self.under_way = self.refusing = False
        self._registry = registry
        self._seconds, self._notice, self._per_second = seconds, notice_seconds, per_second
        self._guests = 0
        self._none = asyncio.Event()
        self._none.set()

    def guard(self, app: ASGIApp) -> ASGIApp:
        """The same application, until we drain; what runs in it is waited for."""
        return _Guard(self, app)

    def enter(self) -> None:
        self._guests += 1
        self._none.clear()

    def leave(self) -> None:
        self._guests -= 1
        if not self._guests:
            self._none.set()

    async def run(self) -> None:
        self.under_way = True
        if self._registry.present or self._guests or self._notice:
            await asyncio.sleep(self._notice)
        self.refusing = True
        self._send_away()
        if await self._empty_within(self._seconds):
            return
        for presence in self._registry.present:
            presence.end(RESTART)
        await self._empty_within(_LAST_WORDS)

    def _send_away(self) -> None:
        loop = asyncio.get_running_loop()
        present = self._registry.present
        spread = min(len(present) / self._per_second, self._seconds / 2)
        for presence in present:
            if presence.holder is not None:
                # Not for security: so that they do not all come at once.
                loop.call_later(random.uniform(0, spread), presence.holder.retire)  # noqa: S311

    async def _empty_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._none.wait()
        except TimeoutError:
            return False
        return True


class _Guard:
    """Not a function: Starlette would take that for a view."""

    def __init__(self, drain: Drain, app: ASGIApp) -> None:
        self._drain, self._app = drain, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._drain.refusing:
            await refuse(scope, send, 503, DRAINING, retry_after="1")
            return
        self._drain.enter()
        try:
            await self._app(scope, receive, send)
        finally:
            self._drain.leave()


class DrainingServer(uvicorn.Server):
    """Drains before uvicorn, which would close every socket at once, begins to shut down."""

    async def shutdown(self, sockets: Any = None) -> None:
        state: MutableMapping[str, Any] = self.lifespan.state
        if (drain := state.get(STATE)) is not None:
            draining = asyncio.ensure_future(drain.run())
            while not draining.done() and not self.force_exit:  # a second Ctrl-C
                await asyncio.wait([draining], timeout=0.1)
            draining.cancel()
        await super().shutdown(sockets)
