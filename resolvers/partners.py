"""What administrators do with partners."""

import strawberry

from domain import partners
from domain.auth import as_administrator
from schema import ids
from schema.context import Info
from schema.partners import (
    Partner,
    PartnerPayload,
    RegisterPartnerInput,
    RegisterPartnerPayload,
    ReinstatePartnerInput,
    RotatePartnerSecretInput,
    RotatePartnerSecretPayload,
    SuspendPartnerInput,
    UpdatePartnerInput,
)
from schema.problems import AnswerProblems, Input


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="By an administrator. The secret is shown once.",
        extensions=[AnswerProblems(RegisterPartnerPayload)],
    )
    async def register_partner(
        self, info: Info, input: Input[RegisterPartnerInput]
    ) -> RegisterPartnerPayload | None:
        context, viewer = info.context, info.context.viewer
        as_administrator(viewer)
        scopes = partners.read_scopes(input.scopes, "scopes")
        partner, secret = await context.act(
            lambda work: partners.register(work, viewer, input.name.strip(), scopes, at=context.at)
        )
        return RegisterPartnerPayload(
            partner=Partner.of(partner, at=context.at),
            client_id=str(partner.id),
            client_secret=secret,
        )

    @strawberry.mutation(
        description="By an administrator.", extensions=[AnswerProblems(PartnerPayload)]
    )
    async def update_partner(
        self, info: Info, input: Input[UpdatePartnerInput]
    ) -> PartnerPayload | None:
        context, viewer = info.context, info.context.viewer
        as_administrator(viewer)
        id = ids.read_partner(input.partner_id)
        name = None if input.name is None else input.name.strip()
        scopes = None if input.scopes is None else partners.read_scopes(input.scopes, "scopes")
        partner = await context.act(
            lambda work: partners.update(work, viewer, id, name=name, scopes=scopes, at=context.at)
        )
        return PartnerPayload(partner=Partner.of(partner, at=context.at))

    @strawberry.mutation(
        description=(
            "By an administrator. The secret that is replaced is good for some days, 7 unless set"
            " otherwise; the one before it no more."
        ),
        extensions=[AnswerProblems(RotatePartnerSecretPayload)],
    )
    async def rotate_partner_secret(
        self, info: Info, input: Input[RotatePartnerSecretInput]
    ) -> RotatePartnerSecretPayload | None:
        context, viewer = info.context, info.context.viewer
        as_administrator(viewer)
        id = ids.read_partner(input.partner_id)
        partner, secret = await context.act(
            lambda work: partners.rotate_secret(work, viewer, id, at=context.at)
        )
        return RotatePartnerSecretPayload(
            partner=Partner.of(partner, at=context.at), client_secret=secret
        )

    @strawberry.mutation(
        description="By an administrator. Its tokens end at once, and it gets no others.",
        extensions=[AnswerProblems(PartnerPayload)],
    )
    async def suspend_partner(
        self, info: Info, input: Input[SuspendPartnerInput]
    ) -> PartnerPayload | None:
        context, viewer = info.context, info.context.viewer
        as_administrator(viewer)
        id = ids.read_partner(input.partner_id)
        partner = await context.act(lambda work: partners.suspend(work, viewer, id, at=context.at))
        return PartnerPayload(partner=Partner.of(partner, at=context.at))

    @strawberry.mutation(
        description="By an administrator: the end of a suspension.",
        extensions=[AnswerProblems(PartnerPayload)],
    )
    async def reinstate_partner(
        self, info: Info, input: Input[ReinstatePartnerInput]
    ) -> PartnerPayload | None:
        context, viewer = info.context, info.context.viewer
        as_administrator(viewer)
        id = ids.read_partner(input.partner_id)
        partner = await context.act(lambda work: partners.reinstate(work, viewer, id))
        return PartnerPayload(partner=Partner.of(partner, at=context.at))
