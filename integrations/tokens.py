"""Access tokens: JWTs signed with ES256 (RFC 7519, RFC 7518 section 3.4), after RFC 9068.

Of a person the session is `sid`, and the client our own pages; a partner is itself the client, its
session is this one token, `jti`, and it has a `scope`.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from domain.accounts import Proof
from domain.auth import Role, Scope, Viewer
from domain.ids import SessionId, UserId, new_id
from domain.partners import show_scopes
from integrations.keys import SigningKeys

ALGORITHM = "ES256"
AUDIENCE = "healthmed"
_USE = {"use": "sig", "alg": ALGORITHM}
_KEPT = 20_000  # verified tokens; a signature costs more than a look


class JwtTokens:
    """`issuer`: our own URL."""

    def __init__(self, signing: SigningKeys, *, issuer: str, lasts: timedelta) -> None:
        self._key = ECKey.import_key(dict(signing.current))
        self._accepted = KeySet([ECKey.import_key(dict(key)) for key in signing.all()])
        self._issuer, self._lasts = issuer, lasts
        self._verified: OrderedDict[str, Proof] = OrderedDict()

    def issue(self, viewer: Viewer, /, *, at: datetime) -> tuple[str, datetime]:
        expires_at = (at + self._lasts).replace(microsecond=0)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(viewer.user_id),
            "role": viewer.role.value,
            "iat": int(at.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        if viewer.role is Role.PARTNER:
            claims["client_id"] = str(viewer.user_id)
            claims["jti"] = str(viewer.session_id)
            claims["scope"] = show_scopes(viewer.scopes)
        else:
            claims["client_id"] = AUDIENCE
            claims["jti"] = str(new_id())
            claims["sid"] = str(viewer.session_id)
        header = {"alg": ALGORITHM, "kid": self._key.kid, "typ": "at+jwt"}  # RFC 9068
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
            claims = jwt.decode(token, self._accepted, algorithms=[ALGORITHM]).claims
            if claims["iss"] != self._issuer or claims["aud"] != AUDIENCE:
                return None
            role = Role(claims["role"])
            of_partner = role is Role.PARTNER
            scopes = claims["scope"].split() if of_partner else ()
            viewer = Viewer(
                user_id=UserId(UUID(claims["sub"])),
                role=role,
                session_id=SessionId(UUID(claims["jti" if of_partner else "sid"])),
                scopes=frozenset(Scope(scope) for scope in scopes),
            )
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            return Proof(viewer=viewer, expires_at=expires_at)
        except (JoseError, AttributeError, KeyError, TypeError, ValueError, OverflowError):
            return None
