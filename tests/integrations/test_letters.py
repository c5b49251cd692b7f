"""Letters about visits: the hour as their reader has it, and a file for his calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from domain import mail
from domain.accounts import Language
from domain.calendars import Entry, EntryStatus
from domain.ids import AppointmentId, new_id
from domain.mail import Mail, MailKind, Named, Visit
from integrations.letters import Letters
from tests.integrations.test_calendars import read

LETTERS = Letters("https://clinic.example/", "Health&Med <no-reply@clinic.example>")
NINE = datetime(2030, 1, 8, 12, tzinfo=UTC)  # in São Paulo, a Tuesday
VISITS = [kind for kind in MailKind if kind.startswith("VISIT_")]
ENDED = {MailKind.VISIT_DECLINED, MailKind.VISIT_CANCELLED, MailKind.VISIT_EXPIRED}


def visiting(time_zone: str = "America/Sao_Paulo", **given: Any) -> Visit:
    starts_at = given.get("starts_at", NINE)
    plain = {
        "appointment_id": AppointmentId(new_id()),
        "sequence": 1,
        "status": EntryStatus.CONFIRMED,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
    }
    return Visit(entry=Entry(**(plain | given)), time_zone=time_zone, at=NINE)


def about(
    visit: Visit,
    kind: MailKind = MailKind.VISIT_CONFIRMED,
    language: Language = Language.PORTUGUESE,
) -> Mail:
    letter = mail.mail(kind, "ana@example.com", Named(crm=None), language=language)
    return replace(letter, visit=visit)


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return body.get_content()


@pytest.mark.parametrize("kind", VISITS)
def test_every_letter_says_when_in_both_languages_and_leads_to_the_visit(kind: MailKind):
    visit = visiting()

    letter = LETTERS.write(about(visit, kind))

    text = plain(letter)
    here = "(horário de America/Sao_Paulo, UTC-03:00)"
    assert f"terça-feira, 8 de janeiro de 2030, às 09:00 {here}" in text
    there = "(time of America/Sao_Paulo, UTC-03:00)"
    assert f"Tuesday, 8 January 2030, at 09:00 {there}" in text
    link = f"https://clinic.example/consultation/appointment_{visit.entry.appointment_id}"
    assert text.count(link) == 2


@pytest.mark.parametrize(
    ("starts_at", "time_zone", "said"),
    [
        # On 27 October 2030 Lisbon's hour from 1 to 2 comes twice.
        (datetime(2030, 10, 27, 0, 30, tzinfo=UTC), "Europe/Lisbon", "01:30 (ZONE, UTC+01:00)"),
        (datetime(2030, 10, 27, 1, 30, tzinfo=UTC), "Europe/Lisbon", "01:30 (ZONE, UTC+00:00)"),
        # On 31 March 2030 that hour is not there.
        (datetime(2030, 3, 31, 0, 59, tzinfo=UTC), "Europe/Lisbon", "00:59 (ZONE, UTC+00:00)"),
        (datetime(2030, 3, 31, 1, 0, tzinfo=UTC), "Europe/Lisbon", "02:00 (ZONE, UTC+01:00)"),
        (NINE, "Asia/Kathmandu", "17:45 (ZONE, UTC+05:45)"),
    ],
)
def test_an_hour_that_comes_twice_is_told_apart(starts_at: datetime, time_zone: str, said: str):
    visit = visiting(time_zone, starts_at=starts_at)

    text = plain(LETTERS.write(about(visit, language=Language.ENGLISH)))

    assert said.replace("ZONE", f"time of {time_zone}") in text


def test_the_day_is_that_of_the_reader(tmp_path: Path):
    visit = visiting("America/Noronha", starts_at=datetime(2030, 3, 1, 1, 30, tzinfo=UTC))

    letter = LETTERS.write(about(visit))

    assert "quinta-feira, 28 de fevereiro de 2030, às 23:30" in plain(letter)
    [told] = read(tmp_path, _file(letter))
    assert told["startsAt"] == "2030-03-01T01:30:00.000Z"


@pytest.mark.parametrize("kind", VISITS)
@pytest.mark.parametrize("language", Language)
def test_a_change_comes_with_a_file_that_mailboxes_act_upon(
    tmp_path: Path, kind: MailKind, language: Language
):
    """RFC 6047, section 2.4: the part says the method, too."""
    status = EntryStatus.CANCELLED if kind in ENDED else EntryStatus.CONFIRMED

    letter = LETTERS.write(about(visiting(status=status), kind, language))

    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    if kind is MailKind.VISIT_SOON:
        assert not parts
        assert not list(letter.iter_attachments())
        return
    [part] = parts
    method = "CANCEL" if kind in ENDED else "REQUEST"
    assert part.get_param("method") == method
    assert part.get_param("charset") == "utf-8"
    [alternatives, attached] = letter.iter_parts()
    kinds = [each.get_content_type() for each in alternatives.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert attached.get_filename() == "invite.ics"
    assert part.get_content().replace("\n", "\r\n") == _file(letter)
    [told] = read(tmp_path, _file(letter))
    assert told["method"] == method
    assert told["attendees"] == ["mailto:ana@example.com"]
    assert told["stamp"] == "2030-01-08T12:00:00Z"
    assert told["summary"].startswith("Consulta" if language == "pt-BR" else "Visit")


def _file(letter: EmailMessage) -> str:
    [attached] = letter.iter_attachments()
    content: bytes = attached.get_content()
    return content.decode()
