"""A new password for whoever knows the old one."""

import strawberry

from schema.problems import Problem, problems


@strawberry.input(description="Another password, by who is signed in.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The one that is good until now.")
    new_password: str = strawberry.field(description="8 to 128 characters.")
    otp: str | None = strawberry.field(
        default=None, description="A code, for accounts with a second factor."
    )


@strawberry.type(description="What came of changePassword.")
class ChangePasswordPayload:
    problems: list[Problem] = problems()
