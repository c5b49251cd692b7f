"""Calendar files: iCalendar (RFC 5545) by `icalendar`, as they are shown, and as they go by mail
(iTIP, RFC 5546).

An appointment has one UID for ever, and times are in UTC, which no calendar has to look up.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import quote, urlsplit

import icalendar
from icalendar import vCalAddress

from domain.accounts import Language
from domain.calendars import Entry, EntryStatus

_MAKER = "-//Health&Med//Health&Med//PT"
_NAME = "Health&Med"
_LOOK_AGAIN = timedelta(hours=1)  # what a feed asks of calendars; they do as they like
_SUMMARIES: Mapping[Language, str] = {
    Language.PORTUGUESE: "Consulta — Health&Med",
    Language.ENGLISH: "Visit — Health&Med",
}
_TAKES_PART: Mapping[EntryStatus, str] = {
    EntryStatus.TENTATIVE: "TENTATIVE",
    EntryStatus.CONFIRMED: "ACCEPTED",  # by both, with us: nobody has to answer the mail
}


class ICalendars:
    """`public_url`: where our pages are found. `sender`: `Name <address>`, who invites."""

    def __init__(self, public_url: str, sender: str) -> None:
        self._url, self._host = public_url.rstrip("/"), urlsplit(public_url).hostname
        name, address = parseaddr(sender)
        self._organizer = _person(address)
        self._organizer.params["CN"] = name or _NAME

    def publish(self, entries: Sequence[Entry], language: Language, /, *, at: datetime) -> str:
        calendar = _calendar("PUBLISH")
        calendar.add("name", _NAME)  # RFC 7986, sections 5.1 and 5.7
        calendar.add("x-wr-calname", _NAME)  # the same, for those that know the older name alone
        calendar.add("refresh-interval", _LOOK_AGAIN, parameters={"VALUE": "DURATION"})
        for entry in entries:
            calendar.add_component(self._event(entry, language, at))
        return _text(calendar)

    def invite(
        self, entry: Entry, language: Language, /, *, at: datetime, reader: str
    ) -> tuple[str, str]:
        """The method, and the file. The reader is the only one in it who takes part."""
        method = "CANCEL" if entry.status is EntryStatus.CANCELLED else "REQUEST"
        event = self._event(entry, language, at)
        attendee = _person(reader)
        if entry.status in _TAKES_PART:
            attendee.params["PARTSTAT"] = _TAKES_PART[entry.status]
            attendee.params["RSVP"] = "FALSE"
        event.add("attendee", attendee)
        calendar = _calendar(method)
        calendar.add_component(event)
        return method, _text(calendar)

    def _event(self, entry: Entry, language: Language, at: datetime) -> icalendar.Event:
        event = icalendar.Event()
        event.add("uid", f"{_global_id(entry)}@{self._host}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", at)
        event.add("dtstart", entry.starts_at)
        event.add("dtend", entry.ends_at)
        event.add("status", entry.status.value)
        event.add("summary", _SUMMARIES[language])
        event.add("url", page_of(self._url, entry))
        event.add("description", page_of(self._url, entry))  # for those that show no URL
        event.add("class", "PRIVATE")  # whom the calendar is shared with sees that time is taken
        event.add("organizer", self._organizer)
        return event


def page_of(url: str, entry: Entry) -> str:
    """Where the visit takes place, for those two who have signed in."""
    return f"{url}/consultation/{_global_id(entry)}"


def _global_id(entry: Entry) -> str:
    return f"appointment_{entry.appointment_id}"


def _calendar(method: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _person(address: str) -> vCalAddress:
    return vCalAddress(f"mailto:{quote(address, safe='@+')}")


def _text(calendar: icalendar.Calendar) -> str:
    """Lines end in CRLF, and are of at most 75 bytes (RFC 5545, section 3.1)."""
    text: str = calendar.to_ical().decode()
    return text
