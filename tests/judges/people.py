"""A doctor and a patient who came by the front door, and are signed in."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests import make
from tests.judges.running import Running

PASSWORD = "a door that only judges use"  # noqa: S105  # of people who live for one test run

REGISTER_DOCTOR = """mutation ($input: RegisterDoctorInput!) {
  registerDoctor(input: $input) { doctor { id } problems { code path } }
}"""
REGISTER_PATIENT = """mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { patient { id } problems { code path } }
}"""
SIGN_IN_DOCTOR = """mutation ($input: SignInDoctorInput!) {
  signInDoctor(input: $input) { session { accessToken } problems { code } }
}"""
SIGN_IN_PATIENT = """mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) { session { accessToken } problems { code } }
}"""
PUBLISH = """mutation ($input: PublishSlotsInput!) {
  publishSlots(input: $input) { slots { id } problems { code } }
}"""


@dataclass(frozen=True)
class SignedIn:
    id: str
    token: str = field(repr=False)  # good for ten minutes


def doctor(server: Running) -> SignedIn:
    crm = str(secrets.randbelow(10**9) + 1)
    details = {
        "name": "Helena Prado",
        "email": f"{secrets.token_hex(8)}@example.com",
        "crm": crm,
        "uf": "SP",
        "password": PASSWORD,
        "specialties": ["cardiologia"],
        "timeZone": "America/Sao_Paulo",
    }
    registered = server.ask(REGISTER_DOCTOR, input=details)
    assert registered["problems"] == []
    by = {"crm": crm, "uf": "SP", "password": PASSWORD}
    session = server.ask(SIGN_IN_DOCTOR, input=by)["session"]
    return SignedIn(id=registered["doctor"]["id"], token=session["accessToken"])


def patient(server: Running) -> SignedIn:
    by = {
        "email": f"{secrets.token_hex(8)}@example.com",
        "cpf": make.cpf(),
        "password": PASSWORD,
    }
    registered = server.ask(REGISTER_PATIENT, input={"name": "Ana Moreira", **by})
    assert registered["problems"] == []
    session = server.ask(SIGN_IN_PATIENT, input=by)["session"]
    return SignedIn(id=registered["patient"]["id"], token=session["accessToken"])


def publish(server: Running, doctor: SignedIn, count: int) -> list[str]:
    """Slots of half an hour, one after the other from tomorrow's midnight on; their ids."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [start + timedelta(days=1, minutes=30 * n) for n in range(count)]
    times = [
        {"startsAt": at.isoformat(), "endsAt": (at + timedelta(minutes=30)).isoformat()}
        for at in starts
    ]
    published = server.ask(PUBLISH, doctor.token, input={"times": times})
    assert published["problems"] == []
    return [slot["id"] for slot in published["slots"]]
