"""Signing in, and who is asking."""

import strawberry

from domain import accounts
from domain.accounts import Account
from domain.errors import InvalidCredentials, Unauthenticated
from domain.registrations import CPF, CRM
from schema.context import Context, Info
from schema.problems import AnswerProblems, Input
from schema.viewers import (
    AnyViewer,
    Session,
    SignInDoctorInput,
    SignInPatientInput,
    SignInPayload,
    viewer_of,
)


@strawberry.type
class Query:
    @strawberry.field(description="Who is asking; null without a session.")
    def viewer(self, info: Info) -> AnyViewer | None:
        context = info.context
        if context.dead:
            raise Unauthenticated
        return None if context.caller is None else viewer_of(context.caller)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="By CRM, state and password.", extensions=[AnswerProblems(SignInPayload)]
    )
    async def sign_in_doctor(
        self, info: Info, input: Input[SignInDoctorInput]
    ) -> SignInPayload | None:
        crm = CRM.read(input.crm, input.uf, "crm")
        account = await info.context.reads.account_of_doctor(crm)
        return await _sign_in(info.context, account, input.password)

    @strawberry.mutation(
        description="By e-mail, CPF and password.", extensions=[AnswerProblems(SignInPayload)]
    )
    async def sign_in_patient(
        self, info: Info, input: Input[SignInPatientInput]
    ) -> SignInPayload | None:
        cpf = CPF.read(input.cpf, "cpf")
        email = input.email.strip()
        account = await info.context.reads.account_of_patient(email, cpf.digits)
        return await _sign_in(info.context, account, input.password)


async def _sign_in(context: Context, account: Account | None, password: str) -> SignInPayload:
    services = context.services
    hashed = account.password_hash if account else None
    matches = await services.passwords.verify(password, hashed)
    if account is None or not matches:
        raise InvalidCredentials
    opened = await context.act(lambda work: accounts.open_session(work, account, at=context.at))
    token, expires_at = services.tokens.issue(opened.viewer, at=context.at)
    # What else this operation selects, it selects as the one who has just signed in.
    context.caller, context.dead = opened.viewer, False
    return SignInPayload(
        session=Session(
            access_token=token,
            expires_at=expires_at,
            refresh_token=opened.refresh_token,
            viewer=viewer_of(opened.viewer),
        )
    )
