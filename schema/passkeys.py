"""Passkeys, as their owner sees them, and how browsers are asked for them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import passkeys
from domain.ids import PasskeyId
from schema import ids
from schema.problems import Problem, problems

_CREATE = (
    "JSON for `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials"
    ".create`; null when refused."
)
_GET = (
    "JSON for `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`;"
    " null when refused."
)
ANSWER = "What the browser answered, as JSON: `JSON.stringify(credential)`."


@strawberry.type(description="A key of an authenticator, by which its owner signs in.")
class Passkey:
    id: strawberry.ID = strawberry.field(description="For removePasskey.")
    name: str = strawberry.field(description="As its owner called it.")
    created_at: datetime = strawberry.field(description="When it was added.")
    used_at: datetime | None = strawberry.field(description="When it last signed in; null: never.")
    backed_up: bool = strawberry.field(
        description="Whether its maker keeps copies, so that a device that is lost does not matter."
    )

    @classmethod
    def of(cls, passkey: passkeys.Passkey) -> Self:
        return cls(
            id=ids.show(PasskeyId, passkey.id),
            name=passkey.name,
            created_at=passkey.created_at,
            used_at=passkey.used_at,
            backed_up=passkey.backed_up,
        )


@strawberry.input(description="Who wants to add a passkey.")
class BeginPasskeyInput:
    password: str = strawberry.field(description="The password, once more.")
    otp: str | None = strawberry.field(
        default=None, description="A code, for accounts with a second factor."
    )


@strawberry.type(description="What the browser is to be asked, within five minutes.")
class BeginPasskeyPayload:
    options: str | None = strawberry.field(default=None, description=_CREATE)
    problems: list[Problem] = problems()


@strawberry.input(description="The passkey that was made.")
class ConfirmPasskeyInput:
    credential: str = strawberry.field(description=ANSWER)
    name: str = strawberry.field(description="For its owner to know it by; 1 to 60 characters.")


@strawberry.type(description="What came of confirmPasskey.")
class ConfirmPasskeyPayload:
    passkey: Passkey | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()


@strawberry.input(description="Which passkey to remove.")
class RemovePasskeyInput:
    passkey_id: strawberry.ID = strawberry.field(description="One of the viewer's own.")


@strawberry.type(description="What came of removePasskey.")
class RemovePasskeyPayload:
    problems: list[Problem] = problems()


@strawberry.type(description="What the browser is to be asked, within five minutes.")
class BeginPasskeySignInPayload:
    options: str | None = strawberry.field(default=None, description=_GET)
    problems: list[Problem] = problems()
