"""Tokens of a Cognito user pool, proved by the keys that it publishes (RFC 7517).

Keys are kept for an hour. One that is not among them has them fetched anew, since pools rotate
theirs, but not more than twice a minute: whoever makes up key ids is not to keep us busy.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from domain.identity import Unanswered

_SECONDS = 3.0
_KEPT, _SOONEST = 3600.0, 30.0  # seconds
_SKEW = 60  # seconds that its clock and ours may differ
_OK = 200


class PoolTokens:
    """`clock` goes on evenly, `now` tells the time."""

    def __init__(
        self,
        *,
        issuer: str,
        jwks_url: str,
        client_id: str,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer, self._jwks_url, self._client_id = issuer, jwks_url, client_id
        self._now, self._clock = now, clock
        self._http = httpx.AsyncClient(timeout=_SECONDS)
        self._keys, self._fetched_at = KeySet([]), float("-inf")
        self._fetching = asyncio.Lock()

    async def check(self, token: str, username: str) -> None:
        """That it is an access token of this pool, for our client and this user, and good now.

        Raises Unanswered: what the pool has said cannot be believed, or its keys cannot be had.
        """
        try:
            claims = await self._prove(token)
            self._expected(username).validate(claims)
        except (JoseError, ValueError, TypeError) as fault:
            raise Unanswered(
                f"a token of the pool does not prove: {type(fault).__name__}"
            ) from None

    async def close(self) -> None:
        await self._http.aclose()

    def _expected(self, username: str) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=_SKEW,
            iss={"essential": True, "value": self._issuer},
            exp={"essential": True},
            token_use={"essential": True, "value": "access"},
            client_id={"essential": True, "value": self._client_id},
            username={"essential": True, "value": username},
        )

    async def _prove(self, token: str) -> dict[str, object]:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        keys = await self._keys_with(kid)
        return jwt.decode(token, keys, algorithms=["RS256"]).claims

    async def _keys_with(self, kid: object) -> KeySet:
        async with self._fetching:
            age = self._clock() - self._fetched_at
            known = any(key.kid == kid for key in self._keys.keys)
            if age >= _KEPT or (not known and age >= _SOONEST):
                self._keys = await self._fetch()
                self._fetched_at = self._clock()
            return self._keys

    async def _fetch(self) -> KeySet:
        try:
            answer = await self._http.get(self._jwks_url)
            if answer.status_code != _OK:
                raise Unanswered(f"the pool's keys: status {answer.status_code}")
            published: Mapping[str, object] = answer.json()
            return KeySet.import_key_set(published)  # type: ignore[arg-type]  # looked at by it
        except (httpx.RequestError, KeyError) as fault:
            raise Unanswered(f"the pool's keys: {type(fault).__name__}") from None
