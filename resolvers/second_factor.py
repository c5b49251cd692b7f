"""Switching the second factor on and off."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import strawberry

from domain import attempts, second_factor
from domain.accounts import Account
from domain.attempts import Attempt
from domain.errors import InvalidCredentials, WrongStatus
from domain.identity import Unanswered
from domain.unit_of_work import UnitOfWork
from schema.context import Context, Info
from schema.nodes import must
from schema.problems import AnswerProblems, Input
from schema.second_factor import (
    BeginSecondFactorInput,
    BeginSecondFactorPayload,
    ConfirmSecondFactorInput,
    ConfirmSecondFactorPayload,
    RemoveSecondFactorInput,
    RemoveSecondFactorPayload,
    ReplaceRecoveryCodesInput,
    ReplaceRecoveryCodesPayload,
    SecondFactor,
)

T = TypeVar("T")


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "A new secret for an authenticator app. Until confirmSecondFactor nothing else changes."
        ),
        extensions=[AnswerProblems(BeginSecondFactorPayload)],
    )
    async def begin_second_factor(
        self, info: Info, input: Input[BeginSecondFactorInput]
    ) -> BeginSecondFactorPayload | None:
        context, viewer = info.context, info.context.viewer
        codes = context.services.one_time_codes
        secret = codes.new_secret()

        async def begin(work: UnitOfWork) -> Account:
            await second_factor.begin(work, viewer, secret, at=context.at)
            return must(await work.accounts.get(viewer.user_id))

        account = await _attempt(context, begin, password=input.password, by_code=False)
        uri = codes.uri(secret, account.email)
        return BeginSecondFactorPayload(secret=secret, uri=uri, qr_code=codes.qr_code(uri))

    @strawberry.mutation(
        description=(
            "From now on a sign-in needs a code. Other sessions of the account end. Within an hour"
            " of beginSecondFactor."
        ),
        extensions=[AnswerProblems(ConfirmSecondFactorPayload)],
    )
    async def confirm_second_factor(
        self, info: Info, input: Input[ConfirmSecondFactorInput]
    ) -> ConfirmSecondFactorPayload | None:
        context, viewer = info.context, info.context.viewer
        codes = context.services.one_time_codes
        made = await _attempt(
            context,
            lambda work: second_factor.confirm(work, viewer, input.code, codes, at=context.at),
        )
        protection = must(await context.reads.protection(viewer.user_id))
        return ConfirmSecondFactorPayload(
            second_factor=SecondFactor.of(protection), recovery_codes=list(made)
        )

    @strawberry.mutation(
        description="New recovery codes, in place of all there were.",
        extensions=[AnswerProblems(ReplaceRecoveryCodesPayload)],
    )
    async def replace_recovery_codes(
        self, info: Info, input: Input[ReplaceRecoveryCodesInput]
    ) -> ReplaceRecoveryCodesPayload | None:
        context, viewer = info.context, info.context.viewer
        codes = context.services.one_time_codes
        made = await _attempt(
            context,
            lambda work: second_factor.replace_recovery_codes(
                work, viewer, input.code, codes, at=context.at
            ),
            password=input.password,
        )
        return ReplaceRecoveryCodesPayload(recovery_codes=list(made))

    @strawberry.mutation(
        description="From now on the password is enough.",
        extensions=[AnswerProblems(RemoveSecondFactorPayload)],
    )
    async def remove_second_factor(
        self, info: Info, input: Input[RemoveSecondFactorInput]
    ) -> RemoveSecondFactorPayload | None:
        context, viewer = info.context, info.context.viewer
        codes = context.services.one_time_codes
        await _attempt(
            context,
            lambda work: second_factor.remove(work, viewer, input.code, codes, at=context.at),
            password=input.password,
        )
        return RemoveSecondFactorPayload()


async def _attempt(
    context: Context,
    use_case: Callable[[UnitOfWork], Awaitable[T]],
    *,
    password: str | None = None,
    by_code: bool = True,
) -> T:
    """The use case, tried by the viewer: a wrong password or a wrong code is a failed attempt."""
    services, viewer = context.services, context.viewer
    attempt = Attempt(subject=f"account {viewer.user_id}", address=context.address)
    tried = [attempt]

    async def succeed(work: UnitOfWork) -> T:
        for each in tried:
            await attempts.succeed(work, each, at=context.at)
        return await use_case(work)

    async def take_back(work: UnitOfWork) -> None:
        for each in tried:
            await attempts.take_back(work, each, at=context.at)

    async with services.turns.take(attempt):
        await context.act(lambda work: attempts.begin(work, attempt, at=context.at))
        try:
            if password is not None:
                account = must(await context.reads.account(viewer.user_id))
                if await services.identity.verify(account, password) is None:
                    raise InvalidCredentials
            if by_code:
                guess = second_factor.attempt(viewer.user_id)
                await context.act(lambda work: attempts.begin(work, guess, at=context.at))
                tried.append(guess)
            return await context.act(succeed)
        except (WrongStatus, Unanswered):
            await context.act(take_back)
            raise
