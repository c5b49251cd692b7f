"""The roof: the only file that sees every room and reads the environment."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import strawberry
from broadcaster import Broadcast
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

import resolvers.auth
import resolvers.availability
import resolvers.doctors
import resolvers.nodes
import resolvers.patients
import resolvers.scheduling
import schema.appointments
import schema.doctors
import schema.patients
import schema.problems
import schema.slots
import subscriptions.availability
import subscriptions.scheduling
from domain import clock, lapses
from domain.auth import Viewer
from domain.limits import Limits
from integrations import keys
from integrations.passwords import Argon2Passwords
from integrations.registries import EmbeddedCrmRegistry
from integrations.tokens import JwtTokens
from integrations.wakeups import PostgresWakeups
from persistence import answers, database
from persistence.crypto import Vault
from persistence.event_log import PostgresEventLog
from persistence.reads import PostgresReads
from persistence.revision import Revision
from persistence.unit_of_work import Works
from resolvers.loaders import load_with
from schema.context import Context, Services
from schema.scalars import SCALARS
from subscriptions.hub import Hub
from subscriptions.wakeups import CHANNEL, Wakeups
from transport.server import GraphQLServer

log = logging.getLogger(__name__)

SWEPT_AT_ONCE = 200  # slots
PURGE_EVERY = 3600.0  # seconds
DEAF_AFTER = 6.0  # seconds: three pulses of subscriptions.wakeups


class Settings(BaseSettings):
    """Read once, from HEALTHMED_…; `limits` from HEALTHMED_LIMITS__HOLD_FOR and so on."""

    model_config = SettingsConfigDict(
        env_prefix="HEALTHMED_", env_nested_delimiter="__", extra="ignore"
    )

    environment: Literal["local", "production"] = "local"
    database_url: str
    database_connections: int = 20
    keys_file: Path
    events_kept: timedelta = timedelta(days=7)
    sweep_every: float = 2.0  # seconds
    limits: Limits = Limits()


graphql_schema = strawberry.Schema(
    query=merge_types(
        "Query", (resolvers.nodes.Query, resolvers.auth.Query, resolvers.doctors.Query)
    ),
    mutation=merge_types(
        "Mutation",
        (
            resolvers.auth.Mutation,
            resolvers.patients.Mutation,
            resolvers.doctors.Mutation,
            resolvers.availability.Mutation,
            resolvers.scheduling.Mutation,
        ),
    ),
    subscription=merge_types(
        "Subscription",
        (subscriptions.availability.Subscription, subscriptions.scheduling.Subscription),
    ),
    types=[
        schema.problems.InvalidInput,
        schema.problems.Refused,
        schema.slots.SlotTaken,
        schema.appointments.VersionConflict,
        schema.patients.Patient,
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
)


@dataclass(frozen=True)
class Caller:
    """Whoever sends an operation. `dead`: with a token that is not, or no longer, good."""

    viewer: Viewer | None = None
    dead: bool = False


class App:
    """Everything that lives as long as the server, wired together. `now` is its clock."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = clock.now) -> None:
        self._settings, self._now = settings, now
        self._server_keys = keys.load(settings.keys_file)

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        settings, limits = self._settings, self._settings.limits
        vault = Vault(self._server_keys)
        async with AsyncExitStack() as stack:
            pool = await database.connect(settings.database_url, size=settings.database_connections)
            self._pool = pool
            stack.callback(pool.terminate)
            self.log = PostgresEventLog(pool)
            self.hub = Hub(self.log)
            backend = PostgresWakeups(settings.database_url, CHANNEL)
            broadcast = await stack.enter_async_context(Broadcast(backend=backend))
            self.wakeups = Wakeups(broadcast, self.hub.look)
            self.works = Works(pool, vault, limits, self.wakeups.announce)
            self.revision = Revision(pool)
            passwords = Argon2Passwords()
            stack.callback(passwords.close)
            self.services = Services(
                now=self._now,
                act=self.works.act,
                reads=PostgresReads(pool, vault),
                log=self.log,
                hub=self.hub,
                tokens=JwtTokens(self._server_keys.signing, lasts=limits.token_for),
                passwords=passwords,
                crm_registry=EmbeddedCrmRegistry(),
                limits=limits,
            )
            await self.hub.start()
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self.hub.run()),
                    tasks.create_task(self.wakeups.run()),
                    tasks.create_task(_every(settings.sweep_every, self.sweep)),
                    tasks.create_task(_every(PURGE_EVERY, self.purge)),
                ]
                yield
                for task in running:
                    task.cancel()

    def authenticate(self, authorization: str | None) -> Caller:
        """By the value of an Authorization header (RFC 6750)."""
        if authorization is None:
            return Caller()
        scheme, _, token = authorization.partition(" ")
        viewer = (
            self.services.tokens.read(token.strip(), at=self._now())
            if scheme.lower() == "bearer"
            else None
        )
        return Caller(viewer=viewer, dead=viewer is None)

    def make_context(self, caller: Caller, fields: frozenset[str] = frozenset()) -> Context:
        return Context(
            services=self.services,
            caller=caller.viewer,
            dead=caller.dead,
            fields=fields,
            load_with=load_with,
        )

    async def sweep(self) -> int:
        """Tell what time alone has ended. Returns of how many slots."""
        swept = 0
        while True:
            count = await self.works.act(
                lambda work: lapses.sweep(work, at=self._now(), limit=SWEPT_AT_ONCE)
            )
            swept += count
            if count < SWEPT_AT_ONCE:
                return swept

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """Each part that must work, and whether it does."""
        checks = {
            "database": await self.revision.reachable(),
            "migrations": await self.revision.is_newest(),
            "events": max(self.wakeups.silence, self.hub.blindness) < DEAF_AFTER,
        }
        ready = all(checks.values())
        return JSONResponse({"ready": ready, **checks}, status_code=200 if ready else 503)

    async def purge(self) -> None:
        """Forget what is kept for a time only."""
        await self.log.purge(self._settings.events_kept)
        await answers.purge(self._pool, self._settings.limits.idempotency_for)


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """For ever, whatever happens."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed and will be tried again", getattr(work, "__name__", "a job"))
        await asyncio.sleep(seconds)


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; without `settings`, those of the environment."""
    app = App(settings or Settings())  # from the environment
    server = GraphQLServer(
        graphql_schema, authenticate=app.authenticate, make_context=app.make_context
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with app.run():
            yield

    routes = [
        *server.routes(),
        Route("/healthz", app.healthz),
        Route("/readyz", app.readyz),
    ]
    return Starlette(lifespan=lifespan, routes=routes)
