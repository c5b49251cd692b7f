"""Partners, as administrators see them, and as they see themselves."""

from datetime import date, datetime, timedelta
from typing import Annotated, Self

import strawberry

from domain import partners
from domain.errors import BadInput
from domain.ids import PartnerId
from schema import ids, paging
from schema.context import Info
from schema.nodes import must
from schema.paging import Connection
from schema.problems import Problem, problems

DAYS_MOST, DAYS_USUAL = 366, 30
_SCOPES = "`doctors:read`, `slots:read`, `documents:any`; at least one."
_SECRET = "Shown this once: the partner's password for `/oauth/token`. Null when refused."  # noqa: S105
_AS_IT_STANDS = "As it stands now; null when refused."


@strawberry.type(description="What a partner used on one day, UTC, some seconds ago.")
class PartnerUsage:
    day: date = strawberry.field(description="The day.")
    operations: int = strawberry.field(description="How many ran.")
    points: float = strawberry.field(description="What they cost, as `extensions.cost` has it.")
    errors: int = strawberry.field(description="How many of them had an error.")

    @classmethod
    def of(cls, usage: partners.Usage) -> Self:
        return cls(
            day=usage.day,
            operations=usage.operations,
            points=usage.points,
            errors=usage.errors,
        )


@strawberry.type
class WithUsage:
    """What a partner and an administrator both see; not a type of its own for clients."""

    number: strawberry.Private[PartnerId]

    @strawberry.field(
        description="The last days, today included, the latest first; those without use left out."
    )
    async def usage(
        self,
        info: Info,
        days: Annotated[
            int | None, strawberry.argument(description=f"How many: 1 to {DAYS_MOST}.")
        ] = DAYS_USUAL,
    ) -> list[PartnerUsage]:
        wanted = DAYS_USUAL if days is None else days
        if not 1 <= wanted <= DAYS_MOST:
            raise BadInput(f"days is a number from 1 to {DAYS_MOST}.")
        since = info.context.at.date() - timedelta(days=wanted)
        found = await info.context.loaders.usage.load((self.number, since))
        return [PartnerUsage.of(usage) for usage in found]


@strawberry.type(description="Others' program that asks for itself, within its scopes.")
class Partner(WithUsage):
    id: strawberry.ID = strawberry.field(description="For the mutations of administrators.")
    client_id: str = strawberry.field(description="Its name at `/oauth/token`.")
    name: str = strawberry.field(description="Whose it is.")
    scopes: list[str] = strawberry.field(description="What its tokens may be for.")
    created_at: datetime = strawberry.field(description="When it was registered.")
    previous_secret_until: datetime | None = strawberry.field(
        description="Until when the secret before the last rotation is good; null if it is not."
    )
    suspended_at: datetime | None = strawberry.field(
        description="Since when it gets no tokens; null if it does."
    )

    @classmethod
    def of(cls, partner: partners.Partner, *, at: datetime) -> Self:
        return cls(
            number=partner.id,
            id=ids.show(PartnerId, partner.id),
            client_id=str(partner.id),
            name=partner.name,
            scopes=list(partner.scopes),
            created_at=partner.created_at,
            previous_secret_until=partner.previous_until if partner.overlaps(at) else None,
            suspended_at=partner.suspended_at,
        )


@strawberry.type
class AllPartners:
    """A part of AdministratorViewer; not a type of its own for clients."""

    @strawberry.field(description="All there are, the newest first.")
    async def partners(
        self, info: Info, first: paging.First = 20, after: paging.After = None
    ) -> Connection[Partner]:
        wanted = paging.check_first(first, usual=20)
        key = paging.read_cursor("partners", after)
        found = await info.context.reads.partners(
            after=None if key is None else PartnerId(paging.key_id(key, 0)), limit=wanted + 1
        )
        nodes = [
            (paging.show_cursor("partners", each.id), Partner.of(each, at=info.context.at))
            for each in found
        ]
        return paging.connection(nodes, first=wanted, after=after)


@strawberry.type(description="A partner's program, by its token.")
class PartnerViewer(WithUsage):
    @strawberry.field(description="Whose it is.")
    async def name(self, info: Info) -> str:
        return must(await info.context.reads.partner(self.number)).name

    @strawberry.field(description="Those of the token, which may be fewer than the partner's.")
    def scopes(self, info: Info) -> list[str]:
        return list(partners.in_order(info.context.viewer.scopes))


@strawberry.input(description="A partner that joins.")
class RegisterPartnerInput:
    name: str = strawberry.field(description="2 to 120 characters.")
    scopes: list[str] = strawberry.field(description=_SCOPES)


@strawberry.type(description="What came of registerPartner.")
class RegisterPartnerPayload:
    partner: Partner | None = strawberry.field(default=None, description="Null when refused.")
    client_id: str | None = strawberry.field(
        default=None, description="Its name at `/oauth/token`; null when refused."
    )
    client_secret: str | None = strawberry.field(default=None, description=_SECRET)
    problems: list[Problem] = problems()


@strawberry.input(description="What changes; what is left out, or null, stays.")
class UpdatePartnerInput:
    partner_id: strawberry.ID = strawberry.field(description="Which partner.")
    name: str | None = strawberry.field(default=None, description="2 to 120 characters.")
    scopes: list[str] | None = strawberry.field(
        default=None, description=f"{_SCOPES} If one is taken away, its tokens end at once."
    )


@strawberry.type(description="What came of an act on a partner.")
class PartnerPayload:
    partner: Partner | None = strawberry.field(default=None, description=_AS_IT_STANDS)
    problems: list[Problem] = problems()


@strawberry.input(description="Which partner is to have a new secret.")
class RotatePartnerSecretInput:
    partner_id: strawberry.ID = strawberry.field(description="Which partner.")


@strawberry.type(description="What came of rotatePartnerSecret.")
class RotatePartnerSecretPayload:
    partner: Partner | None = strawberry.field(default=None, description=_AS_IT_STANDS)
    client_secret: str | None = strawberry.field(default=None, description=_SECRET)
    problems: list[Problem] = problems()


@strawberry.input(description="Which partner is to get no tokens.")
class SuspendPartnerInput:
    partner_id: strawberry.ID = strawberry.field(description="Which partner.")


@strawberry.input(description="Which partner is to get tokens again.")
class ReinstatePartnerInput:
    partner_id: strawberry.ID = strawberry.field(description="Which partner.")
