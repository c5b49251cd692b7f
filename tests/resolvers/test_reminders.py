"""Both sides are reminded a day and an hour before, once, of what takes place and nothing else."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app import App
from domain.doctors import DoctorStatus
from domain.ids import AppointmentId
from domain.mail import MailKind
from domain.unit_of_work import UnitOfWork
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.mailbox import Mailbox
from tests.make import NOW, Person
from tests.resolvers.appointments import ACTS, RESCHEDULE, done
from tests.server import LocalServer, gid
from wiring.settings import Settings

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
STARTS = NOW + 3 * DAY


@pytest.fixture
async def alone(worker_id: str, keys_file: Path) -> AsyncGenerator[LocalServer]:
    """A server over a database in which nobody else is to be reminded."""
    name = f"reminders_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    async with LocalServer.run(url_of(name), keys_file) as server:
        yield server


async def confirmed(
    server: LocalServer, *, starts_at: datetime = STARTS
) -> tuple[Person, Person, AppointmentId]:
    """At this moment, by its doctor."""
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, starts_at=starts_at)
    await server.given(doctor, ana, slot, visit)
    done(await server.ask(ACTS["accept"], doctor, id=gid(visit)))
    return doctor, ana, visit.id


async def reminded(server: LocalServer, at: datetime, *people: Person) -> list[int]:
    """How many reminders each of them gets when it is looked at this moment."""
    server.now = at
    await server.app.remind()
    mailbox = Mailbox()
    await mailbox.fetch(server)
    emails = [person.account.email for person in people]
    return [len(mailbox.of(email, MailKind.VISIT_SOON)) for email in emails]


async def test_both_are_reminded_a_day_and_an_hour_before_and_once_each(alone: LocalServer):
    doctor, ana, _ = await confirmed(alone)

    assert await reminded(alone, STARTS - DAY - MINUTE, doctor, ana) == [0, 0]
    assert await reminded(alone, STARTS - DAY, doctor, ana) == [1, 1]
    assert await reminded(alone, STARTS - DAY + MINUTE, doctor, ana) == [0, 0]
    assert await reminded(alone, STARTS - HOUR - MINUTE, doctor, ana) == [0, 0]
    assert await reminded(alone, STARTS - HOUR, doctor, ana) == [1, 1]
    assert await reminded(alone, STARTS, doctor, ana) == [0, 0]


@pytest.mark.parametrize(
    ("ahead", "count"),
    [(DAY, 1), (DAY + MINUTE, 2), (HOUR, 0), (HOUR + MINUTE, 1)],
)
async def test_a_moment_that_was_over_at_the_confirmation_reminds_nobody(
    alone: LocalServer, ahead: timedelta, count: int
):
    _, ana, _ = await confirmed(alone, starts_at=NOW + ahead)

    seen = 0
    for before in (ahead, DAY, HOUR, MINUTE):
        if before <= ahead:
            [more] = await reminded(alone, NOW + ahead - before, ana)
            seen += more

    assert seen == count


async def test_of_a_request_nobody_is_reminded(alone: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    await alone.given(doctor, ana, *make.visit(doctor, ana, starts_at=STARTS, respond_by=STARTS))

    assert await reminded(alone, STARTS - HOUR, doctor, ana) == [0, 0]


async def test_of_what_is_cancelled_nobody_is_reminded(alone: LocalServer):
    doctor, ana, visit = await confirmed(alone)
    done(await alone.ask(ACTS["cancel"], ana, id=f"appointment_{visit}"))

    assert await reminded(alone, STARTS - DAY, doctor, ana) == [0, 0]
    assert await alone.fetch("SELECT * FROM reminder") == []


async def test_what_is_moved_is_told_by_its_new_hour_once_it_is_confirmed_again(
    alone: LocalServer,
):
    doctor, ana, visit = await confirmed(alone)
    later = make.slot(doctor, starts_at=STARTS + DAY)
    await alone.given(later)
    id = f"appointment_{visit}"
    done(await alone.ask(RESCHEDULE, ana, id=id, slot=gid(later)))

    assert await reminded(alone, STARTS - DAY, doctor, ana) == [0, 0]
    alone.now = NOW
    done(await alone.ask(ACTS["accept"], doctor, id=id))

    assert await reminded(alone, STARTS - MINUTE, doctor, ana) == [0, 0]
    assert await reminded(alone, STARTS, doctor, ana) == [1, 1]
    assert await reminded(alone, STARTS + DAY - HOUR, doctor, ana) == [1, 1]


async def test_of_two_that_come_late_together_one_is_sent_and_none_after_the_start(
    alone: LocalServer,
):
    """No server ran meanwhile."""
    doctor, ana, _ = await confirmed(alone)
    _, bruno, _ = await confirmed(alone, starts_at=STARTS - HOUR)

    assert await reminded(alone, STARTS - MINUTE, doctor, ana, bruno) == [1, 1, 0]
    assert await alone.fetch("SELECT * FROM reminder") == []


async def test_what_is_called_off_while_the_mail_waits_is_not_sent(alone: LocalServer):
    doctor, ana, visit = await confirmed(alone)
    _, bruno, _ = await confirmed(alone)
    alone.now = STARTS - HOUR
    await alone.app.remind()
    done(await alone.ask(ACTS["cancel"], ana, id=f"appointment_{visit}"))

    assert await reminded(alone, alone.now, doctor, ana, bruno) == [0, 0, 1]


async def test_what_is_moved_while_the_mail_waits_is_not_told_by_its_old_hour(alone: LocalServer):
    doctor, ana, visit = await confirmed(alone)
    later = make.slot(doctor, starts_at=STARTS + DAY)
    await alone.given(later)
    alone.now = STARTS - HOUR
    await alone.app.remind()
    id = f"appointment_{visit}"
    done(await alone.ask(RESCHEDULE, ana, id=id, slot=gid(later)))
    done(await alone.ask(ACTS["accept"], doctor, id=id))

    assert await reminded(alone, alone.now, doctor, ana) == [0, 0]


async def test_what_waits_until_the_visit_has_begun_is_not_sent(alone: LocalServer):
    doctor, ana, _ = await confirmed(alone)
    alone.now = STARTS - HOUR
    await alone.app.remind()

    assert await reminded(alone, STARTS, doctor, ana) == [0, 0]
    kinds = await alone.fetch("SELECT DISTINCT content IS NULL AS gone FROM mail")
    assert [row["gone"] for row in kinds] == [True]


async def test_a_doctor_who_is_suspended_sees_nobody(alone: LocalServer):
    doctor, ana, _ = await confirmed(alone)
    await alone.fetch(
        "UPDATE doctor SET status = $2 WHERE id = $1", doctor.id, DoctorStatus.SUSPENDED
    )

    assert await reminded(alone, STARTS - DAY, doctor, ana) == [0, 0]


async def test_of_several_processes_that_look_at_once_each_reminds_of_something_else(
    alone: LocalServer, keys_file: Path
):
    people = [(await confirmed(alone))[1] for _ in range(12)]
    settings = Settings(
        database_url=alone.url, keys_file=keys_file, remind_every=10.0**6, sweep_every=10.0**6
    )
    alone.now = NOW
    other = App(settings, now=lambda: alone.now)
    async with other.run(lambda _: None):
        alone.now = STARTS - DAY
        await asyncio.gather(*(app.remind() for app in (alone.app, other) for _ in range(4)))

    mailbox = Mailbox()
    await mailbox.fetch(alone)
    counts = [len(mailbox.of(each.account.email, MailKind.VISIT_SOON)) for each in people]
    assert counts == [1] * len(people)


async def test_whoever_is_late_takes_others_and_waits_for_nobody(alone: LocalServer):
    visits = {(await confirmed(alone))[2] for _ in range(3)}
    at = STARTS - DAY
    async with alone.app.works.begin() as first:
        taken = set(await first.reminders.claim(at=at, limit=1))
        async with asyncio.timeout(5), alone.app.works.begin() as second:
            left = set(await second.reminders.claim(at=at, limit=10))

    assert len(taken) == 1
    assert left == visits - taken


async def test_who_dies_before_it_is_in_the_outbox_leaves_it_to_others(alone: LocalServer):
    _, ana, visit = await confirmed(alone)
    alone.now = STARTS - DAY

    async def die(work: UnitOfWork) -> None:
        assert await work.reminders.claim(at=alone.now, limit=10) == [visit]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await alone.app.works.act(die)

    assert await reminded(alone, alone.now, ana) == [1]


async def test_when_is_a_setting(keys_file: Path):
    settings = Settings(
        database_url="postgresql://nowhere", keys_file=keys_file,
        limits=json.loads('{"remind_before": ["P2D", "PT15M"]}'),
    )  # fmt: skip

    assert settings.limits.remind_before == (2 * DAY, 15 * MINUTE)
