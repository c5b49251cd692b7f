"""What stands behind the ports, as the settings have it. Who cannot be set up as they say ends the
process, and says which of them is to be mended.
"""

import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from urllib.parse import urlsplit

from domain.doctors import CrmRegistry
from domain.identity import IdentityProvider
from domain.limits import Limits
from domain.mail import Post
from domain.meetings import MeetingProvider
from domain.objects import NoObjects, Objects
from domain.patients import CpfRegistry
from domain.scanning import Scanner
from domain.signatures import NoSigner, Signer
from embedded import object_routes
from integrations.clamav import ClamAv, NoScanner
from integrations.identity import EmbeddedIdentity
from integrations.letters import Letters
from integrations.mail_folder import FolderPost
from integrations.peer import PeerMeetings
from integrations.registries import (
    EmbeddedCpfRegistry,
    EmbeddedCrmRegistry,
    HttpCpfRegistry,
    HttpCrmRegistry,
)
from integrations.smtp import SmtpPost
from integrations.wakeups import PostgresWakeups, Supervised
from persistence.bucket import Bucket
from persistence.cloudfront import CloudFront
from persistence.object_folder import FolderObjects
from subscriptions.wakeups import CHANNEL
from transport import trusted
from transport.page import BrokenPage, Page, Tiles, UnusableTiles
from wiring.settings import Settings

log = logging.getLogger(__name__)


def database_password(settings: Settings, url: str) -> Callable[[], Awaitable[str]] | None:
    if not settings.database_iam:
        return None
    from integrations import iam_tokens  # noqa: PLC0415  # Amazon's client takes a while to load

    try:
        return iam_tokens.for_database(url)
    except ValueError as fault:
        sys.exit(f"HEALTHMED_DATABASE_IAM: {fault}")


def wakeups(settings: Settings, password: Callable[[], Awaitable[str]] | None) -> Supervised:
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


def post(settings: Settings) -> Post | None:
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


def peers(settings: Settings) -> MeetingProvider:
    secret = settings.turn_secret
    try:
        return PeerMeetings(
            settings.stun_urls, settings.turn_urls, secret.get_secret_value() if secret else ""
        )
    except ValueError as fault:
        sys.exit(f"HEALTHMED_STUN_URLS, HEALTHMED_TURN_URLS, HEALTHMED_TURN_SECRET: {fault}")


async def identity(
    settings: Settings,
    stack: AsyncExitStack,
    rows: EmbeddedIdentity,
    now: Callable[[], datetime],
) -> IdentityProvider:
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
            now=now,
            issuer=settings.cognito_issuer,
            jwks_url=settings.cognito_jwks_url,
            endpoint_url=settings.cognito_endpoint_url,
        )
    )


async def meeting_provider(
    settings: Settings, stack: AsyncExitStack, between_browsers: MeetingProvider
) -> MeetingProvider:
    if settings.meetings == "peer":
        return between_browsers
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


def scanner(settings: Settings) -> Scanner:
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


def signer(settings: Settings) -> Signer:
    if settings.signature_roots is None:
        log.warning("HEALTHMED_SIGNATURE_ROOTS is not set: no paper can be signed")
        return NoSigner()
    from integrations.pades import PadesSigner  # noqa: PLC0415  # it takes a second to load

    try:
        return PadesSigner.of(settings.signature_roots, tsa_url=settings.tsa_url)
    except (OSError, ValueError) as fault:
        sys.exit(f"HEALTHMED_SIGNATURE_ROOTS: {type(fault).__name__}")


def folder_objects(settings: Settings, limits: Limits, now: Callable[[], datetime]) -> Objects:
    """Those that need not be opened."""
    if settings.s3_bucket is None and settings.object_folder is None:
        log.warning("HEALTHMED_S3_BUCKET is not set: there are no documents")
    if settings.object_folder is None or settings.environment != "local":
        return NoObjects()
    url = settings.public_url.rstrip("/") + object_routes.PATH
    return FolderObjects(settings.object_folder, url, limits, now)


def bucket(settings: Settings) -> Bucket | None:
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


def cloudfront(settings: Settings) -> CloudFront | None:
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


def origin(url: str) -> str:
    """Of what lies there (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def registries(settings: Settings) -> tuple[CpfRegistry, CrmRegistry]:
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


def built_page(settings: Settings) -> Page | None:
    try:
        return Page(settings.page) if settings.page is not None else None
    except BrokenPage as broken:
        sys.exit(f"HEALTHMED_PAGE: {broken}")


def tiles(settings: Settings) -> Tiles | None:
    if settings.map_tiles is None:
        return None
    try:
        return Tiles(settings.map_tiles, settings.map_attribution)
    except UnusableTiles as unusable:
        sys.exit(f"HEALTHMED_MAP_TILES: {unusable}")


def stores(settings: Settings) -> list[str]:
    """Origins from which the page gets files, and to which it sends them."""
    place = settings.s3_public_endpoint_url or settings.s3_endpoint_url
    if place is None and settings.s3_bucket is not None:
        place = f"https://{settings.s3_bucket}.s3.{settings.s3_region}.amazonaws.com"
    return [origin(each) for each in (place, settings.cloudfront_url) if each is not None]


def trusted_documents(settings: Settings, page: Page | None) -> Mapping[str, str] | None:
    """Those of our page, and of other clients. Raises BrokenManifest."""
    manifests = [settings.trusted_documents, page.documents if page else None]
    found = [trusted.load(manifest) for manifest in manifests if manifest is not None]
    return {hash: text for each in found for hash, text in each.items()} if found else None
