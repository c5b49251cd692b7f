"""Calendar files, as a reader that is not ours finds them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.accounts import Language
from domain.appointments import AppointmentStatus
from domain.calendars import STANDS, Entry, EntryStatus
from domain.ids import AppointmentId, new_id
from integrations.calendars import ICalendars
from tests import make
from tests.judges.node import lines
from tests.server import gid

AT = datetime(2030, 1, 7, 12, 15, tzinfo=UTC)
CLINIC = ICalendars("https://clinic.example/app/", "Health&Med <no-reply@clinic.example>")
ANA = "ana.moreira@example.com"
PORTUGUESE, ENGLISH = Language.PORTUGUESE, Language.ENGLISH
ONCE = ("uid", "dtstamp", "dtstart", "organizer", "sequence", "summary", "status")


def entry(**given: Any) -> Entry:
    starts_at = given.get("starts_at", datetime(2030, 1, 8, 12, tzinfo=UTC))
    plain = {
        "appointment_id": AppointmentId(new_id()),
        "sequence": 0,
        "status": EntryStatus.TENTATIVE,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
    }
    return Entry(**(plain | given))


def invited(one: Entry, language: Language = PORTUGUESE, reader: str = ANA) -> str:
    return CLINIC.invite(one, language, at=AT, reader=reader)[1]


def read(folder: Path, *files: str) -> list[Any]:
    """The events of all files, by ical.js."""
    paths = []
    for number, text in enumerate(files):
        path = folder / f"{number}.ics"
        path.write_text(text, newline="")
        paths.append(str(path))
    return lines("calendars.mjs", *paths)


def test_a_request_a_move_and_a_cancellation_are_one_event_that_goes_on(tmp_path: Path):
    visit = make.appointment(make.slot(make.doctor()), make.patient())
    later = make.slot(make.doctor(), starts_at=make.TOMORROW + timedelta(days=1))
    moved = visit.moved(later, respond_by=visit.respond_by)
    cancelled = moved.now(AppointmentStatus.CANCELLED)
    files = [invited(Entry.of(each)) for each in (visit, moved, cancelled)]

    told = read(tmp_path, *files)

    assert [each["method"] for each in told] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {each["uid"] for each in told} == {f"{gid(visit)}@clinic.example"}
    assert [each["sequence"] for each in told] == [0, 1, 2]
    assert [each["status"] for each in told] == ["TENTATIVE", "TENTATIVE", "CANCELLED"]
    starts = [visit.starts_at, later.starts_at, later.starts_at]
    assert [datetime.fromisoformat(each["startsAt"]) for each in told] == starts
    assert datetime.fromisoformat(told[0]["endsAt"]) == visit.ends_at
    for each in told:
        assert each["url"] == f"https://clinic.example/app/consultation/{gid(visit)}"
        assert each["organizer"] == "mailto:no-reply@clinic.example"
        assert each["attendees"] == [f"mailto:{ANA}"]
        assert each["stamp"] == "2030-01-07T12:15:00Z"
        assert each["class"] == "PRIVATE"
        assert [each["names"].count(name) for name in ONCE] == [1] * len(ONCE)
    assert [each["takesPart"] for each in told] == ["TENTATIVE", "TENTATIVE", None]


def test_what_is_confirmed_needs_no_answer(tmp_path: Path):
    [told] = read(tmp_path, invited(entry(status=EntryStatus.CONFIRMED, sequence=1)))

    assert (told["method"], told["status"]) == ("REQUEST", "CONFIRMED")
    assert told["takesPart"] == "ACCEPTED"


@pytest.mark.parametrize("language", Language)
def test_a_file_that_is_shown_invites_nobody(tmp_path: Path, language: Language):
    """RFC 5546, section 3.2.1: an ATTENDEE must not be there."""
    entries = [entry(status=status, sequence=n) for n, status in enumerate(EntryStatus)]

    told = read(tmp_path, CLINIC.publish(entries, language, at=AT))

    assert {each["method"] for each in told} == {"PUBLISH"}
    assert [each["status"] for each in told] == list(EntryStatus)
    assert [each["attendees"] for each in told] == [[]] * 3
    words = {PORTUGUESE: "Consulta — Health&Med", ENGLISH: "Visit — Health&Med"}
    assert {each["summary"] for each in told} == {words[language]}


def test_a_calendar_without_visits_is_one(tmp_path: Path):
    text = CLINIC.publish([], PORTUGUESE, at=AT)

    assert read(tmp_path, text) == []
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text


def test_every_status_stands_for_one_of_a_calendar():
    assert STANDS.keys() == set(AppointmentStatus)


@pytest.mark.parametrize("reader", ["ana,b;c@example.com", f"{'a' * 60}+é@example.com"])
def test_lines_are_folded_and_an_address_is_one(tmp_path: Path, reader: str):
    text = invited(entry(), reader=reader)

    [told] = read(tmp_path, text)
    assert len(told["attendees"]) == 1
    assert told["attendees"][0].startswith("mailto:")
    raw = text.encode()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert raw.endswith(b"END:VCALENDAR\r\n")
