"""Where row level security binds nobody, what our own statements say shows nobody more."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.accesses import AccessAction, log
from domain.doctors import DoctorStatus
from domain.records import DocumentStatus
from tests import make
from tests.resolvers.test_accesses import OPEN, entries
from tests.resolvers.test_shares import DOCUMENTS, HIDE, NODE, REVOKE, SHARES, ids, shared
from tests.server import LocalServer, gid, owner_url

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def server(database_url: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """By the role of the owner, who sees all rows; by the real time, which the database knows."""
    async with LocalServer.run(owner_url(database_url), keys_file) as server:
        server.now = datetime.now(UTC)
        assert not await server.app._pool.fetchval("SELECT row_security_active('document')")
        yield server


@pytest.mark.parametrize(
    "given",
    [
        {"valid_from": datetime.now(UTC) - DAY, "valid_until": datetime.now(UTC)},
        {"valid_from": datetime.now(UTC) + DAY},
        {"revoked_at": datetime.now(UTC)},
    ],
    ids=["has ended", "has not begun", "was revoked"],
)
async def test_by_a_share_that_does_not_hold_now_nothing_is_seen(server: LocalServer, given):
    doctor, ana = make.doctor(), make.patient()
    document, share = make.document(ana), make.share(ana, doctor, **given)
    await server.given(doctor, ana, document, share)

    assert await shared(server, doctor) == []
    assert await server.ask(NODE, doctor, id=gid(document)) is None
    assert await server.refuse(OPEN, doctor, id=gid(document)) == "NOT_FOUND"


async def test_a_doctor_sees_what_is_shared_with_him_and_nothing_else(server: LocalServer):
    doctor, other, ana, bruno = make.doctor(), make.doctor(), make.patient(), make.patient()
    trusted, suspended = make.doctor(), make.doctor(status=DoctorStatus.SUSPENDED)
    document, second, his = make.document(ana), make.document(ana), make.document(bruno)
    hidden = make.document(ana, status=DocumentStatus.HIDDEN)
    listed = make.share(ana, doctor, includes_future=False)
    await server.given(doctor, other, trusted, suspended, ana, bruno)
    await server.given(document, second, hidden, his, listed)
    await server.given(make.share(ana, trusted), make.share(ana, suspended))
    async with server.app.works.begin(ana.viewer) as work:
        await work.shares.add_documents(listed.id, [document.id, hidden.id])

    assert await shared(server, doctor) == [gid(document)]
    assert await shared(server, trusted) == [gid(second), gid(document)]
    assert await server.ask(NODE, trusted, id=gid(his)) is None
    for who in (other, suspended):
        assert await shared(server, who) == []
        assert await server.ask(NODE, who, id=gid(document)) is None
        assert await server.refuse(OPEN, who, id=gid(document)) == "NOT_FOUND"
    for unseen in (second, hidden, his, listed):
        assert await server.ask(NODE, doctor, id=gid(unseen)) is None


async def test_a_patient_sees_and_changes_his_own_alone(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    document, share = make.document(ana), make.share(ana, doctor)
    await server.given(doctor, ana, bruno, document, share)
    async with server.app.works.begin(ana.viewer) as work:
        log(work, ana.viewer, ana.id, AccessAction.SHARED, share_id=share.id)

    async with server.unchanged(ana):
        for thing in (document, share):
            assert await server.ask(NODE, bruno, id=gid(thing)) is None
        assert await server.refuse(REVOKE, bruno, id=gid(share)) == "NOT_FOUND"
        assert await server.refuse(HIDE, bruno, id=gid(document)) == "NOT_FOUND"
        assert ids((await server.ask(DOCUMENTS, bruno))["documents"]["nodes"]) == []
        assert ids((await server.ask(SHARES, bruno))["shares"]["nodes"]) == []
        assert await entries(server, bruno) == []
    assert await server.refuse(OPEN, bruno, id=gid(document)) == "NOT_FOUND"
