"""OAuth 2 as authlib reads it: requests at the token endpoint and its companions, and metadata.

Authlib's server is synchronous and asks for what it needs while it works. So it is given a client
and a token that were looked up before, and what follows is written after (docs/decisions/0032).
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientCredentialsGrant,
    ClientMixin,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750.token import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from domain.auth import Scope
from domain.oauth import Answer, Asked, Client, Credentials, OAuthError
from domain.partners import Partner, PartnerToken, show_scopes
from integrations.tokens import ALGORITHM, AUDIENCE

TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
JWKS = "/.well-known/jwks.json"
_METHODS = ["client_secret_basic", "client_secret_post"]
_SAID = {  # authlib's own words are none, or more than a stranger is to know
    "invalid_client": "There is no such client, or this is not its secret.",
    "invalid_grant": "This token is not yours.",
    "invalid_request": "A parameter that must be there is not.",
    "invalid_scope": "A scope is unknown, or not yours.",
    "unsupported_grant_type": "The grant type is client_credentials.",
}


class AuthlibOAuth:
    """`issuer`: the URL that we are reached at, without a slash at its end."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def credentials(self, asked: Asked, /) -> Credentials:
        try:
            id, secret = extract_basic_authorization({"Authorization": asked.authorization})
        except ValueError:  # not in ASCII, or not UTF-8
            message = _SAID["invalid_client"]
            raise OAuthError("invalid_client", message, status=401) from None
        if id and "client_secret" in asked.form:
            raise OAuthError("invalid_request", "A client authenticates in one way, not in two.")
        if not id:
            id, secret = asked.form.get("client_id"), asked.form.get("client_secret")
        if not id or not secret:
            raise OAuthError("invalid_client", _SAID["invalid_client"], status=401)
        return Credentials(client_id=id, secret=secret)

    def authenticate(self, asked: Asked, client: Client, /) -> Partner:
        with _told():
            request = _Request(self._issuer + TOKEN, asked)
            found: _Client = _Server(client).authenticate_client(request, _METHODS)
        return found.partner

    def scopes(self, asked: Asked, client: Client, /) -> frozenset[Scope]:
        with _told():
            request = _Request(self._issuer + TOKEN, asked)
            if not request.payload.grant_type:
                raise InvalidRequestError
            _Server(client).get_token_grant(request).validate_token_request()
            allowed = BearerTokenGenerator.get_allowed_scope(request.client, request.scope)
        return frozenset(Scope(scope) for scope in allowed.split())

    def revoked(
        self, asked: Asked, client: Client, token: PartnerToken | None, /
    ) -> PartnerToken | None:
        with _told():
            request = _Request(self._issuer + REVOKE, asked)
            endpoint = _Revocation(_Server(client), token)
            authenticated = endpoint.authenticate_endpoint_client(request)
            found: _Token | None = endpoint.authenticate_token(request, authenticated)
        return found.token if found else None

    def introspected(self, asked: Asked, client: Client, token: PartnerToken | None, /) -> Answer:
        with _told():
            request = _Request(self._issuer + INTROSPECT, asked)
            endpoint = _Introspection(_Server(client), token, self._issuer)
            _, answer, _ = endpoint.create_endpoint_response(request)
        told: Answer = answer
        return told

    def metadata(self) -> Mapping[str, Any]:
        """Of the authorization server (RFC 8414)."""
        authenticated = {
            f"{endpoint}_endpoint_auth_methods_supported": _METHODS
            for endpoint in ("token", "revocation", "introspection")
        }
        told: Mapping[str, Any] = AuthorizationServerMetadata(
            issuer=self._issuer,
            token_endpoint=self._issuer + TOKEN,
            revocation_endpoint=self._issuer + REVOKE,
            introspection_endpoint=self._issuer + INTROSPECT,
            jwks_uri=self._issuer + JWKS,
            scopes_supported=list(Scope),
            grant_types_supported=[ClientCredentialsGrant.GRANT_TYPE],
            response_types_supported=[],  # there is no authorization endpoint
            **authenticated,
        )
        return told

    def openid_configuration(self) -> Mapping[str, Any]:
        """The same for whoever proves tokens and looks in OpenID's place. There are no ID tokens;
        access tokens are signed as is said of those.
        """
        told: Mapping[str, Any] = OpenIDProviderMetadata(
            self.metadata(),
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=[ALGORITHM],
        )
        return told


@contextmanager
def _told() -> Generator[None]:
    """Authlib's errors as ours."""
    try:
        yield
    except OAuth2Error as error:
        description = _SAID.get(error.error, error.description)
        raise OAuthError(error.error, description, status=error.status_code) from error


class _Request(OAuth2Request):  # type: ignore[misc]  # authlib has no types
    def __init__(self, url: str, asked: Asked) -> None:
        super().__init__("POST", url, headers={"Authorization": asked.authorization})
        self.payload = BasicOAuth2Payload(asked.form)

    @property
    def form(self) -> Mapping[str, str]:
        form: Mapping[str, str] = self.payload.data
        return form


class _Client(ClientMixin):  # type: ignore[misc]
    """A stranger is a client, too, whose secret is never right: so both are answered alike."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def partner(self) -> Partner:
        if self._client.partner is None:
            raise LookupError("a stranger was let in")
        return self._client.partner

    def check_client_secret(self, secret: str) -> bool:
        """Whether it is the one that has been proved."""
        return self._client.partner is not None and secret == self._client.credentials.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        del endpoint
        return method in _METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == ClientCredentialsGrant.GRANT_TYPE)

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All of the partner's, if it asks for none by name. None: one of them is not the
        partner's.
        """
        own = self.partner.scopes
        if scope is None:
            return show_scopes(own)
        return scope if scope.split() and set(scope.split()) <= set(own) else None


class _Token(TokenMixin):  # type: ignore[misc]
    def __init__(self, token: PartnerToken) -> None:
        self.token = token

    def check_client(self, client: _Client) -> bool:
        return self.token.partner_id == client.partner.id

    def is_expired(self) -> bool:
        """Such a one is not found."""
        return False

    def is_revoked(self) -> bool:
        return self.token.ended_at is not None


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS


class _Server(AuthorizationServer):  # type: ignore[misc]
    """For one request."""

    def __init__(self, client: Client) -> None:
        super().__init__(scopes_supported=list(Scope))
        self._client = client
        self.register_grant(_Grant)

    def query_client(self, client_id: str) -> _Client | None:
        return _Client(self._client) if client_id == self._client.credentials.client_id else None

    def send_signal(self, name: str, *arguments: Any, **named: Any) -> None:
        """Nobody listens."""


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = _METHODS

    def __init__(self, server: _Server, token: PartnerToken | None) -> None:
        super().__init__(server)
        self._token = _Token(token) if token else None

    def check_params(self, request: _Request, client: _Client) -> None:
        """Of token_type_hint we have no need (RFC 7009, section 2.1)."""
        del client
        if "token" not in request.form:
            raise InvalidRequestError

    def query_token(self, token: str, hint: str | None) -> _Token | None:
        del token, hint
        return self._token


class _Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = _METHODS

    def __init__(self, server: _Server, token: PartnerToken | None, issuer: str) -> None:
        super().__init__(server)
        self._token = _Token(token) if token else None
        self._issuer = issuer

    def check_params(self, request: _Request, client: _Client) -> None:
        """Of token_type_hint we have no need (RFC 7662, section 2.1)."""
        del client
        if "token" not in request.form:
            raise InvalidRequestError

    def query_token(self, token: str, hint: str | None) -> _Token | None:
        del token, hint
        return self._token

    def check_permission(self, token: _Token, client: _Client, request: _Request) -> bool:
        del request
        return token.check_client(client)

    def introspect_token(self, token: _Token) -> dict[str, Any]:
        own = token.token
        return {
            "client_id": str(own.partner_id),
            "sub": str(own.partner_id),
            "token_type": "Bearer",
            "scope": show_scopes(own.scopes),
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": int(own.created_at.timestamp()),
            "exp": int(own.expires_at.timestamp()),
            "jti": str(own.id),
        }
