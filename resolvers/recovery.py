"""A new password, and a confirmed address, by links that are sent by mail."""

from datetime import datetime
from typing import Protocol

import strawberry

from domain import accounts, attempts, confirmation, links, recovery
from domain.attempts import Attempt
from domain.errors import refuse_any
from domain.links import Purpose
from domain.unit_of_work import UnitOfWork
from schema.context import Context, Info
from schema.problems import AnswerProblems, Input
from schema.recovery import (
    ConfirmEmailInput,
    ConfirmEmailPayload,
    RequestPasswordResetInput,
    RequestPasswordResetPayload,
    ResendConfirmationInput,
    ResendConfirmationPayload,
    ResetPasswordInput,
    ResetPasswordPayload,
)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "Sends a link for each account of this e-mail. The answer does not tell whether there"
            " is one."
        ),
        extensions=[AnswerProblems(RequestPasswordResetPayload)],
    )
    async def request_password_reset(
        self, info: Info, input: Input[RequestPasswordResetInput]
    ) -> RequestPasswordResetPayload | None:
        context = info.context
        await _ask(context, recovery.request, "reset", input.email)
        return RequestPasswordResetPayload()

    @strawberry.mutation(
        description="By the link that requestPasswordReset had sent. Ends all sessions.",
        extensions=[AnswerProblems(ResetPasswordPayload)],
    )
    async def reset_password(
        self, info: Info, input: Input[ResetPasswordInput]
    ) -> ResetPasswordPayload | None:
        context, token = info.context, input.token
        passwords = context.services.passwords
        refuse_any(accounts.password_faults(passwords, input.password, "password"))
        # Looked at twice: a password is hashed, or given to the pool, for nobody without a link.
        account = await context.act(
            lambda work: links.follow(work, token, Purpose.RESET_PASSWORD, at=context.at)
        )
        hashed = await context.services.identity.change(account.id, input.password)
        await context.act(
            lambda work: recovery.reset(work, token, password_hash=hashed, at=context.at)
        )
        return ResetPasswordPayload()

    @strawberry.mutation(
        description="By the link that was sent to the address.",
        extensions=[AnswerProblems(ConfirmEmailPayload)],
    )
    async def confirm_email(
        self, info: Info, input: Input[ConfirmEmailInput]
    ) -> ConfirmEmailPayload | None:
        context = info.context
        await context.act(lambda work: confirmation.confirm(work, input.token, at=context.at))
        return ConfirmEmailPayload()

    @strawberry.mutation(
        description=(
            "Sends the link once more. The answer does not tell whether anybody waits for it."
        ),
        extensions=[AnswerProblems(ResendConfirmationPayload)],
    )
    async def resend_confirmation(
        self, info: Info, input: Input[ResendConfirmationInput]
    ) -> ResendConfirmationPayload | None:
        context = info.context
        await _ask(context, confirmation.request, "confirm", input.email)
        return ResendConfirmationPayload()


class Asking(Protocol):
    async def __call__(self, work: UnitOfWork, email: str, /, *, at: datetime) -> None: ...


async def _ask(context: Context, ask: Asking, what: str, email: str) -> None:
    """Counted as an attempt that never succeeds, so that nobody asks without end.

    Raises TooManyAttempts, whether or not the address is anybody's.
    """
    email = email.strip()
    refuse_any(accounts.email_faults(email, "email"))
    attempt = Attempt(subject=f"{what} {email.lower()}", address=context.address)

    async def count_and_ask(work: UnitOfWork) -> None:
        await attempts.begin(work, attempt, at=context.at)
        await ask(work, email, at=context.at)

    async with context.services.turns.take(attempt):
        await context.act(count_and_ask)
