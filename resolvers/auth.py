"""Signing in and out, and who is asking."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import strawberry

from domain import attempts, second_factor, sessions
from domain.accounts import Account
from domain.attempts import Attempt
from domain.errors import Invalid, InvalidCredentials, MfaRequired, TokenExpired, Unauthenticated
from domain.idempotency import read_key
from domain.identity import Proven, Unanswered
from domain.registrations import CPF, CRM
from domain.sessions import OpenedSession
from domain.unit_of_work import UnitOfWork
from schema import ids
from schema.context import Context, CookieJar, Info, Services
from schema.problems import AnswerProblems, Input
from schema.viewers import (
    AnyViewer,
    EndOtherSessionsPayload,
    EndSessionInput,
    EndSessionPayload,
    OpenSession,
    RefreshSessionInput,
    Session,
    SignInAdministratorInput,
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
        return await _sign_in(info.context, subject, lambda: found(crm), input)

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
        return await _sign_in(info.context, subject, lambda: found(email, cpf.digits), input)

    @strawberry.mutation(
        description="By e-mail, password and a one-time code.",
        extensions=[AnswerProblems(SignInPayload)],
    )
    async def sign_in_administrator(
        self, info: Info, input: Input[SignInAdministratorInput]
    ) -> SignInPayload | None:
        email = input.email.strip()
        found = info.context.reads.account_of_administrator
        subject = f"administrator {email.lower()}"
        return await _sign_in(info.context, subject, lambda: found(email), input)

    @strawberry.mutation(
        description=(
            "By the refresh token, which is good once: the answer has the next one. Sent a second"
            " time, it ends the session; but with the same idempotencyKey it gives the same answer"
            " again, as long as nobody has gone on from that."
        ),
        extensions=[AnswerProblems(SignInPayload)],
    )
    async def refresh_session(
        self, info: Info, input: Input[RefreshSessionInput]
    ) -> SignInPayload | None:
        context, token = info.context, input.refresh_token
        key = None if input.idempotency_key is None else read_key(input.idempotency_key)
        opened = await _renew(context, token, key)
        if opened is None:
            raise TokenExpired("Sign in again.", "refreshToken")
        return signed_in(context, opened)

    @strawberry.mutation(
        description=(
            "By the cookie that a sign-in with `cookie` has kept: for a page of ours, over plain"
            " HTTP. Tabs that renew within a minute share one renewal; after it a cookie that was"
            " spent ends the session, as with refreshSession."
        ),
        extensions=[AnswerProblems(SignInPayload)],
    )
    async def renew_session(self, info: Info) -> SignInPayload | None:
        context = info.context
        jar = _jar(context)
        opened = await _renew(context, jar.came or "", None, in_cookie=True)
        if opened is None:
            jar.drop()
            raise TokenExpired("Sign in again.")
        return signed_in(context, opened, jar)

    @strawberry.mutation(
        description="Ends one of the viewer's own sessions, as signOut ends the one that asks.",
        extensions=[AnswerProblems(EndSessionPayload)],
    )
    async def end_session(
        self, info: Info, input: Input[EndSessionInput]
    ) -> EndSessionPayload | None:
        context = info.context
        viewer = context.viewer
        session = await context.act(
            lambda work: sessions.end(
                work, viewer, ids.read_session(input.session_id), at=context.at
            )
        )
        return EndSessionPayload(session=OpenSession.of(session, viewer))

    @strawberry.mutation(
        description="Ends all sessions of the viewer's own but for the one that asks.",
        extensions=[AnswerProblems(EndOtherSessionsPayload)],
    )
    async def end_other_sessions(self, info: Info) -> EndOtherSessionsPayload | None:
        context, viewer = info.context, info.context.viewer
        await context.act(lambda work: sessions.end_others(work, viewer, at=context.at))
        return EndOtherSessionsPayload()

    @strawberry.mutation(
        description=(
            "Ends the session: its tokens are good no more, its live feeds close, and over plain"
            " HTTP the cookie is forgotten."
        ),
        extensions=[AnswerProblems(SignOutPayload)],
    )
    async def sign_out(self, info: Info) -> SignOutPayload | None:
        context = info.context
        viewer = context.viewer
        await context.act(lambda work: sessions.sign_out(work, viewer, at=context.at))
        context.caller = None
        if context.jar is not None:
            context.jar.drop()
        return SignOutPayload()


async def _sign_in(
    context: Context,
    subject: str,
    find: Callable[[], Awaitable[Account | None]],
    given: SignInDoctorInput | SignInPatientInput | SignInAdministratorInput,
) -> SignInPayload:
    services, jar = context.services, jar_for(context, wanted=given.cookie)
    attempt = Attempt(subject=subject, address=context.address)
    otp = (given.otp or "").strip() or None  # an empty field of a form is none
    administrator = isinstance(given, SignInAdministratorInput)
    identity = services.own_identity if administrator else services.identity

    async def open_session(work: UnitOfWork, account: Account, proven: Proven) -> OpenedSession:
        await attempts.succeed(work, attempt, at=context.at)
        if otp is not None:
            await attempts.succeed(work, second_factor.attempt(account.id), at=context.at)
        if not proven.second_factor:
            codes = services.one_time_codes
            await second_factor.prove(work, account, otp, codes, at=context.at)
        opened = await sessions.open(
            work,
            account,
            context.whence,
            in_cookie=given.cookie,
            grant=proven.grant,
            at=context.at,
        )
        if proven.fresh_hash is not None:
            await work.accounts.rehash(account, proven.fresh_hash)
        return opened

    async with services.turns.take(attempt):
        await context.act(lambda work: attempts.begin(work, attempt, at=context.at))
        account = await find()
        refused = InvalidCredentials(confirming=services.confirm_email)
        try:
            proven = await identity.verify(account, given.password)
            if account is None or proven is None or not may_sign_in(services, account):
                raise refused
            if otp is not None:  # whether the account asks for one or not, which is not known yet
                guess = second_factor.attempt(account.id)
                await context.act(lambda work: attempts.begin(work, guess, at=context.at))
            answered = await identity.answer(account, proven, otp)
            opened = await context.act(lambda work: open_session(work, account, answered))
        except (MfaRequired, Unanswered):
            await context.act(lambda work: attempts.take_back(work, attempt, at=context.at))
            raise
        except InvalidCredentials:  # in the same words as for a wrong password
            raise refused from None
    return signed_in(context, opened, jar)


async def _renew(
    context: Context, token: str, key: UUID | None, *, in_cookie: bool = False
) -> OpenedSession | None:
    session = await context.act(lambda work: sessions.to_renew(work, token, at=context.at))
    disowned = session is not None and not await _may_go_on(context.services, session)
    return await context.act(
        lambda work: sessions.renew(
            work,
            token,
            key,
            context.whence,
            in_cookie=in_cookie,
            disowned=disowned,
            at=context.at,
        )
    )


async def _may_go_on(services: Services, session: sessions.Session) -> bool:
    """Where a pool keeps the passwords, it may have shut the owner out."""
    if session.pool_grant is None:
        return True
    return await services.identity.renew(session.user_id, session.pool_grant)


def may_sign_in(services: Services, account: Account) -> bool:
    return account.confirmed_at is not None or not services.confirm_email


def jar_for(context: Context, *, wanted: bool) -> CookieJar | None:
    """For a sign-in. Raises Invalid if it is wanted and cannot be had."""
    return _jar(context, "cookie") if wanted else None


def _jar(context: Context, *path: str) -> CookieJar:
    if context.jar is None:
        raise Invalid(
            "A cookie is kept over plain HTTP alone, for pages of our own: not over WebSocket, nor"
            " where events are streamed.",
            *path,
        )
    return context.jar


def signed_in(
    context: Context, opened: OpenedSession, jar: CookieJar | None = None
) -> SignInPayload:
    """`jar`: where the refresh token is kept, instead of being told."""
    token, expires_at = context.services.tokens.issue(opened.viewer, at=context.at)
    # What else this operation selects, it selects as the one who has just signed in.
    context.caller, context.dead = opened.viewer, False
    if jar is not None:
        jar.keep(opened.refresh_token)
    return SignInPayload(
        session=Session(
            access_token=token,
            expires_at=expires_at,
            refresh_token=opened.refresh_token if jar is None else "",
            viewer=viewer_of(opened.viewer),
        )
    )
