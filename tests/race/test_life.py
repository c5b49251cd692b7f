"""Any life that slots and appointments can lead: a small model foretells it, the rows agree.

Hypothesis draws the acts in a thread of its own; each runs in the loop of the server.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import asyncpg
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests import make
from tests.make import HALF_AN_HOUR, NOW, Person
from tests.race import acts
from tests.race.acts import DONE, outcome
from tests.server import LocalServer

T = TypeVar("T")
EXAMPLES, STEPS = 25, 40
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GRID = [  # about a day ahead, where some requests are due at their start, and two days later
    NOW + day * 24 * HOUR + number * HALF_AN_HOUR for day in (1, 3) for number in range(-5, 5)
]
ACTIVE = ("REQUESTED", "CONFIRMED")
LAPSES = ("AppointmentExpired", "SlotReleased")

TWO_AT_ONCE = """
SELECT one.id FROM appointment one JOIN appointment two ON one.id < two.id
  AND (one.doctor_id = two.doctor_id OR one.patient_id = two.patient_id)
  AND tstzrange(one.starts_at, one.ends_at) && tstzrange(two.starts_at, two.ends_at)
  AND one.status = ANY($2) AND two.status = ANY($2)
WHERE one.doctor_id = ANY($1)
UNION ALL
SELECT one.id FROM slot one JOIN slot two ON one.id < two.id AND one.doctor_id = two.doctor_id
  AND tstzrange(one.starts_at, one.ends_at) && tstzrange(two.starts_at, two.ends_at)
  AND one.status <> 'WITHDRAWN' AND two.status <> 'WITHDRAWN'
WHERE one.doctor_id = ANY($1)
"""
AT_ODDS = """
WITH place AS (
  SELECT *, CASE WHEN lapses_at <= $2 THEN 'OPEN' ELSE status END AS now
  FROM slot WHERE doctor_id = ANY($1)
), visit AS (
  SELECT * FROM appointment WHERE doctor_id = ANY($1)
  AND (status = 'CONFIRMED' OR status = 'REQUESTED' AND respond_by > $2)
)
SELECT place.id FROM place FULL JOIN visit ON visit.slot_id = place.id
WHERE CASE WHEN visit.id IS NULL THEN place.now = 'BOOKED' AND place.starts_at > $2
  ELSE (place.now, place.starts_at, place.ends_at)
    IS DISTINCT FROM ('BOOKED', visit.starts_at, visit.ends_at) END
"""
EVENTS = """
SELECT name, slot_id, appointment_id FROM event WHERE doctor_id = ANY($1) ORDER BY tx, row
"""
VERSIONS = "SELECT id, version FROM appointment WHERE doctor_id = ANY($1)"
LOOK = """
query ($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Slot { id slotStatus: status startsAt } ... on Appointment { id status version }
} }
"""


@dataclass(eq=False)
class Place:
    """A slot as the model has it, and the events that it should have told."""

    id: str
    doctor: Person
    starts_at: datetime
    ends_at: datetime
    status: str = "OPEN"
    holder: Person | None = None
    held_until: datetime | None = None
    told: list[str] = field(default_factory=lambda: ["SlotOpened"])

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at

    def is_free_for(self, patient: Person) -> bool:
        return self.status == "OPEN" or (self.status == "HELD" and self.holder is patient)

    def becomes(self, status: str, told: str) -> None:
        self.status, self.holder, self.held_until = status, None, None
        self.told.append(told)


@dataclass(eq=False)
class Visit:
    """An appointment as the model has it, and the events that it should have told."""

    id: str
    patient: Person
    place: Place
    respond_by: datetime
    status: str = "REQUESTED"
    version: int = 1
    told: list[str] = field(default_factory=lambda: ["AppointmentRequested"])

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    def becomes(self, status: str, told: str) -> None:
        self.status, self.version = status, self.version + 1
        self.told.append(told)


class Life(RuleBasedStateMachine):
    """Two doctors and three patients, new for each example."""

    server: ClassVar[LocalServer]
    loop: ClassVar[asyncio.AbstractEventLoop]
    connection: ClassVar[asyncpg.Connection]

    places, visits = Bundle("places"), Bundle("visits")
    two, three = st.integers(0, 1), st.integers(0, 2)
    starts, halves = st.sampled_from(GRID), st.integers(1, 2)
    seen = st.sampled_from([None, None, 0, 0, 1])  # None, or how old the version is that was seen

    def __init__(self) -> None:
        super().__init__()
        self.server.now = self.now = NOW
        self.doctors = [make.doctor() for _ in range(2)]
        self.patients = [make.patient() for _ in range(3)]
        self.all_places: list[Place] = []
        self.all_visits: list[Visit] = []
        self.versions: dict[Any, int] = {}
        self.wait(self.server.given(*self.doctors, *self.patients))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """`$1` are the doctors."""
        ids = [doctor.id for doctor in self.doctors]
        return self.wait(self.connection.fetch(statement, ids, *arguments))

    def send(self, expected: str, document: str, who: Person, **given: Any) -> Any:
        """The payload, if it was to be done."""
        answer = self.wait(self.server.ask(document, who, **given))
        assert outcome(answer) == expected
        return answer if expected == DONE else None

    # ---------------------------------------------------------------- doctors

    @initialize(target=places, grid=st.permutations(GRID))
    def have_an_agenda(self, grid: list[datetime]) -> Any:
        made = [self.open(who, grid[:5], HALF_AN_HOUR) for who in self.doctors]
        return multiple(*made[0], *made[1])

    @rule(target=places, doctor=two, starts_at=starts, halves=halves)
    def publish(self, doctor: int, starts_at: datetime, halves: int) -> Any:
        return multiple(*self.open(self.doctors[doctor], [starts_at], halves * HALF_AN_HOUR))

    def open(self, who: Person, starts: list[datetime], lasts: timedelta) -> list[Place]:
        times = [acts.time(start, start + lasts) for start in starts]
        refusals = {self.in_the_way(who, start, start + lasts) for start in starts} - {None}
        expected = refusals.pop() if refusals else DONE
        made = self.send(expected or DONE, acts.PUBLISH, who, times=times)
        places = [
            Place(slot["id"], who, start, start + lasts)
            for slot, start in zip(made["slots"] if made else [], starts, strict=bool(made))
        ]
        self.all_places += places
        return places

    @rule(place=places, starts_at=starts, halves=halves)
    def move(self, place: Place, starts_at: datetime, halves: int) -> None:
        ends_at = starts_at + halves * HALF_AN_HOUR
        expected = self.in_the_way(place.doctor, starts_at, ends_at, but=place) or DONE
        if place.status != "OPEN":
            expected = "WRONG_STATUS"
        given = {"id": place.id, "startsAt": starts_at, "endsAt": ends_at}
        if self.send(expected, acts.MOVE, place.doctor, **given):
            place.starts_at, place.ends_at = starts_at, ends_at
            place.told.append("SlotMoved")

    @rule(place=places)
    def withdraw(self, place: Place) -> None:
        expected = DONE if place.status == "OPEN" else "WRONG_STATUS"
        if self.send(expected, acts.WITHDRAW, place.doctor, ids=[place.id]):
            place.becomes("WITHDRAWN", "SlotWithdrawn")

    @rule(visit=visits, seen=seen)
    def accept(self, visit: Visit, seen: int | None) -> None:
        expected = self.of_the_wrong_kind(visit, seen, "REQUESTED") or DONE
        if self.send_on(visit, seen, expected, acts.ACCEPT, visit.place.doctor):
            visit.becomes("CONFIRMED", "AppointmentConfirmed")

    @rule(visit=visits, seen=seen)
    def decline(self, visit: Visit, seen: int | None) -> None:
        expected = self.of_the_wrong_kind(visit, seen, "REQUESTED") or DONE
        if self.send_on(visit, seen, expected, acts.DECLINE, visit.place.doctor):
            visit.becomes("DECLINED", "AppointmentDeclined")
            self.leave(visit.place)

    # --------------------------------------------------------------- patients

    @rule(place=places, patient=three)
    def hold(self, place: Place, patient: int) -> None:
        who = self.patients[patient]
        holds = [each for each in self.all_places if each.holder is who]
        expected = self.not_to_be_had(place, who) or DONE
        if expected == DONE and any(each.doctor is place.doctor for each in holds):
            expected = DONE if place in holds else "LIMIT_REACHED"
        done = self.send(expected, acts.HOLD, who, id=place.id)
        if done and place not in holds:
            place.becomes("HELD", "SlotHeld")
            place.holder = who
            place.held_until = min(self.now + 5 * MINUTE, place.starts_at)

    @rule(place=places, patient=three, own=st.booleans())
    def release(self, place: Place, patient: int, own: bool) -> None:
        who = (own and place.holder) or self.patients[patient]
        expected = DONE if place.holder is who else "WRONG_STATUS"
        if self.send(expected, acts.RELEASE, who, id=place.id):
            place.becomes("OPEN", "SlotReleased")

    @rule(target=visits, place=places, patient=three)
    def request(self, place: Place, patient: int) -> Any:
        who = self.patients[patient]
        expected = self.not_to_be_had(place, who) or self.too_much(place, who) or DONE
        made = self.send(expected, acts.REQUEST, who, id=place.id, key=uuid4())
        if not made:
            return multiple()
        place.becomes("BOOKED", "SlotBooked")
        visit = Visit(made["appointment"]["id"], who, place, self.answer_by(place))
        self.all_visits.append(visit)
        return visit

    again = request  # as often again as any other rule

    @rule(visit=visits, seen=seen, by_doctor=st.booleans())
    def cancel(self, visit: Visit, seen: int | None, by_doctor: bool) -> None:
        expected = self.of_the_wrong_kind(visit, seen, *ACTIVE) or DONE
        if expected == DONE and not by_doctor and visit.place.starts_at <= self.now:
            expected = "TOO_LATE"
        who = visit.place.doctor if by_doctor else visit.patient
        if self.send_on(visit, seen, expected, acts.CANCEL, who):
            visit.becomes("CANCELLED", "AppointmentCancelled")
            self.leave(visit.place)

    @rule(visit=visits, place=places, seen=seen)
    def reschedule(self, visit: Visit, place: Place, seen: int | None) -> None:
        expected = self.of_the_wrong_kind(visit, seen, *ACTIVE)
        if not expected and visit.place.starts_at <= self.now:
            expected = "TOO_LATE"
        if not expected and place.starts_at > self.now and place.doctor is not visit.place.doctor:
            expected = "INVALID"
        expected = (
            expected
            or self.not_to_be_had(place, visit.patient)
            or self.too_much(place, visit.patient, but=visit)
            or DONE
        )
        if self.send_on(visit, seen, expected, acts.RESCHEDULE, visit.patient, slot=place.id):
            visit.becomes("REQUESTED", "AppointmentRescheduled")
            place.becomes("BOOKED", "SlotBooked")
            self.leave(visit.place)
            visit.place, visit.respond_by = place, self.answer_by(place)

    # ------------------------------------------------------------------- time

    @rule(later=st.sampled_from([4 * MINUTE, 5 * MINUTE, HOUR, 6 * HOUR]))
    def wait_a_while(self, later: timedelta) -> None:
        self.server.now = self.now = self.now + later
        for place in self.all_places:
            if place.held_until and place.held_until <= self.now:
                place.becomes("OPEN", "SlotReleased")
        for visit in self.all_visits:
            if visit.status == "REQUESTED" and visit.respond_by <= self.now:
                visit.becomes("EXPIRED", "AppointmentExpired")
                if visit.respond_by < visit.place.starts_at:
                    visit.place.becomes("OPEN", "SlotReleased")

    @rule()
    def sweep(self) -> None:
        self.wait(self.server.app.sweep())
        assert list(self.untold()) == []

    # ------------------------------------------------------------- what holds

    @invariant()
    def no_two_at_once_and_slots_are_booked_by_what_is_active(self) -> None:
        assert self.fetch(TWO_AT_ONCE, ACTIVE) == []
        assert self.fetch(AT_ODDS, self.now) == []
        versions = dict(self.fetch(VERSIONS))
        assert all(versions[id] >= version for id, version in self.versions.items())
        self.versions = versions

    @invariant()
    def everything_reads_as_foretold(self) -> None:
        for doctor in self.doctors:
            places = [place for place in self.all_places if place.doctor is doctor]
            visits = [visit for visit in self.all_visits if visit.place.doctor is doctor]
            ids = [each.id for each in (*places, *visits)][-100:]
            seen = {node["id"]: node for node in self.wait(self.server.ask(LOOK, doctor, ids=ids))}
            for place in places:
                if node := seen.get(place.id):
                    assert node["slotStatus"] == place.status
                    assert datetime.fromisoformat(node["startsAt"]) == place.starts_at
            for visit in visits:
                node = seen[visit.id]
                assert (node["status"], node["version"]) == (visit.status, visit.version)

    @invariant()
    def what_is_not_yet_told_time_alone_has_ended(self) -> None:
        for missing in self.untold():
            assert len(missing) == 1
            assert missing[0] in LAPSES

    def untold(self) -> Iterator[list[str]]:
        """Of each thing that has not told all that it should, the rest. What is told is right."""
        told: dict[str, list[str]] = defaultdict(list)
        for name, slot_id, appointment_id in self.fetch(EVENTS):
            id = f"slot_{slot_id}" if slot_id else f"appointment_{appointment_id}"
            told[id].append(name)
        for thing in (*self.all_places, *self.all_visits):
            heard = told.pop(thing.id)
            assert heard == thing.told[: len(heard)]
            if missing := thing.told[len(heard) :]:
                yield missing
        assert told == {}

    # -------------------------------------------------------------- the rules

    def send_on(
        self, visit: Visit, seen: int | None, expected: str, document: str, who: Person, **more: Any
    ) -> Any:
        version = None if seen is None else visit.version - seen
        return self.send(expected, document, who, id=visit.id, seen=version, **more)

    def of_the_wrong_kind(self, visit: Visit, seen: int | None, *statuses: str) -> str | None:
        if seen:
            return "VERSION_CONFLICT"
        return None if visit.status in statuses else "WRONG_STATUS"

    def in_the_way(
        self, doctor: Person, starts_at: datetime, ends_at: datetime, but: Place | None = None
    ) -> str | None:
        if starts_at <= self.now:
            return "SLOT_IN_PAST"
        busy = any(
            place.meets(starts_at, ends_at)
            for place in self.all_places
            if place.doctor is doctor and place.status != "WITHDRAWN" and place is not but
        )
        return "SLOT_OVERLAPS" if busy else None

    def not_to_be_had(self, place: Place, patient: Person) -> str | None:
        if place.starts_at <= self.now:
            return "SLOT_IN_PAST"
        return None if place.is_free_for(patient) else "SLOT_TAKEN"

    def too_much(self, place: Place, patient: Person, but: Visit | None = None) -> str | None:
        others = [each for each in self.all_visits if each.patient is patient and each is not but]
        if any(each.active and each.place.meets(place.starts_at, place.ends_at) for each in others):
            return "PATIENT_BUSY"
        waiting = sum(each.status == "REQUESTED" for each in others)
        return "LIMIT_REACHED" if waiting >= 5 else None

    def answer_by(self, place: Place) -> datetime:
        return min(self.now + 24 * HOUR, place.starts_at)

    def leave(self, place: Place) -> None:
        """Its appointment is gone."""
        if place.starts_at > self.now:
            place.becomes("OPEN", "SlotReleased")


async def test_every_life_of_slots_and_appointments_goes_as_foretold(server: LocalServer):
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        database=None,
    )
    Life.server, Life.loop = server, asyncio.get_running_loop()
    Life.connection = await asyncpg.connect(server.url)
    try:
        await asyncio.to_thread(run_state_machine_as_test, Life, settings=bounds)
    finally:
        await Life.connection.close()
