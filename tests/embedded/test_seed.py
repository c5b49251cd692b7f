"""The demo clinic as it is made up, before any database sees it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from math import cos, dist, radians
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.appointments import ACTIVE, Appointment, AppointmentStatus
from domain.limits import Limits
from domain.registrations import CPF, UF
from domain.slots import Slot, SlotStatus
from domain.specialties import SPECIALTIES
from embedded import clinic, phrases, roster
from embedded.cities import CITIES

MORNING = datetime(2026, 8, 3, 11, 0, tzinfo=UTC)  # a Monday in Brasília
LATE = datetime(2026, 8, 4, 2, 30, tzinfo=UTC)  # still that Monday
MIDNIGHT = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)  # in which it began
BEFORE_THE_START = (AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED)
LASTING = (SlotStatus.BOOKED, SlotStatus.OPEN)


@pytest.fixture(scope="module")
def made() -> clinic.Demo:
    return clinic.made_up(at=MORNING, password_hash="hash")  # noqa: S106


@pytest.fixture(scope="module")
def made_later() -> clinic.Demo:
    return clinic.made_up(at=LATE, password_hash="hash")  # noqa: S106


def test_the_same_day_makes_the_same_rows_but_for_when_the_newest_requests_came(made, made_later):
    clocks = {"requested_at", "consented_at", "respond_by", "lapses_at"}

    for rows in ("accounts", "doctors", "patients", "slots", "appointments", "reviews"):
        both = zip(getattr(made, rows), getattr(made_later, rows), strict=True)
        for one, other in both:
            if one != other:
                assert getattr(one, "status", None) in {
                    AppointmentStatus.REQUESTED,
                    SlotStatus.BOOKED,
                }
                first, second = asdict(one), asdict(other)
                assert {name for name in first if first[name] != second[name]} <= clocks


def test_there_is_enough_to_look_at(made):
    assert len(made.doctors) == 2000
    assert len(made.patients) == 600
    assert 220_000 < len(made.slots) < 280_000
    assert 20_000 < len(made.reviews) < 30_000


def test_ids_are_of_version_7_unique_and_sort_by_creation(made):
    tables = (made.accounts, made.slots, made.appointments, made.reviews)
    ids = [row.id for rows in tables for row in rows]

    assert len(set(ids)) == len(ids)
    assert {id.version for id in ids} == {7}
    assert _sorted_by_milliseconds((a.id, a.created_at) for a in made.accounts)
    past = [a for a in made.appointments if a.status is not AppointmentStatus.REQUESTED]
    assert _sorted_by_milliseconds((a.id, a.requested_at) for a in past)
    ended = {a.id: a.ends_at for a in made.appointments}
    assert all(_moment(r.id) > ended[r.appointment_id] for r in made.reviews)


def test_reviews_sort_by_the_day_they_were_written(made):
    zones = {doctor.id: ZoneInfo(doctor.time_zone) for doctor in made.doctors}

    for review in made.reviews:
        assert _moment(review.id).astimezone(zones[review.doctor_id]).date() == review.reviewed_on


def test_every_cpf_is_valid_and_belongs_to_one(made):
    cpfs = [patient.cpf for patient in made.patients]

    assert [CPF.read(cpf).digits for cpf in cpfs] == cpfs
    assert len(set(cpfs)) == len(cpfs)


def test_every_crm_and_every_email_belongs_to_one(made):
    assert len({(doctor.crm, doctor.uf) for doctor in made.doctors}) == len(made.doctors)
    assert len({account.email for account in made.accounts}) == len(made.accounts)
    assert all(account.email.endswith("@example.com") for account in made.accounts)


def test_the_four_accounts_are_there(made):
    emails = {account.id: account.email for account in made.accounts}
    helena, rafael = made.doctors[:2]
    ana, bruno = made.patients[:2]

    assert (helena.crm, helena.uf, helena.city) == ("123456", UF.SP, "São Paulo")
    assert helena.specialties == ("cardiologia", "clinica-medica")
    assert (rafael.crm, rafael.uf, rafael.city) == ("654321", UF.RJ, "Rio de Janeiro")
    assert rafael.specialties == ("dermatologia",)
    assert (ana.cpf, emails[ana.id]) == ("52998224725", "ana@example.com")
    assert (bruno.cpf, emails[bruno.id]) == ("11144477735", "bruno@example.com")


@pytest.mark.parametrize("number", [0, 1])
def test_ana_and_bruno_find_something_in_every_state(made, number):
    patient = made.patients[number]
    reviewed = {review.appointment_id for review in made.reviews}

    mine = [a for a in made.appointments if a.patient_id == patient.id]

    counts = Counter(a.status for a in mine if a.starts_at > MORNING)
    assert counts[AppointmentStatus.CONFIRMED] >= 3
    assert 2 <= counts[AppointmentStatus.REQUESTED] <= Limits().requests - 1
    completed = [a.id for a in mine if a.status is AppointmentStatus.COMPLETED]
    assert 2 <= len(set(completed) - reviewed) < len(completed)


@pytest.mark.parametrize("number", [0, 1])
def test_the_named_doctors_have_open_slots_from_tomorrow_on(made, number):
    doctor = made.doctors[number]
    zone = ZoneInfo(doctor.time_zone)

    open_ = [s for s in made.slots if s.doctor_id == doctor.id and s.status is SlotStatus.OPEN]

    days = Counter(s.starts_at.astimezone(zone).date() for s in open_ if s.starts_at > MORNING)
    assert min(days) == MORNING.date() + timedelta(days=1)
    assert len(days) == 30


def test_every_state_every_specialty_and_all_four_offsets_are_there(made):
    noon = datetime(2026, 8, 3, 12, 0)  # noqa: DTZ001  # in each zone
    offsets = {ZoneInfo(doctor.time_zone).utcoffset(noon) for doctor in made.doctors}

    assert {doctor.uf for doctor in made.doctors} == set(UF)
    assert {code for doctor in made.doctors for code in doctor.specialties} == set(SPECIALTIES)
    assert all(1 <= len(set(doctor.specialties)) <= 2 for doctor in made.doctors)
    assert offsets == {timedelta(hours=-hours) for hours in (2, 3, 4, 5)}
    assert roster.COMMON.keys() <= SPECIALTIES.keys()


def test_doctors_stand_near_their_city_in_brazil_and_not_on_one_point(made):
    cities = {(city.name, city.uf): city for city in CITIES}

    assert len(cities) == len(CITIES)
    for doctor in made.doctors:
        city = cities[doctor.city, doctor.uf]
        assert doctor.time_zone == city.time_zone
        assert -33.8 < doctor.latitude < 5.3
        assert -74.0 < doctor.longitude < -32.3
        east = (doctor.longitude - city.longitude) * cos(radians(city.latitude))
        assert dist((doctor.latitude, east + city.longitude), city[2:4]) * 111.2 < 5
    assert len({(doctor.latitude, doctor.longitude) for doctor in made.doctors}) == 2000


def test_slots_lie_between_six_and_ten_at_the_doctors_place(made):
    zones = {doctor.id: ZoneInfo(doctor.time_zone) for doctor in made.doctors}

    for slot in made.slots:
        start, end = (at.astimezone(zones[slot.doctor_id]) for at in (slot.starts_at, slot.ends_at))
        assert time(6) <= start.time() < end.time() <= time(22)


def test_slots_are_of_the_last_six_months_or_the_next_thirty_days(made):
    tomorrow = MIDNIGHT + timedelta(hours=22)  # in Noronha, where it begins first

    for slot in made.slots:
        assert slot.ends_at <= MIDNIGHT or slot.starts_at >= tomorrow
        assert timedelta(days=-181) < slot.starts_at - MIDNIGHT < timedelta(days=32)


def test_nobody_is_in_two_places_at_once(made):
    stays = [a for a in made.appointments if _took_place(a)]

    assert not list(_overlapping(made.slots, by="doctor_id"))
    assert not list(_overlapping(stays, by="patient_id"))
    assert not list(_overlapping(stays, by="doctor_id"))


def test_ratings_agree_with_reviews(made):
    stars = {doctor.id: [] for doctor in made.doctors}
    for review in made.reviews:
        stars[review.doctor_id].append(review.stars)

    for doctor in made.doctors:
        assert doctor.rating_count == len(stars[doctor.id]) <= 60
        assert doctor.rating_sum == sum(stars[doctor.id])
    assert {star for given in stars.values() for star in given} == {1, 2, 3, 4, 5}


def test_each_review_belongs_to_a_completed_appointment_of_its_own(made):
    appointments = {a.id: a for a in made.appointments}

    assert len({review.appointment_id for review in made.reviews}) == len(made.reviews)
    for review in made.reviews:
        appointment = appointments[review.appointment_id]
        assert appointment.status is AppointmentStatus.COMPLETED
        assert appointment.doctor_id == review.doctor_id


def test_slots_say_what_their_appointments_say(made):
    slots = {slot.id: slot for slot in made.slots}
    lasting = (*ACTIVE, AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)

    booked = {a.slot_id: a for a in made.appointments if a.status in lasting}

    for slot in made.slots:
        appointment = booked.get(slot.id)
        assert slot.status is LASTING[appointment is None]
        waits = appointment and appointment.status is AppointmentStatus.REQUESTED
        early = waits and appointment.respond_by < slot.starts_at
        assert slot.lapses_at == (appointment.respond_by if early else None)
    for a in made.appointments:
        slot = slots[a.slot_id]
        assert (a.doctor_id, a.starts_at, a.ends_at) == (
            slot.doctor_id,
            slot.starts_at,
            slot.ends_at,
        )


@pytest.mark.parametrize(("rows", "at"), [("made", MORNING), ("made_later", LATE)])
def test_what_lies_ahead_is_unanswered_in_time_or_confirmed(rows, at, request):
    for a in request.getfixturevalue(rows).appointments:
        assert a.requested_at < min(at, a.respond_by)
        assert a.respond_by == min(a.requested_at + timedelta(hours=24), a.starts_at)
        if a.status in BEFORE_THE_START:
            assert a.starts_at > at
        if a.status is AppointmentStatus.REQUESTED:
            assert a.respond_by > at


def test_what_was_answered_was_so_in_time(made):
    unanswered = {AppointmentStatus.REQUESTED, AppointmentStatus.EXPIRED}

    for a in made.appointments:
        if a.status is not AppointmentStatus.CANCELLED:
            assert (a.answered_at is None) == (a.status in unanswered)
        assert a.answered_at is None or a.requested_at < a.answered_at <= a.respond_by


@pytest.mark.parametrize("number", [0, 1])
def test_the_named_doctors_have_months_of_work_behind_them(made, number):
    doctor = made.doctors[number]
    zone = ZoneInfo(doctor.time_zone)

    completed = [a for a in made.appointments if a.status is AppointmentStatus.COMPLETED]

    days = {a.starts_at.astimezone(zone).date() for a in completed if a.doctor_id == doctor.id}
    assert len(days) > 70


def test_endings_are_explained(made):
    explained = {AppointmentStatus.DECLINED, AppointmentStatus.CANCELLED}

    for a in made.appointments:
        assert (a.justification is not None) == (a.status in explained)
        assert (a.ended_by is not None) == (a.status in {*explained, AppointmentStatus.EXPIRED})
        assert a.justification is None or 10 <= len(a.justification) <= 500
    assert {a.status for a in made.appointments} == set(AppointmentStatus) - {
        AppointmentStatus.IN_PROGRESS
    }
    assert phrases.CANCELLED.keys() == {"DOCTOR", "PATIENT"}


def test_some_doctors_have_no_time_left_and_most_have_much(made):
    ahead = [slot for slot in made.slots if slot.starts_at > MORNING]
    all_ = Counter(slot.doctor_id for slot in ahead)
    open_ = Counter(slot.doctor_id for slot in ahead if slot.status is SlotStatus.OPEN)

    left = [open_[doctor.id] / all_[doctor.id] for doctor in made.doctors]

    assert 20 < sum(share == 0 for share in left) < 150
    assert sum(share > 0.9 for share in left) > 1500


def _took_place(appointment: Appointment) -> bool:
    return appointment.status in (*ACTIVE, AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)


def _overlapping(rows: Iterable[Slot] | Iterable[Appointment], *, by: str):
    ordered = sorted(rows, key=lambda row: (getattr(row, by), row.starts_at))
    for one, next_ in pairwise(ordered):
        if getattr(one, by) == getattr(next_, by) and one.ends_at > next_.starts_at:
            yield one, next_


def _sorted_by_milliseconds(rows: Iterable[tuple[UUID, datetime]]) -> bool:
    return all(
        _moment(id) == at.replace(microsecond=at.microsecond // 1000 * 1000) for id, at in rows
    )


def _moment(id: UUID) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=id.int >> 80)
