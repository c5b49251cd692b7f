"""What a viewer may do only if he proves himself once more."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain import attempts, second_factor
from domain.attempts import Attempt
from domain.errors import InvalidCredentials, LimitReached, MfaRequired, WrongStatus
from domain.identity import Unanswered
from domain.unit_of_work import UnitOfWork
from schema.context import Context
from schema.nodes import must

T = TypeVar("T")

NEITHER = (LimitReached, MfaRequired, Unanswered, WrongStatus)  # right nor wrong


async def attempt(
    context: Context,
    use_case: Callable[[UnitOfWork], Awaitable[T]],
    *,
    password: str | None = None,
    by_code: bool = True,
) -> T:
    """The use case, tried by the viewer: a wrong password or a wrong code is a failed attempt."""
    services, viewer = context.services, context.viewer
    guess = Attempt(subject=f"account {viewer.user_id}", address=context.address)
    tried = [guess]

    async def succeed(work: UnitOfWork) -> T:
        for each in tried:
            await attempts.succeed(work, each, at=context.at)
        return await use_case(work)

    async def take_back(work: UnitOfWork) -> None:
        for each in tried:
            await attempts.take_back(work, each, at=context.at)

    async with services.turns.take(guess):
        await context.act(lambda work: attempts.begin(work, guess, at=context.at))
        try:
            if password is not None:
                account = must(await context.reads.account(viewer.user_id))
                identity = services.identity_of(viewer.role)
                if await identity.verify(account, password) is None:
                    raise InvalidCredentials
            if by_code:
                of_code = second_factor.attempt(viewer.user_id)
                await context.act(lambda work: attempts.begin(work, of_code, at=context.at))
                tried.append(of_code)
            return await context.act(succeed)
        except NEITHER:
            await context.act(take_back)
            raise
