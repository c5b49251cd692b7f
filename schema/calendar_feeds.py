"""Calendar feeds, as their owners see them."""

import strawberry

from schema.problems import Problem, problems


@strawberry.type(description="What came of createCalendarFeed.")
class CreateCalendarFeedPayload:
    url: str | None = strawberry.field(
        default=None,
        description=(
            "For a calendar program, which needs no session there. It is told this once; null when"
            " refused."
        ),
    )
    problems: list[Problem] = problems()


@strawberry.type(description="What came of revokeCalendarFeed.")
class RevokeCalendarFeedPayload:
    problems: list[Problem] = problems()
