"""Passwords that AWS takes for fifteen minutes: requests that the task's own role has signed.

Nothing is asked but where the role's credentials come from. So neither the database nor the cache
has a password that could leak. As RDS's "IAM database authentication" and ElastiCache's
"Authenticating with IAM" have it: a presigned GET (Signature Version 4), without its scheme.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LASTS = 900  # seconds

Password = Callable[[], Awaitable[str]]


class NoCredentials(Exception):
    def __init__(self) -> None:
        super().__init__("AWS's own chain finds no credentials")


def for_database(url: str) -> Password:
    """`url`: as asyncpg reads it, with the role's name and no password. Raises ValueError."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query)["host"][0]
    query = urlencode({"Action": "connect", "DBUser": unquote(parts.username or "")})
    return _password(f"https://{host}:{parts.port or 5432}/?{query}", "rds-db")


def for_cache(cache: str, user: str) -> Password:
    """`cache`: the id of the replication group, not its address. Raises ValueError."""
    query = urlencode({"Action": "connect", "User": user})
    return _password(f"http://{cache}/?{query}", "elasticache")


def _password(url: str, service: str) -> Password:
    """Raises ValueError where no region is named."""
    session = botocore.session.get_session()
    region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if not region:
        raise ValueError("AWS_REGION is not set")

    async def sign() -> str:
        # In a thread: now and then the role's credentials are asked for anew.
        return await asyncio.to_thread(_signed, session, url, service, region)

    return sign


def _signed(session: botocore.session.Session, url: str, service: str, region: str) -> str:
    """Raises NoCredentials."""
    credentials: Credentials | None = session.get_credentials()
    if credentials is None:
        raise NoCredentials
    request = AWSRequest(method="GET", url=url)
    SigV4QueryAuth(credentials.get_frozen_credentials(), service, region, LASTS).add_auth(request)
    signed: str = request.url
    return signed.partition("://")[2]
