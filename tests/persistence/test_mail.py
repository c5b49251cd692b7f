"""Mail leaves after its act has committed, never twice, and nothing of it stays."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app import App
from domain import deliveries, mail
from domain.deliveries import Deliveries
from domain.mail import Mail, MailKind, Named, NotSent
from persistence.mail import purge
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.mailbox import Mailbox
from tests.server import LocalServer
from wiring.settings import Settings

DAY = timedelta(days=1)


@pytest.fixture
async def alone(worker_id: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """A server over a database in which there is no other mail."""
    name = f"mail_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    async with LocalServer.run(url_of(name), keys_file) as server:
        yield server


def changed(to: str = "ana@example.com") -> Mail:
    return mail.mail(MailKind.PASSWORD_CHANGED, to, Named(crm="123456/SP"))


async def given(server: LocalServer, *pieces: Mail) -> None:
    async with server.app.works.begin() as work:
        for piece in pieces:
            await work.outbox.add(piece, at=server.now)


async def kept(server: LocalServer) -> list[bool]:
    """Of each piece, whether its content is still there."""
    rows = await server.fetch("SELECT content IS NOT NULL AS there FROM mail ORDER BY id")
    return [row["there"] for row in rows]


def refuse(_: Mail, *, for_good: bool = False) -> None:
    raise NotSent("it is closed", for_good=for_good)


def break_down(piece: Mail) -> None:
    raise ConnectionError(f"while {piece.to} was being told")


async def test_what_was_put_in_comes_out_and_its_content_is_forgotten(alone: LocalServer):
    piece, mailbox = changed(), Mailbox()
    await given(alone, piece)

    assert await mailbox.fetch(alone) == 1

    assert mailbox.kept == [piece]
    assert await kept(alone) == [False]
    assert await mailbox.fetch(alone) == 0


async def test_mail_of_an_act_that_failed_is_not_sent(alone: LocalServer):
    async def fail() -> None:
        async with alone.app.works.begin() as work:
            await work.outbox.add(changed(), at=alone.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert await Mailbox().fetch(alone) == 0


async def test_who_dies_between_claim_and_sending_sends_nothing_twice(
    alone: LocalServer, caplog: pytest.LogCaptureFixture
):
    await given(alone, changed())
    claimed = await alone.app.works.act(lambda work: deliveries.claim(work, at=alone.now))
    assert claimed is not None

    alone.now += DAY
    mailbox = Mailbox()

    assert await mailbox.fetch(alone) == 0
    pool = alone.app._pool
    lost = await purge(pool, alone.now)
    # The server, which has just started, may have been the first to look.
    assert lost == 1 or "1 pieces of mail were claimed and perhaps not sent" in caplog.text
    assert await kept(alone) == [False]
    assert await purge(pool, alone.now) == 0


async def test_several_processes_share_an_outbox_and_none_sends_what_another_did(
    alone: LocalServer, keys_file: Path
):
    pieces = [changed(f"{number}@example.com") for number in range(60)]
    await given(alone, *pieces)
    settings = Settings(database_url=alone.url, keys_file=keys_file)
    other = App(settings, now=lambda: alone.now)
    here, there = Mailbox(), Mailbox()

    async with other.run(lambda _: None):
        deliverers = [
            Deliveries(app.works.act, mailbox, lambda: alone.now)
            for app, mailbox in ((alone.app, here), (other, there))
            for _ in range(3)
        ]
        sent = await asyncio.gather(*(each.send_due() for each in deliverers))

    assert sum(sent) == 60
    assert here.kept
    assert there.kept
    assert sorted(m.to for m in here.kept + there.kept) == sorted(m.to for m in pieces)


async def test_what_was_refused_is_tried_again_after_ever_longer_pauses(alone: LocalServer):
    closed, began = Mailbox(refuse), alone.now
    await given(alone, changed())

    async def tries(minutes: int) -> int:
        """How often it has been tried, so many minutes after it was put in."""
        alone.now = began + timedelta(minutes=minutes)
        await closed.fetch(alone)
        [row] = await alone.fetch("SELECT tries FROM mail")
        return row["tries"]

    for count, minutes in enumerate([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023], 1):
        assert await tries(minutes) == count
        assert await tries(2 * minutes) == count  # whatever had been due by then would go now
    assert await kept(alone) == [False]  # given up
    assert await Mailbox().fetch(alone) == 0


async def test_what_was_refused_goes_out_once_the_server_takes_it(alone: LocalServer):
    piece = changed()
    await given(alone, piece)
    await Mailbox(refuse).fetch(alone)
    mailbox = Mailbox()

    assert await mailbox.fetch(alone) == 0
    alone.now += timedelta(minutes=1)
    assert await mailbox.fetch(alone) == 1

    assert mailbox.kept == [piece]  # the same id, hence the same Message-ID


async def test_what_is_refused_for_good_is_not_tried_again(alone: LocalServer):
    await given(alone, changed())

    await Mailbox(lambda piece: refuse(piece, for_good=True)).fetch(alone)

    assert await kept(alone) == [False]
    alone.now += DAY
    assert await Mailbox().fetch(alone) == 0


async def test_what_may_have_been_sent_is_not_tried_again(
    alone: LocalServer, caplog: pytest.LogCaptureFixture
):
    await given(alone, changed())

    with caplog.at_level(logging.INFO):
        await Mailbox(break_down).fetch(alone)

    assert "ConnectionError" in caplog.text
    assert "example.com" not in caplog.text
    assert await kept(alone) == [False]
    alone.now += DAY
    assert await Mailbox().fetch(alone) == 0


async def test_a_link_that_reached_nobody_is_made_anew_and_counts_for_nothing(alone: LocalServer):
    ana = make.patient()
    await alone.given(ana)
    await given(alone, mail.mail(MailKind.RESET_PASSWORD, ana.account.email))
    mailbox = Mailbox()

    for minutes in (0, 1, 2, 4, 8, 16):
        alone.now += timedelta(minutes=minutes)
        await Mailbox(refuse).fetch(alone)
    assert await alone.fetch("SELECT id FROM link") == []
    alone.now += timedelta(minutes=32)
    await mailbox.fetch(alone)

    [piece] = mailbox.kept
    [named] = piece.accounts
    assert named.token
    [link] = await alone.fetch("SELECT expires_at FROM link")
    assert link["expires_at"] == alone.now + timedelta(minutes=30)


async def test_who_is_told_to_end_lets_the_piece_on_its_way_go(alone: LocalServer):
    """Else each restart would lose one."""
    await given(alone, changed(), changed())
    on_its_way, may_go, sent = asyncio.Event(), asyncio.Event(), []

    class Slow:
        async def send(self, piece: Mail, /) -> None:
            on_its_way.set()
            await may_go.wait()
            sent.append(piece)

    sending = asyncio.create_task(
        Deliveries(alone.app.works.act, Slow(), lambda: alone.now).send_due()
    )
    await on_its_way.wait()
    sending.cancel()
    await asyncio.sleep(0.05)
    assert not sending.done()
    may_go.set()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert len(sent) == 1
    assert sorted(await kept(alone)) == [False, True]


async def test_what_waited_for_more_than_a_day_is_not_sent(alone: LocalServer):
    """For want of any server that would take it."""
    await given(alone, changed())
    alone.now += DAY + timedelta(seconds=1)

    assert await Mailbox().fetch(alone) == 0
    assert await kept(alone) == [False]


async def test_traces_go_after_a_week(alone: LocalServer):
    await given(alone, changed())
    await Mailbox().fetch(alone)

    await purge(alone.app._pool, alone.now + 7 * DAY)
    assert await kept(alone) == [False]
    await purge(alone.app._pool, alone.now + 7 * DAY + timedelta(seconds=1))
    assert await kept(alone) == []
