"""Doctors, as clients see them."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from domain import doctors, reviews, search
from domain.auth import Scope, as_reader
from domain.errors import BadInput
from domain.ids import DoctorId, ReviewId
from domain.qualifications import Qualification as Qualified
from domain.registrations import UF
from domain.search import DoctorOrder, DoctorSearch
from schema import ids, paging
from schema.context import Info
from schema.languages import Language
from schema.nodes import Node
from schema.paging import Connection
from schema.problems import Problem, problems
from schema.qualifications import Qualification, QualificationInput, Specialty

if TYPE_CHECKING:
    from schema.slots import Slot

LazySlot = Annotated["Slot", strawberry.lazy("schema.slots")]
From = Annotated[
    datetime, strawberry.argument(name="from", description="The earliest start that counts.")
]
To = Annotated[
    datetime, strawberry.argument(description="Later than from, at most 62 days; not included.")
]

strawberry.enum(UF, name="UF", description="A federative unit of Brazil, by its two letters.")
strawberry.enum(
    DoctorOrder,
    description=(
        "DISTANCE needs filter.near. Whoever has no rating, or no open slot, comes last. Without"
        " an order: by DISTANCE where filter.near is given, else by RATING."
    ),
)
NEXT_SLOTS_MOST = 50


@strawberry.type(description="A place on earth, WGS 84.")
class GeoPoint:
    latitude: float = strawberry.field(description="Degrees, north positive.")
    longitude: float = strawberry.field(description="Degrees, east positive.")


@strawberry.type(description="What patients think. average is null until there are 5 reviews.")
class Rating:
    average: float | None = strawberry.field(description="Stars from 1 to 5.")
    count: int = strawberry.field(description="How many reviews there are.")


@strawberry.type(description="What a patient says of a visit; by whom is not told.")
class Review:
    stars: int = strawberry.field(description="From 1 to 5.")
    comment: str | None = strawberry.field(description="In the patient's words.")
    at: date = strawberry.field(description="The day on which it was written, with the doctor.")

    @classmethod
    def of(cls, review: reviews.Review) -> Self:
        return cls(stars=review.stars, comment=review.comment, at=review.reviewed_on)


@strawberry.type(description="A doctor, registered with a regional council of medicine.")
class Doctor(Node):
    name: str = strawberry.field(description="As patients read it.")
    crm: str = strawberry.field(description="The registration's digits; provisional ends in P.")
    uf: UF = strawberry.field(description="The state of the registration.")
    rating: Rating = strawberry.field(description="What patients think.")
    city: str | None = strawberry.field(description="Where the practice is.")
    location: GeoPoint | None = strawberry.field(description="Where the practice is.")
    time_zone: str = strawberry.field(description="IANA name; the doctor's own wall clock.")
    number: strawberry.Private[DoctorId]
    codes: strawberry.Private[tuple[str, ...]]
    qualified: strawberry.Private[tuple[Qualified, ...]]

    @classmethod
    def of(cls, doctor: doctors.Doctor) -> Self:
        place, count = doctor.place, doctor.rating_count
        return cls(
            id=ids.show(DoctorId, doctor.id),
            name=doctor.name,
            crm=doctor.crm,
            uf=doctor.uf,
            rating=Rating(
                average=doctor.rating_sum / count if count >= reviews.SHOWN_FROM else None,
                count=count,
            ),
            city=doctor.city,
            location=GeoPoint(latitude=place.latitude, longitude=place.longitude)
            if place
            else None,
            time_zone=doctor.time_zone,
            number=doctor.id,
            codes=doctor.specialties,
            qualified=doctor.qualifications,
        )

    @strawberry.field(description="What the doctor practises.")
    def specialties(self) -> list[Specialty]:
        return [Specialty.of(code) for code in self.codes]

    @strawberry.field(
        description="In which of them the doctor may be called a specialist, having an RQE there."
    )
    def specialist_in(self) -> list[Qualification]:
        return [Qualification.of(each) for each in self.qualified]

    @strawberry.field(description="The next open slots, soonest first; first is at most 50.")
    async def next_slots(
        self,
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description=f"How many: 0 to {NEXT_SLOTS_MOST}.")
        ] = 5,
    ) -> list[LazySlot]:
        from schema.slots import Slot  # noqa: PLC0415  # doctors and slots know each other

        as_reader(info.context.caller, Scope.SLOTS)
        wanted = paging.check_first(first, most=NEXT_SLOTS_MOST, usual=5)
        slots = await info.context.loaders.next_slots.load((self.number, wanted))
        return [Slot.of(slot) for slot in slots]

    @strawberry.field(
        description="Open slots that start in [from, to); the range is at most 62 days."
    )
    async def slots(
        self,
        info: Info,
        from_: From,
        to: To,
    ) -> list[LazySlot]:
        from schema.slots import Slot  # noqa: PLC0415  # doctors and slots know each other

        as_reader(info.context.caller, Scope.SLOTS)
        check_range(info.context.services.limits.agenda, from_, to)
        slots = await info.context.loaders.open_slots.load((self.number, from_, to))
        return [Slot.of(slot) for slot in slots]

    @strawberry.field(description="What patients say, the newest first.")
    async def reviews(
        self, info: Info, first: paging.First = 20, after: paging.After = None
    ) -> Connection[Review]:
        wanted = paging.check_first(first, usual=20)
        key = (self.number, _review_after(after), wanted + 1)
        found = await info.context.loaders.reviews.load(key)
        nodes = [(paging.show_cursor("reviews", each.id), Review.of(each)) for each in found]
        return paging.connection(nodes, first=wanted, after=after)


def check_range(longest: timedelta, from_: datetime, to: datetime) -> None:
    """Raises BadInput."""
    if not timedelta(0) < to - from_ <= longest:
        raise BadInput(f"to lies after from, by at most {longest.days} days.")


def _review_after(cursor: str | None) -> ReviewId | None:
    key = paging.read_cursor("reviews", cursor)
    return None if key is None else ReviewId(paging.key_id(key, 0))


def read_after(wanted: DoctorSearch, cursor: str | None) -> tuple[Any, str] | None:
    """The key of the doctor after whom the page begins. Raises BadInput."""
    key = paging.read_cursor(cursor_kind(wanted), cursor)
    if key is None:
        return None
    if not search.is_sort_key(wanted.order_by, key[0] if key else None):
        raise paging.bad_cursor()
    return key[0], str(paging.key_id(key, 1))


def cursor_kind(wanted: DoctorSearch) -> str:
    """Another one where keys are others than they were: an older cursor is refused, not misread."""
    if wanted.order_by is DoctorOrder.DISTANCE:
        return "doctors:apart"
    return f"doctors:{wanted.order_by.value}"


@strawberry.type(description="One doctor found.")
class DoctorEdge:
    cursor: str = strawberry.field(description="Where this doctor lies in the order.")
    node: Doctor = strawberry.field(description="The doctor.")
    distance_km: float | None = strawberry.field(
        description="Kilometres from filter.near; null without it."
    )


@strawberry.type(description="One page of the doctors found.")
class DoctorConnection:
    edges: list[DoctorEdge] = strawberry.field(description="The doctors with their cursors.")
    nodes: list[Doctor] = strawberry.field(description="The doctors alone.")
    page_info: paging.PageInfo = strawberry.field(description="Where this page lies.")


@strawberry.input(description="A place on earth, WGS 84.")
class GeoPointInput:
    latitude: float = strawberry.field(description="Degrees from -90 to 90.")
    longitude: float = strawberry.field(description="Degrees from -180 to 180.")

    def place(self) -> doctors.Place:
        return doctors.Place(latitude=self.latitude, longitude=self.longitude)


@strawberry.input(description="Every condition that is given must hold.")
class DoctorFilter:
    specialty: str | None = strawberry.field(default=None, description="Specialty.code.")
    search: str | None = strawberry.field(
        default=None,
        description=(
            "Words of the name, at most 200 characters; accents and case make no difference."
        ),
    )
    near: GeoPointInput | None = strawberry.field(default=None, description="Distances from here.")
    within_km: float | None = strawberry.field(default=None, description="Needs near.")
    minimum_rating: float | None = strawberry.field(
        default=None, description="0 to 5, over all reviews; 0 keeps the unrated."
    )
    available_from: datetime | None = strawberry.field(
        default=None,
        description=(
            "Has an open slot starting in [availableFrom, availableTo); from alone: any later; to"
            " alone: from now."
        ),
    )
    available_to: datetime | None = strawberry.field(default=None, description="See availableFrom.")
    uf: UF | None = strawberry.field(default=None, description="The state of the registration.")

    def wanted(self, order: DoctorOrder | None) -> DoctorSearch:
        return DoctorSearch(
            specialty=self.specialty,
            name=self.search,
            near=self.near.place() if self.near else None,
            within_km=self.within_km,
            minimum_rating=self.minimum_rating,
            available_from=self.available_from,
            available_to=self.available_to,
            uf=self.uf,
            order=order,
        )


@strawberry.input(description="A doctor who joins.")
class RegisterDoctorInput:
    name: str = strawberry.field(description="2 to 120 characters.")
    email: str = strawberry.field(description="Where messages go; patients never see it.")
    crm: str = strawberry.field(description="`123456`, `123456/SP`, `CRM 123456 SP` …")
    uf: UF = strawberry.field(description="The state of the registration.")
    password: str = strawberry.field(description="8 to 128 characters.")
    specialties: list[str] = strawberry.field(description="Codes of specialties, at most 10.")
    time_zone: str = strawberry.field(description="IANA name, such as America/Sao_Paulo.")
    city: str | None = strawberry.field(default=None, description="Where the practice is.")
    location: GeoPointInput | None = strawberry.field(
        default=None, description="Where the practice is."
    )
    qualifications: list[QualificationInput] | None = strawberry.field(
        default=None, description="Those of the specialties for which there is an RQE."
    )
    language: Language | None = strawberry.field(
        default=None, description="In which mail comes; null: PORTUGUESE."
    )


@strawberry.type(description="What came of registerDoctor.")
class RegisterDoctorPayload:
    doctor: Doctor | None = strawberry.field(
        default=None,
        description="Null when refused, and where the e-mail address is to be confirmed first.",
    )
    problems: list[Problem] = problems()


@strawberry.input(description="What changes; what is left out stays. null clears city, location.")
class UpdateDoctorInput:
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="2 to 120 characters."
    )
    specialties: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Codes of specialties, at most 10."
    )
    time_zone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="IANA name; slots already published stay where they are.",
    )
    city: str | None = strawberry.field(
        default=strawberry.UNSET, description="Where the practice is."
    )
    location: GeoPointInput | None = strawberry.field(
        default=strawberry.UNSET, description="Where the practice is."
    )
    qualifications: list[QualificationInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="In place of all before; left out, those of specialties that go, go with them.",
    )
    language: Language | None = strawberry.field(
        default=strawberry.UNSET, description="In which mail comes."
    )


@strawberry.type(description="What came of updateDoctor.")
class UpdateDoctorPayload:
    doctor: Doctor | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
