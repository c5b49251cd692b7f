"""Tokens that claim to be a pool's, and the keys by which that is found out."""

import base64
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from domain.identity import Unanswered
from integrations.pool_tokens import PoolTokens
from tests.registry import RegistryServer, serving

ISSUER, CLIENT, ANA = "https://pool.example/sa-east-1_ana", "a client", "an account"
NOW = datetime(2030, 1, 7, 12, 15, tzinfo=UTC)
KEYS = [RSAKey.generate_key(2048, {"kid": f"key {number}", "use": "sig"}) for number in range(2)]
STRANGERS = RSAKey.generate_key(2048, {"kid": "key 0"})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def published(*keys: RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def token(key: RSAKey = KEYS[0], header: dict[str, Any] | None = None, **claims: Any) -> str:
    """As Cognito makes access tokens; a claim of None is left out."""
    given = {
        "iss": ISSUER,
        "client_id": CLIENT,
        "token_use": "access",
        "username": ANA,
        "sub": "of the pool",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    } | claims
    given = {name: value for name, value in given.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": key.kid} | (header or {}), given, key)


def plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture
async def server():
    async with serving(RegistryServer(usual=published(KEYS[0]))) as it:
        yield it


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tokens(server: RegistryServer, clock: Clock):
    it = PoolTokens(
        issuer=ISSUER, jwks_url=server.url, client_id=CLIENT, now=lambda: NOW, clock=clock
    )
    yield it
    await it.close()


async def believed(tokens: PoolTokens, text: str) -> bool:
    try:
        await tokens.check(text, ANA)
    except Unanswered:
        return False
    return True


async def test_an_access_token_of_the_pool_is_believed(tokens: PoolTokens):
    assert await believed(tokens, token())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://pool.example/another"},
        {"iss": None},
        {"client_id": "another client"},
        {"client_id": None, "aud": CLIENT},
        {"token_use": "id"},
        {"token_use": None},
        {"username": "another account"},
        {"username": None},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(NOW.timestamp()) + 3600},
    ],
    ids=str,
)
async def test_one_that_is_for_somebody_or_something_else_is_not(tokens: PoolTokens, claims):
    assert not await believed(tokens, token(**claims))


async def test_clocks_may_differ_by_a_minute(tokens: PoolTokens):
    assert await believed(tokens, token(exp=int(NOW.timestamp()) - 59))


async def test_one_that_a_stranger_signed_under_the_name_of_the_pools_key_is_not(tokens):
    assert not await believed(tokens, token(STRANGERS))


async def test_none_is_believed_by_another_algorithm_than_the_pools(tokens: PoolTokens):
    claims = token().split(".")[1]

    def headed(alg: str) -> str:
        return f"{plain(json.dumps({'alg': alg, 'kid': 'key 0'}).encode())}.{claims}"

    by_public_key = hmac.digest(KEYS[0].as_pem(private=False), headed("HS256").encode(), "sha256")
    forged = f"{headed('HS256')}.{plain(by_public_key)}"

    for text in (forged, f"{headed('none')}.", f"{headed('RS256')}.", "", "a.b.c", "a"):
        assert not await believed(tokens, text)


async def test_keys_are_fetched_once_for_an_hour(tokens, server, clock):
    for _ in range(3):
        assert await believed(tokens, token())
    assert len(server.heads) == 1
    clock.now += 3600

    assert await believed(tokens, token())
    assert len(server.heads) == 2


async def test_a_key_that_the_pool_has_begun_to_sign_with_is_fetched(tokens, server, clock):
    assert await believed(tokens, token())
    server.usual = published(*KEYS)
    clock.now += 30

    assert await believed(tokens, token(KEYS[1]))
    assert await believed(tokens, token(KEYS[0]))
    assert len(server.heads) == 2


async def test_a_key_that_the_pool_has_withdrawn_is_good_for_an_hour_at_most(tokens, server, clock):
    assert await believed(tokens, token())
    server.usual = published(KEYS[1])
    clock.now += 3600

    assert not await believed(tokens, token())


async def test_who_makes_up_key_ids_has_them_fetched_twice_a_minute_at_most(tokens, server, clock):
    for number in range(20):
        assert not await believed(tokens, token(KEYS[1], {"kid": f"made up {number}"}))
    assert len(server.heads) == 1
    clock.now += 29.9
    assert not await believed(tokens, token(KEYS[1]))
    clock.now += 0.1
    assert not await believed(tokens, token(KEYS[1]))

    assert len(server.heads) == 2


@pytest.mark.parametrize("answer", [500, "no keys", {"keys": [{"kty": "none of ours"}]}, {}, []])
async def test_without_keys_none_is_believed_until_there_are_some(tokens, server, answer, clock):
    server.usual = answer
    assert not await believed(tokens, token())
    server.usual = published(KEYS[0])
    clock.now += 30

    assert await believed(tokens, token())


async def test_keys_that_are_at_hand_do_while_the_pool_is_down(tokens, server, clock):
    assert await believed(tokens, token())
    server.usual = 500
    clock.now += 3599

    assert await believed(tokens, token())
    assert not await believed(tokens, token(KEYS[1]))
    assert await believed(tokens, token())


async def test_a_silent_one_is_not_waited_for(server, monkeypatch):
    monkeypatch.setattr("integrations.pool_tokens._SECONDS", 0.2)
    server.slow = 5
    tokens = PoolTokens(issuer=ISSUER, jwks_url=server.url, client_id=CLIENT, now=lambda: NOW)
    began = time.monotonic()

    assert not await believed(tokens, token())

    assert time.monotonic() - began < 4
    await tokens.close()
