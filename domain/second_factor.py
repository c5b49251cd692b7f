"""The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for when it is lost.

It is begun with the password, which gives the app its secret, and is on once the app has shown that
it has understood. Then nobody signs in with a password alone. Each code is good once.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from domain import links, sessions
from domain.accounts import Account
from domain.attempts import Attempt
from domain.auth import (
    BeginSecondFactor,
    ConfirmSecondFactor,
    RemoveSecondFactor,
    ReplaceRecoveryCodes,
    Role,
    SpendRecoveryCode,
    Viewer,
    permit,
)
from domain.errors import Invalid, InvalidCredentials, MfaRequired, WrongStatus
from domain.ids import UserId
from domain.mail import MailKind
from domain.unit_of_work import UnitOfWork

RECOVERY_CODES = 10
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none is taken for another
_LENGTH, _GROUP = 12, 4  # 60 bits
_MISREAD = str.maketrans("ILO", "110")
_BETWEEN = re.compile(r"[\W_]+")
_OF_AN_APP = re.compile(r"[0-9]{6}")
_OF_RECOVERY = re.compile(f"[{_LETTERS}]{{{_LENGTH}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """Of the account with this id. `last_step`: of the last code that was good, by RFC 6238's T."""

    id: UserId
    secret: str = field(repr=False)
    begun_at: datetime
    enabled_at: datetime | None = None
    last_step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What its owner sees of a second factor that is on."""

    enabled_at: datetime
    recovery_codes_left: int


class SecondFactors(Protocol):
    async def put(self, factor: SecondFactor, /) -> bool:
        """In place of one that is not on; False, and nothing done, if one is."""
        ...

    async def lock(self, id: UserId, /) -> SecondFactor | None:
        """As it stands, on or only begun; nobody else changes it before this work ends."""
        ...

    async def save(self, factor: SecondFactor, /) -> None: ...
    async def remove(self, id: UserId, /) -> None:
        """Its recovery codes too."""
        ...

    async def put_recovery_codes(self, id: UserId, codes: Sequence[str], /) -> None:
        """In place of all that there were."""
        ...

    async def spend_recovery_code(self, id: UserId, code: str, /) -> bool:
        """False if it is none, or none any more."""
        ...


class OneTimeCodes(Protocol):
    """What an app shows."""

    def new_secret(self) -> str:
        """160 bits in base 32."""
        ...

    def uri(self, secret: str, name: str, /) -> str:
        """`otpauth://…`: the secret of the account with this name, as apps take it."""
        ...

    def qr_code(self, uri: str, /) -> str:
        """As SVG."""
        ...

    def step_of(self, secret: str, code: str, /, *, at: datetime) -> int | None:
        """The step of time that this code of six digits is of; None if of none about now."""
        ...


def attempt(user_id: UserId) -> Attempt:
    """At a code of this account. Whoever makes it knows the password, so that it is counted from
    wherever it comes: that locks out no one by the doing of strangers, and many addresses help
    nobody to guess six digits.
    """
    return Attempt(subject=f"code of {user_id}", address=None)


async def begin(work: UnitOfWork, viewer: Viewer, secret: str, *, at: datetime) -> None:
    """What was begun and not confirmed before is void. Raises WrongStatus if it is on."""
    permit(work, viewer, BeginSecondFactor(user_id=viewer.user_id))
    factor = SecondFactor(id=viewer.user_id, secret=secret, begun_at=at)
    if not await work.second_factors.put(factor):
        raise WrongStatus("There is a second factor; remove it before you begin another.")


async def confirm(
    work: UnitOfWork, viewer: Viewer, code: str, codes: OneTimeCodes, *, at: datetime
) -> tuple[str, ...]:
    """Switch it on and end the account's other sessions, which came without it.

    Returns the recovery codes, which nobody can read again.
    """
    permit(work, viewer, ConfirmSecondFactor(user_id=viewer.user_id))
    factor = await work.second_factors.lock(viewer.user_id)
    if factor is None or factor.enabled_at is not None:
        raise WrongStatus("Begin the second factor first.")
    if at >= factor.begun_at + work.limits.second_factor_begun_for:
        raise WrongStatus("This was begun too long ago; begin anew.")
    step = _step(factor, _plain(code), codes, at=at)
    if step is None:
        raise Invalid("This is not the code that the app shows now.", "code")
    await work.second_factors.save(replace(factor, enabled_at=at, last_step=step))
    await sessions.end_others(work, viewer, at=at)
    await links.tell(work, viewer.user_id, MailKind.SECOND_FACTOR_ON, at=at)
    return await _put_recovery_codes(work, factor)


async def prove(
    work: UnitOfWork, account: Account, otp: str | None, codes: OneTimeCodes, *, at: datetime
) -> None:
    """For an account whose password has just been verified; nothing is asked while it is off.

    Raises MfaRequired without a code and InvalidCredentials with a wrong one, or for an
    administrator who has no second factor.
    """
    factor = await work.second_factors.lock(account.id)
    if factor is None or factor.enabled_at is None:
        if account.role is Role.ADMINISTRATOR:
            raise InvalidCredentials
        return
    if otp is None:
        raise MfaRequired("Give a code of your app too, or a recovery code.", "otp")
    viewer = Viewer(user_id=account.id, role=account.role)
    await _spend(work, viewer, factor, otp, codes, at=at)


async def replace_recovery_codes(
    work: UnitOfWork, viewer: Viewer, code: str, codes: OneTimeCodes, *, at: datetime
) -> tuple[str, ...]:
    """New ones in place of all. Raises WrongStatus if it is off, and InvalidCredentials."""
    permit(work, viewer, ReplaceRecoveryCodes(user_id=viewer.user_id))
    factor = await _lock(work, viewer)
    await _spend(work, viewer, factor, code, codes, at=at)
    return await _put_recovery_codes(work, factor)


async def remove(
    work: UnitOfWork, viewer: Viewer, code: str, codes: OneTimeCodes, *, at: datetime
) -> None:
    """Raises WrongStatus if it is off, and InvalidCredentials."""
    permit(work, viewer, RemoveSecondFactor(user_id=viewer.user_id))
    factor = await _lock(work, viewer)
    await _spend(work, viewer, factor, code, codes, at=at)
    await work.second_factors.remove(factor.id)
    await links.tell(work, viewer.user_id, MailKind.SECOND_FACTOR_OFF, at=at)


async def _lock(work: UnitOfWork, viewer: Viewer) -> SecondFactor:
    factor = await work.second_factors.lock(viewer.user_id)
    if factor is None or factor.enabled_at is None:
        raise WrongStatus("There is no second factor.")
    return factor


async def _spend(
    work: UnitOfWork,
    viewer: Viewer,
    factor: SecondFactor,
    typed: str,
    codes: OneTimeCodes,
    *,
    at: datetime,
) -> None:
    code = _plain(typed)
    step = _step(factor, code, codes, at=at)
    if step is not None:
        await work.second_factors.save(replace(factor, last_step=step))
        return
    code = code.translate(_MISREAD)
    if not _OF_RECOVERY.fullmatch(code):
        raise InvalidCredentials
    permit(work, viewer, SpendRecoveryCode(user_id=factor.id))
    if not await work.second_factors.spend_recovery_code(factor.id, code):
        raise InvalidCredentials


def _step(factor: SecondFactor, code: str, codes: OneTimeCodes, *, at: datetime) -> int | None:
    """None if the code is wrong, or was good before, or is older than one that was."""
    if not _OF_AN_APP.fullmatch(code):
        return None
    step = codes.step_of(factor.secret, code, at=at)
    last = factor.last_step
    return step if step is not None and (last is None or step > last) else None


async def _put_recovery_codes(work: UnitOfWork, factor: SecondFactor) -> tuple[str, ...]:
    made = [
        "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    await work.second_factors.put_recovery_codes(factor.id, made)
    groups = range(0, _LENGTH, _GROUP)
    return tuple("-".join(code[start : start + _GROUP] for start in groups) for code in made)


def _plain(typed: str) -> str:
    """Without what people and apps put in between, in capitals."""
    return _BETWEEN.sub("", typed).upper()
