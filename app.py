"""The roof: everything that lives as long as a server, wired together, and its routes."""

import asyncio
import gc
import logging
import random
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from broadcaster import Broadcast
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from domain import calendar_feeds, consultations, lapses, oauth, reminders
from domain.auth import Viewer, sends_any_document
from domain.checks import Checks
from domain.consultations import Meetings
from domain.deliveries import Deliveries
from domain.enrolments import Leftovers
from domain.exporting import Exporting
from domain.ids import SessionId, UserId
from domain.issuing import Issuing
from domain.oauth import OAuth, OAuthError
from domain.objects import Objects, StoreUnreachable
from domain.papers import read_code
from domain.presences import WaitingRooms
from domain.signatures import Signing
from domain.uploads import Uploads
from embedded import mailbox, object_routes
from integrations import devices, key_wrapping, keys, papers, telemetry
from integrations.calendars import ICalendars
from integrations.identity import EmbeddedIdentity
from integrations.oauth import INTROSPECT, JWKS, REVOKE, TOKEN, AuthlibOAuth
from integrations.one_time_codes import PyotpCodes
from integrations.passkeys import WebAuthn
from integrations.passwords import Argon2Passwords
from integrations.registries import Line
from integrations.telemetry import Gauges
from integrations.tokens import JwtTokens
from persistence import (
    answers,
    attempts,
    audit,
    database,
    exports,
    links,
    mail,
    partners,
    passkeys,
    rates,
    row_security,
    sessions,
)
from persistence.belongings import PostgresHolder
from persistence.clock import Clock
from persistence.data_keys import LOOK_EVERY, Keyring
from persistence.database import Pool
from persistence.event_log import PostgresEventLog
from persistence.object_folder import FolderObjects
from persistence.objects import S3Objects
from persistence.partner_usage import CountedUsage
from persistence.rates import PostgresRates
from persistence.reads import PostgresReads
from persistence.record_reads import PostgresRecordReads
from persistence.replica import LOOK_EVERY as NEAR_EVERY
from persistence.replica import Replica
from persistence.revision import Revision
from persistence.sessions import EndedSessions
from persistence.unit_of_work import Works
from plans.plans import Plans
from resolvers.loaders import load_with
from schema import paging
from schema.context import Context, Services
from schema.sizes import SIZES
from subscriptions.hub import Hub
from subscriptions.wakeups import Wakeups
from transport import drain, metrics, trusted
from transport.cookies import Cookie, Jar
from transport.documents import Operation, OperationType
from transport.downloads import Download, FileDoor
from transport.execution import Run, core_schema
from transport.forms import FormDoor, Posted, Reply
from transport.gate import Gate, RateLimited
from transport.page import Page
from transport.rates import Rates
from transport.refusal import client_of
from transport.registry import network_of
from transport.requests import Client
from transport.server import MIDDLEWARE, GraphQLServer
from transport.sizes import Sizes
from transport.telemetry import Told, trace_with
from wiring import parts
from wiring.schema import graphql_schema
from wiring.settings import Settings

log = logging.getLogger(__name__)

_CONNECTIONS = ("healthmed_database_connections", "Connections to PostgreSQL.")
_PRESENT = ("healthmed_present", "Sockets, event streams, users and operations that are live.")
_DRAINING = ("healthmed_draining", "1 from SIGTERM on.")
_NOT_KEPT = {"cache-control": "no-store"}
_OBJECTS = ("healthmed_objects_reachable", "1 while the object store answers.")
_REPLICA = ("healthmed_replica_lag_seconds", "By how much the replica may be behind.")

SWEPT_AT_ONCE = 200  # slots
REMINDED_AT_ONCE = 100
PURGE_EVERY = 3600.0  # seconds
UPLOADS_EVERY = 60.0  # seconds: what was rejected lies there no longer
EXPORTS_EVERY = 60.0  # seconds: what has expired lies there no longer
MAIL_EVERY = 1.0  # seconds
OBJECTS_EVERY = 10.0  # seconds
CLOCK_EVERY = 2.0  # seconds
PREPARED_IN = 5.0  # seconds: an object store that takes longer does not keep us from starting
ENDED_EVERY = 0.3  # seconds: all processes are to know within one
COLLECTED = (20_000, 20, 20)  # by Python: as many new things, and as many times as often
NO_CLIENT = Client()
MAKING_ACCOUNTS = {"registerDoctor", "registerPatient"}
PROMISED = {  # by root field: of which service level it is
    **dict.fromkeys(("requestAppointment", "rescheduleAppointment"), "request"),
    **dict.fromkeys(("acceptAppointment", "declineAppointment"), "answer"),
}
DEAF_AFTER = 6.0  # seconds: three pulses of subscriptions.wakeups


_UNCONFINED = (
    "the role of HEALTHMED_DATABASE_URL owns the tables, or may change the access log: nothing"
    " stands behind our own code"
)
_UNTIMED = (
    "sessions are not as pgbouncer's connect_query is to make them: statements may be slow, or run"
    " for ever (docs/operations.md)"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sends an operation. `dead`: with a token that is not, or no longer, good.
    `open_documents`: he may send what documents he likes, and ask for the schema.
    """

    viewer: Viewer | None = None
    dead: bool = False
    open_documents: bool = True
    client: Client = NO_CLIENT
    expires_at: datetime | None = None

    @property
    def user_id(self) -> UserId | None:
        return self.viewer.user_id if self.viewer else None

    @property
    def session_id(self) -> SessionId | None:
        return self.viewer.session_id if self.viewer else None


class App:
    """Everything that lives as long as the server, wired together. `now`: another clock than the
    database's.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime] | None = None) -> None:
        self._clock = Clock()
        self._settings, self.now = settings, now or self._clock.now
        self._limits, self.transport_limits = settings.domain_limits, settings.transport_limits
        signing = keys.load(settings.keys_file).signing
        self._wrapping = key_wrapping.chosen(settings.keys_file, settings.kms_key_id)
        self._tokens = JwtTokens(signing, issuer=settings.issuer, lasts=self._limits.token_for)
        self._oauth_library = AuthlibOAuth(settings.issuer)
        self._post = parts.post(settings)
        self._calendars = ICalendars(settings.public_url, settings.mail_from)
        self._scanner = parts.scanner(settings)
        self._press, self._signer = papers.PdfPress(settings.public_url), parts.signer(settings)
        self.objects: Objects = parts.folder_objects(settings, self._limits, self.now)
        self.objects_reachable = False
        self._unprepared: S3Objects | None = None
        self._peers = parts.peers(settings)
        self._password = parts.database_password(settings, settings.database_url)
        self._carrier = parts.wakeups(settings, self._password)
        self._cpf_registry, self._crm_registry = parts.registries(settings)
        self.replica: Replica | None = None

    @asynccontextmanager
    async def run(self, shut_out: Callable[[SessionId], object]) -> AsyncGenerator[None]:
        """`shut_out` is called for each session that has ended, here or in another process."""
        settings, limits = self._settings, self._limits
        async with AsyncExitStack() as stack:
            self._pool = pool = await self._reach_database(stack)
            # Of its own, so that whoever keeps all others busy is limited still, and keys are seen.
            apart = await self._connect(1)
            stack.callback(apart.terminate)
            self.keyring = await Keyring.open(apart, self._wrapping)
            vault = self.keyring.vault
            self.log = PostgresEventLog(pool)
            self.hub = Hub(self.log, PostgresReads(pool, vault), telemetry.heard, self._concerns)
            broadcast = await stack.enter_async_context(Broadcast(backend=self._carrier))
            self.wakeups = Wakeups(broadcast, self.hub.look)
            self.ended = EndedSessions(
                pool, remembered=limits.token_for, now=self.now, told=shut_out
            )
            await self.ended.look()
            self.works = Works(
                pool, vault, limits, told=self.wakeups.announce, ended=self.ended.note
            )
            self.oauth = OAuth(self.works.act, self._oauth_library, self._tokens, self.now)
            self.usage = CountedUsage(pool, self.now)
            stack.push_async_callback(self.usage.write)
            self.revision = Revision(pool)
            self._gate = Gate(
                Rates(PostgresRates(apart, vault)),
                self.transport_limits,
                making_accounts=MAKING_ACCOUNTS,
            )
            for registry in (self._cpf_registry, self._crm_registry):
                if isinstance(registry, Line):
                    stack.push_async_callback(registry.close)
            passwords = Argon2Passwords()
            stack.callback(passwords.close)
            if (place := parts.bucket(settings)) is not None:
                opened = S3Objects.open(place, limits, parts.cloudfront(settings))
                self.objects = s3 = await stack.enter_async_context(opened)
                self._unprepared = s3 if settings.s3_prepare else None
            self.uploads = Uploads(self.works.act, self.objects, self._scanner, self.now)
            rows = EmbeddedIdentity(passwords)
            identity = await parts.identity(settings, stack, rows, self.now)
            self._leftovers = Leftovers(self.works.act, identity, self.now)
            await self._open_rooms(stack)
            holder = PostgresHolder(pool, vault)
            self.exporting = Exporting(self.works.act, self.objects, holder, self.now)
            self.services = Services(
                now=self.now,
                act=self.works.act,
                reads=PostgresReads(pool, vault, self.replica),
                records=PostgresRecordReads(pool, vault),
                objects=self.objects,
                uploads=self.uploads,
                issuing=Issuing(self.works.act, self.objects, self._press, self.now),
                signing=Signing(self.works.act, self.objects, self._press, self._signer, self.now),
                meetings=self.meetings,
                waiting_rooms=self.waiting_rooms,
                rooms_at=f"{settings.issuer}/consultation",
                log=self.log,
                hub=self.hub,
                tokens=self._tokens,
                passwords=passwords,
                identity=identity,
                one_time_codes=PyotpCodes(),
                ceremonies=WebAuthn(settings.public_url),
                calendars=self._calendars,
                own_identity=rows,
                cpf_registry=self._cpf_registry,
                crm_registry=self._crm_registry,
                name_device=devices.name,
                limits=limits,
                public_url=settings.issuer,
                confirm_email=settings.confirms_email,
            )
            self.checks = Checks(self.works.act, self._cpf_registry, self._crm_registry, self.now)
            await self.hub.start()
            await self._look_at_objects()
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self.hub.run()),
                    tasks.create_task(self.wakeups.run()),
                    tasks.create_task(_every(settings.sweep_every, self.sweep)),
                    tasks.create_task(_every(settings.sweep_every, self.close_visits)),
                    tasks.create_task(self.waiting_rooms.run()),
                    tasks.create_task(_every(settings.sweep_every, self.checks.ask_due)),
                    tasks.create_task(_every(settings.remind_every, self.remind)),
                    tasks.create_task(_every(PURGE_EVERY, self.purge)),
                    tasks.create_task(_every(PURGE_EVERY, self.make_months)),
                    tasks.create_task(_every(UPLOADS_EVERY, self.uploads.sweep)),
                    tasks.create_task(_every(settings.export_every, self.exporting.run_due)),
                    tasks.create_task(_every(EXPORTS_EVERY, self.exporting.sweep)),
                    tasks.create_task(_every(ENDED_EVERY, self.ended.look)),
                    tasks.create_task(_every(CLOCK_EVERY, self.look_at_clock)),
                    tasks.create_task(_every(LOOK_EVERY, self.keyring.look)),
                    tasks.create_task(_every(settings.usage_every, self.usage.write)),
                    tasks.create_task(_every(OBJECTS_EVERY, self._look_at_objects)),
                ]
                if self.replica is not None:
                    running.append(tasks.create_task(_every(NEAR_EVERY, self.replica.look)))
                if self._post is not None:
                    deliveries = Deliveries(self.works.act, self._post, self.now)
                    running.append(tasks.create_task(_every(MAIL_EVERY, deliveries.send_due)))
                yield
                for task in running:
                    task.cancel()

    async def _reach_database(self, stack: AsyncExitStack) -> Pool:
        pool = await self._connect(self._settings.database_connections)
        stack.callback(pool.terminate)
        await self._clock.look(pool)
        if not await row_security.confines(pool):
            log.warning(_UNCONFINED)
        if not await database.is_as_we_want_it(pool):
            log.warning(_UNTIMED)
        return pool

    async def _connect(self, size: int) -> Pool:
        settings = self._settings
        return await database.connect(
            settings.database_url,
            size=size,
            password=self._password,
            pooled=settings.database_pooled,
        )

    def _replica(self) -> Replica | None:
        settings = self._settings
        if (url := settings.replica_url) is None:
            return None
        password = parts.database_password(settings, url)

        async def connect() -> Pool:
            return await database.connect(
                url, size=settings.database_connections, password=password
            )

        return Replica(self._pool, connect, behind=settings.replica_behind)

    def _concerns(self, ids: Iterable[UUID]) -> None:
        """What they read from now on is what they have done, and what they are told of."""
        if self.replica is not None:
            self.replica.concerns(ids)

    async def _open_rooms(self, stack: AsyncExitStack) -> None:
        if (replica := self._replica()) is not None:
            self.replica = replica
            stack.callback(replica.close)
        core = core_schema(graphql_schema)
        self._plans = Plans(graphql_schema, core, self._pool, self._limits, self.replica)
        provider = await parts.meeting_provider(self._settings, stack, self._peers)
        self.meetings = Meetings(self.works.act, provider, self.now)
        self.waiting_rooms = WaitingRooms(self.works.act, self._limits.presence_lease)
        stack.push_async_callback(self.waiting_rooms.close)

    def authenticate(self, authorization: str | None, client: Client = NO_CLIENT) -> Caller:
        """By the value of an Authorization header (RFC 6750)."""
        anonymous = Caller(open_documents=self._settings.open_documents, client=client)
        if authorization is None:
            return anonymous
        scheme, _, token = authorization.partition(" ")
        proof = (
            self.services.tokens.prove(token.strip(), at=self.now())
            if scheme.lower() == "bearer"
            else None
        )
        if proof is None or proof.viewer.session_id in self.ended:
            return replace(anonymous, dead=True)
        return replace(
            anonymous,
            viewer=proof.viewer,
            open_documents=anonymous.open_documents or sends_any_document(proof.viewer),
            expires_at=proof.expires_at,
        )

    async def admit(self, caller: Caller, operation: Operation | None, cost: int) -> None:
        """Raises RateLimited."""
        await self._gate.admit(caller, operation, cost)
        changes = operation is not None and operation.type is OperationType.MUTATION
        if changes and caller.user_id is not None:
            self._concerns([caller.user_id])

    async def quick(
        self, caller: Caller, operation: Operation, variables: Mapping[str, Any]
    ) -> str | None:
        """By a plan. A dead token is for the resolvers to tell of."""
        if caller.dead:
            return None
        return await self._plans.answer(
            operation.key,
            operation.document,
            operation.definition,
            variables,
            viewer=caller.viewer,
            at=self.now(),
        )

    def ran(self, caller: Caller, run: Run) -> None:
        if caller.viewer is not None and (partner_id := caller.viewer.partner_id) is not None:
            self.usage.count(partner_id, points=run.cost, failed=run.failed)
        for of in {PROMISED[field] for field in run.operation.fields & PROMISED.keys()}:
            telemetry.answered(of, run.seconds, faulty=run.faulty)

    def make_context(
        self, caller: Caller, fields: frozenset[str] = frozenset(), jar: Jar | None = None
    ) -> Context:
        return Context(
            services=self.services,
            caller=caller.viewer,
            dead=caller.dead,
            address=network_of(caller.client.address),
            agent=caller.client.agent,
            fields=fields,
            load_with=load_with,
            jar=jar,
        )

    def connections(self) -> dict[str, float]:
        """To the database, for metrics."""
        return database.connections(self._pool)

    async def look_at_clock(self) -> None:
        await self._clock.look(self._pool)

    async def sweep(self) -> int:
        """Tell what time alone has ended. Returns of how many slots."""
        swept = 0
        while True:
            count = await self.works.act(
                lambda work: lapses.sweep(work, at=self.now(), limit=SWEPT_AT_ONCE)
            )
            swept += count
            if count < SWEPT_AT_ONCE:
                return swept

    async def remind(self) -> int:
        """Write to whoever is to be reminded by now. Returns how many reminders were due."""
        reminded = 0
        while True:
            count = await self.works.act(
                lambda work: reminders.send_due(work, at=self.now(), limit=REMINDED_AT_ONCE)
            )
            reminded += count
            if count < REMINDED_AT_ONCE:
                return reminded

    async def close_visits(self) -> int:
        """Whose time is up. Returns of how many."""
        closed = await self.works.act(
            lambda work: consultations.close_due(work, at=self.now(), limit=SWEPT_AT_ONCE)
        )
        await self.meetings.end_due()
        return closed

    async def jwks(self, _: Request) -> Response:
        """The public keys by which access tokens can be proved."""
        return _public(self._tokens.public_keys())

    async def metadata(self, _: Request) -> Response:
        """Where partners get tokens, and how (RFC 8414)."""
        return _public(self._oauth_library.metadata())

    async def openid_configuration(self, _: Request) -> Response:
        """In OpenID's place, for whoever proves our tokens and looks there."""
        return _public(self._oauth_library.openid_configuration())

    def oauth_routes(self, guard: Callable[[ASGIApp], ASGIApp]) -> list[Route]:
        """What partners ask, and where they learn how. `guard` goes around each door."""

        def door(ask: Callable[[OAuth, oauth.Asked, str], Awaitable[oauth.Answer]]) -> FormDoor:
            async def answer(posted: Posted) -> Reply:
                try:
                    asked = oauth.read(posted.content_type, posted.body, posted.authorization)
                    network = network_of(posted.client.address)
                    return Reply(await ask(self.oauth, asked, network))
                except OAuthError as error:
                    return Reply(error.body, error.status, error.headers)

            return FormDoor(answer, admit=self._admit_client, most=oauth.LONGEST_FORM)

        doors = {
            TOKEN: door(OAuth.grant),
            REVOKE: door(OAuth.revoke),
            INTROSPECT: door(OAuth.introspect),
        }
        return [
            *(Route(at, guard(Told(at, door)), methods=["POST"]) for at, door in doors.items()),
            Route("/.well-known/oauth-authorization-server", self.metadata),
            Route("/.well-known/openid-configuration", self.openid_configuration),
            Route(JWKS, self.jwks),
        ]

    def calendar_route(self, guard: Callable[[ASGIApp], ASGIApp]) -> Route:
        """Where programs that show calendars read feeds."""

        async def find(asked: Mapping[str, str]) -> Download | None:
            at = self.now()
            followed = await self.works.act(
                lambda work: calendar_feeds.follow(work, asked["token"], at=at)
            )
            if followed is None:
                return None
            return Download(
                tag=followed.tag,
                content_type="text/calendar",
                write=lambda: self._calendars.publish(followed.entries, followed.language, at=at),
            )

        door = FileDoor(find, admit=self._admit_client)
        path = calendar_feeds.PATH
        return Route(path, guard(Told(path, door)), methods=["GET"])

    async def _admit_client(self, client: Client) -> None:
        await self.admit(Caller(client=client), None, 1)

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """Each part that must work, and whether it does; and documents, which need not."""
        checks = {
            "database": await self.revision.reachable(),
            "migrations": await self.revision.fits(),
            "events": max(self.wakeups.silence, self.hub.blindness) < DEAF_AFTER,
            "keys": self.keyring.fresh,
            "clock": self._clock.right,
        }
        ready = all(checks.values())
        told = {"ready": ready, **checks, "documents": self.objects_reachable}
        if self.replica is not None:
            told["replica"] = self.replica.near
        return JSONResponse(told, status_code=200 if ready else 503)

    async def verify(self, request: Request) -> Response:
        """For whoever was handed a paper: whether one with this code was issued here. A browser is
        led to our page, if there is one; programs are told in JSON, or in plain text.
        """
        accepted = request.headers.get("accept", "")
        if self._settings.page is not None and "text/html" in accepted:
            return RedirectResponse(f"{papers.PAGE}?{request.url.query}", 303, _NOT_KEPT)
        try:
            await self._admit_client(client_of(request.scope))
        except RateLimited as limited:
            return PlainTextResponse(
                f"Tente outra vez em {limited.retry_after} s.\n",
                429,
                {"retry-after": str(limited.retry_after)},
            )
        code = read_code(request.query_params.get("code", ""))
        found = None if code is None else await self.services.records.issued_paper(code)
        status = 404 if found is None else 200
        if "application/json" in accepted:
            return JSONResponse(papers.told(found), status, _NOT_KEPT)
        return PlainTextResponse(papers.verdict(found), status, _NOT_KEPT)

    async def _look_at_objects(self) -> None:
        try:
            async with asyncio.timeout(PREPARED_IN):
                if self._unprepared is not None:
                    await self._unprepared.prepare(pages=parts.origin(self._settings.public_url))
                    self._unprepared = None
                self.objects_reachable = await self.objects.reachable()
        except (StoreUnreachable, TimeoutError) as fault:
            self.objects_reachable = False
            log.warning("the object store could not be prepared: %s", fault or "out of time")

    async def make_months(self) -> None:
        """Of the audit log, ahead of time."""
        await audit.make_months(self._pool)

    async def purge(self) -> None:
        """Forget what is kept for a time only."""
        await self.log.purge(self._settings.events_kept)
        await answers.purge(self._pool, self._limits.idempotency_for)
        await attempts.purge(self._pool, self.now() - self._limits.attempt_delay_longest)
        await rates.purge(self._pool)
        await sessions.purge(self._pool, self.now() - self._limits.session_for)
        await links.purge(self._pool, self.now())
        await passkeys.purge(self._pool, self.now())
        await partners.purge(self._pool, self.now())
        await exports.purge(self._pool, self.now())
        if lost := await mail.purge(self._pool, self.now()):
            log.error("%s pieces of mail were claimed and perhaps not sent", lost)
        await self._leftovers.remove()  # at the end, for the pool may be out of reach


def _public(told: Mapping[str, Any]) -> Response:
    return JSONResponse(told, headers={"cache-control": "public, max-age=300"})


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """About so often, for ever, whatever happens."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed and will be tried again", getattr(work, "__name__", "a job"))
        await asyncio.sleep(seconds * random.uniform(0.75, 1.25))  # noqa: S311  # not all in step


_CHIME = ("https://*.chime.aws", "wss://*.chime.aws")  # to which browsers connect for a meeting


def _server(app: App, settings: Settings, page: Page | None) -> GraphQLServer[Caller]:
    try:
        documents = parts.trusted_documents(settings, page)
        if documents is None and not settings.open_documents:
            log.warning(
                "HEALTHMED_TRUSTED_DOCUMENTS is not set: any document is run, of any client."
            )
        return GraphQLServer(
            graphql_schema,
            authenticate=app.authenticate,
            make_context=app.make_context,
            admit=app.admit,
            ran=app.ran,
            quick=app.quick,
            limits=app.transport_limits,
            now=app.now,
            sizes=Sizes(core_schema(graphql_schema), SIZES, most_first=paging.MOST),
            trusted=documents,
            cookie=Cookie(
                secure=urlsplit(settings.public_url).scheme == "https",
                lasts=settings.limits.session_for,
            ),
        )
    except trusted.BrokenManifest as broken:
        sys.exit(f"HEALTHMED_TRUSTED_DOCUMENTS: {broken}")


@asynccontextmanager
async def _watched(
    app: App, server: GraphQLServer[Caller], settings: Settings
) -> AsyncGenerator[None]:
    """Spans and numbers go out while it is entered, where the settings say so."""
    gauges = Gauges(
        {
            _CONNECTIONS: app.connections,
            _PRESENT: server.registry.count,
            _DRAINING: lambda: {"server": float(server.drain.under_way)},
            _OBJECTS: lambda: {"store": float(app.objects_reachable)},
            _REPLICA: lambda: {} if app.replica is None else {"replica": app.replica.lag},
        }
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(gauges)
        if listener := _metrics_listener(settings):
            await stack.enter_async_context(metrics.served(listener))
        if provider := telemetry.tracing():
            trace_with(provider.get_tracer("healthmed"))
            stack.push_async_callback(asyncio.to_thread, provider.shutdown)
        yield


def _metrics_listener(settings: Settings) -> socket.socket | None:
    if settings.metrics_socket is not None:
        return socket.socket(fileno=settings.metrics_socket)
    if settings.metrics_port is not None:
        return socket.create_server((settings.metrics_host, settings.metrics_port))
    return None


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; without `settings`, those of the environment."""
    settings = settings or Settings()  # from the environment
    app = App(settings)
    page = parts.built_page(settings)
    server = _server(app, settings, page)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, Any]]:
        async with app.run(server.registry.end), _watched(app, server, settings):
            # What is here now stays. To look through all of it again takes the collector 140 ms, in
            # which nobody is answered, and a large document that is refused can set it off.
            gc.freeze()
            # What an act makes ends with it, mostly: to look for cycles less often is a twentieth
            # of what it takes.
            gc.set_threshold(*COLLECTED)
            yield {drain.STATE: server.drain}

    async def readyz(request: Request) -> Response:
        if server.drain.under_way:
            return JSONResponse({"ready": False, "draining": True}, status_code=503)
        return await app.readyz(request)

    routes = [
        *server.routes(),
        *app.oauth_routes(server.drain.guard),
        app.calendar_route(server.drain.guard),
        Route("/healthz", app.healthz),
        Route("/readyz", readyz),
        Route(papers.PATH, app.verify),
    ]
    if settings.environment == "local" and settings.mail_folder is not None:
        routes.append(mailbox.route(settings.mail_folder))
    if page is not None:
        by_chime = settings.meetings == "chime"
        routes += page.routes(
            connects=[*parts.stores(settings), *(_CHIME if by_chime else ())],
            tiles=parts.tiles(settings),
            makes_workers=by_chime,  # its library has one, which repeats sound that may get lost
        )
    if isinstance(app.objects, FolderObjects):
        routes.append(object_routes.route(app.objects))
    application = Starlette(lifespan=lifespan, routes=routes, middleware=MIDDLEWARE)
    application.middleware_stack = server.front(application.build_middleware_stack())
    return application
