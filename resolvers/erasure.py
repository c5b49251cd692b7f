"""Leaving for good."""

import strawberry

from domain import erasure
from domain.auth import as_patient
from resolvers.attempts import attempt
from schema.context import Info
from schema.erasure import EraseAccountInput, EraseAccountPayload, ErasureReport
from schema.problems import AnswerProblems, Input


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "The patient's account is no more: nobody signs in with it, visits to come are called"
            " off, shares revoked. What the law has the clinic keep is told of in the report."
        ),
        extensions=[AnswerProblems(EraseAccountPayload)],
    )
    async def erase_account(
        self, info: Info, input: Input[EraseAccountInput]
    ) -> EraseAccountPayload | None:
        context, viewer = info.context, info.context.viewer
        as_patient(viewer)
        codes = context.services.one_time_codes
        report = await attempt(
            context,
            lambda work: erasure.erase(work, viewer, input.otp, codes, at=context.at),
            password=input.password,
        )
        return EraseAccountPayload(report=ErasureReport.of(report))
