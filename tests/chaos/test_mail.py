"""Mail, when the process that sends it is killed in the midst of it, and when nobody takes it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.embedded.test_mailbox import REGISTER, REQUEST
from tests.judges.running import Running, running
from tests.smtp import SmtpServer, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ANA = "ana.moreira.zyx@example.com"
DONE: dict[str, list[str]] = {"problems": []}


async def becomes_true(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # the other side tells nobody
            await asyncio.sleep(0.05)


async def ask_for_a_link(run: Running) -> None:
    assert await asyncio.to_thread(run.ask, REQUEST, email=ANA) == DONE


async def test_what_a_killed_process_was_sending_is_not_sent_again(tmp_path: Path):
    """The server has it, and we were never told so: nobody can know."""
    async with serving(SmtpServer(silent=True)) as server:
        with running(tmp_path, {"HEALTHMED_SMTP_URL": server.url}) as run:
            assert await asyncio.to_thread(run.ask, REGISTER, email=ANA) == DONE
            await ask_for_a_link(run)
            await becomes_true(lambda: len(server.taken) == 1)

            server.silent = False
            os.kill(run.worker, signal.SIGKILL)
            await becomes_true(lambda: "was started again" in run.log.read_text())
            await ask_for_a_link(run)
            await becomes_true(lambda: len(server.taken) == 2)
            await asyncio.sleep(2.5)  # two more looks into the outbox

    first, second = (letter["Message-ID"] for letter in server.letters())
    assert first != second
    assert len(server.taken) == 2


async def test_no_address_and_no_token_is_in_the_log(tmp_path: Path):
    replies = {"RCPT": f"450 <{ANA}> is away"}
    async with serving(SmtpServer(replies=replies)) as server:
        with running(tmp_path, {"HEALTHMED_SMTP_URL": server.url, "HEALTHMED_LOG": "json"}) as run:
            await asyncio.to_thread(run.ask, REGISTER, email=ANA)
            await ask_for_a_link(run)
            await becomes_true(lambda: "will be tried again" in run.log.read_text())

            server.replies.clear()
            await ask_for_a_link(run)
            await becomes_true(lambda: len(server.taken) == 1)

    log = run.log.read_text()
    [letter] = server.letters()
    token = letter.get_body(("plain",)).get_content().partition("#")[2].split()[0]
    assert len(token) > 40
    assert ANA not in log
    assert token not in log
    assert token.partition(".")[2] not in log
