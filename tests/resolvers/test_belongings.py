"""Everything that is kept of a patient is in her archive, or it is said why not."""

import json
from base64 import b64decode
from dataclasses import fields
from datetime import date
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fhir.resources.R4B.bundle import Bundle

from domain import belongings, consent_texts
from domain.accesses import AccessAction, log
from domain.appointments import AppointmentStatus
from domain.ids import new_id
from domain.second_factor import SecondFactor
from domain.slots import SlotStatus
from persistence.table import Table
from persistence.tables import ROWS
from tests import make
from tests.judges.node import lines
from tests.make import HALF_AN_HOUR, NOW, TOMORROW, Person
from tests.resolvers.exporting import document, json_of, made, patient
from tests.resolvers.papers import issued
from tests.server import LocalServer

# By table: where in the archive it is. `dados.json` unless it is another file.
IN_THE_ARCHIVE = {
    "account": "account",
    "patient": "patient",
    "session": "sessions",
    "second_factor": "secondFactor",
    "recovery_code": "secondFactor",  # how many are left
    "passkey": "passkeys",
    "calendar_feed": "calendarFeed",
    "appointment": "appointments",
    "consultation": "appointments",
    "review": "appointments",
    "device_check": "appointments",
    "slot": "heldSlots",
    "document": "documents",
    "paper": "papers",
    "visit_note": "visitNotes",
    "share": "shares",
    "share_document": "shares",
    "access_request": "accessRequests",
    "in_person_request": "inPersonRequests",
    "emergency_access": "emergencyAccesses",
    "record_export": "exports",
    "record_access": "acessos.json",
    "audit_entry": "atos.json",
}
LEFT_OUT = {
    "doctor": "the doctors' own; names and registrations are beside each appointment",
    "doctor_specialty": "the doctors' own",
    "standing": "the doctors' own",
    "partner": "programs have no patients",
    "partner_token": "programs have no patients",
    "partner_usage": "programs have no patients",
    "data_key": "keys, wrapped",
    "event_log_edge": "how far the log of events reaches",
    "event": "ids of what is in the archive itself, forgotten within a week",
    "idempotency_key": "ids of appointments that are in the archive, forgotten within a day",
    "enrolment": "that an account was about to be made, forgotten when it is",
    "unchecked_number": "that the registry is still to be asked, forgotten when it has answered",
    "attempt": "fingerprints, which say nothing, forgotten within an hour",
    "rate": "fingerprints, which say nothing, forgotten within minutes",
    "spent_challenge": "random numbers that are nobody's",
    "signal": "what two browsers told each other to get connected, gone when the visit is over",
    "presence": "who is in a waiting room now, gone within seconds",
    "link": "hashes of links that she has in her mailbox, forgotten within two days",
    "reminder": "follows from the appointments, forgotten as it is sent",
    "mail": "what she has in her mailbox, forgotten as it is sent",
}
TEXT = consent_texts.in_force("pt-BR")
CONSENT = {
    "consent_version": TEXT.version,
    "consent_language": TEXT.language,
    "consent_sha256": TEXT.sha256,
}

# All types of media there are, which are not HL7's to list.
UNKNOWN_TO_IT = 'Value set "http://hl7.org/fhir/ValueSet/mimetypes" could not be found.'


async def with_everything(server: LocalServer) -> tuple[Person, Person]:
    """Of each table in the archive something, so that nothing is there by chance alone."""
    doctor = make.doctor(name="Helena Prado", crm=f"{new_id().int % 10**9}")
    ana = await patient(server, name="Ana Moreira", birth_date=date(1980, 5, 17))
    visits = [
        make.visit(
            doctor,
            ana,
            status=status,
            starts_at=TOMORROW + 2 * n * HALF_AN_HOUR,
            reason="dor no peito",
            justification="Houve um imprevisto." if n else None,
            **(CONSENT if n else {}),  # the first is from before there were texts
        )
        for n, status in enumerate(AppointmentStatus)
    ]
    done = next(visit for _, visit in visits if visit.status is AppointmentStatus.COMPLETED)
    held = make.slot(
        doctor,
        starts_at=TOMORROW + 40 * HALF_AN_HOUR,
        status=SlotStatus.HELD,
        held_by=ana.id,
        lapses_at=NOW + HALF_AN_HOUR,
    )
    share = make.share(ana, doctor, includes_future=False)
    await server.given(doctor, *(thing for visit in visits for thing in visit), held, share)
    await server.given(make.review(done, comment="Muito atenciosa."), make.passkey(ana))
    await server.given(make.calendar_feed(ana))
    await server.given(make.consultation(done, meeting="nobody's", over=True))
    await server.given(make.access_request(doctor, ana), make.emergency(done))
    note = make.note(done, text="Sem febre.\n\tAlta — 37 °C.")
    amended = make.note(done, version=2, amends=note.id, text="Sem febre. Alta: 36,5 °C.")
    await server.given(note, amended)
    await server.given(make.device_check(done), make.device_check(done, party="DOCTOR"))
    elsewhere = make.doctor(name="Caio Lins")  # with whom she has no appointment
    await server.given(elsewhere, make.in_person_request(ana, elsewhere))
    kept = await document(server, ana, name="Raio X de tórax.pdf")
    await issued(server, doctor, done)
    secret = "ABCDEFGHIJKLMNOP"  # noqa: S105  # of nobody
    factor = SecondFactor(id=ana.account.id, secret=secret, begun_at=NOW, enabled_at=NOW)
    async with server.app.works.begin(ana.viewer) as work:
        await work.shares.add_documents(share.id, [kept.id])
        await work.second_factors.put(factor)
        await work.second_factors.put_recovery_codes(factor.id, ["ABCD"])
        log(work, ana.viewer, ana.id, AccessAction.SHARED, share_id=share.id)
    for viewer in (ana.viewer, doctor.viewer, make.administrator().viewer):
        about = {"document_id": kept.id, "purpose": "segunda opinião"}
        async with server.app.works.begin(viewer) as work:
            for action in AccessAction:
                log(work, viewer, ana.id, action, **about)
            log(work, viewer, ana.id, AccessAction.DENIED, document_id=new_id())
            log(work, viewer, ana.id, AccessAction.OPENED, note_id=note.id)
    return ana, doctor


def test_of_every_table_it_is_said_whether_it_is_in_the_archive():
    tables = {row.__tablename__ for row in ROWS}

    assert IN_THE_ARCHIVE.keys() | LEFT_OUT.keys() == tables
    assert IN_THE_ARCHIVE.keys().isdisjoint(LEFT_OUT)


def test_every_table_that_points_to_a_patient_is_in_it():
    """Whatever is hers by its columns cannot be left out for a reason that was only thought up."""
    hers = {
        row.__tablename__
        for row in ROWS
        for column in row.__table__.columns
        if column.name == "patient_id"
        or any(key.column.table.name == "patient" for key in column.foreign_keys)
    }

    assert hers - {"event", "presence"} <= IN_THE_ARCHIVE.keys()


async def test_of_each_of_them_there_is_something(server: LocalServer):
    ana, _ = await with_everything(server)

    archive = await made(server, ana)

    for table, where in IN_THE_ARCHIVE.items():
        if where.endswith(".json"):
            [[name, entries]] = json_of(archive, where).items()
            assert entries, (table, name)
        else:
            assert json_of(archive, "dados.json")[where], table
    told = json_of(archive, "dados.json")
    assert told["account"]["email"] == ana.account.email
    assert told["patient"]["cpf"] == ana.who.cpf
    assert told["calendarFeed"].keys() == {"id", "userId", "createdAt"}
    assert told["secondFactor"]["recoveryCodesLeft"] == 1
    assert told["shares"][0]["documentIds"] == [told["documents"][0]["id"]]
    [paper] = told["papers"]
    assert paper["id"] == told["documents"][1]["id"]
    assert told["documents"][1]["kind"] == "CERTIFICATE"
    assert paper["content"]["said"]["text"] == "Atesto que a paciente esteve em consulta."
    assert "key" not in paper
    reviews = [each["review"] for each in told["appointments"] if each["review"]]
    assert [each["comment"] for each in reviews] == ["Muito atenciosa."]
    first, second = told["visitNotes"]
    assert (first["text"], second["text"]) == (
        "Sem febre.\n\tAlta — 37 °C.",
        "Sem febre. Alta: 36,5 °C.",
    )
    assert (first["version"], second["version"], second["amends"]) == (1, 2, first["id"])
    [met] = [each for visit in told["appointments"] for each in visit["consultations"]]
    assert (met["doctorJoinedAt"], "meeting" in met) == (NOW.isoformat(), False)
    assert {each["consentedAt"] for each in told["appointments"]} == {NOW.isoformat()}
    assert {each["doctor"]["name"] for each in told["appointments"]} == {"Helena Prado"}
    checks = [each for visit in told["appointments"] for each in visit["deviceChecks"]]
    assert [each["party"] for each in checks] == ["DOCTOR", "PATIENT"]
    assert checks[1]["browser"] == "Chrome 130 on Android"
    [request] = told["inPersonRequests"]
    assert request["message"] == "Prefiro ir ao consultório."
    assert request["doctor"]["name"] == "Caio Lins"
    hashes = [each["consentSha256"] for each in told["appointments"]]
    assert hashes == [None, *[TEXT.sha256] * (len(AppointmentStatus) - 1)]
    [text] = told["consentTexts"]
    assert (text["version"], text["language"]) == (TEXT.version, TEXT.language)
    assert sha256(text["text"].encode()).hexdigest() == text["sha256"] == TEXT.sha256


def test_a_field_that_is_added_is_told_or_said_to_be_nobodys():
    """Of what is told whole; bytes are never told, and fail the export."""
    told = {table.entity: table for table in Table.__subclasses__()}

    for entity, names in belongings.GIVEN_TO_NOBODY.items():
        assert names <= {field.name for field in fields(entity)}, entity
        assert entity in told
    with pytest.raises(TypeError, match="bytes is not told"):
        belongings._plain(b"a secret")


# ------------------------------------------------------------------------------ FHIR


async def bundle_of(server: LocalServer, person: Person) -> Any:
    return json_of(await made(server, person), "fhir/bundle.json")


def of_type(bundle: Any, type: str) -> list[Any]:
    resources = [each["resource"] for each in bundle["entry"]]
    return [resource for resource in resources if resource["resourceType"] == type]


@pytest.fixture
async def bundle(server: LocalServer) -> Any:
    ana, _ = await with_everything(server)
    return await bundle_of(server, ana)


async def test_hl7s_own_definitions_find_nothing_wrong(bundle: Any, tmp_path: Path):
    """Each resource by itself too: within a Bundle the judge looks less closely."""
    one_of_each = {
        (it["resourceType"], "type" in it, "relatesTo" in it): it
        for it in (each["resource"] for each in bundle["entry"])
    }
    assert len([kind for kind, *_ in one_of_each if kind == "DocumentReference"]) == 3
    file = tmp_path / "resource.json"
    for resource in (bundle, *one_of_each.values()):
        file.write_text(json.dumps(resource))
        found = {message["message"] for message in lines("fhir.mjs", str(file))}
        assert found <= {UNKNOWN_TO_IT}, resource["resourceType"]


async def test_that_judge_looks(bundle: Any, tmp_path: Path):
    of_type(bundle, "Patient")[0]["active"] = "yes"
    of_type(bundle, "Appointment")[0]["status"] = "maybe"
    del of_type(bundle, "DocumentReference")[0]["content"]
    of_type(bundle, "AuditEvent")[0]["why"] = "curiosity"
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle))

    found = lines("fhir.mjs", str(file))

    assert len([each for each in found if each["severity"] == "error"]) >= 4


async def test_models_of_the_same_definitions_take_it_and_give_it_back(bundle: Any):
    read = Bundle.model_validate(bundle)

    assert json.loads(read.model_dump_json()).keys() == bundle.keys()
    assert len(read.entry) == len(bundle["entry"])


async def test_every_reference_leads_to_what_is_in_it(bundle: Any):
    there = {each["fullUrl"] for each in bundle["entry"]}

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [to for name, to in value.items() if name == "reference" and isinstance(to, str)]
            return own + [found for each in value.values() for found in references(each)]
        if isinstance(value, list):
            return [found for each in value for found in references(each)]
        return []

    found = references(bundle)
    assert len(there) == len(bundle["entry"])
    assert len(found) > 50
    assert set(found) <= there


async def test_it_says_what_the_record_says(server: LocalServer):
    ana, doctor = await with_everything(server)
    archive = await made(server, ana)
    bundle = json_of(archive, "fhir/bundle.json")

    [told] = of_type(bundle, "Patient")
    [identifier] = told["identifier"]
    assert identifier["system"] == "http://rnds.saude.gov.br/fhir/r4/NamingSystem/cpf"
    assert identifier["value"] == ana.who.cpf
    assert told["birthDate"] == "1980-05-17"
    crms = {each["identifier"][0]["value"] for each in of_type(bundle, "Practitioner")}
    assert f"{doctor.who.crm}/SP" in crms
    statuses = [each["status"] for each in of_type(bundle, "Appointment")]
    assert sorted(statuses) == sorted(
        ["pending", "booked", *["cancelled"] * 3, "arrived", "fulfilled", "noshow"]
    )
    file, paper, first, second = of_type(bundle, "DocumentReference")
    texts = [b64decode(it["content"][0]["attachment"]["data"]).decode() for it in (first, second)]
    assert texts == ["Sem febre.\n\tAlta — 37 °C.", "Sem febre. Alta: 36,5 °C."]
    assert (first["status"], second["status"]) == ("superseded", "current")
    assert second["relatesTo"][0]["target"]["reference"] == f"urn:uuid:{first['id']}"
    assert first["author"][0]["reference"] == f"urn:uuid:{doctor.id}"
    consents = of_type(bundle, "Consent")
    assert len(consents) == len(statuses) - 1
    source = consents[0]["sourceAttachment"]
    assert b64decode(source["data"]).decode() == TEXT.text
    assert sha1(b64decode(source["data"]), usedforsecurity=False).digest() == b64decode(
        source["hash"]
    )
    for each in (file, paper):
        attachment = each["content"][0]["attachment"]
        content = archive.read(unquote(attachment["url"]))
        assert len(content) == attachment["size"]
        assert sha1(content, usedforsecurity=False).digest() == b64decode(attachment["hash"])
    assert file.keys().isdisjoint({"author", "docStatus", "type"})  # nobody has looked
    assert paper["author"] == [{"reference": f"urn:uuid:{doctor.id}", "type": "Practitioner"}]
    assert (paper["docStatus"], paper["type"]) == ("preliminary", {"text": "Atestado médico"})
    events = of_type(bundle, "AuditEvent")
    assert len(events) == 3 * len(AccessAction) + 8
    outcomes = {
        (each["entity"][0]["detail"][0]["valueString"] == "DENIED", each["outcome"])
        for each in events
    }
    assert outcomes == {(True, "4"), (False, "0")}
    assert "Moreira" not in str([each["agent"] for each in events])
