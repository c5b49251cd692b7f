"""Passwords that a user pool of Amazon Cognito keeps (docs/decisions/0030).

A user of the pool is named by the id of his account: it knows neither e-mail nor CPF nor CRM. All
that we ask goes through the operations for administrators, which take credentials of AWS, so that
nobody can guess at passwords past our door.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import aioboto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.accounts import PASSWORD_LONGEST, Account
from domain.errors import Invalid, InvalidCredentials, MfaRequired
from domain.identity import Busy, IdentityProvider, Proven, Unanswered
from domain.ids import UserId
from integrations.pool_tokens import PoolTokens

log = logging.getLogger(__name__)
for _talkative in ("aiobotocore", "botocore"):  # at DEBUG they tell what is sent: passwords
    logging.getLogger(_talkative).setLevel(logging.INFO)

PATIENCE = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}
)
_MARK = "cognito:"
_CODE = "SOFTWARE_TOKEN_MFA"
_BETWEEN, _OF_AN_APP = re.compile(r"[\W_]+"), re.compile(r"[0-9]{6}")
_WAIT = timedelta(seconds=5)
_LOOKS = 0.4  # seconds for a password, at least: longer than the pool takes for yes or no
_BUSY = frozenset({"TooManyRequestsException", "LimitExceededException", "ThrottlingException"})
_NOT_LET_IN = frozenset(
    {
        "NotAuthorizedException",  # a wrong password, a user who is disabled, a grant that is over
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
    }
)
_WRONG_CODE = frozenset({"CodeMismatchException", "ExpiredCodeException"}) | _NOT_LET_IN
_EXPECTED = _WRONG_CODE | {"UsernameExistsException", "InvalidPasswordException"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPool:
    """And the client in it that we are."""

    id: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)

    @property
    def region(self) -> str:
        return self.id.partition("_")[0]

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.id}"


class _Refused(Unanswered):
    """The pool has said no, and why in `code`: no answer for those who did not reckon with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CognitoIdentity:
    """`client`: of aioboto3, for `cognito-idp`. `rows` has the passwords of accounts that were made
    without the pool: they come into it when they are changed.
    """

    is_outside = True

    def __init__(
        self, client: Any, pool: UserPool, tokens: PoolTokens, rows: IdentityProvider
    ) -> None:
        self._client, self._pool, self._tokens, self._rows = client, pool, tokens, rows
        self._nobody = str(uuid4())

    async def enrol(self, id: UserId, password: str, /) -> str:
        try:
            await self._ask("admin_create_user", Username=str(id), MessageAction="SUPPRESS")
        except _Refused as refused:
            if refused.code != "UsernameExistsException":  # we have asked twice, perhaps
                raise
        await self._set_password(id, password)
        return _new_mark()

    async def change(self, id: UserId, password: str, /) -> str:
        try:
            await self._set_password(id, password)
            await self._ask("admin_user_global_sign_out", Username=str(id))
        except _Refused as refused:
            if refused.code != "UserNotFoundException":
                raise
            return await self.enrol(id, password)
        return _new_mark()

    async def verify(self, account: Account | None, password: str, /) -> Proven | None:
        """After a time that tells nothing: not even of a right password, which may be one to an
        account that is not confirmed.
        """
        if not _is_fit(password) or len(password) > PASSWORD_LONGEST:
            return None
        no_sooner = time.monotonic() + _LOOKS
        if account is not None and not account.password_hash.startswith(_MARK):
            proven = await self._rows.verify(account, password)
        else:
            proven = await self._verify(str(account.id) if account else self._nobody, password)
        await asyncio.sleep(no_sooner - time.monotonic())
        return proven

    async def _verify(self, username: str, password: str) -> Proven | None:
        try:
            answer = await self._ask(
                "admin_initiate_auth",
                ClientId=self._pool.client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters=self._signed(username, {"PASSWORD": password}),
            )
        except _Refused as refused:
            if refused.code not in _NOT_LET_IN:
                raise
            return None
        challenge = answer.get("ChallengeName")
        if challenge == _CODE:
            return Proven(challenge=answer["Session"])
        if challenge is not None:
            log.warning("the pool asks %s of %s, which we cannot answer", challenge, username)
            return None
        return await self._proven(username, answer)

    async def answer(self, account: Account, proven: Proven, otp: str | None, /) -> Proven:
        if proven.challenge is None:
            return proven
        if otp is None:
            raise MfaRequired("Give a code of your app too.", "otp")
        code = _BETWEEN.sub("", otp)
        if not _OF_AN_APP.fullmatch(code):
            raise InvalidCredentials
        username = str(account.id)
        try:
            answer = await self._ask(
                "admin_respond_to_auth_challenge",
                ClientId=self._pool.client_id,
                ChallengeName=_CODE,
                Session=proven.challenge,
                ChallengeResponses=self._signed(username, {f"{_CODE}_CODE": code}),
            )
        except _Refused as refused:
            if refused.code not in _WRONG_CODE:
                raise
            raise InvalidCredentials from None
        return await self._proven(username, answer, second_factor=True)

    async def renew(self, id: UserId, grant: str, /) -> bool:
        username = str(id)
        try:
            answer = await self._ask(
                "admin_initiate_auth",
                ClientId=self._pool.client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters=self._signed(username, {"REFRESH_TOKEN": grant}),
            )
        except _Refused as refused:
            if refused.code not in _NOT_LET_IN:
                raise
            return False
        await self._proven(username, answer)
        return True

    async def remove(self, id: UserId, /) -> None:
        try:
            await self._ask("admin_delete_user", Username=str(id))
        except _Refused as refused:
            if refused.code != "UserNotFoundException":
                raise

    async def _set_password(self, id: UserId, password: str) -> None:
        if not _is_fit(password):
            raise Invalid("A password neither begins nor ends with a space.", "password")
        try:
            await self._ask(
                "admin_set_user_password", Username=str(id), Password=password, Permanent=True
            )
        except _Refused as refused:
            if refused.code != "InvalidPasswordException":
                raise
            raise Invalid("Choose another password; this one is too weak.", "password") from None

    async def _proven(
        self, username: str, answer: Mapping[str, Any], *, second_factor: bool = False
    ) -> Proven:
        result = answer.get("AuthenticationResult")
        if result is None:
            raise Unanswered("the pool asks for more than we can answer")
        await self._tokens.check(result["AccessToken"], username)
        return Proven(grant=result.get("RefreshToken"), second_factor=second_factor)

    def _signed(self, username: str, given: Mapping[str, str]) -> dict[str, str]:
        """With the proof that we know our client's secret, if it has one."""
        parameters = {"USERNAME": username, **given}
        if (secret := self._pool.client_secret) is not None:
            signed = (username + self._pool.client_id).encode()
            digest = hmac.digest(secret.encode(), signed, hashlib.sha256)
            parameters["SECRET_HASH"] = base64.b64encode(digest).decode()
        return parameters

    async def _ask(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Raises _Refused, Busy or Unanswered; none of them quotes what was sent."""
        try:
            answer: Mapping[str, Any] = await getattr(self._client, operation)(
                UserPoolId=self._pool.id, **parameters
            )
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            if code in _BUSY:
                raise Busy(_WAIT) from None
            if code not in _EXPECTED:
                log.error("the pool refuses %s: %s", operation, code)  # noqa: TRY400  # all of it
            raise _Refused(code) from None
        except (BotoCoreError, TimeoutError) as error:
            log.warning("the pool does not answer %s: %s", operation, type(error).__name__)
            raise Unanswered(type(error).__name__) from None
        return answer


def _is_fit(password: str) -> bool:
    """To be a password in a pool at all, whatever its policy."""
    return password != "" and not password[0].isspace() and not password[-1].isspace()


def _new_mark() -> str:
    """What sessions.open compares to notice that the password was changed meanwhile."""
    return f"{_MARK}{uuid4()}"


@asynccontextmanager
async def connected(
    pool: UserPool,
    rows: IdentityProvider,
    *,
    now: Callable[[], datetime],
    issuer: str | None = None,
    jwks_url: str | None = None,
    endpoint_url: str | None = None,
) -> AsyncGenerator[CognitoIdentity]:
    """None: as Amazon has it. Credentials are those of AWS's own environment."""
    issuer = issuer or pool.issuer
    tokens = PoolTokens(
        issuer=issuer,
        jwks_url=jwks_url or f"{issuer}/.well-known/jwks.json",
        client_id=pool.client_id,
        now=now,
    )
    try:
        async with aioboto3.Session().client(
            "cognito-idp", region_name=pool.region, endpoint_url=endpoint_url, config=PATIENCE
        ) as client:
            yield CognitoIdentity(client, pool, tokens, rows)
    finally:
        await tokens.close()
