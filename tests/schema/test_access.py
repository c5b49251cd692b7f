"""Who may use which root field. A new one fails here until it is said who.

What is sent is made from the schema: the least that is of the right types.
"""

import json
import secrets
from dataclasses import replace
from uuid import uuid4

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from domain.auth import Role, Scope
from tests import make
from tests.resolvers.browsers import COOKIE
from tests.server import LocalServer, plain
from transport.cookies import Jar
from transport.errors import Unfit
from wiring.schema import graphql_schema

SCHEMA = graphql_schema._schema
ANYBODY, DOCTOR, PATIENT, ADMINISTRATOR = (
    frozenset({None, *Role} - {Role.PARTNER}),
    frozenset({Role.DOCTOR}),
    frozenset({Role.PATIENT}),
    frozenset({Role.ADMINISTRATOR}),
)
WHO = {
    "signInDoctor": ANYBODY,
    "signInPatient": ANYBODY,
    "signInAdministrator": ANYBODY,
    "refreshSession": ANYBODY,
    "renewSession": ANYBODY,
    "signOut": DOCTOR | PATIENT | ADMINISTRATOR,
    "endSession": DOCTOR | PATIENT | ADMINISTRATOR,
    "endOtherSessions": DOCTOR | PATIENT | ADMINISTRATOR,
    "changePassword": DOCTOR | PATIENT | ADMINISTRATOR,
    "beginSecondFactor": DOCTOR | PATIENT | ADMINISTRATOR,
    "confirmSecondFactor": DOCTOR | PATIENT | ADMINISTRATOR,
    "replaceRecoveryCodes": DOCTOR | PATIENT | ADMINISTRATOR,
    "removeSecondFactor": DOCTOR | PATIENT,
    "beginPasskey": DOCTOR | PATIENT | ADMINISTRATOR,
    "confirmPasskey": DOCTOR | PATIENT | ADMINISTRATOR,
    "removePasskey": DOCTOR | PATIENT | ADMINISTRATOR,
    "beginPasskeySignIn": ANYBODY,
    "signInWithPasskey": ANYBODY,
    "requestPasswordReset": ANYBODY,
    "resetPassword": ANYBODY,
    "confirmEmail": ANYBODY,
    "resendConfirmation": ANYBODY,
    "registerPatient": ANYBODY,
    "registerDoctor": ANYBODY,
    "updatePatient": PATIENT,
    "updateDoctor": DOCTOR,
    "verifyDoctor": ADMINISTRATOR,
    "suspendDoctor": ADMINISTRATOR,
    "reinstateDoctor": ADMINISTRATOR,
    "requestUpload": PATIENT,
    "completeUpload": PATIENT,
    "hideDocument": PATIENT,
    "renameDocument": PATIENT,
    "openDocument": DOCTOR | PATIENT,
    "requestExport": PATIENT,
    "openExport": PATIENT,
    "eraseAccount": PATIENT,
    "issueCertificate": DOCTOR,
    "issuePrescription": DOCTOR,
    "signPaper": DOCTOR,
    "shareRecord": PATIENT,
    "revokeShare": PATIENT,
    "requestAccess": DOCTOR,
    "answerAccessRequest": PATIENT,
    "breakGlass": DOCTOR,
    "reviewEmergencyAccess": ADMINISTRATOR,
    "publishSlots": DOCTOR,
    "publishWeeklySlots": DOCTOR,
    "updateSlot": DOCTOR,
    "withdrawSlots": DOCTOR,
    "holdSlot": PATIENT,
    "releaseSlot": PATIENT,
    "requestAppointment": PATIENT,
    "acceptAppointment": DOCTOR,
    "declineAppointment": DOCTOR,
    "cancelAppointment": DOCTOR | PATIENT,
    "rescheduleAppointment": PATIENT,
    "reviewAppointment": PATIENT,
    "writeVisitNote": DOCTOR,
    "createCalendarFeed": DOCTOR | PATIENT,
    "revokeCalendarFeed": DOCTOR | PATIENT,
    "joinConsultation": DOCTOR | PATIENT,
    "sendConsultationSignal": DOCTOR | PATIENT,
    "endConsultation": DOCTOR,
    "markNoShow": DOCTOR,
    "recordDeviceCheck": DOCTOR | PATIENT,
    "requestInPersonVisit": PATIENT,
    "answerInPersonRequest": DOCTOR,
    "withdrawInPersonRequest": PATIENT,
    "registerPartner": ADMINISTRATOR,
    "updatePartner": ADMINISTRATOR,
    "rotatePartnerSecret": ADMINISTRATOR,
    "suspendPartner": ADMINISTRATOR,
    "reinstatePartner": ADMINISTRATOR,
}
OPEN_QUERIES = {
    *("node", "nodes", "viewer", "specialties", "eventCursor", "doctors", "doctor", "consentText"),
}
LIVE = {
    "slotChanges": ANYBODY,
    "appointmentChanges": DOCTOR | PATIENT,
    "recordAccessed": PATIENT,
    "consultationSignals": DOCTOR | PATIENT,
    "consultationPresence": DOCTOR | PATIENT,
}
MUTATIONS = SCHEMA.mutation_type.fields
closed = pytest.mark.parametrize("name", [n for n, who in WHO.items() if who is not ANYBODY])

BY_NAME = {
    "crm": lambda: f"{secrets.randbelow(10**9) + 1}",  # else its sign-ins add up
    "cpf": make.cpf,
    "email": lambda: f"{uuid4()}@example.com",
    "password": "quatro palavras",
    "currentPassword": "quatro palavras",
    "newPassword": "cinco palavras ao acaso",
    "timeZone": "America/Sao_Paulo",
    "specialties": ["cardiologia"],
    "idempotencyKey": lambda: str(uuid4()),
    "minutes": 30,
    "justification": "Houve um imprevisto.",
    "reason": "Houve um imprevisto grave.",
    "stars": 5,
    "startsAt": "2030-01-08T12:00:00Z",
    "endsAt": "2030-01-08T12:30:00Z",
    "startTime": "09:00",
    "endTime": "12:00",
    "fromDate": "2030-01-08",
    "toDate": "2030-02-08",
    "consent": True,
    "name": "Lia Bastos",
    "refreshToken": "none",
    "cookie": False,
    "code": "000000",
    "credential": "{}",
    "contentType": "application/pdf",
    "size": 1000,
    "sha256": "0" * 64,
    "validUntil": "2030-01-08T12:00:00Z",
    "token": "none",
    "message": "Preciso ver os exames.",
    "note": "Foi como devia ser.",
    "accept": False,
    "payload": "{}",
    "accepted": True,
    "scopes": ["slots:read"],
    "text": "Atesto que esteve em consulta.",
    "startsOn": "2030-01-08",
    "workAddress": "Rua das Acácias, 10",
    "workContact": "(11) 5555-0100",
    "drug": "Dipirona",
    "dose": "500 mg",
    "posology": "se doer",
    "quantity": "10",
    "pkcs12": "MA==",
    "passphrase": "none",
}


def least(kind, name=""):
    """The least value of an input type, by the name of the field that takes it."""
    if name in BY_NAME:
        value = BY_NAME[name]
        return value() if callable(value) else value
    if isinstance(kind, GraphQLNonNull):
        return least(kind.of_type, name)
    if isinstance(kind, GraphQLList):
        return [least(kind.of_type, name)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        required = {n: f for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
        return {name: least(field.type, name) for name, field in required.items()}
    assert kind.name == "ID", f"say in BY_NAME what {name}: {kind} may be"
    return f"{name.removesuffix('s').removesuffix('Id')}_{uuid4()}"


async def send(server, name, person=None, authorization=None):
    """The answer to this mutation with the least of inputs."""
    field = MUTATIONS[name]
    takes = "input" in field.args
    declared = f"($input: {field.args['input'].type})" if takes else ""
    given = "(input: $input)" if takes else ""
    query = f"mutation {declared} {{ {name}{given} {{ problems {{ code path }} }} }}"
    variables = {"input": least(field.args["input"].type)} if takes else {}
    caller = server.app.authenticate(authorization)
    if authorization is None and person is not None:
        caller = replace(caller, viewer=person.viewer)
    operation, jar = server.documents.prepare(query), Jar(COOKIE, None)
    return json.loads(await server.operations.answer(operation, plain(variables), caller, jar))


def refused(answer, name):
    """The code of the one error, in answer to a field that is null."""
    assert answer["data"] == {name: None}
    [error] = answer["errors"]
    assert error["path"] == [name]
    return error["extensions"]["code"]


def test_of_every_root_field_it_is_said_who_may_use_it():
    assert set(WHO) == set(MUTATIONS)
    assert set(OPEN_QUERIES) == set(SCHEMA.query_type.fields)
    assert set(LIVE) == set(SCHEMA.subscription_type.fields)


def test_every_mutation_takes_one_input_and_answers_problems():
    for name, field in MUTATIONS.items():
        assert not isinstance(field.type, GraphQLNonNull), name
        assert str(field.type.fields["problems"].type) == "[Problem!]!", name
        others = [f for n, f in field.type.fields.items() if n != "problems"]
        assert not any(isinstance(other.type, GraphQLNonNull) for other in others), name
        assert set(field.args) <= {"input"}, name
        if "input" in field.args:
            assert str(field.args["input"].type) == f"{name[0].upper()}{name[1:]}Input!", name


@closed
@pytest.mark.parametrize("authorization", [None, "Bearer dead"])
async def test_without_a_session_nothing_is_done(server: LocalServer, name, authorization):
    before = await server.counts()

    answer = await send(server, name, authorization=authorization)

    assert refused(answer, name) == "UNAUTHENTICATED"
    assert await server.counts() == before


@closed
async def test_for_the_wrong_kind_of_user_nothing_is_done(server: LocalServer, name):
    people = {
        Role.DOCTOR: make.doctor(),
        Role.PATIENT: make.patient(),
        Role.ADMINISTRATOR: make.administrator(),
        Role.PARTNER: make.partner(*Scope),
    }
    await server.given(*people.values())

    for role, person in people.items():
        before = await server.counts()
        answer = await send(server, name, person)
        if role not in WHO[name]:
            assert refused(answer, name) == "FORBIDDEN"
            assert await server.counts() == before
        else:
            codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
            assert codes in ([], ["NOT_FOUND"])


@pytest.mark.parametrize("name", [n for n, who in WHO.items() if who is ANYBODY])
@pytest.mark.parametrize("authorization", [None, "Bearer dead"])
async def test_who_joins_or_signs_in_needs_no_session(server: LocalServer, name, authorization):
    answer = await send(server, name, authorization=authorization)

    assert "errors" not in answer
    codes = [problem["code"] for problem in answer["data"][name]["problems"]]
    assert codes in ([], ["INVALID_CREDENTIALS"], ["TOKEN_EXPIRED"], ["ALREADY_REGISTERED"])


@pytest.mark.parametrize("name", WHO)
async def test_a_partner_changes_nothing_whatever_its_scopes(server: LocalServer, name):
    partner = make.partner(*Scope)
    await server.given(partner)
    before = await server.counts()

    answer = await send(server, name, partner)

    assert refused(answer, name) == "FORBIDDEN"
    assert await server.counts() == before


async def test_open_queries_need_no_session(server: LocalServer):
    query = """{
      node(id: "slot_x") { id } nodes(ids: []) { id } viewer { __typename } specialties { code }
      eventCursor doctors(first: 1) { nodes { id } } doctor(crm: "1", uf: SP) { id }
      consentText { version }
    }"""

    data = await server.ask(query)

    assert set(data) == OPEN_QUERIES
    assert data["viewer"] is None


async def test_own_appointments_are_not_told_live_without_a_session(server: LocalServer):
    with pytest.raises(Unfit) as refusal:
        async with server.listening("subscription { appointmentChanges { cursor } }"):
            pass

    [error] = refusal.value.errors
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_has_no_appointments_hears_of_none(server: LocalServer):
    administrator = make.administrator()
    await server.given(administrator)

    with pytest.raises(Unfit) as refusal:
        async with server.listening(
            "subscription { appointmentChanges { cursor } }", administrator
        ):
            pass

    [error] = refusal.value.errors
    assert error["extensions"]["code"] == "FORBIDDEN"
