"""A specialist is shown only in a specialty for which there is an RQE (CFM 2.336/2023)."""

from typing import Any

import asyncpg
import pytest

from tests import make
from tests.make import Person
from tests.resolvers.test_accounts import at_fault, doctor_form
from tests.server import LocalServer

SHOWN = "specialties { code } specialistIn { rqe specialty { code name } }"
REGISTER = f"""
mutation ($input: RegisterDoctorInput!) {{
  registerDoctor(input: $input) {{ doctor {{ {SHOWN} }} problems {{ code path }} }}
}}
"""
UPDATE = f"""
mutation ($input: UpdateDoctorInput!) {{
  updateDoctor(input: $input) {{ doctor {{ {SHOWN} }} problems {{ code path }} }}
}}
"""
BY_CRM = f"query ($crm: String!) {{ doctor(crm: $crm, uf: SP) {{ {SHOWN} }} }}"
TWO = ["cardiologia", "pediatria"]
IN_CARDIOLOGY = {"specialty": "cardiologia", "rqe": "1234"}
IN_PAEDIATRICS = {"specialty": "pediatria", "rqe": "99"}


def shown(doctor: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"specialty": each["specialty"]["code"], "rqe": each["rqe"]}
        for each in doctor["specialistIn"]
    ]


async def specialist(server: LocalServer, **given: Any) -> Person:
    doctor = make.doctor(
        **{"specialties": tuple(TWO), "specialist_in": ("cardiologia",), "rqes": ("1234",)} | given
    )
    await server.given(doctor)
    return doctor


async def seen(server: LocalServer, doctor: Person) -> list[dict[str, str]]:
    """By anybody."""
    return shown(await server.ask(BY_CRM, crm=doctor.who.crm))


async def update(server: LocalServer, doctor: Person, **given: Any) -> dict[str, Any]:
    return await server.ask(UPDATE, doctor, input=given)


async def test_he_is_a_specialist_in_that_for_which_he_has_an_rqe_alone(server: LocalServer):
    form = doctor_form(specialties=TWO, qualifications=[IN_CARDIOLOGY])

    payload = await server.ask(REGISTER, input=form)

    assert payload["problems"] == []
    found = await server.ask(BY_CRM, crm=form["crm"])
    assert found == payload["doctor"]
    assert [each["code"] for each in found["specialties"]] == TWO
    cardiology = {"code": "cardiologia", "name": "Cardiologia"}
    assert found["specialistIn"] == [{"rqe": "1234", "specialty": cardiology}]


async def test_without_an_rqe_he_is_a_specialist_in_nothing(server: LocalServer):
    payload = await server.ask(REGISTER, input=doctor_form(specialties=TWO))

    assert [each["code"] for each in payload["doctor"]["specialties"]] == TWO
    assert payload["doctor"]["specialistIn"] == []


@pytest.mark.parametrize("typed", ["1234", " 01234 ", "RQE 1234", "rqe-1234", "RQE1234"])
async def test_an_rqe_may_be_written_in_other_ways(server: LocalServer, typed: str):
    doctor = await specialist(server, specialist_in=(), rqes=())

    await update(server, doctor, qualifications=[IN_CARDIOLOGY | {"rqe": typed}])

    assert await seen(server, doctor) == [IN_CARDIOLOGY]


async def test_what_is_wrong_is_told_at_its_path_and_changes_nothing(server: LocalServer):
    doctor = await specialist(server)
    given = [
        *(IN_PAEDIATRICS | {"rqe": typed} for typed in ("", "0", "RQE", "12a", "٣", "1" * 11)),
        {"specialty": "urologia", "rqe": "1"},
        {"specialty": "astrologia", "rqe": "1"},
    ]
    again = {f"qualifications.{number}.specialty": "INVALID" for number in range(1, 6)}

    async with server.unchanged(doctor):
        payload = await update(server, doctor, qualifications=given)

    assert payload["doctor"] is None
    assert at_fault(payload) == again | {
        **{f"qualifications.{number}.rqe": "INVALID" for number in range(6)},
        **{f"qualifications.{number}.specialty": "INVALID" for number in (6, 7)},
    }


async def test_who_joins_is_told_with_the_rest_of_the_form(server: LocalServer):
    form = doctor_form(name="x", qualifications=[IN_PAEDIATRICS])

    payload = await server.ask(REGISTER, input=form)

    assert payload["doctor"] is None
    assert at_fault(payload) == {"name": "INVALID", "qualifications.0.specialty": "INVALID"}


async def test_what_is_left_out_stays_and_what_is_given_is_in_place_of_all(server: LocalServer):
    doctor = await specialist(server)

    for nothing in ({"city": "Recife"}, {"qualifications": None}, {"specialties": TWO}):
        assert shown((await update(server, doctor, **nothing))["doctor"]) == [IN_CARDIOLOGY]
    await update(server, doctor, qualifications=[IN_PAEDIATRICS])
    assert await seen(server, doctor) == [IN_PAEDIATRICS]
    await update(server, doctor, qualifications=[])

    assert await seen(server, doctor) == []


async def test_with_a_specialty_its_rqe_goes(server: LocalServer):
    doctor = await specialist(server)

    payload = await update(server, doctor, specialties=["pediatria"])
    assert payload["problems"] == []
    assert await seen(server, doctor) == []
    await update(server, doctor, specialties=TWO)

    assert await seen(server, doctor) == []


async def test_an_rqe_of_what_he_does_not_practise_is_not_shown(server: LocalServer):
    """A process of the version before takes specialties away and knows of no RQE."""
    doctor = await specialist(server, specialties=("pediatria",))

    assert await seen(server, doctor) == []


async def test_no_row_has_a_specialty_without_its_number(server: LocalServer):
    with pytest.raises(asyncpg.CheckViolationError, match="each_specialty_has_its_rqe"):
        await specialist(server, rqes=())
