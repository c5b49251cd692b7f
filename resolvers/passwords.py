"""Choosing another password, by who is signed in."""

from dataclasses import replace

import strawberry

from domain import accounts, passwords
from domain.accounts import Account
from domain.errors import Invalid, refuse_any
from domain.identity import IdentityProvider
from resolvers.attempts import attempt
from schema.context import Info
from schema.nodes import must
from schema.passwords import ChangePasswordInput, ChangePasswordPayload
from schema.problems import AnswerProblems, Input

_NEW = "newPassword"


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "By the password that is good until now. Other sessions of the account end, links for a"
            " new password are good no more, and its owner is told by mail."
        ),
        extensions=[AnswerProblems(ChangePasswordPayload)],
    )
    async def change_password(
        self, info: Info, input: Input[ChangePasswordInput]
    ) -> ChangePasswordPayload | None:
        context, viewer, services = info.context, info.context.viewer, info.context.services
        new, otp = input.new_password, (input.otp or "").strip() or None
        refuse_any(accounts.password_faults(services.passwords, new, _NEW))
        account = must(await context.reads.account(viewer.user_id))
        await attempt(
            context,
            lambda work: passwords.prove(
                work, viewer, account, otp, services.one_time_codes, at=context.at
            ),
            password=input.current_password,
            by_code=otp is not None,
        )
        hashed, grant = await _set(services.identity_of(viewer.role), account, new)
        await context.act(
            lambda work: passwords.change(
                work, viewer, account, password_hash=hashed, grant=grant, at=context.at
            )
        )
        return ChangePasswordPayload()


async def _set(
    identity: IdentityProvider, account: Account, password: str
) -> tuple[str, str | None]:
    """Its hash, and the pool's grant by it; none where there is no pool, or it wants a code."""
    try:
        hashed = await identity.change(account.id, password)
    except Invalid as refused:
        raise Invalid(str(refused), _NEW) from None
    if not identity.is_outside:
        return hashed, None
    proven = await identity.verify(replace(account, password_hash=hashed), password)
    return hashed, proven.grant if proven else None
