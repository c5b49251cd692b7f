"""Marked people go through every path, and no mark is in a log or in what an error says.

The marks are what a person is known by, or says of himself. They may come back in the data of an
answer to whom it concerns, and nowhere else.
"""

import json
import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import pytest

from domain import exports, reviews
from domain.registrations import CPF
from domain.scanning import Finding
from persistence.crypto import Vault
from persistence.reads import PostgresReads
from persistence.record_reads import PostgresRecordReads
from persistence.table import Table
from plans.batches import Batch
from tests import make
from tests.authenticator import Authenticator, show
from tests.make import HALF_AN_HOUR, TOMORROW
from tests.resolvers import passkeys
from tests.resolvers import test_access_requests as access_requests
from tests.resolvers import test_emergencies as emergencies
from tests.resolvers import test_in_person_requests as in_person
from tests.resolvers import test_uploads as files
from tests.resolvers import test_visit_notes as visit_notes
from tests.server import LocalServer, gid, plain

PATIENT = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { patient { id name cpf } problems { code message path } }
}
"""
UPDATE = """
mutation ($input: UpdatePatientInput!) {
  updatePatient(input: $input) { patient { id } problems { code message path } }
}
"""
SIGN_IN = """
mutation ($input: SignInPatientInput!) {
  signInPatient(input: $input) { session { accessToken } problems { code message path } }
}
"""
BEGIN = """
mutation ($input: BeginSecondFactorInput!) {
  beginSecondFactor(input: $input) { secret problems { code message path } }
}
"""
CONFIRM = """
mutation ($input: ConfirmSecondFactorInput!) {
  confirmSecondFactor(input: $input) { recoveryCodes problems { code message path } }
}
"""
REQUEST = """
mutation ($input: RequestAppointmentInput!) {
  requestAppointment(input: $input) { appointment { id reason } problems { code message path } }
}
"""
DECLINE = """
mutation ($input: DeclineAppointmentInput!) {
  declineAppointment(input: $input) {
    appointment { justification patient { name cpf } } problems { code message path }
  }
}
"""
CANCEL = """
mutation ($input: CancelAppointmentInput!) {
  cancelAppointment(input: $input) {
    appointment { justification } problems { code message path }
  }
}
"""
REVIEW = """
mutation ($input: ReviewAppointmentInput!) {
  reviewAppointment(input: $input) {
    appointment { review { comment } } problems { code message path }
  }
}
"""
SEARCH = """
query ($text: String, $after: String) {
  doctors(filter: {search: $text}, after: $after) { nodes { name } }
}
"""
RENAME = """
mutation ($id: ID!, $name: String!) {
  renameDocument(input: {documentId: $id, name: $name}) {
    document { id name } problems { code message path }
  }
}
"""
OPEN = files.OPEN.replace("code path", "code message path")
DAY = timedelta(days=1)
NODE = "query ($id: ID!) { node(id: $id) { id } }"


class Canary:
    """Marks, and all that was answered while they went around, but for the data."""

    def __init__(self, server: LocalServer) -> None:
        self._server, self.said, self.data = server, [], []
        mark = f"zyx{uuid4().hex[:12]}"
        self.name, self.password = f"Maria Canária {mark}n", f"{mark}-password"
        self.email, self.other_email = f"{mark}e@example.com", f"{mark}o@example.com"
        self.cpf, self.wrong_cpf = make.cpf(), f"{mark}c"
        self.reason, self.comment = f"{mark} dor no peito", f"{mark} muito atenciosa"
        self.why, self.search = f"{mark} houve um imprevisto", f"{mark}s"
        self.marks = [mark, mark.upper(), self.cpf, str(CPF(self.cpf)), "Canária"]

    async def ask(self, query, person=None, /, authorization=None, **variables):
        if authorization is None:
            answer = await self._server.answer(query, person, **variables)
        else:
            caller = self._server.app.authenticate(authorization)
            operation = self._server.documents.prepare(query)
            answer = await self._server.operations.answer(operation, plain(variables), caller)
            answer = json.loads(answer)
        self.said += answer.get("errors", [])
        data = answer.get("data") or {}
        for payload in filter(None, data.values()):
            self.said += payload.get("problems", [])
        self.data.append(data)
        return answer

    def found_in(self, text):
        return [mark for mark in self.marks if mark in text]


@pytest.fixture
def canary(server: LocalServer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for name in ("asyncpg", "asyncio", "transport", "persistence", "domain", "app"):
        caplog.set_level(logging.DEBUG, logger=name)
    made = Canary(server)
    yield made
    logged = caplog.get_records("call")  # of the test itself, not of its teardown
    texts = [logging.Formatter().format(record) + repr(record.__dict__) for record in logged]
    assert made.said, "nothing was refused"
    assert made.found_in(json.dumps(made.said, ensure_ascii=False)) == []
    assert made.found_in("\n".join(texts)) == []


def form(canary, **given):
    return {
        "name": canary.name,
        "email": canary.email,
        "cpf": canary.cpf,
        "password": canary.password,
    } | given


def failed(answer, code="INTERNAL"):
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}


async def test_joining_and_signing_in_leave_no_mark(canary: Canary):
    joined = await canary.ask(PATIENT, input=form(canary))
    credentials = {name: form(canary)[name] for name in ("email", "cpf", "password")}

    signed_in = await canary.ask(SIGN_IN, input=credentials)
    token = signed_in["data"]["signInPatient"]["session"]["accessToken"]
    await canary.ask(PATIENT, input=form(canary))
    await canary.ask(PATIENT, input=form(canary, cpf=canary.wrong_cpf, name="\n" + canary.name * 9))
    await canary.ask(PATIENT, input=form(canary, email=f"{canary.email} {canary.email}"))
    await canary.ask(SIGN_IN, input=credentials | {"password": f"{canary.password}!"})
    await canary.ask(SIGN_IN, input=credentials | {"cpf": canary.wrong_cpf})
    await canary.ask(SIGN_IN, input=credentials | {"email": canary.other_email})
    header = f"Bearer {token}"
    await canary.ask(UPDATE, authorization=header, input={"email": canary.other_email})
    await canary.ask(UPDATE, authorization=header, input={"email": canary.name})
    canary.marks.append(token)
    await canary.ask("{ viewer { __typename } }", authorization=f"Bearer {token}x")

    assert joined["data"]["registerPatient"]["patient"]["cpf"] == str(CPF(canary.cpf))


async def test_what_is_of_the_wrong_form_is_not_quoted(server: LocalServer, canary: Canary):
    wrong = [
        form(canary, cpf=[canary.cpf]),
        form(canary, birthDate=canary.cpf),
        form(canary, name={"first": canary.name}),
        form(canary, **{canary.search: canary.email}),
        {"name": canary.name},
        canary.email,
    ]
    for given in wrong:
        failed(await canary.ask(PATIENT, input=given), "BAD_USER_INPUT")
    texts = [
        f'{{ node(id: "{canary.email}") {{ id }} ',
        f'{{ node(id: "{canary.email}) {{ id }} }}',
        f'{{ doctors(filter: {{near: "{canary.cpf}"}}) {{ nodes {{ id }} }} }}',
        f'{{ doctors(first: "{canary.cpf}") {{ nodes {{ id }} }} }}',
        f'{{ doctor(crm: "{canary.email}", uf: SP) {{ id }} }}',
        f'{{ doctors(after: "{canary.email}") {{ nodes {{ id }} }} }}',
    ]
    for text in texts:
        failed(await canary.ask(text), "BAD_USER_INPUT")
    assert (await canary.ask(NODE, id=canary.email))["data"] == {"node": None}
    doctor = make.doctor()
    await server.given(doctor)
    failed(await canary.ask(SEARCH, doctor, text=canary.search, after=canary.cpf), "BAD_USER_INPUT")
    failed(await canary.ask(SEARCH, doctor, text=canary.search + "\0"), "BAD_USER_INPUT")


async def test_what_is_said_of_an_illness_leaves_no_mark(server: LocalServer, canary: Canary):
    doctor, other = make.doctor(), make.doctor()
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    slots = make.slots(doctor, 3)
    await server.given(doctor, other, ana, *slots)

    def request(slot, **more):
        wanted = {"slotId": gid(slot), "reason": canary.reason, "consent": True}
        return wanted | {"idempotencyKey": str(uuid4())} | more

    asked = [await canary.ask(REQUEST, ana, input=request(slot)) for slot in slots[:2]]
    first, second = (a["data"]["requestAppointment"]["appointment"]["id"] for a in asked)
    await canary.ask(REQUEST, ana, input=request(slots[0]))
    await canary.ask(REQUEST, ana, input=request(slots[2], reason=canary.reason * 90))
    await canary.ask(REQUEST, ana, input=request(slots[2], idempotencyKey=canary.email))
    await canary.ask(REQUEST, doctor, input=request(slots[2]))
    why = {"justification": canary.why}
    declined = await canary.ask(DECLINE, doctor, input={"appointmentId": first} | why)
    await canary.ask(DECLINE, doctor, input={"appointmentId": first} | why)
    await canary.ask(DECLINE, other, input={"appointmentId": first} | why)
    await canary.ask(DECLINE, doctor, input={"appointmentId": second, "justification": "x" * 501})
    await canary.ask(CANCEL, ana, input={"appointmentId": canary.email} | why)
    cancelled = await canary.ask(CANCEL, ana, input={"appointmentId": second} | why)
    await canary.ask(SEARCH, ana, text=canary.search)

    appointment = declined["data"]["declineAppointment"]["appointment"]
    cpf = CPF(canary.cpf)
    assert appointment["patient"] == {"name": canary.name, "cpf": cpf.masked}
    assert cancelled["data"]["cancelAppointment"]["appointment"]["justification"] == canary.why


async def test_why_a_record_is_to_be_seen_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch
):
    server.now = datetime.now(UTC)
    doctor, other, administrator = make.doctor(), make.doctor(), make.administrator()
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    times = {"starts_at": server.now, "respond_by": server.now, "ends_at": server.now + 99 * DAY}
    slot, visit = make.visit(doctor, ana, status="IN_PROGRESS", **times)
    await server.given(doctor, other, administrator, ana, slot, visit)

    why = {"patient": gid(ana), "message": canary.reason, "reason": canary.reason}
    for query in (access_requests.ASK, emergencies.BREAK):
        with monkeypatch.context() as patch:
            patch.setattr(Vault, "seal", lambda _, text, __: text)
            failed(await canary.ask(query, doctor, **why))
        done = await canary.ask(query, doctor, **why)
        [payload] = done["data"].values()
        assert payload["problems"] == []
        await canary.ask(query, doctor, **why)
        long = {"message": canary.reason * 90, "reason": canary.reason * 90}
        await canary.ask(query, doctor, **why | long)
        failed(await canary.ask(query, other, **why), "NOT_FOUND")
        failed(await canary.ask(query, doctor, **why | {"patient": canary.email}), "NOT_FOUND")
    note = {"id": payload["access"]["id"], "note": canary.comment}
    await canary.ask(emergencies.REVIEW, administrator, **note | {"note": canary.comment * 90})
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await canary.ask(emergencies.REVIEW, administrator, **note))
    reviewed = await canary.ask(emergencies.REVIEW, administrator, **note)
    await canary.ask(emergencies.REVIEW, administrator, **note)
    failed(await canary.ask(emergencies.REVIEW, doctor, **note), "FORBIDDEN")

    assert reviewed["data"]["reviewEmergencyAccess"]["access"]["note"] == canary.comment
    audited = await server.fetch("SELECT subject::text AS subject FROM audit_entry")
    assert canary.found_in("\n".join(entry["subject"] for entry in audited)) == []


async def test_what_a_doctor_writes_of_a_visit_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch
):
    server.now = datetime.now(UTC)
    doctor, other, stranger = make.doctor(), make.doctor(), make.doctor()
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    times = {"starts_at": server.now, "respond_by": server.now}
    slot, visit = make.visit(doctor, ana, status="IN_PROGRESS", **times)
    await server.given(doctor, other, stranger, ana, slot, visit, make.share(ana, other))
    key = str(uuid4())
    given = {"visit": gid(visit), "text": canary.reason, "key": key}

    async def fail(*_, **__):
        raise ConnectionResetError("the line is dead")

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await canary.ask(visit_notes.WRITE, doctor, **given))
    with monkeypatch.context() as patch:
        patch.setattr(PostgresRecordReads, "notes", fail)
        failed(await canary.ask(visit_notes.WRITE, doctor, **given))
    done = await canary.ask(visit_notes.WRITE, doctor, **given)
    for wrong in ({"text": canary.reason * 999}, {"key": canary.email}, {"text": canary.comment}):
        answer = await canary.ask(visit_notes.WRITE, doctor, **given | wrong)
        assert answer["data"]["writeVisitNote"]["problems"]
    failed(await canary.ask(visit_notes.WRITE, stranger, **given), "NOT_FOUND")
    failed(await canary.ask(visit_notes.WRITE, ana, **given), "FORBIDDEN")
    nowhere = given | {"visit": canary.email, "key": uuid4()}
    failed(await canary.ask(visit_notes.WRITE, doctor, **nowhere), "NOT_FOUND")
    for who in (doctor, other, stranger, ana):
        await canary.ask(visit_notes.NOTES, who, id=gid(visit))
        await canary.ask(visit_notes.SHARED, who, patient=gid(ana), after=canary.reason)
        await canary.ask(visit_notes.SHARED, who, patient=gid(ana))
        with monkeypatch.context() as patch:
            patch.setattr(Vault, "open", lambda *_: None)
            await canary.ask(visit_notes.NOTES, who, id=gid(visit))
            await canary.ask(visit_notes.SHARED, who, patient=gid(ana))

    assert done["data"]["writeVisitNote"]["note"]["text"] == canary.reason
    kept = await server.fetch(
        "SELECT to_jsonb(event)::text FROM event UNION ALL SELECT subject::text FROM audit_entry"
        " UNION ALL SELECT answer::text FROM idempotency_key WHERE answer IS NOT NULL"
        " UNION ALL SELECT encode(text, 'escape') FROM visit_note"
    )
    assert canary.found_in("\n".join(row[0] for row in kept)) == []


async def test_what_is_said_about_a_visit_in_person_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch
):
    doctor, other = make.doctor(), make.doctor()
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    await server.given(doctor, other, ana)
    wish = {"doctor": gid(doctor), "message": canary.reason, "key": str(uuid4())}
    said = {"accepted": True, "message": canary.comment}
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await canary.ask(in_person.ASK, ana, **wish))
    id = (await canary.ask(in_person.ASK, ana, **wish))["data"]["requestInPersonVisit"]
    said["id"] = id["request"]["id"]
    await canary.ask(in_person.ASK, ana, **wish | {"message": canary.reason * 90})
    await canary.ask(in_person.ASK, ana, **wish | {"key": canary.email})
    await canary.ask(in_person.ASK, ana, **wish | {"key": str(uuid4())})
    failed(await canary.ask(in_person.ASK, other, **wish), "FORBIDDEN")
    failed(await canary.ask(in_person.ANSWER, other, **said), "NOT_FOUND")
    failed(await canary.ask(in_person.ANSWER, doctor, **said | {"id": canary.email}), "NOT_FOUND")
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await canary.ask(in_person.ANSWER, doctor, **said))
    await canary.ask(in_person.ANSWER, doctor, **said | {"message": canary.comment * 90})

    answered = await canary.ask(in_person.ANSWER, doctor, **said)

    assert answered["data"]["answerInPersonRequest"]["request"]["answer"] == canary.comment


async def test_what_a_file_is_called_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch, caplog
):
    server.now = datetime.now(UTC)
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    await server.given(ana)
    content, uploads = files.GENUINE[files.PDF], server.app.uploads

    async def announce(**given):
        told = files.announced(content, **{"name": f"{canary.search} HIV.pdf"} | given)
        return await canary.ask(files.REQUEST, ana, input=told)

    async def found(chunks):
        async for _ in chunks:
            pass
        return Finding("Ours.Eicar")

    for wrong in (f"{canary.search}\n{canary.search}", canary.search * 99):
        await announce(name=wrong)
    await announce(contentType=canary.search, sha256=canary.search)
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await announce())
    id = (await announce())["data"]["requestUpload"]["ticket"]["document"]["id"]
    await canary.ask(files.COMPLETE, ana, id=id)
    await server.app.objects.put(await files.key_of(server, id), pieces(content), content_type="")
    with monkeypatch.context() as patch:
        patch.setattr(uploads._scanner, "scan", cut_off)
        failed(await canary.ask(files.COMPLETE, ana, id=id))
    with monkeypatch.context() as patch:
        patch.setattr(uploads._scanner, "scan", found)
        patch.setattr(uploads, "_objects", files.Broken(uploads._objects, "remove"))
        await canary.ask(files.COMPLETE, ana, id=id)
    for name in (canary.search * 99, canary.search):
        await canary.ask(RENAME, ana, id=id, name=name)

    assert [p.get("code") for p in canary.said][-3:] == ["INFECTED", "INVALID", "WRONG_STATUS"]
    for told in ("the line is dead", "is infected", "could not be removed"):
        assert told in caplog.text


async def test_what_a_file_is_opened_for_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch, caplog
):
    caplog.set_level(logging.INFO, logger="botocore")  # the link holds the name, and it says so
    server.now = datetime.now(UTC)
    doctor, other = make.doctor(), make.doctor()
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    document = make.document(ana, name=f"{canary.search} HIV.pdf")
    await server.given(doctor, other, ana, document, make.share(ana, doctor))
    asked = {"id": gid(document), "purpose": canary.reason}

    for who in (doctor, ana):
        with monkeypatch.context() as patch:
            patch.setattr(server.app.objects, "link", cut_off)
            failed(await canary.ask(OPEN, who, **asked))
        with monkeypatch.context() as patch:
            patch.setattr(Vault, "seal", lambda _, text, __: text)
            failed(await canary.ask(OPEN, who, **asked))
        await canary.ask(OPEN, who, **asked | {"purpose": canary.reason * 90})
    failed(await canary.ask(OPEN, other, **asked), "NOT_FOUND")
    failed(await canary.ask(OPEN, doctor, **asked | {"id": canary.email}), "NOT_FOUND")
    opened = (await canary.ask(OPEN, doctor, **asked))["data"]["openDocument"]
    await server.app.works.act(lambda work: exports.request(work, ana.viewer, at=server.now))
    await server.app.exporting.run_due()

    assert canary.search in opened["url"]  # for the name by which it is saved
    assert f"document {document.id} is gone" in caplog.text
    audited = await server.fetch("SELECT subject::text AS subject FROM audit_entry")
    assert canary.found_in("\n".join(entry["subject"] for entry in audited)) == []


async def pieces(content):
    yield content


async def cut_off(*_, **__):
    raise ConnectionResetError("the line is dead")


async def test_what_belongs_to_a_second_factor_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch
):
    await canary.ask(PATIENT, input=form(canary))
    known = {name: form(canary)[name] for name in ("email", "cpf", "password")}
    signed_in = (await canary.ask(SIGN_IN, input=known))["data"]["signInPatient"]
    header = f"Bearer {signed_in['session']['accessToken']}"
    password = {"password": canary.password}
    begun = (await canary.ask(BEGIN, authorization=header, input=password))["data"]
    secret = begun["beginSecondFactor"]["secret"]
    canary.marks.append(secret)
    code = pyotp.TOTP(secret).at(server.now)
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "fingerprint", lambda _, text: text)
        failed(await canary.ask(CONFIRM, authorization=header, input={"code": code}))
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await canary.ask(BEGIN, authorization=header, input=password))

    confirmed = (await canary.ask(CONFIRM, authorization=header, input={"code": code}))["data"]
    recovery = confirmed["confirmSecondFactor"]["recoveryCodes"]
    canary.marks += [*recovery, *(each.replace("-", "") for each in recovery)]
    for otp in (secret, f"{recovery[0]}X", recovery[1].replace("-", " "), recovery[1]):
        await canary.ask(SIGN_IN, input=known | {"otp": otp})
    await canary.ask(CONFIRM, authorization=header, input={"code": recovery[2]})
    await canary.ask(BEGIN, authorization=header, input={"password": recovery[2]})


async def test_what_belongs_to_a_passkey_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch
):
    await canary.ask(PATIENT, input=form(canary))
    known = {name: form(canary)[name] for name in ("email", "cpf", "password")}
    signed_in = (await canary.ask(SIGN_IN, input=known))["data"]["signInPatient"]
    header = f"Bearer {signed_in['session']['accessToken']}"
    begin = {"authorization": header, "input": {"password": canary.password}}
    begun = (await canary.ask(passkeys.BEGIN, **begin))["data"]["beginPasskey"]
    phone = Authenticator(passkeys.ORIGIN)
    created = phone.create(begun["options"])
    canary.marks += [phone.held[0].id.hex(), show(phone.held[0].id), created[-60:]]
    elsewhere = phone.create(begun["options"], origin=f"https://{canary.search}.example")
    for credential in (canary.comment, json.dumps({"id": canary.name}), elsewhere):
        given = {"credential": credential, "name": canary.name}
        await canary.ask(passkeys.CONFIRM, authorization=header, input=given)
        await canary.ask(passkeys.SIGN_IN, input={"credential": credential})
    given = {"credential": created, "name": canary.name[:60]}
    await canary.ask(passkeys.CONFIRM, authorization=header, input=given | {"name": "\n" * 99})
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", lambda _, text, __: text)
        failed(await canary.ask(passkeys.CONFIRM, authorization=header, input=given))
    await canary.ask(passkeys.CONFIRM, authorization=header, input=given)
    phone.held.pop()
    for count in (9, 5):
        options = (await canary.ask(passkeys.BEGIN_SIGN_IN))["data"]["beginPasskeySignIn"]
        signed = phone.get(options["options"], count=count)
        canary.marks.append(signed[-60:])
        await canary.ask(passkeys.SIGN_IN, input={"credential": signed})

    [found] = await server.app.services.reads.passkeys(UUID(bytes=phone.held[0].user_handle))
    assert (found.name, found.sign_count) == (canary.name[:60], 9)
    removed = {"passkeyId": f"passkey_{found.id}"}
    await canary.ask(passkeys.REMOVE, authorization=header, input=removed)
    await canary.ask(passkeys.REMOVE, authorization=header, input={"passkeyId": canary.email})


async def test_what_the_database_refuses_is_not_quoted(
    server: LocalServer, canary: Canary, monkeypatch
):
    """Postgres shows the failing row in its error, and asyncpg the argument it cannot send."""
    doctor, ana = make.doctor(), make.patient(name=canary.name)
    at = TOMORROW - 96 * HALF_AN_HOUR
    slot, visit = make.visit(doctor, ana, starts_at=at, status="COMPLETED")
    await server.given(doctor, ana, slot, visit)
    given = {"appointmentId": gid(visit), "stars": 9, "comment": canary.comment}
    await canary.ask(REVIEW, ana, input=given)
    before = await server.counts()

    with monkeypatch.context() as patch:
        patch.setattr(reviews, "_STARS", range(10))
        failed(await canary.ask(REVIEW, ana, input=given))
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "fingerprint", lambda *_: None)
        failed(await canary.ask(PATIENT, input=form(canary)))
    with monkeypatch.context() as patch:
        seal = Vault.seal
        patch.setattr(Vault, "seal", lambda vault, text, _: seal(vault, text, "") and text)
        failed(await canary.ask(PATIENT, input=form(canary)))
    assert await server.counts() == before

    reviewed = await canary.ask(REVIEW, ana, input=given | {"stars": 5})
    shown = reviewed["data"]["reviewAppointment"]["appointment"]["review"]
    assert shown == {"comment": canary.comment}


async def test_a_failure_while_marks_are_at_hand_leaves_no_mark(
    server: LocalServer, canary: Canary, monkeypatch, caplog
):
    ana = make.patient(name=canary.name, cpf=canary.cpf)
    doctor = make.doctor()
    slot, visit = make.visit(doctor, ana, reason=canary.reason)
    await server.given(doctor, ana, slot, visit)
    credentials = {name: form(canary)[name] for name in ("email", "cpf", "password")}

    with monkeypatch.context() as patch:
        patch.setattr(PostgresReads, "account_of_patient", cut_off)
        patch.setattr(PostgresReads, "search", cut_off)
        patch.setattr(PostgresReads, "appointments", cut_off)
        patch.setattr(Batch, "ask", cut_off)
        patch.setattr(Table, "where", cut_off)
        failed(await canary.ask(SIGN_IN, input=credentials))
        failed(await canary.ask(SEARCH, text=canary.search))
        failed(await canary.ask(NODE, ana, id=gid(visit)))
        why = {"appointmentId": gid(visit), "justification": canary.why}
        failed(await canary.ask(CANCEL, ana, input=why))

    assert caplog.text.count("the line is dead") >= 4
    unchanged = await server.appointment(visit.id)
    assert unchanged == visit
