"""A process dies when it has spent a refresh token and has answered nobody."""

import asyncio
import hashlib
import os
import signal
import sys
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from tests import make
from tests.chaos.clients import PASSWORD, REGISTER_PATIENT, Clinic
from tests.chaos.test_processes import becomes_true, readiness
from tests.embedded.processes import running, workers_of
from tests.embedded.test_run import url_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SIGN_IN = """
mutation ($cpf: CPF!, $email: String!) {
  signInPatient(input: {cpf: $cpf, email: $email, password: "%s"}) {
    session { refreshToken } problems { code }
  }
}
"""
# What it selects of the appointments is read when the renewal has been committed.
RENEW = """
mutation ($token: String!, $key: ID!) {
  refreshSession(input: {refreshToken: $token, idempotencyKey: $key}) {
    session {
      accessToken refreshToken
      viewer { ... on PatientViewer { appointments { nodes { id } } } }
    }
    problems { code }
  }
}
"""
VIEWER = "{ viewer { __typename } }"


async def test_whose_renewal_was_not_answered_is_not_locked_out(begun: Path):
    with running(begun) as run:
        clinic = Clinic(run.port)
        who = {"cpf": make.cpf(), "email": f"{uuid4()}@example.com"}
        await clinic.act(REGISTER_PATIENT % PASSWORD, **who)
        token = (await clinic.act(SIGN_IN % PASSWORD, **who))["session"]["refreshToken"]
        given = {"token": token, "key": str(uuid4())}
        database = await asyncpg.connect(url_of(begun))
        [worker] = workers_of(run.process.pid)

        async with database.transaction():
            await database.execute("LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE")
            renewing = asyncio.create_task(clinic.act(RENEW, **given))
            while await spendable(database, token):  # noqa: ASYNC110  # nobody tells us
                await asyncio.sleep(0.01)
            assert not renewing.done()
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(httpx.HTTPError):
            await renewing
        await database.close()

        await becomes_true(
            lambda: readiness(run) == 200 and workers_of(run.process.pid) != {worker}
        )
        session = (await clinic.act(RENEW, **given))["session"]

        assert await clinic.act(VIEWER, session["accessToken"]) == {"__typename": "PatientViewer"}
        following = {"token": session["refreshToken"], "key": str(uuid4())}
        assert (await clinic.act(RENEW, **following))["session"] is not None


async def spendable(database: asyncpg.Connection, token: str) -> bool:
    return bool(
        await database.fetchval(
            "SELECT refresh_hash = $2 FROM session WHERE id = $1",
            UUID(token.partition(".")[0]),
            hashlib.sha256(token.encode()).digest(),
        )
    )
