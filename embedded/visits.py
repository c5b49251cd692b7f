"""Slots, appointments and reviews as they are made up.

What always holds: a slot has at most one appointment, and nobody, doctor or patient, is in two
places at once, not even in the past. Everything of the past ended before today.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import consent_texts
from domain.appointments import Appointment, AppointmentParty, AppointmentStatus
from domain.ids import AppointmentId, DoctorId, PatientId, ReviewId, SlotId
from domain.limits import Limits
from domain.reviews import Review
from domain.slots import Slot, SlotStatus
from embedded import phrases
from embedded.agendas import Agenda

COUNTRY = ZoneInfo("America/Sao_Paulo")  # whose midnight divides past from future
AHEAD = range(1, 31)
BEHIND = range(1, 181)

_MISSED = (AppointmentStatus.CONFIRMED, AppointmentStatus.NO_SHOW)
_ANSWERS = (AppointmentStatus.CONFIRMED, AppointmentStatus.DECLINED)
_COMPLETED = (
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.COMPLETED,
)
_BIN = 600  # seconds; all slots start and end on these
_LIMITS = Limits()
_CONSENT = consent_texts.in_force(consent_texts.PORTUGUESE)
_WAITING_MOST = 3  # below what the domain allows, so that anyone can request more
_WELL_LIKED = (1, 1, 3, 15, 80)  # of a hundred reviews, those with one to five stars
_DISLIKED = (14, 14, 24, 26, 22)


class Visits:
    """`at`: the present; only requests that still wait for their answer depend on its hour."""

    def __init__(self, rng: Random, *, at: datetime) -> None:
        self._rng, self._at = rng, at
        self.today = at.astimezone(COUNTRY).date()
        midnight = datetime.combine(self.today, datetime.min.time(), COUNTRY)
        self.midnight = midnight.astimezone(UTC)
        self._past_published = _milliseconds(self.midnight - timedelta(days=215))
        self.slots: list[Slot] = []
        self.appointments: list[Appointment] = []
        self.reviews: list[Review] = []
        self.ahead: dict[DoctorId, range] = {}  # where in `slots` a doctor's future lies
        self._past: set[tuple[DoctorId, datetime]] = set()
        self._busy: set[tuple[PatientId, int]] = set()
        self._waiting: Counter[PatientId] = Counter()

    # Slots

    def publish(self, doctor_id: DoctorId, agenda: Agenda) -> None:
        """Open slots from tomorrow on, as if published before anybody asked for one of them."""
        ago = self._some(timedelta(days=22), timedelta(days=29))
        published = _milliseconds(self.midnight - ago)
        first = len(self.slots)
        for days in AHEAD:
            day = self.today + timedelta(days=days)
            for minute in agenda.on(day):
                self._open(doctor_id, *agenda.slot(day, minute), published)
        self.ahead[doctor_id] = range(first, len(self.slots))

    def past_slots(
        self, doctor_id: DoctorId, agenda: Agenda, count: int, *, behind: range = BEHIND
    ) -> list[int]:
        """Up to so many slots of those days ago that nobody used yet, in no order."""
        numbers: list[int] = []
        for _ in range(20 * count):  # enough, and it ends for whoever seldom works, too
            day = self.today - timedelta(days=self._rng.choice(behind))
            if not agenda.on(day):
                continue
            starts_at, ends_at = agenda.slot(day, self._rng.choice(agenda.on(day)))
            if (doctor_id, starts_at) not in self._past:
                self._past.add((doctor_id, starts_at))
                numbers.append(self._open(doctor_id, starts_at, ends_at, self._past_published))
            if len(numbers) == count:
                break
        return numbers

    def past_days(self, doctor_id: DoctorId, agenda: Agenda, behind: range) -> list[int]:
        """All slots of those days ago that nobody used yet, the latest day first."""
        times = (
            agenda.slot(day, minute)
            for day in (self.today - timedelta(days=days) for days in behind)
            for minute in agenda.on(day)
        )
        new = [each for each in times if (doctor_id, each[0]) not in self._past]
        self._past.update((doctor_id, starts_at) for starts_at, _ in new)
        return [self._open(doctor_id, *each, self._past_published) for each in new]

    def _open(
        self, doctor_id: DoctorId, starts_at: datetime, ends_at: datetime, published: int
    ) -> int:
        number = len(self.slots)
        self.slots.append(
            Slot(
                id=SlotId(_uuid(self._rng, published + number)),
                doctor_id=doctor_id,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
        return number

    def is_open(self, slot: int) -> bool:
        return self.slots[slot].status is SlotStatus.OPEN

    # Appointments

    def somebody(self, patients: Sequence[PatientId], slot: int) -> PatientId:
        """Who has nothing else at that time."""
        while not self.is_free(patient := self._rng.choice(patients), slot):
            pass
        return patient

    def is_free(self, patient_id: PatientId, slot: int) -> bool:
        return self._busy.isdisjoint(self._times(patient_id, slot))

    def await_answer(self, slot: int, patient_id: PatientId) -> Appointment:
        """Requested within the last hours; CONFIRMED if the patient already waits for enough."""
        if self._waiting[patient_id] >= _WAITING_MOST:
            return self.confirm(slot, patient_id)
        self._waiting[patient_id] += 1
        requested_at = self._at - self._some(timedelta(minutes=10), timedelta(hours=6))
        # The id keeps to midnight, so that it is the same all day.
        appointment = self._request(slot, patient_id, requested_at, id_from=self.midnight)
        self.slots[slot] = self.slots[slot].booked(appointment.respond_by)
        return self._keep(appointment)

    def confirm(self, slot: int, patient_id: PatientId) -> Appointment:
        asked = self._ask(slot, patient_id)
        return self._book(slot, self._became(asked, AppointmentStatus.CONFIRMED))

    def complete(self, slot: int, patient_id: PatientId) -> Appointment:
        asked = self._ask(slot, patient_id)
        return self._book(slot, self._became(asked, *_COMPLETED))

    def miss(self, slot: int, patient_id: PatientId) -> Appointment:
        return self._book(slot, self._became(self._ask(slot, patient_id), *_MISSED))

    def decline(self, slot: int, patient_id: PatientId) -> Appointment:
        why = self._rng.choice(phrases.DECLINED)
        return self._keep(
            self._became(
                self._ask(slot, patient_id),
                AppointmentStatus.DECLINED,
                by=AppointmentParty.DOCTOR,
                why=why,
            )
        )

    def expire(self, slot: int, patient_id: PatientId) -> Appointment:
        return self._keep(
            self._became(
                self._ask(slot, patient_id), AppointmentStatus.EXPIRED, by=AppointmentParty.SYSTEM
            )
        )

    def cancel(self, slot: int, patient_id: PatientId) -> Appointment:
        asked = self._ask(slot, patient_id)
        by = self._rng.choice(
            (AppointmentParty.DOCTOR, AppointmentParty.PATIENT, AppointmentParty.PATIENT)
        )
        why = self._rng.choice(phrases.CANCELLED[by])
        answered = (
            (AppointmentStatus.CONFIRMED,)
            if by is AppointmentParty.DOCTOR or self._chance(0.6)
            else ()
        )
        return self._keep(
            self._became(asked, *answered, AppointmentStatus.CANCELLED, by=by, why=why)
        )

    def _ask(self, slot: int, patient_id: PatientId) -> Appointment:
        """Requested days before the start, and an answer, or its time, before today."""
        latest = min(self.slots[slot].starts_at, self.midnight - _LIMITS.respond_within)
        requested_at = latest - self._some(timedelta(hours=3), timedelta(days=20))
        return self._request(slot, patient_id, requested_at, id_from=requested_at)

    def _request(
        self, number: int, patient_id: PatientId, requested_at: datetime, *, id_from: datetime
    ) -> Appointment:
        slot = self.slots[number]
        return Appointment(
            id=AppointmentId(id_at(self._rng, id_from)),
            doctor_id=slot.doctor_id,
            patient_id=patient_id,
            slot_id=slot.id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            reason=self._rng.choice(phrases.REASONS) if self._chance(0.6) else None,
            respond_by=min(requested_at + _LIMITS.respond_within, slot.starts_at),
            consented_at=requested_at,
            consent_version=_CONSENT.version,
            consent_language=_CONSENT.language,
            consent_sha256=_CONSENT.sha256,
            requested_at=requested_at,
        )

    def _became(
        self,
        asked: Appointment,
        *statuses: AppointmentStatus,
        by: AppointmentParty | None = None,
        why: str | None = None,
    ) -> Appointment:
        """What several transitions make of a request, each of which raises the version by one.
        Most are answered within hours, a few late.
        """
        waited = (asked.respond_by - asked.requested_at) * self._rng.betavariate(0.9, 7)
        return replace(
            asked,
            version=asked.version + len(statuses),
            status=statuses[-1],
            ended_by=by,
            justification=why,
            answered_at=asked.requested_at + waited if statuses[0] in _ANSWERS else None,
        )

    def _book(self, slot: int, appointment: Appointment) -> Appointment:
        self.slots[slot] = self.slots[slot].booked()
        return self._keep(appointment)

    def _keep(self, appointment: Appointment) -> Appointment:
        self._busy.update(_bins(appointment.patient_id, appointment.starts_at, appointment.ends_at))
        self.appointments.append(appointment)
        return appointment

    def _times(self, patient_id: PatientId, slot: int) -> list[tuple[PatientId, int]]:
        return _bins(patient_id, self.slots[slot].starts_at, self.slots[slot].ends_at)

    # Reviews

    def review(self, appointment: Appointment, zone: ZoneInfo, *, dislike: float) -> int:
        """The stars given, within days. `dislike`: from 0 for a well-liked doctor to 1."""
        longest = min(timedelta(days=6), self.midnight - appointment.ends_at)
        reviewed_at = appointment.ends_at + longest * self._rng.uniform(0.05, 1)
        weights = [a + (b - a) * dislike for a, b in zip(_WELL_LIKED, _DISLIKED, strict=True)]
        stars = self._rng.choices(range(1, 6), weights)[0]
        self.reviews.append(
            Review(
                id=ReviewId(id_at(self._rng, reviewed_at)),
                appointment_id=appointment.id,
                doctor_id=appointment.doctor_id,
                stars=stars,
                comment=phrases.review(self._rng, stars) if self._chance(0.65) else None,
                reviewed_on=reviewed_at.astimezone(zone).date(),
            )
        )
        return stars

    def _some(self, least: timedelta, most: timedelta) -> timedelta:
        return least + (most - least) * self._rng.random()

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share


def _bins(
    patient_id: PatientId, starts_at: datetime, ends_at: datetime
) -> list[tuple[PatientId, int]]:
    first, last = int(starts_at.timestamp()) // _BIN, int(ends_at.timestamp()) // _BIN
    return [(patient_id, number) for number in range(first, last)]


def id_at(rng: Random, moment: datetime) -> UUID:
    """An id as if made at that moment."""
    return _uuid(rng, _milliseconds(moment))


def _uuid(rng: Random, milliseconds: int) -> UUID:
    """UUIDv7: RFC 9562, section 5.7."""
    random = rng.getrandbits(74)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
