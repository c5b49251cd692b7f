"""Access tokens: JWTs signed with ES256 (RFC 7519, RFC 7518 section 3.4)."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from domain.accounts import Proof
from domain.auth import Role, Viewer
from domain.ids import SessionId, UserId, new_id

ISSUER = AUDIENCE = "healthmed"
_KEPT = 20_000  # verified tokens; a signature costs more than a look


class JwtTokens:
    def __init__(self, signing: Mapping[str, Any], *, lasts: timedelta) -> None:
        """`signing` is a private JWK with a `kid`."""
        self._key = ECKey.import_key(dict(signing))
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

    def read(self, token: str, /, *, at: datetime) -> Viewer | None:
        proof = self.prove(token, at=at)
        return proof.viewer if proof else None

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
            claims = jwt.decode(token, self._key, algorithms=["ES256"]).claims
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
