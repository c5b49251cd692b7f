"""People join, sign in and change what is known of them."""

import asyncio
import hashlib
import json
import secrets
from datetime import timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from domain.appointments import AppointmentStatus
from domain.doctors import DoctorStatus
from domain.registrations import CPF
from persistence.tables import ROWS
from tests import make
from tests.make import NOW
from tests.server import LocalServer, gid, plain

REGISTER_DOCTOR = """
mutation ($input: RegisterDoctorInput!) {
  registerDoctor(input: $input) {
    doctor {
      id name crm uf timeZone city location { latitude longitude }
      specialties { code name } rating { average count }
    }
    problems { code path message }
  }
}
"""
REGISTER_PATIENT = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) {
    patient { id name cpf birthDate }
    problems { code path message }
  }
}
"""
UPDATE_DOCTOR = """
mutation ($input: UpdateDoctorInput!) {
  updateDoctor(input: $input) {
    doctor { name specialties { code } timeZone city location { latitude longitude } }
    problems { code path }
  }
}
"""
UPDATE_PATIENT = """
mutation ($input: UpdatePatientInput!) {
  updatePatient(input: $input) { patient { name birthDate } problems { code path } }
}
"""
SESSION = """
  session {
    accessToken expiresAt refreshToken
    viewer {
      __typename
      ... on DoctorViewer { email doctor { id } }
      ... on PatientViewer { email patient { id cpf } }
    }
  }
  problems { code path message }
"""
SIGN_IN_DOCTOR = f"""
mutation ($crm: String!, $uf: UF!, $password: String!) {{
  signInDoctor(input: {{crm: $crm, uf: $uf, password: $password}}) {{ {SESSION} }}
}}
"""
SIGN_IN_PATIENT = f"""
mutation ($email: String!, $cpf: CPF!, $password: String!) {{
  signInPatient(input: {{email: $email, cpf: $cpf, password: $password}}) {{ {SESSION} }}
}}
"""
VIEWER = """
{ viewer {
  __typename
  ... on DoctorViewer { email doctor { id } }
  ... on PatientViewer { email patient { id cpf } }
} }
"""
HASH = "SELECT password_hash FROM account WHERE 'patient_' || id = $1"
PASSWORD = "quatro palavras ao acaso"  # noqa: S105  # of nobody


def doctor_form(**given):
    form = {
        "name": "Otávio Lins",
        "email": f"{uuid4()}@example.com",
        "crm": number(),
        "uf": "SP",
        "password": PASSWORD,
        "specialties": ["cardiologia"],
        "timeZone": "America/Sao_Paulo",
    }
    return form | given


def patient_form(**given):
    form = {
        "name": "Lia Bastos",
        "email": f"{uuid4()}@example.com",
        "cpf": make.cpf(),
        "password": PASSWORD,
    }
    return form | given


def number() -> str:
    """Of a registration that nobody has; no zero at its front."""
    return str(10**8 + secrets.randbelow(9 * 10**8))


def at_fault(payload):
    """Path and code of each problem."""
    return {".".join(problem["path"]): problem["code"] for problem in payload["problems"]}


async def registered_doctor(server, **given):
    form = doctor_form(**given)
    payload = await server.ask(REGISTER_DOCTOR, input=form)
    assert payload["problems"] == []
    return form, payload["doctor"]


async def registered_patient(server, **given):
    form = patient_form(**given)
    payload = await server.ask(REGISTER_PATIENT, input=form)
    assert payload["problems"] == []
    return form, payload["patient"]


async def sign_in_patient(server, form, **other):
    wanted = {name: form[name] for name in ("email", "cpf", "password")} | other
    return await server.ask(SIGN_IN_PATIENT, **wanted)


async def sign_in_doctor(server, form, **other):
    wanted = {name: form[name] for name in ("crm", "uf", "password")} | other
    return await server.ask(SIGN_IN_DOCTOR, **wanted)


async def send(server, query, authorization, **variables):
    """The whole answer to a request that bears this Authorization header."""
    caller = server.app.authenticate(authorization)
    operation = server.documents.prepare(query)
    return json.loads(await server.operations.answer(operation, plain(variables), caller))


async def found_in_the_database(server, text):
    """Whether any row of any table holds it, as text or as bytes."""
    holding = " UNION ALL ".join(
        f"SELECT FROM {row.__tablename__} AS kept"
        " WHERE strpos(kept::text, $1) > 0 OR strpos(kept::text, $2) > 0"
        for row in ROWS
    )
    return bool(await server.fetch(f"{holding} LIMIT 1", text, text.encode().hex()))


# ------------------------------------------------------------ doctors join


async def test_a_doctor_registers_and_is_found_at_once(server: LocalServer):
    form = doctor_form(
        name="  Otávio Lins ", city=" Recife ", location={"latitude": -8.05, "longitude": -34.9}
    )

    payload = await server.ask(REGISTER_DOCTOR, input=form)

    assert payload["problems"] == []
    assert payload["doctor"] | {"id": None} == {
        "id": None,
        "name": "Otávio Lins",
        "crm": form["crm"],
        "uf": "SP",
        "timeZone": "America/Sao_Paulo",
        "city": "Recife",
        "location": {"latitude": -8.05, "longitude": -34.9},
        "specialties": [{"code": "cardiologia", "name": "Cardiologia"}],
        "rating": {"average": None, "count": 0},
    }
    found = await server.ask(
        "query ($crm: String!) { doctor(crm: $crm, uf: SP) { id } }", crm=form["crm"]
    )
    assert found == {"id": payload["doctor"]["id"]}


async def test_a_doctor_is_told_all_that_is_wrong_with_the_form_at_once(server: LocalServer):
    before = await server.counts()
    form = {
        "name": "x",
        "email": "nobody",
        "crm": "12A",
        "uf": "SP",
        "password": "short",
        "specialties": ["cardiologia", "astrologia"],
        "timeZone": "Mars/Olympus",
        "city": "  ",
        "location": {"latitude": 90.1, "longitude": -180.1},
    }

    payload = await server.ask(REGISTER_DOCTOR, input=form)

    assert payload["doctor"] is None
    assert at_fault(payload) == dict.fromkeys(
        [
            *("name", "email", "crm", "password", "specialties.1", "timeZone", "city"),
            *("location.latitude", "location.longitude"),
        ],
        "INVALID",
    )
    assert await server.counts() == before


@pytest.mark.parametrize("again", ["{}", "{}/SP", "{}-SP", "CRM {} SP", "crm/sp {}", "0{}"])
async def test_one_number_written_in_many_ways_is_registered_once(server: LocalServer, again: str):
    crm = number()
    _, doctor = await registered_doctor(server, crm=f"{crm}/SP")
    before = await server.counts()

    payload = await server.ask(REGISTER_DOCTOR, input=doctor_form(crm=again.format(crm)))

    assert doctor["crm"] == crm
    assert payload["doctor"] is None
    assert at_fault(payload) == {"crm": "ALREADY_REGISTERED"}
    assert await server.counts() == before
    found = await server.ask(
        "query ($crm: String!) { doctor(crm: $crm, uf: SP) { id } }", crm=again.format(crm)
    )
    assert found == {"id": doctor["id"]}


async def test_the_same_digits_elsewhere_or_provisional_are_another_doctor(server: LocalServer):
    crm = number()

    all_three = [
        await registered_doctor(server, crm=crm),
        await registered_doctor(server, crm=crm, uf="RJ"),
        await registered_doctor(server, crm=f"{crm}p/SP"),
    ]

    assert [doctor["crm"] for _, doctor in all_three] == [crm, crm, f"{crm}P"]
    assert len({doctor["id"] for _, doctor in all_three}) == 3
    for form, doctor in all_three:
        signed_in = await sign_in_doctor(server, form)
        assert signed_in["session"]["viewer"]["doctor"] == {"id": doctor["id"]}


@pytest.mark.parametrize(
    "crm", ["123456/RJ", "CRM RJ 123456", "RJ 123456", "", "0", "P", "12345678901"]
)
async def test_a_number_that_contradicts_the_state_or_is_none_is_invalid(
    server: LocalServer, crm: str
):
    before = await server.counts()

    payload = await server.ask(REGISTER_DOCTOR, input=doctor_form(crm=crm))

    assert at_fault(payload) == {"crm": "INVALID"}
    assert await server.counts() == before
    search = "query ($crm: String!) { doctor(crm: $crm, uf: SP) { id } }"
    assert await server.refuse(search, crm=crm) == "BAD_USER_INPUT"


async def test_of_two_doctors_with_one_number_at_once_one_wins(server: LocalServer):
    before, crm = await server.counts(), number()

    payloads = await asyncio.gather(
        *(server.ask(REGISTER_DOCTOR, input=doctor_form(crm=crm)) for _ in range(2))
    )

    won, lost = sorted(payloads, key=lambda payload: len(payload["problems"]))
    assert won["doctor"]["crm"] == crm
    assert lost["doctor"] is None
    assert at_fault(lost) == {"crm": "ALREADY_REGISTERED"}
    after = await server.counts()
    assert {
        table: after[table] - count for table, count in before.items() if after[table] != count
    } == {
        "account": 1,
        "doctor": 1,
        "doctor_specialty": 1,
        "audit_entry": 1,
    }


# ----------------------------------------------------------- patients join


@pytest.mark.parametrize("written", ["digits", "punctuated"])
async def test_a_patient_registers_and_reads_the_own_cpf_in_full(server: LocalServer, written: str):
    cpf = CPF(make.cpf())
    given = cpf.digits if written == "digits" else f" {cpf} "

    _, patient = await registered_patient(server, cpf=given, birthDate="1980-02-29")

    assert patient["cpf"] == str(cpf)
    assert (patient["name"], patient["birthDate"]) == ("Lia Bastos", "1980-02-29")


async def test_a_patient_is_told_all_that_is_wrong_with_the_form_at_once(server: LocalServer):
    before = await server.counts()
    form = {
        "name": " y ",
        "email": "a@b",
        "cpf": "123",
        "password": "7 chars",
        "birthDate": "2030-01-08",
    }

    payload = await server.ask(REGISTER_PATIENT, input=form)

    assert payload["patient"] is None
    faults = ("name", "email", "cpf", "password", "birthDate")
    assert at_fault(payload) == dict.fromkeys(faults, "INVALID")
    assert await server.counts() == before


WRONG = [
    "529.982.247-24",  # the second check digit
    "529.982.247-17",  # the first one; the second is right for it
    *(str(digit) * 11 for digit in range(10)),  # never issued, though they check
    "5299822472",
    "529982247255",
    "529 982 247 25",
    "".join(chr(0xFF10 + int(digit)) for digit in "52998224725"),  # full-width
    "",
]


@pytest.mark.parametrize("cpf", WRONG)
async def test_a_wrong_cpf_is_a_problem_at_its_path_and_no_error(server: LocalServer, cpf: str):
    before = await server.counts()

    payload = await server.ask(REGISTER_PATIENT, input=patient_form(cpf=cpf))
    signed_in = await server.ask(
        SIGN_IN_PATIENT, email="ana@example.com", cpf=cpf, password=PASSWORD
    )

    assert at_fault(payload) == at_fault(signed_in) == {"cpf": "INVALID"}
    assert await server.counts() == before


async def test_email_and_cpf_are_each_registered_once(server: LocalServer):
    form, _ = await registered_patient(server)
    before = await server.counts()
    shouted = form["email"].upper()

    email = await server.ask(REGISTER_PATIENT, input=patient_form(email=shouted))
    cpf = await server.ask(REGISTER_PATIENT, input=patient_form(cpf=str(CPF(form["cpf"]))))
    both = await server.ask(REGISTER_PATIENT, input=form)

    assert at_fault(email) == {"email": "ALREADY_REGISTERED"}
    assert at_fault(cpf) == {"cpf": "ALREADY_REGISTERED"}
    assert at_fault(both) == {"email": "ALREADY_REGISTERED", "cpf": "ALREADY_REGISTERED"}
    assert [payload["patient"] for payload in (email, cpf, both)] == [None] * 3
    assert await server.counts() == before


@pytest.mark.parametrize("same", ["email", "cpf"])
async def test_of_two_patients_alike_at_once_one_wins(server: LocalServer, same: str):
    before, first = await server.counts(), patient_form()
    second = patient_form(**{same: first[same]})

    payloads = await asyncio.gather(
        *(server.ask(REGISTER_PATIENT, input=form) for form in (first, second))
    )

    [lost] = [payload for payload in payloads if payload["patient"] is None]
    assert at_fault(lost) == {same: "ALREADY_REGISTERED"}
    after = await server.counts()
    assert after["account"] - before["account"] == after["patient"] - before["patient"] == 1


async def test_a_doctor_may_be_a_patient_under_the_same_email(server: LocalServer):
    form, _ = await registered_doctor(server)

    _, patient = await registered_patient(server, email=form["email"])

    assert patient["id"]


@pytest.mark.parametrize("length", [8, 128])
async def test_a_password_of_8_to_128_characters_will_do(server: LocalServer, length: int):
    password = "ç" * length

    doctor, _ = await registered_doctor(server, password=password)
    patient, _ = await registered_patient(server, password=password)

    signed = await sign_in_doctor(server, doctor)
    assert signed["session"], signed
    assert (await sign_in_patient(server, patient))["session"]


@pytest.mark.parametrize("length", [7, 129])
async def test_a_password_of_7_or_129_characters_will_not(server: LocalServer, length: int):
    before = await server.counts()

    doctor = await server.ask(REGISTER_DOCTOR, input=doctor_form(password="p" * length))
    patient = await server.ask(REGISTER_PATIENT, input=patient_form(password="p" * length))

    assert at_fault(doctor) == at_fault(patient) == {"password": "INVALID"}
    assert await server.counts() == before


# ----------------------------------------------------------------- changes


async def test_what_a_doctor_leaves_out_stays(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    payload = await server.ask(UPDATE_DOCTOR, doctor, input={"name": " Helena do Prado "})

    assert payload["problems"] == []
    assert payload["doctor"] == {
        "name": "Helena do Prado",
        "specialties": [{"code": "cardiologia"}],
        "timeZone": "America/Sao_Paulo",
        "city": "São Paulo",
        "location": {"latitude": -23.5505, "longitude": -46.6333},
    }


async def test_null_clears_a_doctors_city_and_location_and_nothing_else(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    nothing = dict.fromkeys(("name", "specialties", "timeZone", "city", "location"))

    payload = await server.ask(UPDATE_DOCTOR, doctor, input=nothing)

    assert payload["doctor"] == {
        "name": "Helena Prado",
        "specialties": [{"code": "cardiologia"}],
        "timeZone": "America/Sao_Paulo",
        "city": None,
        "location": None,
    }


async def test_a_doctor_changes_everything_at_once(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    codes = ["dermatologia", "alergia-e-imunologia", "dermatologia"]
    form = {
        "name": "Helena Lima",
        "specialties": codes,
        "timeZone": "America/Manaus",
        "city": "Manaus",
        "location": {"latitude": -3.1, "longitude": -60.0},
    }

    payload = await server.ask(UPDATE_DOCTOR, doctor, input=form)

    once_each = [{"code": code} for code in codes[:2]]
    assert payload["doctor"] == form | {"specialties": once_each}


async def test_a_doctor_may_have_no_specialty_any_more(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)

    payload = await server.ask(UPDATE_DOCTOR, doctor, input={"specialties": []})

    assert payload["doctor"]["specialties"] == []


async def test_what_is_wrong_with_a_doctors_change_changes_nothing(server: LocalServer):
    doctor = make.doctor()
    await server.given(doctor)
    before = await server.counts()
    form = {
        "name": "",
        "specialties": ["x"],
        "timeZone": "",
        "city": "",
        "location": {"latitude": 1000, "longitude": 0},
    }

    payload = await server.ask(UPDATE_DOCTOR, doctor, input=form)

    assert payload["doctor"] is None
    faults = ("name", "specialties.0", "timeZone", "city", "location.latitude")
    assert at_fault(payload) == dict.fromkeys(faults, "INVALID")
    assert await server.counts() == before
    [row] = await server.fetch("SELECT name, city FROM doctor WHERE id = $1", doctor.id)
    assert tuple(row) == ("Helena Prado", "São Paulo")


async def test_what_a_patient_leaves_out_stays_and_null_clears_the_birth_date(
    server: LocalServer,
):
    form, _ = await registered_patient(server, birthDate="1980-02-29")
    session = (await sign_in_patient(server, form))["session"]
    header = f"Bearer {session['accessToken']}"

    async def update(**changes):
        answer = await send(server, UPDATE_PATIENT, header, input=changes)
        return answer["data"]["updatePatient"]

    renamed = await update(name=" Lia de Bastos ")
    kept = await update(name=None, email=None)
    cleared = await update(birthDate=None)

    assert renamed["patient"] == {"name": "Lia de Bastos", "birthDate": "1980-02-29"}
    assert kept["patient"] == renamed["patient"]
    assert cleared["patient"] == {"name": "Lia de Bastos", "birthDate": None}
    assert (await sign_in_patient(server, form))["session"]


async def test_a_patient_signs_in_with_the_new_email_and_no_more_with_the_old(
    server: LocalServer,
):
    form, _ = await registered_patient(server)
    session = (await sign_in_patient(server, form))["session"]
    new = f"{uuid4()}@example.org"

    await send(server, UPDATE_PATIENT, f"Bearer {session['accessToken']}", input={"email": new})

    signed_in = await sign_in_patient(server, form, email=new.upper())
    assert signed_in["session"]["viewer"]["email"] == new
    assert at_fault(await sign_in_patient(server, form)) == {"": "INVALID_CREDENTIALS"}


async def test_a_patient_cannot_take_anothers_email(server: LocalServer):
    form, _ = await registered_patient(server)
    ana = make.patient()
    await server.given(ana)
    before = await server.counts()

    payload = await server.ask(
        UPDATE_PATIENT, ana, input={"name": "Anna", "email": form["email"].upper()}
    )
    own = await server.ask(UPDATE_PATIENT, ana, input={"email": ana.account.email.upper()})

    assert at_fault(payload) == {"email": "ALREADY_REGISTERED"}
    assert payload["patient"] is None
    assert own["problems"] == []  # the own address in another case is no one else's
    assert own["patient"]["name"] == "Ana Moreira"
    assert (await server.counts())["audit_entry"] == before["audit_entry"] + 1  # of the second


async def test_of_two_patients_who_take_one_email_at_once_one_wins(server: LocalServer):
    both = [make.patient(), make.patient()]
    await server.given(*both)
    email = f"{uuid4()}@example.com"

    payloads = await asyncio.gather(
        *(server.ask(UPDATE_PATIENT, who, input={"email": email}) for who in both)
    )

    won, lost = sorted(payloads, key=lambda payload: len(payload["problems"]))
    assert won["problems"] == []
    assert at_fault(lost) == {"email": "ALREADY_REGISTERED"}


@pytest.mark.parametrize("given", [{"name": ""}, {"email": ""}, {"birthDate": "1850-01-01"}])
async def test_what_is_wrong_with_a_patients_change_changes_nothing(server: LocalServer, given):
    ana = make.patient()
    await server.given(ana)
    before = await server.counts()

    payload = await server.ask(UPDATE_PATIENT, ana, input=given)

    assert payload["patient"] is None
    assert at_fault(payload) == dict.fromkeys(given, "INVALID")
    assert await server.counts() == before


# ----------------------------------------------------------------- signing in


async def test_a_doctor_signs_in_however_the_number_is_written(server: LocalServer):
    form, doctor = await registered_doctor(server)

    for crm in (form["crm"], f"{form['crm']}/SP", f"CRM {form['crm']} SP"):
        signed_in = await sign_in_doctor(server, form, crm=crm)

        assert signed_in["problems"] == []
        who = {"__typename": "DoctorViewer", "email": form["email"], "doctor": {"id": doctor["id"]}}
        assert signed_in["session"]["viewer"] == who
        header = f"Bearer {signed_in['session']['accessToken']}"
        assert (await send(server, VIEWER, header))["data"] == {"viewer": who}


async def test_a_patient_signs_in_whatever_the_case_and_the_punctuation(server: LocalServer):
    form, patient = await registered_patient(server)
    cpf = str(CPF(form["cpf"]))

    signed_in = await sign_in_patient(server, form, email=f" {form['email'].upper()} ", cpf=cpf)

    assert signed_in["problems"] == []
    session = signed_in["session"]
    assert session["expiresAt"] == "2030-01-07T12:25:00Z"
    who = {
        "__typename": "PatientViewer",
        "email": form["email"],
        "patient": {"id": patient["id"], "cpf": cpf},
    }
    assert session["viewer"] == who
    header = f"bearer  {session['accessToken']}"
    assert (await send(server, VIEWER, header))["data"] == {"viewer": who}


async def test_whether_an_account_exists_cannot_be_told_from_the_answer(server: LocalServer):
    patient, _ = await registered_patient(server)
    other, _ = await registered_patient(server)
    doctor, _ = await registered_doctor(server)
    before = await server.counts()

    answers = [
        await sign_in_patient(server, patient, password=PASSWORD + "!"),
        await sign_in_patient(server, patient, cpf=other["cpf"]),
        await sign_in_patient(server, patient_form()),
        await sign_in_doctor(server, doctor, password=PASSWORD.upper()),
        await sign_in_doctor(server, doctor, uf="RJ"),
        await sign_in_doctor(server, doctor_form()),
        await sign_in_doctor(server, doctor, password=""),
    ]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["session"] is None
    assert at_fault(answers[0]) == {"": "INVALID_CREDENTIALS"}
    counted = {"attempt": (await server.counts())["attempt"]}
    assert await server.counts() == before | counted


async def test_a_session_keeps_the_refresh_token_hashed_only(server: LocalServer):
    form, patient = await registered_patient(server)

    token = (await sign_in_patient(server, form))["session"]["refreshToken"]

    digest = hashlib.sha256(token.encode()).digest()
    [row] = await server.fetch(
        "SELECT 'patient_' || user_id AS id, expires_at FROM session WHERE refresh_hash = $1",
        digest,
    )
    assert row["id"] == patient["id"]
    assert row["expires_at"] == NOW + timedelta(days=30)
    assert not await found_in_the_database(server, token)


async def test_a_dead_token_is_told_where_a_session_is_needed_and_else_is_no_matter(
    server: LocalServer,
):
    form, _ = await registered_patient(server)
    token = (await sign_in_patient(server, form))["session"]["accessToken"]
    query = "{ viewer { __typename } specialties { code } doctors(first: 0) { nodes { id } } }"

    living = await send(server, query, f"Bearer {token}")
    server.now = NOW + timedelta(minutes=10)
    expired = await send(server, query, f"Bearer {token}")
    strange = [
        (await send(server, query, header))
        for header in ("Bearer none", "Bearer", "", f"Basic {token}", f"Bearer {token}x")
    ]
    anonymous = await send(server, query, None)

    assert living["data"]["viewer"] == {"__typename": "PatientViewer"}
    assert "errors" not in anonymous
    assert anonymous["data"]["viewer"] is None
    for answer in (expired, *strange):
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["UNAUTHENTICATED"]
        assert answer["errors"][0]["path"] == ["viewer"]
        assert answer["data"] == anonymous["data"]
        assert len(answer["data"]["specialties"]) == 55


# -------------------------------------------------------------- who sees what


async def test_a_cpf_is_shown_in_full_to_its_owner_and_masked_to_his_doctor(server: LocalServer):
    cpf = CPF(make.cpf())
    doctor, ana = make.doctor(), make.patient(cpf=cpf.digits)
    slot = make.slot(doctor)
    appointment = make.appointment(slot, ana)
    await server.given(doctor, ana, slot, appointment)
    query = """
      query ($appointment: ID!, $patient: ID!) {
        appointment: node(id: $appointment) { ... on Appointment { patient { cpf } } }
        patient: node(id: $patient) { ... on Patient { cpf } }
      }
    """
    ids = {"appointment": gid(appointment), "patient": gid(ana)}

    own = await server.ask(query, ana, **ids)
    doctors = await server.ask(query, doctor, **ids)

    masked = f"***.{cpf.digits[3:6]}.{cpf.digits[6:9]}-**"
    assert own == {"appointment": {"patient": {"cpf": str(cpf)}}, "patient": {"cpf": str(cpf)}}
    assert doctors == {"appointment": {"patient": {"cpf": masked}}, "patient": {"cpf": masked}}


async def test_email_cpf_and_what_is_said_of_an_illness_are_nowhere_in_clear(server: LocalServer):
    form, _ = await registered_patient(server)
    doctor_form, doctor = await registered_doctor(server)
    session = (await sign_in_patient(server, form))["session"]
    his = (await sign_in_doctor(server, doctor_form))["session"]
    header, his_header = (f"Bearer {each['accessToken']}" for each in (session, his))
    new_email, reason, why = f"{uuid4()}@example.org", f"dor {uuid4()}", f"férias {uuid4()}"

    published = await send(
        server,
        "mutation ($input: PublishSlotsInput!) { publishSlots(input: $input) { slots { id } } }",
        his_header,
        input={"times": [{"startsAt": "2030-01-08T12:00:00Z", "endsAt": "2030-01-08T13:00:00Z"}]},
    )
    [slot] = published["data"]["publishSlots"]["slots"]
    requested = await send(
        server,
        "mutation ($input: RequestAppointmentInput!)"
        " { requestAppointment(input: $input) { appointment { id } } }",
        header,
        input={
            "slotId": slot["id"],
            "reason": reason,
            "consent": True,
            "idempotencyKey": str(uuid4()),
        },
    )
    declined = await send(
        server,
        "mutation ($input: DeclineAppointmentInput!)"
        " { declineAppointment(input: $input) { appointment { status justification } } }",
        his_header,
        input={
            "appointmentId": requested["data"]["requestAppointment"]["appointment"]["id"],
            "justification": why,
        },
    )
    await send(server, UPDATE_PATIENT, header, input={"email": new_email})

    assert declined["data"]["declineAppointment"]["appointment"] == {
        "status": AppointmentStatus.DECLINED,
        "justification": why,
    }
    secrets_of_his = [
        *(form["email"], new_email, doctor_form["email"]),
        *(form["cpf"], str(CPF(form["cpf"]))),
        *(reason, why, PASSWORD, session["accessToken"], session["refreshToken"]),
    ]
    assert [text for text in secrets_of_his if await found_in_the_database(server, text)] == []
    assert await found_in_the_database(server, doctor["crm"])  # so the search does find


async def test_a_password_is_kept_as_argon2id_of_owasps_parameters(server: LocalServer):
    form, patient = await registered_patient(server)

    [row] = await server.fetch(
        "SELECT password_hash FROM account WHERE 'patient_' || id = $1", patient["id"]
    )

    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert form["password"] not in row["password_hash"]


async def test_a_hash_of_old_parameters_is_made_anew_when_its_owner_signs_in(server: LocalServer):
    form, patient = await registered_patient(server)
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await server.fetch(
        "UPDATE account SET password_hash = $2 WHERE 'patient_' || id = $1", patient["id"], weaker
    )

    await sign_in_patient(server, form, password=PASSWORD + "!")
    [before] = await server.fetch(HASH, patient["id"])
    await sign_in_patient(server, form)
    [after] = await server.fetch(HASH, patient["id"])

    assert before["password_hash"] == weaker
    assert after["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await sign_in_patient(server, form))["problems"] == []


@pytest.mark.parametrize("password", ["password1", "Senha12345", "qwertyuiop"])
async def test_a_password_that_many_have_is_refused(server: LocalServer, password: str):
    before = await server.counts()

    patient = await server.ask(REGISTER_PATIENT, input=patient_form(password=password))
    doctor = await server.ask(REGISTER_DOCTOR, input=doctor_form(password=password))

    assert at_fault(patient) == at_fault(doctor) == {"password": "INVALID"}
    assert await server.counts() == before


async def test_joining_and_signing_in_are_entered_in_the_audit_log(server: LocalServer):
    form, doctor = await registered_doctor(server)
    await sign_in_doctor(server, form)
    await sign_in_doctor(server, form, password=PASSWORD[1:])

    rows = await server.fetch(
        "SELECT action, role, subject, session_id IS NOT NULL AS signed_in FROM audit_entry"
        " WHERE 'doctor_' || user_id = $1 ORDER BY id",
        doctor["id"],
    )

    assert [(row["action"], row["role"], row["signed_in"]) for row in rows] == [
        ("Register", "DOCTOR", False),
        ("SignIn", "DOCTOR", True),
    ]


async def test_a_doctor_who_is_not_verified_may_sign_in_and_sees_himself(server: LocalServer):
    doctor = make.doctor(status=DoctorStatus.SUSPENDED)
    await server.given(doctor)

    viewer = await server.ask(VIEWER, doctor)

    assert viewer["doctor"] == {"id": gid(doctor)}
