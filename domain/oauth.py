"""What partners ask at /oauth/…: for a token, for its end, and whether it is good still.

Requests are read by a library of OAuth 2, without waiting for anything; what it has to know of the
partner and the token is looked up before, and what follows is done after. A request is one act, but
for the attempt at a secret, which is counted in an act before it (domain/attempts.py).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from urllib.parse import parse_qsl
from uuid import UUID

from domain import attempts, partners
from domain.accounts import Tokens
from domain.attempts import Attempt, Turns
from domain.auth import Scope
from domain.errors import TooManyAttempts
from domain.ids import PartnerId
from domain.partners import Partner, PartnerToken
from domain.unit_of_work import Act, UnitOfWork

FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 8192  # bytes: a token and a secret fit in it several times
_FIELDS = 20


class OAuthError(Exception):
    """As it is told over HTTP (RFC 6749, section 5.2). `description` quotes nothing that was sent;
    `wait`: in so many seconds one may try again.
    """

    def __init__(
        self, code: str, description: str, *, status: int = 400, wait: int | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": code, "error_description": description}
        self.headers: dict[str, str] = {}
        if status == 401:  # noqa: PLR2004  # RFC 7617
            self.headers["www-authenticate"] = 'Basic realm="partners", charset="UTF-8"'
        if wait is not None:
            self.headers["retry-after"] = str(wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`authorization`: the value of this header, if any."""

    form: Mapping[str, str] = field(repr=False)
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who asks, and as whom he is known; None: by these credentials nobody is."""

    credentials: Credentials
    partner: Partner | None


class OAuthLibrary(Protocol):
    """Raises OAuthError for all that is wrong with a request. Waits for nothing."""

    def credentials(self, asked: Asked, /) -> Credentials:
        """Of the header or of the form."""
        ...

    def authenticate(self, asked: Asked, client: Client, /) -> Partner: ...
    def scopes(self, asked: Asked, client: Client, /) -> frozenset[Scope]:
        """Those that the token that is asked for is to have."""
        ...

    def revoked(
        self, asked: Asked, client: Client, token: PartnerToken | None, /
    ) -> PartnerToken | None:
        """The token that is to end, if there is one."""
        ...

    def introspected(self, asked: Asked, client: Client, token: PartnerToken | None, /) -> "Answer":
        """What is told of a token that has not expired; None: of one that is not there."""
        ...


Answer: TypeAlias = Mapping[str, object]
_Reply: TypeAlias = Callable[[UnitOfWork, Asked, Client, Partner, datetime], Awaitable[Answer]]


def read(content_type: str, body: bytes, authorization: str | None) -> Asked:
    """Raises OAuthError. What has no value counts as left out (RFC 6749, section 3.2)."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"A request is {FORM}.")
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=_FIELDS)
    except ValueError:
        raise OAuthError("invalid_request", "This is no form.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("invalid_request", "No parameter is given more than once.")
    return Asked(form=form, authorization=authorization)


class OAuth:
    """The use cases, each told the client's network as `address`. They raise OAuthError."""

    def __init__(
        self, act: Act, library: OAuthLibrary, tokens: Tokens, now: Callable[[], datetime]
    ) -> None:
        self._act, self._library, self._tokens, self._now = act, library, tokens, now
        self._turns = Turns()

    async def grant(self, asked: Asked, address: str) -> Answer:
        """A token (RFC 6749, section 4.4)."""
        return await self._answer(asked, address, self._grant)

    async def revoke(self, asked: Asked, address: str) -> Answer:
        """The end of a token; it is no error if there is none (RFC 7009)."""
        return await self._answer(asked, address, self._revoke)

    async def introspect(self, asked: Asked, address: str) -> Answer:
        """Of the partner's own tokens; what else there is, is not active (RFC 7662)."""
        return await self._answer(asked, address, self._introspect)

    async def _answer(self, asked: Asked, address: str, reply: _Reply) -> Answer:
        given = self._library.credentials(asked)
        attempt = Attempt(subject=f"partner {given.client_id}", address=address)

        async def answer(work: UnitOfWork) -> Answer | OAuthError:
            found = await partners.prove(work, _id(given.client_id), given.secret, at=at)
            client = Client(credentials=given, partner=found)
            partner = self._library.authenticate(asked, client)
            await attempts.succeed(work, attempt, at=at)
            try:
                return await reply(work, asked, client, partner, at)
            except OAuthError as error:  # nothing is done, but that the secret was right is kept
                return error

        async with self._turns.take(attempt):
            at = self._now()
            try:
                await self._act(lambda work: attempts.begin(work, attempt, at=at))
            except TooManyAttempts as refused:
                code, wait = "temporarily_unavailable", refused.seconds
                raise OAuthError(code, str(refused), status=429, wait=wait) from refused
            answered = await self._act(answer)
        if isinstance(answered, OAuthError):
            raise answered
        return answered

    async def _grant(
        self, work: UnitOfWork, asked: Asked, client: Client, partner: Partner, at: datetime
    ) -> Answer:
        scopes = self._library.scopes(asked, client)
        viewer = await partners.issue(work, partner, scopes, at=at)
        token, expires_at = self._tokens.issue(viewer, at=at)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int((expires_at - at).total_seconds()),
            "scope": partners.show_scopes(viewer.scopes),
        }

    async def _revoke(
        self, work: UnitOfWork, asked: Asked, client: Client, partner: Partner, at: datetime
    ) -> Answer:
        token = self._library.revoked(asked, client, await self._find(work, asked, at))
        if token is not None:
            await partners.revoke(work, partner, token, at=at)
        return {}

    async def _introspect(
        self, work: UnitOfWork, asked: Asked, client: Client, partner: Partner, at: datetime
    ) -> Answer:
        del partner  # the library sees whose the token is
        token = await self._find(work, asked, at)
        return self._library.introspected(asked, client, token)

    async def _find(self, work: UnitOfWork, asked: Asked, at: datetime) -> PartnerToken | None:
        """The token that the request names, if it is one of a partner and has not expired."""
        proof = self._tokens.prove(asked.form.get("token", ""), at=at)
        if proof is None or proof.viewer.partner_id is None or proof.viewer.session_id is None:
            return None
        return await work.partner_tokens.get(proof.viewer.session_id)


def _id(client_id: str) -> PartnerId | None:
    """None for what cannot be one of ours."""
    try:
        id = UUID(client_id)
    except ValueError:
        return None
    return PartnerId(id) if str(id) == client_id else None
