"""The roof: the only file that sees every room and reads the environment."""

import asyncio
import gc
import json
import logging
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import strawberry
from broadcaster import Broadcast
from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import get_object_definition

import resolvers.access_requests
import resolvers.auth
import resolvers.availability
import resolvers.calendar_feeds
import resolvers.consent_texts
import resolvers.consultations
import resolvers.device_checks
import resolvers.doctors
import resolvers.emergencies
import resolvers.erasure
import resolvers.exports
import resolvers.in_person_requests
import resolvers.nodes
import resolvers.papers
import resolvers.partners
import resolvers.passkeys
import resolvers.passwords
import resolvers.patients
import resolvers.records
import resolvers.recovery
import resolvers.scheduling
import resolvers.second_factor
import resolvers.standings
import resolvers.visit_notes
import schema.appointments
import schema.consultations
import schema.doctors
import schema.patients
import schema.problems
import schema.slots
import subscriptions.availability
import subscriptions.consultations
import subscriptions.records
import subscriptions.scheduling
from domain import calendar_feeds, consultations, lapses, oauth, reminders
from domain.accounts import Passwords
from domain.auth import Viewer, sends_any_document
from domain.checks import Checks
from domain.consultations import Meetings
from domain.deliveries import Deliveries
from domain.doctors import CrmRegistry
from domain.enrolments import Leftovers
from domain.exporting import Exporting
from domain.identity import IdentityProvider
from domain.ids import SessionId, UserId
from domain.issuing import Issuing
from domain.limits import Limits
from domain.mail import Post
from domain.meetings import MeetingProvider
from domain.oauth import OAuth, OAuthError
from domain.objects import NoObjects, Objects, StoreUnreachable
from domain.papers import read_code
from domain.patients import CpfRegistry
from domain.presences import WaitingRooms
from domain.scanning import Scanner
from domain.signatures import NoSigner, Signer, Signing
from domain.uploads import Uploads
from embedded import mailbox, object_routes
from integrations import devices, key_wrapping, keys, papers, telemetry
from integrations.calendars import ICalendars
from integrations.clamav import ClamAv, NoScanner
from integrations.identity import EmbeddedIdentity
from integrations.letters import Letters
from integrations.mail_folder import FolderPost
from integrations.oauth import INTROSPECT, JWKS, REVOKE, TOKEN, AuthlibOAuth
from integrations.one_time_codes import PyotpCodes
from integrations.passkeys import WebAuthn
from integrations.passwords import Argon2Passwords
from integrations.peer import PeerMeetings
from integrations.registries import (
    EmbeddedCpfRegistry,
    EmbeddedCrmRegistry,
    HttpCpfRegistry,
    HttpCrmRegistry,
    Line,
)
from integrations.smtp import SmtpPost
from integrations.telemetry import Gauges
from integrations.tokens import JwtTokens
from integrations.wakeups import PostgresWakeups, Supervised
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
from persistence.bucket import Bucket
from persistence.clock import Clock
from persistence.cloudfront import CloudFront
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
from schema.scalars import SCALARS
from schema.sizes import SIZES
from subscriptions.hub import Hub
from subscriptions.wakeups import CHANNEL, Wakeups
from transport import drain, metrics, trusted
from transport.cookies import Cookie, Jar
from transport.documents import Operation, OperationType
from transport.downloads import Download, FileDoor
from transport.execution import Run, core_schema
from transport.forms import FormDoor, Posted, Reply
from transport.gate import Gate, RateLimited
from transport.limits import Limits as TransportLimits
from transport.page import BrokenPage, Page, Tiles, UnusableTiles
from transport.rates import Rates
from transport.refusal import client_of
from transport.registry import network_of
from transport.requests import Client
from transport.server import MIDDLEWARE, GraphQLServer
from transport.sizes import Sizes
from transport.telemetry import Told, trace_with

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
ENDED_EVERY = 0.4  # seconds: all processes are to know within one
ATTEMPTS_IN_OPEN = 10_000  # wrong passwords of one address in an hour
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
    "sessions are not as pgbouncer's connect_query is to make them: statements may run for ever"
    " (docs/operations.md)"
)


class Settings(BaseSettings):
    """Read once, from HEALTHMED_…; `limits` from HEALTHMED_LIMITS__HOLD_FOR and so on.

    `profile`: who may send what documents he likes. In `open` everybody; `production`, which goes
    with the environment of that name, is told of in docs/decisions/0017.
    """

    model_config = SettingsConfigDict(
        env_prefix="HEALTHMED_",
        env_nested_delimiter="__",
        env_parse_none_str="none",
        extra="ignore",
    )

    environment: Literal["local", "production"] = "local"
    profile: Literal["open", "production"] | None = None  # None: as the environment has it
    trusted_documents: Path | None = None
    page: Path | None = None  # what a build of web/ has made; None: the API alone
    map_tiles: str | None = None  # an address with {z}, {x}, {y}; None: the map that the page has
    map_attribution: str = ""  # HTML, as the maker of the tiles gives it
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    metrics_socket: int | None = None  # the number of one that listens already
    database_url: str
    database_connections: int = 20
    database_pooled: bool = False  # a pgbouncer stands before it, in its transaction mode
    database_listen_url: str | None = None  # then: Postgres itself, for LISTEN
    replica_url: str | None = None  # of a replica that is asked for searches
    replica_behind: float = 5.0  # seconds, at most
    database_iam: bool = False  # sign in to it by tokens of AWS IAM, in AWS's own region
    valkey_url: SecretStr | None = None  # who wakes the other processes; None: Postgres
    valkey_iam_cache: str | None = None  # of ElastiCache: then tokens of IAM open it
    keys_file: Path
    kms_key_id: str | None = None  # None: the file's own key wraps the data keys
    events_kept: timedelta = timedelta(days=7)
    sweep_every: float = 2.0  # seconds
    usage_every: float = 5.0  # seconds
    remind_every: float = 30.0  # seconds
    export_every: float = 2.0  # seconds: between looks for exports that wait
    public_url: str = "http://127.0.0.1:8000"  # of our pages, and who issues our tokens
    smtp_url: SecretStr | None = None
    mail_from: str = "Health&Med <no-reply@localhost>"
    mail_folder: Path | None = None  # where mail is kept if there is no SMTP server
    confirm_email: bool | None = None  # None: in production
    clamav: str | None = None  # where its daemon listens
    s3_bucket: str | None = None
    s3_endpoint_url: str | None = None  # None: AWS's own
    s3_public_endpoint_url: str | None = None  # as browsers reach it, if that is another
    s3_region: str = "sa-east-1"
    s3_access_key_id: str | None = None  # None: found as AWS's own tools find it
    s3_secret_access_key: SecretStr | None = None
    s3_kms_key_id: str | None = None  # of SSE-KMS; None: SSE-S3
    s3_prepare: bool = False  # make the bucket, and have it as it is to be, at the start
    cloudfront_url: str | None = None
    cloudfront_key_pair_id: str = ""
    cloudfront_private_key_file: Path | None = None
    object_folder: Path | None = None  # where there is no S3, on one's own machine
    stun_urls: tuple[str, ...] = ()  # of a visit between two browsers
    turn_urls: tuple[str, ...] = ()
    turn_secret: SecretStr | None = None  # which its server shares with us
    identity_provider: Literal["embedded", "cognito"] = "embedded"
    cognito_pool_id: str = ""
    cognito_client_id: str = ""
    cognito_client_secret: SecretStr | None = None
    cognito_issuer: str | None = None  # None: Amazon's own
    cognito_jwks_url: str | None = None  # None: where the issuer has it
    cognito_endpoint_url: str | None = None  # None: Amazon's own
    meetings: Literal["peer", "chime"] = "peer"  # how doctor and patient see each other
    chime_region: str = "us-east-1"  # where Chime is asked
    chime_media_region: str = "sa-east-1"  # where it passes on what is said and shown
    chime_endpoint_url: str | None = None  # None: Amazon's own
    cpf_registry_url: str | None = None  # None: numbers are taken at their word
    cpf_registry_token: SecretStr | None = None
    crm_registry_url: str | None = None
    crm_registry_token: SecretStr | None = None
    signature_roots: Path | None = None  # the certificates that signing trusts: folder or file
    tsa_url: str | None = None  # a time-stamping authority (RFC 3161); None: no such stamp
    limits: Limits = Limits()
    transport: TransportLimits = TransportLimits()

    @field_validator("transport", mode="before")
    @classmethod
    def _read_origins(cls, given: Any) -> Any:
        """Text, where they have a variable of their own: pydantic reads JSON at the top alone."""
        if isinstance(given, dict) and isinstance(given.get("origins"), str):
            return {**given, "origins": json.loads(given["origins"])}
        return given

    @property
    def open_documents(self) -> bool:
        if self.profile is None:
            return self.environment != "production"
        return self.profile == "open"

    @property
    def issuer(self) -> str:
        return self.public_url.rstrip("/")

    @property
    def confirms_email(self) -> bool:
        if self.confirm_email is None:
            return self.environment == "production"
        return self.confirm_email


def _root(name: str, description: str, *rooms: type) -> type:
    merged = merge_types(name, rooms)
    get_object_definition(merged, strict=True).description = description
    return merged


graphql_schema = strawberry.Schema(
    query=_root(
        "Query",
        "What can be asked.",
        resolvers.nodes.Query,
        resolvers.auth.Query,
        resolvers.doctors.Query,
        resolvers.consent_texts.Query,
    ),
    mutation=_root(
        "Mutation",
        "What can be done.",
        resolvers.auth.Mutation,
        resolvers.second_factor.Mutation,
        resolvers.passkeys.Mutation,
        resolvers.passwords.Mutation,
        resolvers.recovery.Mutation,
        resolvers.patients.Mutation,
        resolvers.doctors.Mutation,
        resolvers.standings.Mutation,
        resolvers.availability.Mutation,
        resolvers.scheduling.Mutation,
        resolvers.calendar_feeds.Mutation,
        resolvers.consultations.Mutation,
        resolvers.device_checks.Mutation,
        resolvers.in_person_requests.Mutation,
        resolvers.partners.Mutation,
        resolvers.records.Mutation,
        resolvers.papers.Mutation,
        resolvers.access_requests.Mutation,
        resolvers.emergencies.Mutation,
        resolvers.exports.Mutation,
        resolvers.erasure.Mutation,
        resolvers.visit_notes.Mutation,
    ),
    subscription=_root(
        "Subscription",
        "What can be heard, live.",
        subscriptions.availability.Subscription,
        subscriptions.scheduling.Subscription,
        subscriptions.consultations.Subscription,
        subscriptions.records.Subscription,
    ),
    types=[
        schema.problems.InvalidInput,
        schema.problems.Refused,
        schema.slots.SlotTaken,
        schema.appointments.VersionConflict,
        schema.consultations.OutsideWindow,
        schema.patients.Patient,
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
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
        self._limits, self.transport_limits = _limits(settings), _transport_limits(settings)
        signing = keys.load(settings.keys_file).signing
        self._wrapping = key_wrapping.chosen(settings.keys_file, settings.kms_key_id)
        self._tokens = JwtTokens(signing, issuer=settings.issuer, lasts=self._limits.token_for)
        self._oauth_library = AuthlibOAuth(settings.issuer)
        self._post = _post(settings)
        self._calendars = ICalendars(settings.public_url, settings.mail_from)
        self._scanner = _scanner(settings)
        self._press, self._signer = papers.PdfPress(settings.public_url), _signer(settings)
        self.objects: Objects = _objects(settings, self._limits, self.now)
        self.objects_reachable = False
        self._unprepared: S3Objects | None = None
        self._peers = _peers(settings)
        self._password = _database_password(settings, settings.database_url)
        self._carrier = _wakeups(settings, self._password)
        self._cpf_registry, self._crm_registry = _registries(settings)
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
            if (place := _bucket(settings)) is not None:
                opened = S3Objects.open(place, limits, _cloudfront(settings))
                self.objects = s3 = await stack.enter_async_context(opened)
                self._unprepared = s3 if settings.s3_prepare else None
            self.uploads = Uploads(self.works.act, self.objects, self._scanner, self.now)
            identity = await self._identity(stack, passwords)
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
                own_identity=EmbeddedIdentity(passwords),
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
        password = _database_password(settings, url)

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
        self.meetings = Meetings(self.works.act, await self._provider(stack), self.now)
        self.waiting_rooms = WaitingRooms(self.works.act, self._limits.presence_lease)
        stack.push_async_callback(self.waiting_rooms.close)

    async def _identity(self, stack: AsyncExitStack, passwords: Passwords) -> IdentityProvider:
        settings, rows = self._settings, EmbeddedIdentity(passwords)
        if settings.identity_provider == "embedded":
            return rows
        from integrations import cognito  # noqa: PLC0415  # Amazon's client takes a second to load

        if not settings.cognito_pool_id or not settings.cognito_client_id:
            sys.exit("HEALTHMED_COGNITO_POOL_ID and HEALTHMED_COGNITO_CLIENT_ID are not set")
        secret = settings.cognito_client_secret
        users = cognito.UserPool(
            id=settings.cognito_pool_id,
            client_id=settings.cognito_client_id,
            client_secret=secret.get_secret_value() if secret else None,
        )
        return await stack.enter_async_context(
            cognito.connected(
                users,
                rows,
                now=self.now,
                issuer=settings.cognito_issuer,
                jwks_url=settings.cognito_jwks_url,
                endpoint_url=settings.cognito_endpoint_url,
            )
        )

    async def _provider(self, stack: AsyncExitStack) -> MeetingProvider:
        settings = self._settings
        if settings.meetings == "peer":
            return self._peers
        from integrations import chime  # noqa: PLC0415  # Amazon's client takes a second to load

        try:
            return await stack.enter_async_context(
                chime.connected(
                    region=settings.chime_region,
                    media_region=settings.chime_media_region,
                    endpoint_url=settings.chime_endpoint_url,
                )
            )
        except ValueError as fault:
            sys.exit(f"HEALTHMED_CHIME_REGION, …_MEDIA_REGION, …_ENDPOINT_URL: {fault}")

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
                    await self._unprepared.prepare(pages=_origin(self._settings.public_url))
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


def _database_password(settings: Settings, url: str) -> Callable[[], Awaitable[str]] | None:
    if not settings.database_iam:
        return None
    from integrations import iam_tokens  # noqa: PLC0415  # Amazon's client takes a while to load

    try:
        return iam_tokens.for_database(url)
    except ValueError as fault:
        sys.exit(f"HEALTHMED_DATABASE_IAM: {fault}")


def _wakeups(settings: Settings, password: Callable[[], Awaitable[str]] | None) -> Supervised:
    if settings.valkey_url is None:
        if settings.database_listen_url is not None:
            return PostgresWakeups(settings.database_listen_url, CHANNEL)
        if settings.database_pooled:
            sys.exit(
                "HEALTHMED_DATABASE_POOLED: no word comes through pgbouncer. Set"
                " HEALTHMED_DATABASE_LISTEN_URL to Postgres itself, or HEALTHMED_VALKEY_URL."
            )
        return PostgresWakeups(settings.database_url, CHANNEL, password)
    from integrations.valkey import ValkeyWakeups  # noqa: PLC0415  # for those alone who use it

    url = settings.valkey_url.get_secret_value()
    if settings.valkey_iam_cache is None:
        return ValkeyWakeups(url, CHANNEL)
    from integrations import iam_tokens  # noqa: PLC0415  # Amazon's client takes a while to load

    try:
        user = urlsplit(url).username or ""
        password = iam_tokens.for_cache(settings.valkey_iam_cache, user)
    except ValueError as fault:
        sys.exit(f"HEALTHMED_VALKEY_IAM_CACHE: {fault}")
    return ValkeyWakeups(url, CHANNEL, password)


def _post(settings: Settings) -> Post | None:
    """Without one, mail waits in the outbox, for another process perhaps."""
    letters = Letters(settings.public_url, settings.mail_from)
    if settings.smtp_url is not None:
        try:
            return SmtpPost(settings.smtp_url.get_secret_value(), letters)
        except ValueError as fault:
            sys.exit(f"HEALTHMED_SMTP_URL: {fault}")
    if settings.mail_folder is not None:
        return FolderPost(settings.mail_folder, letters)
    log.warning("neither HEALTHMED_SMTP_URL nor HEALTHMED_MAIL_FOLDER is set: no mail is sent")
    return None


def _peers(settings: Settings) -> MeetingProvider:
    secret = settings.turn_secret
    try:
        return PeerMeetings(
            settings.stun_urls, settings.turn_urls, secret.get_secret_value() if secret else ""
        )
    except ValueError as fault:
        sys.exit(f"HEALTHMED_STUN_URLS, HEALTHMED_TURN_URLS, HEALTHMED_TURN_SECRET: {fault}")


def _scanner(settings: Settings) -> Scanner:
    """In production nothing is taken that nobody has looked at."""
    if settings.clamav is None:
        trusting = settings.environment != "production"
        then = "not looked at for malware" if trusting else "refused"
        log.warning("HEALTHMED_CLAMAV is not set: what is uploaded is %s", then)
        return NoScanner(trusting=trusting)
    try:
        return ClamAv(settings.clamav)
    except ValueError as fault:
        sys.exit(f"HEALTHMED_CLAMAV: {fault}")


def _signer(settings: Settings) -> Signer:
    if settings.signature_roots is None:
        log.warning("HEALTHMED_SIGNATURE_ROOTS is not set: no paper can be signed")
        return NoSigner()
    from integrations.pades import PadesSigner  # noqa: PLC0415  # it takes a second to load

    try:
        return PadesSigner.of(settings.signature_roots, tsa_url=settings.tsa_url)
    except (OSError, ValueError) as fault:
        sys.exit(f"HEALTHMED_SIGNATURE_ROOTS: {type(fault).__name__}")


def _objects(settings: Settings, limits: Limits, now: Callable[[], datetime]) -> Objects:
    """Those that need not be opened."""
    if settings.s3_bucket is None and settings.object_folder is None:
        log.warning("HEALTHMED_S3_BUCKET is not set: there are no documents")
    if settings.object_folder is None or settings.environment != "local":
        return NoObjects()
    url = settings.public_url.rstrip("/") + object_routes.PATH
    return FolderObjects(settings.object_folder, url, limits, now)


def _bucket(settings: Settings) -> Bucket | None:
    if settings.s3_bucket is None:
        return None
    secret = settings.s3_secret_access_key
    return Bucket(
        name=settings.s3_bucket,
        endpoint_url=settings.s3_endpoint_url,
        public_endpoint_url=settings.s3_public_endpoint_url,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
        kms_key_id=settings.s3_kms_key_id,
    )


def _cloudfront(settings: Settings) -> CloudFront | None:
    url, file = settings.cloudfront_url, settings.cloudfront_private_key_file
    if url is None:
        return None
    if file is None or not settings.cloudfront_key_pair_id:
        sys.exit(
            "HEALTHMED_CLOUDFRONT_URL needs HEALTHMED_CLOUDFRONT_KEY_PAIR_ID and "
            "HEALTHMED_CLOUDFRONT_PRIVATE_KEY_FILE."
        )
    try:
        return CloudFront.open(url, settings.cloudfront_key_pair_id, file)
    except (OSError, ValueError) as fault:
        sys.exit(f"HEALTHMED_CLOUDFRONT_PRIVATE_KEY_FILE: {type(fault).__name__}")


def _origin(url: str) -> str:
    """Of what lies there (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _registries(settings: Settings) -> tuple[CpfRegistry, CrmRegistry]:
    cpfs: CpfRegistry = EmbeddedCpfRegistry()
    crms: CrmRegistry = EmbeddedCrmRegistry()
    try:
        if settings.cpf_registry_url is not None:
            cpfs = HttpCpfRegistry(settings.cpf_registry_url, settings.cpf_registry_token)
        if settings.crm_registry_url is not None:
            crms = HttpCrmRegistry(settings.crm_registry_url, settings.crm_registry_token)
    except ValueError as fault:
        sys.exit(f"HEALTHMED_CPF_REGISTRY_URL, HEALTHMED_CRM_REGISTRY_URL: {fault}")
    return cpfs, crms


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """For ever, whatever happens."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed and will be tried again", getattr(work, "__name__", "a job"))
        await asyncio.sleep(seconds)


def _limits(settings: Settings) -> Limits:
    """The profile `open` is for suites, too, that mistype thousands of passwords in a minute."""
    limits = settings.limits
    if not settings.open_documents:
        return limits
    least = max(limits.attempts_per_address, ATTEMPTS_IN_OPEN)
    return replace(limits, attempts_per_address=least)


def _transport_limits(settings: Settings) -> TransportLimits:
    """A clinic comes from one address; the profile `open` is for load tools, too."""
    limits = settings.transport
    if settings.open_documents:
        return limits
    return replace(
        limits,
        connections_per_user=limits.connections_per_user or 50,
        connections_per_address=limits.connections_per_address or 1_000,
        answers_at_once=limits.answers_at_once or 64,
        operations_per_address=limits.operations_per_address or 6_000,
        operations_per_account=limits.operations_per_account or 600,
        points_per_address=limits.points_per_address or 600_000,
        points_per_account=limits.points_per_account or 60_000,
        accounts_per_address=limits.accounts_per_address or 30,
    )


def _page(settings: Settings) -> Page | None:
    try:
        return Page(settings.page) if settings.page is not None else None
    except BrokenPage as broken:
        sys.exit(f"HEALTHMED_PAGE: {broken}")


def _tiles(settings: Settings) -> Tiles | None:
    if settings.map_tiles is None:
        return None
    try:
        return Tiles(settings.map_tiles, settings.map_attribution)
    except UnusableTiles as unusable:
        sys.exit(f"HEALTHMED_MAP_TILES: {unusable}")


_CHIME = ("https://*.chime.aws", "wss://*.chime.aws")  # to which browsers connect for a meeting


def _stores(settings: Settings) -> list[str]:
    """Origins from which the page gets files, and to which it sends them."""
    place = settings.s3_public_endpoint_url or settings.s3_endpoint_url
    if place is None and settings.s3_bucket is not None:
        place = f"https://{settings.s3_bucket}.s3.{settings.s3_region}.amazonaws.com"
    return [_origin(each) for each in (place, settings.cloudfront_url) if each is not None]


def _trusted(settings: Settings, page: Page | None) -> Mapping[str, str] | None:
    """Those of our page, and of other clients. Raises BrokenManifest."""
    manifests = [settings.trusted_documents, page.documents if page else None]
    found = [trusted.load(manifest) for manifest in manifests if manifest is not None]
    return {hash: text for each in found for hash, text in each.items()} if found else None


def _server(app: App, settings: Settings, page: Page | None) -> GraphQLServer[Caller]:
    try:
        documents = _trusted(settings, page)
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
    page = _page(settings)
    server = _server(app, settings, page)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, Any]]:
        async with app.run(server.registry.end), _watched(app, server, settings):
            # What is here now stays. To look through all of it again takes the collector 140 ms, in
            # which nobody is answered, and a large document that is refused can set it off.
            gc.freeze()
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
            connects=[*_stores(settings), *(_CHIME if by_chime else ())],
            tiles=_tiles(settings),
            makes_workers=by_chime,  # its library has one, which repeats sound that may get lost
        )
    if isinstance(app.objects, FolderObjects):
        routes.append(object_routes.route(app.objects))
    application = Starlette(lifespan=lifespan, routes=routes, middleware=MIDDLEWARE)
    application.middleware_stack = server.front(application.build_middleware_stack())
    return application
