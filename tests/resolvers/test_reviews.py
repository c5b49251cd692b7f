"""What patients say of a visit, from GraphQL text to rows and back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.appointments import AppointmentStatus
from tests import make
from tests.make import NOW
from tests.server import LocalServer, gid

REVIEW = """
mutation ($id: ID!, $stars: Int = 4, $comment: String) {
  reviewAppointment(input: {appointmentId: $id, stars: $stars, comment: $comment}) {
    appointment { id status version review { stars comment at } } problems { code path }
  }
}
"""
RATING = """
query ($id: ID!) { node(id: $id) { ... on Doctor {
  rating { average count } reviews { nodes { stars comment at } }
} } }
"""
YESTERDAY = NOW - timedelta(days=1)
THIRTY_DAYS = timedelta(days=30)


def faults(answer: Any) -> list[tuple[str, list[str]]]:
    """Code and path of every problem of an answer that brings nothing else."""
    assert answer["appointment"] is None
    return [(problem["code"], problem["path"]) for problem in answer["problems"]]


async def test_a_visit_is_reviewed_by_its_patient(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY)
    await server.given(doctor, ana, slot, visit)

    answer = await server.ask(REVIEW, ana, id=gid(visit), stars=5, comment="  Kind. ")

    said = {"stars": 5, "comment": "Kind.", "at": "2030-01-07"}
    assert answer["problems"] == []
    assert answer["appointment"]["review"] == said
    assert answer["appointment"]["version"] == visit.version
    shown = await server.ask(RATING, None, id=gid(doctor))
    assert shown == {"rating": {"average": None, "count": 1}, "reviews": {"nodes": [said]}}
    assert await server.audited(ana) == ["ReviewAppointment"]


async def test_a_review_is_of_the_day_where_the_doctor_is(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY)
    await server.given(doctor, ana, slot, visit)
    server.now = datetime(2030, 1, 8, 2, 30, tzinfo=UTC)  # 23:30 of the day before in São Paulo

    answer = await server.ask(REVIEW, ana, id=gid(visit))

    assert answer["appointment"]["review"]["at"] == "2030-01-07"


async def test_a_comment_may_be_left_out(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    first, second = (
        make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY - timedelta(hours=n))
        for n in (0, 1)
    )
    await server.given(doctor, ana, *first, *second)

    for (_, visit), comment in ((first, None), (second, "   ")):
        answer = await server.ask(REVIEW, ana, id=gid(visit), comment=comment)
        assert answer["appointment"]["review"]["comment"] is None


async def test_stars_are_1_to_5_and_a_comment_has_at_most_2000_characters(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    first, second = (
        make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY - timedelta(hours=n))
        for n in (0, 1)
    )
    await server.given(doctor, ana, *first, *second)

    async with server.unchanged(doctor, ana):
        for stars in (0, 6, -1, 2**31 - 1):
            answer = await server.ask(REVIEW, ana, id=gid(first[1]), stars=stars)
            assert faults(answer) == [("INVALID", ["stars"])]
        answer = await server.ask(REVIEW, ana, id=gid(first[1]), stars=0, comment="a" * 2001)
        assert faults(answer) == [("INVALID", ["stars"]), ("INVALID", ["comment"])]
        code = await server.refuse(REVIEW, ana, id=gid(first[1]), comment="a\0b")
        assert code == "BAD_USER_INPUT"

    for (_, visit), stars in ((first, 1), (second, 5)):
        answer = await server.ask(REVIEW, ana, id=gid(visit), stars=stars, comment="a" * 2000)
        assert answer["appointment"]["review"]["stars"] == stars


async def test_only_a_completed_visit_is_reviewed(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)

    for number, status in enumerate(AppointmentStatus):
        starts_at = YESTERDAY + number * timedelta(hours=1)
        slot, visit = make.visit(doctor, ana, status=status, starts_at=starts_at)
        await server.given(slot, visit)
        if status is AppointmentStatus.COMPLETED:
            continue
        async with server.unchanged(doctor, ana):
            answer = await server.ask(REVIEW, ana, id=gid(visit))
            assert faults(answer) == [("WRONG_STATUS", ["appointmentId"])], status


async def test_only_its_patient_reviews_a_visit(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, visit = make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY)
    await server.given(doctor, ana, bruno, slot, visit)

    async with server.unchanged(doctor, ana, bruno):
        assert await server.refuse(REVIEW, bruno, id=gid(visit)) == "NOT_FOUND"
        assert await server.refuse(REVIEW, ana, id=f"appointment_{uuid4()}") == "NOT_FOUND"
        assert await server.refuse(REVIEW, ana, id="rubbish") == "NOT_FOUND"
        assert await server.refuse(REVIEW, doctor, id=gid(visit)) == "FORBIDDEN"
        assert await server.refuse(REVIEW, None, id=gid(visit)) == "UNAUTHENTICATED"


async def test_a_visit_is_reviewed_once(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY)
    await server.given(doctor, ana, slot, visit)

    answers = await asyncio.gather(
        *(server.ask(REVIEW, ana, id=gid(visit), stars=stars) for stars in (1, 2, 3, 4, 5))
    )

    refused = [answer for answer in answers if answer["problems"]]
    assert [faults(answer) for answer in refused] == [[("LIMIT_REACHED", ["appointmentId"])]] * 4
    shown = await server.ask(RATING, None, id=gid(doctor))
    assert shown["rating"]["count"] == len(shown["reviews"]["nodes"]) == 1
    assert await server.audited(ana) == ["ReviewAppointment"]


async def test_a_visit_is_reviewed_for_30_days(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY)
    await server.given(doctor, ana, slot, visit)

    server.now = visit.ends_at + THIRTY_DAYS + timedelta(microseconds=1)
    async with server.unchanged(doctor, ana):
        answer = await server.ask(REVIEW, ana, id=gid(visit))
        assert faults(answer) == [("TOO_LATE", ["appointmentId"])]

    server.now = visit.ends_at + THIRTY_DAYS
    assert (await server.ask(REVIEW, ana, id=gid(visit)))["problems"] == []


@pytest.mark.parametrize(("stars", "average"), [([5, 4, 4, 4], None), ([5, 4, 4, 4, 1], 3.6)])
async def test_an_average_is_shown_from_five_reviews_on(
    server: LocalServer, stars: list[int], average: float | None
):
    doctor, ana = make.doctor(), make.patient()
    await server.given(doctor, ana)
    visits = [
        make.visit(doctor, ana, status="COMPLETED", starts_at=YESTERDAY + n * timedelta(hours=1))
        for n in range(len(stars))
    ]
    await server.given(*(thing for visit in visits for thing in visit))

    await asyncio.gather(
        *(
            server.ask(REVIEW, ana, id=gid(visit), stars=given)
            for (_, visit), given in zip(visits, stars, strict=True)
        )
    )

    shown = await server.ask(RATING, None, id=gid(doctor))
    assert shown["rating"] == {"average": average, "count": len(stars)}
