"""Tokens that stand for passwords: the same that Amazon's own client makes."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import pytest

from integrations import iam_tokens

HOST = "healthmed.abc.sa-east-1.rds.amazonaws.com"
URL = f"postgresql://healthmed_app@{HOST}:5432/healthmed?sslmode=verify-full"


@pytest.fixture(autouse=True)
def role(monkeypatch: pytest.MonkeyPatch):
    """At a moment that stands still, since it is in the signature."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "AWS_REGION": "sa-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    moment = datetime(2030, 1, 7, 9, 15, tzinfo=UTC).replace(tzinfo=None)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moment)


async def test_that_of_the_database_is_the_one_that_amazons_client_makes():
    # A session of its own: the usual one may have been made with somebody else's keys.
    theirs = (
        boto3.Session()
        .client("rds", region_name="sa-east-1")
        .generate_db_auth_token(DBHostname=HOST, Port=5432, DBUsername="healthmed_app")
    )

    assert await iam_tokens.for_database(URL)() == theirs


async def test_that_of_the_cache_names_cache_user_and_fifteen_minutes():
    token = await iam_tokens.for_cache("healthmed-production", "healthmed-server")()

    told = urlsplit(f"http://{token}")
    assert told.netloc == "healthmed-production"
    query = {name: value for name, [value] in parse_qs(told.query).items()}
    assert query["Action"] == "connect"
    assert query["User"] == "healthmed-server"
    assert query["X-Amz-Expires"] == "900"
    assert query["X-Amz-Credential"] == "AKIDEXAMPLE/20300107/sa-east-1/elasticache/aws4_request"
    assert query["X-Amz-Security-Token"] == "session"


async def test_without_credentials_it_says_so(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")

    with pytest.raises(iam_tokens.NoCredentials):
        await iam_tokens.for_database(URL)()


def test_without_a_region_nothing_starts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    with pytest.raises(ValueError, match="AWS_REGION"):
        iam_tokens.for_database(URL)
