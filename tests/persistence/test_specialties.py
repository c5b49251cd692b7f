"""Doctors are listed by specialty as they are now, whatever has changed them."""

import pytest

from domain.doctors import DoctorStatus
from tests import make
from tests.make import Person
from tests.server import LocalServer

LISTED = "SELECT code, rating_order FROM doctor_specialty WHERE doctor_id = $1 ORDER BY code"
NO_RATING = 1e18


async def listed(server: LocalServer, doctor: Person) -> dict[str, float]:
    return {row["code"]: row["rating_order"] for row in await server.fetch(LISTED, doctor.id)}


@pytest.fixture
async def doctor(server: LocalServer) -> Person:
    doctor = make.doctor(specialties=("cardiologia", "geriatria"), rating_count=4, rating_sum=17)
    await server.given(doctor)
    return doctor


async def test_a_doctor_is_listed_under_each_specialty(server: LocalServer, doctor: Person):
    assert await listed(server, doctor) == {"cardiologia": NO_RATING, "geriatria": NO_RATING}


async def test_a_review_moves_him(server: LocalServer, doctor: Person):
    async with server.app.works.begin() as work:
        await work.doctors.rate(doctor.who.id, 3)

    assert await listed(server, doctor) == {"cardiologia": -4.0, "geriatria": -4.0}


async def test_what_he_practises_no_more_lists_him_no_more(server: LocalServer, doctor: Person):
    change = 'mutation { updateDoctor(input: {specialties: ["urologia"]}) { problems { code } } }'

    assert await server.ask(change, doctor) == {"problems": []}

    assert await listed(server, doctor) == {"urologia": NO_RATING}


@pytest.mark.parametrize("status", [DoctorStatus.SUSPENDED, DoctorStatus.PENDING])
async def test_who_is_not_verified_is_not_listed(server: LocalServer, doctor: Person, status):
    change = "UPDATE doctor SET status = $1 WHERE id = $2"

    await server.fetch(change, status, doctor.id)
    assert await listed(server, doctor) == {}

    await server.fetch(change, DoctorStatus.VERIFIED, doctor.id)
    assert len(await listed(server, doctor)) == 2


async def test_nobody_else_was_ever_listed_otherwise(server: LocalServer):
    """Of all doctors of all tests."""
    wrong = await server.fetch("""
        SELECT * FROM (SELECT DISTINCT id, code, rating_order
                         FROM doctor, unnest(specialties) AS code
                        WHERE status = 'VERIFIED') AS right_now
        FULL JOIN doctor_specialty ON (doctor_id, doctor_specialty.code) = (id, right_now.code)
        WHERE doctor_specialty.rating_order IS DISTINCT FROM right_now.rating_order
    """)

    assert wrong == []
