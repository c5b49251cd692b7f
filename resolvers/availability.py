"""Availability: what doctors do with their slots, and how patients hold them."""

import strawberry

from domain import availability, holds
from domain.ids import SlotId
from domain.slots import Period
from schema import ids
from schema.context import Info
from schema.problems import AnswerProblems, Input
from schema.slots import (
    HoldSlotInput,
    HoldSlotPayload,
    PublishSlotsInput,
    PublishSlotsPayload,
    PublishWeeklySlotsInput,
    ReleaseSlotInput,
    ReleaseSlotPayload,
    Slot,
    UpdateSlotInput,
    UpdateSlotPayload,
    WithdrawSlotsInput,
    WithdrawSlotsPayload,
)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description=(
            "All or nothing: one overlapping or past time refuses them all, each with its own"
            " problem."
        ),
        extensions=[AnswerProblems(PublishSlotsPayload)],
    )
    async def publish_slots(
        self, info: Info, input: Input[PublishSlotsInput]
    ) -> PublishSlotsPayload | None:
        context = info.context
        times = [time.period() for time in input.times]
        slots = await context.act(
            lambda work: availability.publish(work, context.viewer, times, at=context.at)
        )
        return PublishSlotsPayload(slots=[Slot.of(slot) for slot in slots])

    @strawberry.mutation(
        description=(
            "A weekly pattern, in the doctor's own wall-clock time, made into slots over a range of"
            " dates, both ends included. All or nothing."
        ),
        extensions=[AnswerProblems(PublishSlotsPayload)],
    )
    async def publish_weekly_slots(
        self, info: Info, input: Input[PublishWeeklySlotsInput]
    ) -> PublishSlotsPayload | None:
        context = info.context
        slots = await context.act(
            lambda work: availability.publish_weekly(
                work, context.viewer, input.pattern(), at=context.at
            )
        )
        return PublishSlotsPayload(slots=[Slot.of(slot) for slot in slots])

    @strawberry.mutation(
        description="Only OPEN slots can be moved.", extensions=[AnswerProblems(UpdateSlotPayload)]
    )
    async def update_slot(
        self, info: Info, input: Input[UpdateSlotInput]
    ) -> UpdateSlotPayload | None:
        context = info.context
        period = Period(input.starts_at, input.ends_at)
        slot = await context.act(
            lambda work: availability.move(
                work, context.viewer, ids.read_slot(input.slot_id), period, at=context.at
            )
        )
        return UpdateSlotPayload(slot=Slot.of(slot))

    @strawberry.mutation(
        description="Only OPEN slots can be withdrawn; all or nothing.",
        extensions=[AnswerProblems(WithdrawSlotsPayload)],
    )
    async def withdraw_slots(
        self, info: Info, input: Input[WithdrawSlotsInput]
    ) -> WithdrawSlotsPayload | None:
        context = info.context
        found = [ids.find(SlotId, text) for text in input.slot_ids]
        wanted = [None if id is None else SlotId(id) for id in found]
        slots = await context.act(
            lambda work: availability.withdraw(work, context.viewer, wanted, at=context.at)
        )
        return WithdrawSlotsPayload(slots=[Slot.of(slot) for slot in slots])

    @strawberry.mutation(
        description="A patient keeps an open slot for 5 minutes; 1 of a doctor, 3 in all.",
        extensions=[AnswerProblems(HoldSlotPayload)],
    )
    async def hold_slot(self, info: Info, input: Input[HoldSlotInput]) -> HoldSlotPayload | None:
        context = info.context
        slot = await context.act(
            lambda work: holds.hold(
                work, context.viewer, ids.read_slot(input.slot_id), at=context.at
            )
        )
        return HoldSlotPayload(slot=Slot.of(slot), expires_at=slot.lapses_at)

    @strawberry.mutation(
        description="The patient gives back what he holds.",
        extensions=[AnswerProblems(ReleaseSlotPayload)],
    )
    async def release_slot(
        self, info: Info, input: Input[ReleaseSlotInput]
    ) -> ReleaseSlotPayload | None:
        context = info.context
        slot = await context.act(
            lambda work: holds.release(
                work, context.viewer, ids.read_slot(input.slot_id), at=context.at
            )
        )
        return ReleaseSlotPayload(slot=Slot.of(slot))
