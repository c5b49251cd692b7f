"""Access tokens: JWTs signed with ES256 (RFC 7519, RFC 7518 section 3.4)."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from domain.accounts import Proof
from domain.auth import Role, Viewer
from domain.ids import SessionId, UserId, new_id
from integrations.keys import SigningKeys

ISSUER = AUDIENCE = "healthmed"
_USE = {"use": "sig", "alg": "ES256"}
_KEPT = 20_000  # verified tokens; a signature costs more than a look


class JwtTokens:
    def __init__(self, signing: SigningKeys, *, lasts: timedelta) -> None:
        self._key = ECKey.import_key(dict(signing.current))
        self._accepted = KeySet([ECKey.import_key(dict(key)) for key in signing.all()])
        self._lasts = lasts
        self._verified: OrderedDict[str, Proof] = OrderedDict()

    def issue(self, viewer: Viewer, /, *, at: datetime) -> tuple[str, datetime]:
        expires_at = (at + self._lasts).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(viewer.user_id),
            "sid": str(viewer.session_id),
            "role": viewer.role.value,
            "iat": int(at.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": str(new_id()),
        }
        header = {"alg": "ES256", "kid": self._key.kid, "typ": "at+jwt"}  # RFC 9068
        return jwt.encode(header, claims, self._key), expires_at

    def public_keys(self) -> Mapping[str, Any]:
        """By which others may prove our tokens: a JWK Set (RFC 7517, 5)."""
        keys = [{**key.as_dict(private=False), **_USE} for key in self._accepted.keys]
        return {"keys": keys}

    def prove(self, token: str, /, *, at: datetime) -> Proof | None:
        known = self._verified.get(token) or self._verify(token)
        if known is None or known.expires_at <= at:
            return None
        self._verified[token] = known
        self._verified.move_to_end(token)
        if len(self._verified) > _KEPT:
            self._verified.popitem(last=False)
        return known

    def _verify(self, token: str) -> Proof | None:
        """Everything of a token but its time."""
        try:
            claims = jwt.decode(token, self._accepted, algorithms=["ES256"]).claims
            if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
                return None
            viewer = Viewer(
                user_id=UserId(UUID(claims["sub"])),
                role=Role(claims["role"]),
                session_id=SessionId(UUID(claims["sid"])),
            )
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            return Proof(viewer=viewer, expires_at=expires_at)
        except (JoseError, KeyError, TypeError, ValueError, OverflowError):
            return None
