"""What is done with calendar feeds."""

import strawberry

from domain import calendar_feeds
from schema.calendar_feeds import CreateCalendarFeedPayload, RevokeCalendarFeedPayload
from schema.context import Info
from schema.problems import AnswerProblems


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "A link by which a calendar program reads when one's visits are, but neither with whom"
            " nor why. An older link is dead."
        ),
        extensions=[AnswerProblems(CreateCalendarFeedPayload)],
    )
    async def create_calendar_feed(self, info: Info) -> CreateCalendarFeedPayload | None:
        context, viewer = info.context, info.context.viewer
        token = await context.act(lambda work: calendar_feeds.create(work, viewer, at=context.at))
        path = calendar_feeds.PATH.format(token=token)
        return CreateCalendarFeedPayload(url=context.services.public_url + path)

    @strawberry.mutation(
        description="The link is dead. WRONG_STATUS if there is none.",
        extensions=[AnswerProblems(RevokeCalendarFeedPayload)],
    )
    async def revoke_calendar_feed(self, info: Info) -> RevokeCalendarFeedPayload | None:
        viewer = info.context.viewer
        await info.context.act(lambda work: calendar_feeds.revoke(work, viewer))
        return RevokeCalendarFeedPayload()
