"""The second factor, as its owner sees it."""

from datetime import datetime
from typing import Self

import strawberry

from domain.second_factor import Protection
from schema.problems import Problem, problems

_PASSWORD = "The password, once more."  # noqa: S105  # no password
_CODE = "A code of the app, or a recovery code."
_RECOVERY_CODES = "Each signs in once, in place of a code of the app. Shown this once."


@strawberry.type(
    description="What is asked for at a sign-in besides the password: a code of an app."
)
class SecondFactor:
    enabled_at: datetime = strawberry.field(description="Since when.")
    recovery_codes_left: int = strawberry.field(description="How many are not spent.")

    @classmethod
    def of(cls, protection: Protection) -> Self:
        return cls(
            enabled_at=protection.enabled_at, recovery_codes_left=protection.recovery_codes_left
        )


@strawberry.input(description="Who begins a second factor.")
class BeginSecondFactorInput:
    password: str = strawberry.field(description=_PASSWORD)


@strawberry.type(description="What an authenticator app needs (TOTP, RFC 6238).")
class BeginSecondFactorPayload:
    secret: str | None = strawberry.field(
        default=None, description="In base 32, to be typed; null when refused."
    )
    uri: str | None = strawberry.field(
        default=None, description="The same as `otpauth://…`; null when refused."
    )
    qr_code: str | None = strawberry.field(
        default=None, description="The URI as a QR code, in SVG; null when refused."
    )
    problems: list[Problem] = problems()


@strawberry.input(description="Proof that the app knows the secret.")
class ConfirmSecondFactorInput:
    code: str = strawberry.field(description="The six digits that the app shows.")


@strawberry.type(description="What came of confirmSecondFactor.")
class ConfirmSecondFactorPayload:
    second_factor: SecondFactor | None = strawberry.field(
        default=None, description="Null when refused."
    )
    recovery_codes: list[str] | None = strawberry.field(default=None, description=_RECOVERY_CODES)
    problems: list[Problem] = problems()


@strawberry.input(description="Who wants new recovery codes.")
class ReplaceRecoveryCodesInput:
    password: str = strawberry.field(description=_PASSWORD)
    code: str = strawberry.field(description=_CODE)


@strawberry.type(description="What came of replaceRecoveryCodes.")
class ReplaceRecoveryCodesPayload:
    recovery_codes: list[str] | None = strawberry.field(default=None, description=_RECOVERY_CODES)
    problems: list[Problem] = problems()


@strawberry.input(description="Who no longer wants a second factor.")
class RemoveSecondFactorInput:
    password: str = strawberry.field(description=_PASSWORD)
    code: str = strawberry.field(description=_CODE)


@strawberry.type(description="What came of removeSecondFactor.")
class RemoveSecondFactorPayload:
    problems: list[Problem] = problems()
