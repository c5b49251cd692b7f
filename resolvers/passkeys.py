"""Adding and removing passkeys, and signing in with one."""

import strawberry

from domain import attempts, passkeys, sessions
from domain.attempts import Attempt
from domain.errors import InvalidCredentials
from domain.sessions import OpenedSession
from domain.unit_of_work import UnitOfWork
from resolvers.attempts import attempt
from resolvers.auth import jar_for, may_sign_in, signed_in
from schema import ids
from schema.context import Info
from schema.passkeys import (
    BeginPasskeyInput,
    BeginPasskeyPayload,
    BeginPasskeySignInPayload,
    ConfirmPasskeyInput,
    ConfirmPasskeyPayload,
    Passkey,
    RemovePasskeyInput,
    RemovePasskeyPayload,
)
from schema.problems import AnswerProblems, Input
from schema.viewers import SignInPayload, SignInWithPasskeyInput


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Asks for a new passkey. Until confirmPasskey nothing changes.",
        extensions=[AnswerProblems(BeginPasskeyPayload)],
    )
    async def begin_passkey(
        self, info: Info, input: Input[BeginPasskeyInput]
    ) -> BeginPasskeyPayload | None:
        context, viewer, services = info.context, info.context.viewer, info.context.services
        otp = (input.otp or "").strip() or None  # an empty field of a form is none
        options = await attempt(
            context,
            lambda work: passkeys.begin(
                work, viewer, otp, services.one_time_codes, services.ceremonies, at=context.at
            ),
            password=input.password,
            by_code=otp is not None,
        )
        return BeginPasskeyPayload(options=options)

    @strawberry.mutation(
        description="From now on one may sign in with it. By the session that asked for it.",
        extensions=[AnswerProblems(ConfirmPasskeyPayload)],
    )
    async def confirm_passkey(
        self, info: Info, input: Input[ConfirmPasskeyInput]
    ) -> ConfirmPasskeyPayload | None:
        context, viewer = info.context, info.context.viewer
        ceremonies = context.services.ceremonies
        added = await context.act(
            lambda work: passkeys.confirm(
                work, viewer, input.credential, input.name, ceremonies, at=context.at
            )
        )
        return ConfirmPasskeyPayload(passkey=Passkey.of(added))

    @strawberry.mutation(
        description="From now on it signs nobody in. Sessions that it began go on.",
        extensions=[AnswerProblems(RemovePasskeyPayload)],
    )
    async def remove_passkey(
        self, info: Info, input: Input[RemovePasskeyInput]
    ) -> RemovePasskeyPayload | None:
        context, viewer = info.context, info.context.viewer
        await context.act(
            lambda work: passkeys.remove(work, viewer, ids.read_passkey(input.passkey_id))
        )
        return RemovePasskeyPayload()

    @strawberry.mutation(
        description="Asks for any passkey there is for us. It names no account.",
        extensions=[AnswerProblems(BeginPasskeySignInPayload)],
    )
    async def begin_passkey_sign_in(self, info: Info) -> BeginPasskeySignInPayload | None:
        context = info.context
        ceremonies = context.services.ceremonies

        async def begin(work: UnitOfWork) -> str:
            return passkeys.begin_sign_in(work, ceremonies, at=context.at)

        return BeginPasskeySignInPayload(options=await context.act(begin))

    @strawberry.mutation(
        description="By a passkey, which stands for the password and for a code.",
        extensions=[AnswerProblems(SignInPayload)],
    )
    async def sign_in_with_passkey(
        self, info: Info, input: Input[SignInWithPasskeyInput]
    ) -> SignInPayload | None:
        context, services = info.context, info.context.services
        ceremonies, jar = services.ceremonies, jar_for(info.context, wanted=input.cookie)
        answer = ceremonies.read(input.credential)
        subject = f"passkey {answer.credential_id.hex() if answer else ''}"
        guess = Attempt(subject=subject, address=context.address)
        refused = InvalidCredentials(confirming=services.confirm_email)

        async def open_session(work: UnitOfWork, answer: passkeys.Answer) -> OpenedSession:
            account = await passkeys.prove(work, answer, ceremonies, at=context.at)
            if not may_sign_in(services, account):
                raise refused
            await attempts.succeed(work, guess, at=context.at)
            return await sessions.open(
                work, account, context.whence, in_cookie=input.cookie, at=context.at
            )

        async with services.turns.take(guess):
            await context.act(lambda work: attempts.begin(work, guess, at=context.at))
            if answer is None:
                raise refused
            try:
                opened = await context.act(lambda work: open_session(work, answer))
            except InvalidCredentials:  # in the same words, whatever it was
                raise refused from None
        return signed_in(context, opened, jar)
