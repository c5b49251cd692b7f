"""Signing in and out, and who is asking."""

from collections.abc import Awaitable, Callable

import strawberry

from domain import attempts, sessions
from domain.accounts import Account
from domain.attempts import Attempt
from domain.errors import InvalidCredentials, TokenExpired, Unauthenticated
from domain.registrations import CPF, CRM
from domain.sessions import OpenedSession
from domain.unit_of_work import UnitOfWork
from schema.context import Context, Info, Services
from schema.problems import AnswerProblems, Input
from schema.viewers import (
    AnyViewer,
    RefreshSessionInput,
    Session,
    SignInDoctorInput,
    SignInPatientInput,
    SignInPayload,
    SignOutPayload,
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
        found = info.context.reads.account_of_doctor
        subject = f"doctor {crm.number} {crm.uf}"
        return await _sign_in(info.context, subject, lambda: found(crm), input.password)

    @strawberry.mutation(
        description="By e-mail, CPF and password.", extensions=[AnswerProblems(SignInPayload)]
    )
    async def sign_in_patient(
        self, info: Info, input: Input[SignInPatientInput]
    ) -> SignInPayload | None:
        cpf = CPF.read(input.cpf, "cpf")
        email = input.email.strip()
        found = info.context.reads.account_of_patient
        subject = f"patient {cpf.digits} {email.lower()}"
        return await _sign_in(
            info.context, subject, lambda: found(email, cpf.digits), input.password
        )

    @strawberry.mutation(
        description=(
            "By the refresh token, which is good once: the answer has the next one. Sent a second"
            " time, it ends the session."
        ),
        extensions=[AnswerProblems(SignInPayload)],
    )
    async def refresh_session(
        self, info: Info, input: Input[RefreshSessionInput]
    ) -> SignInPayload | None:
        context = info.context
        opened = await context.act(
            lambda work: sessions.renew(work, input.refresh_token, at=context.at)
        )
        if opened is None:
            raise TokenExpired("Sign in again.", "refreshToken")
        return _signed_in(context, opened)

    @strawberry.mutation(
        description="Ends the session: its tokens are good no more, and its live feeds close.",
        extensions=[AnswerProblems(SignOutPayload)],
    )
    async def sign_out(self, info: Info) -> SignOutPayload | None:
        context = info.context
        viewer = context.viewer
        await context.act(lambda work: sessions.sign_out(work, viewer, at=context.at))
        context.caller = None
        return SignOutPayload()


async def _sign_in(
    context: Context, subject: str, find: Callable[[], Awaitable[Account | None]], password: str
) -> SignInPayload:
    services = context.services
    attempt = Attempt(subject=subject, address=context.address)

    async def open_session(work: UnitOfWork, account: Account) -> OpenedSession:
        await attempts.succeed(work, attempt, at=context.at)
        return await sessions.open(work, account, at=context.at)

    async with services.turns.take(attempt):
        await context.act(lambda work: attempts.begin(work, attempt, at=context.at))
        account = await find()
        hashed = account.password_hash if account else None
        matches = await services.passwords.verify(password, hashed)
        if account is None or not matches or not _may_sign_in(services, account):
            raise InvalidCredentials(confirming=services.confirm_email)
        opened = await context.act(lambda work: open_session(work, account))
    return _signed_in(context, opened)


def _may_sign_in(services: Services, account: Account) -> bool:
    return account.confirmed_at is not None or not services.confirm_email


def _signed_in(context: Context, opened: OpenedSession) -> SignInPayload:
    token, expires_at = context.services.tokens.issue(opened.viewer, at=context.at)
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
