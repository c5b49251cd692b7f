"""Connections to Postgres."""

from collections.abc import Generator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import timedelta
from typing import Any, Protocol, cast

import asyncpg

STATEMENT_TIMEOUT = timedelta(seconds=10)
LOCK_TIMEOUT = timedelta(seconds=5)

Record = Mapping[str, Any]


class Connection(Protocol):
    """What we use of asyncpg's connections, which carry no types of their own."""

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]: ...
    async def fetchrow(self, statement: str, /, *arguments: Any) -> Record | None: ...
    async def fetchval(self, statement: str, /, *arguments: Any) -> Any: ...
    async def execute(self, statement: str, /, *arguments: Any) -> str: ...
    def transaction(self) -> AbstractAsyncContextManager[None]: ...


class Pool(Protocol):
    """Each statement on a connection of its own, or many on one that is acquired."""

    async def fetch(self, statement: str, /, *arguments: Any) -> list[Record]: ...
    async def fetchrow(self, statement: str, /, *arguments: Any) -> Record | None: ...
    async def fetchval(self, statement: str, /, *arguments: Any) -> Any: ...
    async def execute(self, statement: str, /, *arguments: Any) -> str: ...
    def acquire(self) -> AbstractAsyncContextManager[Connection]: ...
    async def close(self) -> None: ...
    def terminate(self) -> None: ...


class Discreet(asyncpg.Connection):  # type: ignore[misc]  # it carries no types
    """Its errors quote nothing that was said or stored, for they end in the log."""

    async def fetch(self, *given: Any, **options: Any) -> Any:
        with _quoting_nothing():
            return await super().fetch(*given, **options)

    async def fetchrow(self, *given: Any, **options: Any) -> Any:
        with _quoting_nothing():
            return await super().fetchrow(*given, **options)

    async def fetchval(self, *given: Any, **options: Any) -> Any:
        with _quoting_nothing():
            return await super().fetchval(*given, **options)

    async def execute(self, *given: Any, **options: Any) -> Any:
        with _quoting_nothing():
            return await super().execute(*given, **options)


@contextmanager
def _quoting_nothing() -> Generator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        error.detail = None  # the failing row, say
        if isinstance(error, asyncpg.DataError):  # its text and its cause quote the value
            error.args = ("a value does not fit",)
        raise error from None


async def connect(url: str, *, size: int) -> Pool:
    """A pool of at most `size` connections. Nothing session-wide is ever set on one of them.

    So the statements that would reset it on its return, two fifths of a small query's time, are
    left out.
    """
    pool = await asyncpg.create_pool(
        url,
        min_size=min(4, size),
        max_size=size,
        connection_class=Discreet,
        reset=_leave_as_is,
        server_settings={
            "application_name": "healthmed",
            "statement_timeout": _milliseconds(STATEMENT_TIMEOUT),
            "lock_timeout": _milliseconds(LOCK_TIMEOUT),
            "idle_in_transaction_session_timeout": _milliseconds(2 * STATEMENT_TIMEOUT),
        },
    )
    return cast("Pool", pool)


async def _leave_as_is(_: object) -> None:
    pass


def _milliseconds(duration: timedelta) -> str:
    return str(duration // timedelta(milliseconds=1))
