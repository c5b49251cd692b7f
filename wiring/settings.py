"""What the environment says: read here, and nowhere else."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.limits import Limits
from transport.limits import Limits as TransportLimits

ATTEMPTS_IN_OPEN = 10_000  # wrong passwords of one address in an hour


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

    @property
    def domain_limits(self) -> Limits:
        """The profile `open` is for suites, which mistype thousands of passwords in a minute."""
        if not self.open_documents:
            return self.limits
        least = max(self.limits.attempts_per_address, ATTEMPTS_IN_OPEN)
        return replace(self.limits, attempts_per_address=least)

    @property
    def transport_limits(self) -> TransportLimits:
        """A clinic comes from one address; the profile `open` is for load tools, too."""
        limits = self.transport
        if self.open_documents:
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
