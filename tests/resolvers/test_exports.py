"""A patient takes everything along: asked for, made in the background, told of, opened."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain import exporting as job
from domain import exports
from domain.errors import LimitReached
from domain.mail import MailKind
from domain.objects import StoreUnreachable
from domain.records import DocumentStatus
from embedded import seaweed
from persistence.bucket import EXPORTS as EXPORTS_OF_BUCKET
from tests import make
from tests.mailbox import Mailbox
from tests.make import Person
from tests.resolvers.exporting import (
    EXPORTS,
    OPEN,
    REQUEST,
    asked,
    document,
    json_of,
    made,
    patient,
    proving,
    statuses,
)
from tests.resolvers.test_accesses import actions
from tests.resolvers.test_shares import NODE
from tests.server import LocalServer, gid

DAY = timedelta(days=1)
MEBIBYTE = 1 << 20


@pytest.fixture
async def ana(server: LocalServer) -> Person:
    """By the real time, which links and leases go by."""
    server.now = datetime.now(UTC)
    return await patient(server, name="Ana Moreira")


def problem(payload) -> str:
    [found] = payload["problems"]
    return found["code"]


# ----------------------------------------------------------------- being asked for


async def test_it_waits_then_is_ready_and_its_patient_is_told(server: LocalServer, ana: Person):
    payload = await proving(server, ana, REQUEST)
    waiting = payload["export"]
    assert (waiting["status"], waiting["progress"], waiting["size"]) == ("REQUESTED", 0, None)

    assert await server.app.exporting.run_due() >= 1

    [ready] = (await server.ask(EXPORTS, ana))["exports"]
    assert (ready["id"], ready["status"], ready["progress"]) == (waiting["id"], "READY", 1)
    assert ready["size"] > 500
    assert datetime.fromisoformat(ready["expiresAt"]) == server.now + 7 * DAY
    mailbox = Mailbox()
    await mailbox.fetch(server)
    assert [m.kind for m in mailbox.of(ana.account.email)] == [MailKind.EXPORT_READY]
    assert "RequestExport" in await server.audited(ana)


async def test_it_is_not_asked_for_without_the_password(server: LocalServer, ana: Person):
    async with server.unchanged(ana):
        payload = await proving(server, ana, REQUEST, "not this one")

    assert problem(payload) == "INVALID_CREDENTIALS"


async def test_one_at_a_time_and_three_a_day(server: LocalServer, ana: Person):
    await asked(server, ana)
    assert problem(await proving(server, ana, REQUEST)) == "LIMIT_REACHED"
    await server.app.exporting.run_due()
    for _ in range(2):
        await asked(server, ana)
        await server.app.exporting.run_due()

    assert problem(await proving(server, ana, REQUEST)) == "LIMIT_REACHED"
    server.now += DAY
    await asked(server, ana)


async def test_who_asks_while_he_asks_is_waited_for_and_refused(server: LocalServer, ana: Person):
    async def ask_too() -> None:
        await server.app.works.act(lambda work: exports.request(work, ana.viewer, at=server.now))

    async with server.app.works.begin() as work:
        await exports.request(work, ana.viewer, at=server.now)
        second = asyncio.create_task(ask_too())
        await asyncio.wait([second], timeout=0.3)
        assert not second.done()

    with pytest.raises(LimitReached):
        await second


# ------------------------------------------------------------------------- opening


async def test_it_is_opened_by_a_link_and_that_is_on_record_first(
    server: LocalServer, ana: Person, monkeypatch
):
    id = await asked(server, ana)
    await server.app.exporting.run_due()
    link, seen = server.app.objects.link, []

    async def looking(*given, **named):
        seen.append(await actions(server, ana))  # what everybody sees at this moment
        return await link(*given, **named)

    monkeypatch.setattr(server.app.objects, "link", looking)
    payload = await server.ask(OPEN, ana, id=id)

    assert payload["problems"] == []
    assert datetime.fromisoformat(payload["expiresAt"]) == server.now + timedelta(seconds=60)
    assert seen == [["EXPORTED"]]
    assert (await server.audited(ana))[-1] == "OpenExport"
    if seaweed.find():
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(payload["url"])
        assert answer.content[:2] == b"PK"
        assert "attachment" in answer.headers["content-disposition"]


async def test_nobody_else_sees_or_opens_it(server: LocalServer, ana: Person):
    bruno, doctor, administrator = make.patient(), make.doctor(), make.administrator()
    await server.given(bruno, doctor, administrator, make.share(ana, doctor))
    id = await asked(server, ana)
    await server.app.exporting.run_due()

    assert await server.refuse(OPEN, bruno, id=id) == "NOT_FOUND"
    assert (await actions(server, ana))[0] == "DENIED"
    for who in (doctor, administrator):
        assert await server.refuse(OPEN, who, id=id) == "FORBIDDEN"
    assert await server.refuse(OPEN, None, id=id) == "UNAUTHENTICATED"
    for who in (bruno, doctor, administrator):
        assert await server.ask(NODE, who, id=id) is None
    assert await server.ask(NODE, ana, id=id) == {"__typename": "RecordExport", "id": id}
    assert (await server.ask(EXPORTS, bruno))["exports"] == []


async def test_what_is_not_ready_is_not_opened(server: LocalServer, ana: Person):
    id = await asked(server, ana)

    async with server.unchanged(ana):
        assert problem(await server.ask(OPEN, ana, id=id)) == "WRONG_STATUS"


async def test_after_a_week_it_is_gone_from_the_store_too(server: LocalServer, ana: Person):
    id = await asked(server, ana)
    await server.app.exporting.run_due()
    [row] = await server.fetch("SELECT object_key FROM record_export WHERE patient_id = $1", ana.id)
    assert await server.app.objects.look_up(row["object_key"]) is not None
    assert row["object_key"].startswith(EXPORTS_OF_BUCKET)  # whose rule removes what we could not

    server.now += 7 * DAY
    assert await statuses(server, ana) == ["EXPIRED"]
    assert problem(await server.ask(OPEN, ana, id=id)) == "WRONG_STATUS"
    await server.app.exporting.sweep()

    assert await server.app.objects.look_up(row["object_key"]) is None
    [swept] = await server.fetch("SELECT * FROM record_export WHERE patient_id = $1", ana.id)
    assert (swept["status"], swept["removed"]) == ("EXPIRED", True)


# ---------------------------------------------------------------------- what is in it


async def test_files_are_in_it_as_they_were_uploaded_under_names_that_lead_nowhere(
    server: LocalServer, ana: Person
):
    names = ["Hemograma.pdf", "../../etc/passwd", "con", "radiografia\u202efdp.exe", ".", "a" * 255]
    contents = [f"%PDF-1.7 {name}".encode() for name in names]
    given = [
        await document(server, ana, content, name=name)
        for name, content in zip(names, contents, strict=True)
    ]
    hidden = await document(server, ana, b"hidden", status=DocumentStatus.HIDDEN)
    await server.given(make.document(ana, status=DocumentStatus.REJECTED))

    archive = await made(server, ana)

    files = sorted(name for name in archive.namelist() if name.startswith("documentos/"))
    assert files[:3] == [
        "documentos/001 Hemograma.pdf",
        "documentos/002 _.._etc_passwd.pdf",
        "documentos/003 con.pdf",
    ]
    assert all(name.count("/") == 1 and len(name) < 130 for name in files)
    read = [hashlib.sha256(archive.read(name)).hexdigest() for name in files]
    assert read == [each.sha256 for each in (*given, hidden)]
    assert {archive.getinfo(name).compress_type for name in files} == {0}
    told = {each["id"]: each for each in json_of(archive, "dados.json")["documents"]}
    assert told[str(given[0].id)]["name"] == "Hemograma.pdf"
    assert told[str(hidden.id)]["status"] == "HIDDEN"


async def test_the_whole_access_log_is_in_it_with_its_hashes(server: LocalServer, ana: Person):
    doctor = make.doctor()
    await server.given(doctor)
    for _ in range(3):
        await server.ask(
            """mutation ($id: ID!) { openDocument(input: {documentId: $id, purpose: "ver"}) {
                problems { code } } }""",
            ana,
            id=gid(await document(server, ana)),
        )

    told = json_of(await made(server, ana), "acessos.json")["accesses"]

    rows = await server.fetch(
        "SELECT number, hash FROM record_access WHERE patient_id = $1 ORDER BY number", ana.id
    )
    assert [(each["number"], each["hash"]) for each in told] == [
        (row["number"], row["hash"].hex()) for row in rows
    ]
    assert [(each["action"], each["purpose"], each["actorName"]) for each in told] == [
        ("OPENED", "ver", "Ana Moreira")
    ] * 3


async def test_a_log_of_many_pages_is_whole(server: LocalServer, ana: Person, monkeypatch):
    monkeypatch.setattr(job, "_PAGE", 2)
    for _ in range(3):
        await asked(server, ana)
        await server.app.exporting.run_due()
        [*_, row] = await server.fetch(
            "SELECT id FROM record_export WHERE patient_id = $1 ORDER BY id", ana.id
        )
        await server.ask(OPEN, ana, id=f"export_{row['id']}")
        await server.ask(OPEN, ana, id=f"export_{row['id']}")
    server.now += DAY

    archive = await made(server, ana)

    numbers = [each["number"] for each in json_of(archive, "acessos.json")["accesses"]]
    assert numbers == [1, 2, 3, 4, 5, 6]
    acts = [each["action"] for each in json_of(archive, "atos.json")["acts"]]
    assert acts.count("OpenExport") == 6
    assert acts.count("RequestExport") == 4


async def test_nothing_that_proves_somebody_or_leads_into_the_store_is_in_it(
    server: LocalServer, ana: Person
):
    kept = await document(server, ana)
    await server.given(make.passkey(ana))
    archive = await made(server, ana)

    text = b"".join(archive.read(name) for name in archive.namelist()).decode()

    [row] = await server.fetch("SELECT password_hash FROM account WHERE id = $1", ana.id)
    secrets = [row["password_hash"], kept.object_key, ana.session.refresh_hash.hex(), "$argon2"]
    assert [secret for secret in secrets if secret in text] == []


# ------------------------------------------------------------------- what goes wrong


async def test_a_file_that_is_not_what_was_uploaded_fails_it_loudly(
    server: LocalServer, ana: Person, caplog
):
    good, bad = await document(server, ana), await document(server, ana, sha256="0" * 64)
    await asked(server, ana)

    await server.app.exporting.run_due()

    assert await statuses(server, ana) == ["FAILED"]
    assert f"document {bad.id} is not what was uploaded" in caplog.text
    assert str(good.id) not in caplog.text
    [row] = await server.fetch("SELECT object_key FROM record_export WHERE patient_id = $1", ana.id)
    assert await server.app.objects.look_up(row["object_key"]) is None
    await asked(server, ana)  # nothing stands in the way of another try


async def test_a_file_that_is_gone_fails_it(server: LocalServer, ana: Person, caplog):
    lost = await document(server, ana)
    await server.app.objects.remove(lost.object_key)
    await asked(server, ana)

    await server.app.exporting.run_due()

    assert await statuses(server, ana) == ["FAILED"]
    assert f"document {lost.id} is gone" in caplog.text


async def test_while_the_store_is_not_there_it_waits(server: LocalServer, ana: Person, monkeypatch):
    await asked(server, ana)

    async def unreachable(*_, **__):
        raise StoreUnreachable("down")

    with monkeypatch.context() as patch:
        patch.setattr(server.app.objects, "put", unreachable)
        await server.app.exporting.run_due()
    assert await statuses(server, ana) == ["REQUESTED"]
    await server.app.exporting.run_due()
    assert await statuses(server, ana) == ["REQUESTED"]  # the pause is not over

    await server.fetch("UPDATE record_export SET leased_until = now() - interval '1 ms'")
    await server.app.exporting.run_due()
    assert await statuses(server, ana) == ["READY"]


async def claimed(server: LocalServer, owner: Person) -> None:
    """Taken up by a process that died at once, and whose lease is over."""
    await server.fetch(
        "UPDATE record_export SET status = 'RUNNING', claim = gen_random_uuid(), tries = tries + 1,"
        " leased_until = now() - interval '1 ms' WHERE patient_id = $1",
        owner.id,
    )


async def test_what_a_dead_process_had_in_hand_is_made_by_another(server: LocalServer, ana: Person):
    await asked(server, ana)
    await claimed(server, ana)

    await server.app.exporting.run_due()

    assert await statuses(server, ana) == ["READY"]


async def test_what_a_living_process_has_in_hand_is_left_to_it(server: LocalServer, ana: Person):
    await asked(server, ana)
    await claimed(server, ana)
    await server.fetch(
        "UPDATE record_export SET leased_until = now() + interval '1 min' WHERE patient_id = $1",
        ana.id,
    )

    await server.app.exporting.run_due()

    assert await statuses(server, ana) == ["RUNNING"]


async def test_what_three_processes_died_of_is_given_up(server: LocalServer, ana: Person, caplog):
    await asked(server, ana)
    for _ in range(3):
        await claimed(server, ana)

    await server.app.exporting.run_due()

    assert await statuses(server, ana) == ["FAILED"]
    assert "is given up" in caplog.text


async def test_of_two_processes_each_export_is_made_by_one(server: LocalServer, ana: Person):
    bia = await patient(server)
    for owner in (ana, bia):
        await asked(server, owner)

    await asyncio.gather(*(server.app.exporting.run_due() for _ in range(3)))

    rows = await server.fetch(
        "SELECT tries, status FROM record_export WHERE patient_id = ANY($1)", [ana.id, bia.id]
    )
    assert [(row["tries"], row["status"]) for row in rows] == [(1, "READY")] * 2


async def test_who_loses_his_claim_stops_and_leaves_it_to_who_has_it(
    server: LocalServer, ana: Person, monkeypatch
):
    monkeypatch.setattr(job, "BEAT", 0.05)
    for _ in range(3):
        await document(server, ana)
    await asked(server, ana)
    read, begun = server.app.objects.read, asyncio.Event()

    async def slow(*given, **more) -> AsyncIterator[bytes]:
        begun.set()
        await asyncio.sleep(30)
        async for chunk in read(*given, **more):
            yield chunk

    with monkeypatch.context() as patch:
        patch.setattr(server.app.objects, "read", slow)
        making = asyncio.create_task(server.app.exporting.run_due())
        async with asyncio.timeout(10):
            await begun.wait()
            await server.fetch(
                "UPDATE record_export SET claim = gen_random_uuid(),"
                " leased_until = now() + interval '1 min' WHERE patient_id = $1",
                ana.id,
            )
            await making

    assert await statuses(server, ana) == ["RUNNING"]


async def test_a_process_that_ends_hands_it_on_at_once(
    server: LocalServer, ana: Person, monkeypatch
):
    await document(server, ana)
    await asked(server, ana)
    begun = asyncio.Event()

    async def never(*_, **__) -> AsyncIterator[bytes]:
        begun.set()
        await asyncio.sleep(30)
        yield b""

    with monkeypatch.context() as patch:
        patch.setattr(server.app.objects, "read", never)
        making = asyncio.create_task(server.app.exporting.run_due())
        async with asyncio.timeout(10):
            await begun.wait()
            making.cancel()
            await asyncio.wait([making])
    assert await statuses(server, ana) == ["REQUESTED"]

    await server.app.exporting.run_due()

    assert await statuses(server, ana) == ["READY"]


async def test_progress_is_told_while_it_is_made(server: LocalServer, ana: Person, monkeypatch):
    monkeypatch.setattr(job, "BEAT", 0.02)
    for _ in range(4):
        await document(server, ana, b"x" * 1000)
    await asked(server, ana)
    read, seen = server.app.objects.read, []

    async def slow(*given, **more) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.15)
        [one] = (await server.ask(EXPORTS, ana))["exports"]
        seen.append((one["status"], one["progress"]))
        async for chunk in read(*given, **more):
            yield chunk

    monkeypatch.setattr(server.app.objects, "read", slow)
    await server.app.exporting.run_due()

    assert {status for status, _ in seen} == {"RUNNING"}
    told = [progress for _, progress in seen]
    assert told == sorted(told)
    assert 0 <= told[0] < told[1] < told[3] < 1


async def test_two_hundred_mebibytes_go_through_a_few(server: LocalServer, ana: Person):
    content = bytes(8 * MEBIBYTE)
    one = await document(server, ana, content)
    copies = [
        make.document(
            ana, size=one.size, sha256=one.sha256, object_key=f"x{n}", version=one.version
        )
        for n in range(24)
    ]
    await server.given(*copies)
    read = server.app.objects.read
    server.app.objects.read = lambda _, version: read(one.object_key, version)  # type: ignore[method-assign,assignment]
    await asked(server, ana)
    tracemalloc.start()
    try:
        await server.app.exporting.run_due()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        server.app.objects.read = read  # type: ignore[method-assign]

    [ready] = (await server.ask(EXPORTS, ana))["exports"]
    assert ready["size"] > 200 * MEBIBYTE
    assert peak < 40 * MEBIBYTE
