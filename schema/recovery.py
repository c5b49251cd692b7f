"""Recovery and confirmation, by links that are sent by mail."""

import strawberry

from schema.problems import Problem, problems


@strawberry.input(description="For whom a new password is wanted.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="As registered, in any case.")


@strawberry.type(description="The same whether or not anybody is registered with the address.")
class RequestPasswordResetPayload:
    problems: list[Problem] = problems()


@strawberry.input(description="A new password, by a link that was sent by mail.")
class ResetPasswordInput:
    token: str = strawberry.field(description="What stands behind the # of the link. Good once.")
    password: str = strawberry.field(description="8 to 128 characters.")


@strawberry.type(description="What came of resetPassword.")
class ResetPasswordPayload:
    problems: list[Problem] = problems()


@strawberry.input(description="An address is confirmed by a link that was sent to it.")
class ConfirmEmailInput:
    token: str = strawberry.field(description="What stands behind the # of the link. Good once.")


@strawberry.type(description="What came of confirmEmail.")
class ConfirmEmailPayload:
    problems: list[Problem] = problems()


@strawberry.input(description="Whose address is still to be confirmed.")
class ResendConfirmationInput:
    email: str = strawberry.field(description="As registered, in any case.")


@strawberry.type(description="The same whether or not anybody is registered with the address.")
class ResendConfirmationPayload:
    problems: list[Problem] = problems()
