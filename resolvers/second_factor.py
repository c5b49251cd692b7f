"""Switching the second factor on and off."""

import strawberry

from domain import second_factor
from domain.accounts import Account
from domain.auth import RemoveSecondFactor, demand
from domain.unit_of_work import UnitOfWork
from resolvers.attempts import attempt
from schema.context import Info
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

        account = await attempt(context, begin, password=input.password, by_code=False)
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
        made = await attempt(
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
        made = await attempt(
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
        demand(viewer, RemoveSecondFactor(user_id=viewer.user_id))
        codes = context.services.one_time_codes
        await attempt(
            context,
            lambda work: second_factor.remove(work, viewer, input.code, codes, at=context.at),
            password=input.password,
        )
        return RemoveSecondFactorPayload()
